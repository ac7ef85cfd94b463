"""The drug library and the shelf: documents, batches, the append-only ledger, reservations."""

from pharmacy.models.documents import DocumentLine, StockDocument
from pharmacy.models.drugs import ControlClass, Drug, DrugCategory, Interaction
from pharmacy.models.prices import DrugPrice
from pharmacy.models.shelf import Batch, Reservation, StockMovement
from pharmacy.models.sources import Place, Supplier
from pharmacy.models.words import DrugWord

__all__ = [
    "Batch",
    "ControlClass",
    "DocumentLine",
    "Drug",
    "DrugCategory",
    "DrugPrice",
    "DrugWord",
    "Interaction",
    "Place",
    "Reservation",
    "StockDocument",
    "StockMovement",
    "Supplier",
]
