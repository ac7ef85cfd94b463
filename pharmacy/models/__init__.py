"""The drug library and the shelf: documents, batches, the append-only ledger, reservations."""

from pharmacy.models.cold import ColdUnit, TemperatureRecord
from pharmacy.models.controlled import ControlledHandover, HandoverLine
from pharmacy.models.documents import DocumentLine, RefusedGoods, StockDocument
from pharmacy.models.drugs import ControlClass, Drug, DrugCategory, Interaction
from pharmacy.models.prices import DrugPrice
from pharmacy.models.recalls import Hold, Recall
from pharmacy.models.reports import ClosedDay, DrugUse, StockDay
from pharmacy.models.shelf import Batch, Reservation, StockMovement
from pharmacy.models.sources import Place, Supplier
from pharmacy.models.takes import StockCount, StockTake, StockTakeLine
from pharmacy.models.warnings import StockWarning
from pharmacy.models.words import DrugWord
from pharmacy.models.worth import ShelfWorth

__all__ = [
    "Batch",
    "ClosedDay",
    "ColdUnit",
    "ControlClass",
    "ControlledHandover",
    "DocumentLine",
    "Drug",
    "DrugCategory",
    "HandoverLine",
    "Hold",
    "DrugPrice",
    "DrugUse",
    "DrugWord",
    "Interaction",
    "Place",
    "Recall",
    "RefusedGoods",
    "Reservation",
    "ShelfWorth",
    "StockCount",
    "StockDay",
    "StockDocument",
    "StockMovement",
    "StockTake",
    "StockTakeLine",
    "StockWarning",
    "Supplier",
    "TemperatureRecord",
]
