"""What this app has tracked; values that an entry may show are named."""

from security.audit import track

track(
    "prescriptions.Prescription",
    plain=["number", "kind", "state", "version", "valid_until", "reviewer", "picker", "checker"]
    + [
        "dispenser",
        "prescriber",
        "print_count",
        "special_on",
        "special_no",
        "submitted_at",
        "approved_at",
        "dispensed_at",
    ],
)
# Drug, dose and days tell a disease: an entry shows only that the item changed.
track("prescriptions.PrescriptionItem", plain=["rank", "removed_at"])
track("prescriptions.PrescriptionEvent", plain=["old", "new", "version"])
track("prescriptions.AlertRecord", plain=["level", "outcome"])
track("prescriptions.DispenseLine", plain=["item", "movement"])
track("prescriptions.Collector", plain=["is_patient"])
track("prescriptions.Shortage", plain=["missing", "substitute"])
track("prescriptions.PainFile", plain=["consent_on", "seen_on"])
track("prescriptions.EmptyReturn", plain=["line", "quantity"])
track("prescriptions.RecallContact", plain=["recall", "outcome"])
