"""What this app has tracked; values that an entry may show are named."""

from security.audit import track

track(
    "prescriptions.Prescription",
    plain=["number", "kind", "state", "version", "valid_until", "reviewer", "picker", "checker"]
    + ["dispenser", "prescriber", "print_count", "submitted_at", "approved_at", "dispensed_at"],
)
# Drug, dose and days tell a disease: an entry shows only that the item changed.
track("prescriptions.PrescriptionItem", plain=["rank", "removed_at"])
track("prescriptions.PrescriptionEvent", plain=["old", "new", "version"])
track("prescriptions.AlertRecord", plain=["level", "outcome"])
track("prescriptions.DispenseLine", plain=["item", "movement"])
track("prescriptions.RecallContact", plain=["recall", "outcome"])
track(
    "prescriptions.PaperLayout",
    plain=["form", "shift_x", "shift_y", "paper", "preprinted", "points", "shown"],
)
track(
    "prescriptions.ArchivedSheet",
    plain=["number", "prescription", "digest", "kind", "outcome", "day", "keep_until"],
)
