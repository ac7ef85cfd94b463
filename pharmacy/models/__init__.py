"""The drug library and the shelf: documents, batches, the append-only ledger, reservations."""

from pharmacy.models.documents import DocumentLine, StockDocument
from pharmacy.models.drugs import ControlClass, Drug, DrugCategory, Interaction
from pharmacy.models.reports import ClosedDay, StockDay
from pharmacy.models.shelf import Batch, Reservation, StockMovement
from pharmacy.models.sources import Place, Supplier
from pharmacy.models.takes import StockCount, StockTake, StockTakeLine
from pharmacy.models.warnings import StockWarning

__all__ = [
    "Batch",
    "ClosedDay",
    "ControlClass",
    "DocumentLine",
    "Drug",
    "DrugCategory",
    "Interaction",
    "Place",
    "Reservation",
    "StockCount",
    "StockDay",
    "StockDocument",
    "StockMovement",
    "StockTake",
    "StockTakeLine",
    "StockWarning",
    "Supplier",
]
