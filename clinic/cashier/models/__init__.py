"""What the cashier keeps."""

from clinic.cashier.models.bills import AddedLine, Bill, BillLine, Deferral, Payer
from clinic.cashier.models.fees import FeeItem, FeePrice, Reduction
from clinic.cashier.models.money import Payment, Receipt, ReceiptPrint, TillEntry, Way
from clinic.cashier.models.shifts import Shift, ShiftLine

__all__ = [
    "AddedLine",
    "Bill",
    "BillLine",
    "Deferral",
    "FeeItem",
    "FeePrice",
    "Payer",
    "Payment",
    "Receipt",
    "ReceiptPrint",
    "Reduction",
    "Shift",
    "ShiftLine",
    "TillEntry",
    "Way",
]
