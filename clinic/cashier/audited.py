"""What this app has tracked; values that an entry may show are named."""

from security.audit import track

# No patient's: what services cost, and for whom less.
track("cashier.FeeItem", plain=["code", "name", "kind", "unit", "department", "active"])
track("cashier.FeePrice", plain=["item", "price", "since", "document"])
track("cashier.Reduction", plain=["item", "category", "from_age", "percent", "reason", "until"])
track("cashier.Bill", plain=["charged", "paid"])
track("cashier.AddedLine", plain=["quantity", "taken_at"])
track("cashier.Deferral", plain=["amount", "reason"])
track("cashier.Receipt", plain=["number", "kind", "cause", "charged", "paid"])
track("cashier.ReceiptPrint", plain=["paper"])
track(
    "cashier.Shift",
    plain=["number", "cashier", "floating", "closed_at", "counted", "difference", "reason"]
    + ["handed_to", "closed_by"],
)
