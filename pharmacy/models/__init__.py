"""The drug library and the shelf: documents, batches, the append-only ledger, reservations."""

from pharmacy.models.cold import ColdUnit, TemperatureRecord
from pharmacy.models.controlled import ControlledHandover, HandoverLine
from pharmacy.models.documents import DocumentLine, StockDocument
from pharmacy.models.drugs import ControlClass, Drug, DrugCategory, Interaction
from pharmacy.models.recalls import Hold, Recall
from pharmacy.models.shelf import Batch, Reservation, StockMovement
from pharmacy.models.sources import Place, Supplier

__all__ = [
    "Batch",
    "ColdUnit",
    "ControlClass",
    "ControlledHandover",
    "DocumentLine",
    "Drug",
    "DrugCategory",
    "HandoverLine",
    "Hold",
    "Interaction",
    "Place",
    "Recall",
    "Reservation",
    "StockDocument",
    "StockMovement",
    "Supplier",
    "TemperatureRecord",
]
