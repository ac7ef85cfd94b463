"""What this app has tracked; none of it tells about a patient."""

from security.audit import track

track(
    "pharmacy.Drug",
    plain=["code", "generic_name", "strength", "price", "active", "verified"]
    + ["antibiotic_grade", "skin_test", "lower_limit", "upper_limit", "shelf", "content"]
    + ["stop_reason", "verified_by", "replaces"],
)
track("pharmacy.DrugCategory", plain=["name", "parent", "order"])
track("pharmacy.DrugPrice", plain=["drug", "document", "price", "since", "state", "reason"])
track("pharmacy.Place", plain=["code", "name", "dispenses", "active"])
track("pharmacy.ControlClass", plain=["drug", "name", "since"])
track("pharmacy.Interaction", plain=["number", "severity"])
track("pharmacy.Supplier", plain=["name", "licence", "licence_until", "active"])
track("pharmacy.StockDocument", plain=["number", "kind", "state", "reference", "witness"])
track("pharmacy.Batch", plain=["drug", "lot", "expires_on", "on_hand", "frozen", "shelf"])
track(
    "pharmacy.StockTake",
    plain=["number", "place", "scope", "scope_text", "state", "started_by", "confirmed_by"]
    + ["cancelled_by", "cancel_reason"],
)
track("pharmacy.Recall", plain=["number", "drug", "lot", "source", "level", "state", "reason"])
track("pharmacy.ColdUnit", plain=["name", "place", "low", "high", "memo", "active"])
