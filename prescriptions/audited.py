"""What this app has tracked; values that an entry may show are named."""

from security.audit import track

track(
    "prescriptions.Prescription",
    plain=["number", "kind", "state", "version", "valid_until", "reviewer", "picker", "checker"]
    + ["dispenser", "prescriber", "print_count", "submitted_at", "approved_at", "dispensed_at"]
    + ["reviewed_as", "insisted_at", "countersign_in", "countersigner", "countersigned_at"]
    + ["double_signed_at", "special_on", "special_no"],
)
# Drug, dose and days tell a disease: an entry shows only that the item changed.
track("prescriptions.PrescriptionItem", plain=["rank", "removed_at"])
track("prescriptions.PrescriptionEvent", plain=["old", "new", "version", "mark", "codes"])
track("prescriptions.AlertRecord", plain=["level", "outcome"])
track("prescriptions.DispenseLine", plain=["item", "movement"])
track("prescriptions.PrescriptionSet", plain=["name", "owner", "made_by", "stopped_at"])
# No patient's: what a set holds may be read.
track("prescriptions.PrescriptionSetItem", plain=["set", "rank", "drug", "dose", "days"])
track("prescriptions.Collector", plain=["is_patient"])
track("prescriptions.Shortage", plain=["missing", "substitute"])
track("prescriptions.PainFile", plain=["consent_on", "seen_on"])
track("prescriptions.EmptyReturn", plain=["line", "quantity"])
track("prescriptions.RecallContact", plain=["recall", "outcome"])
track("prescriptions.NoPharmacist", plain=["reason", "licence", "since", "ended_at"])
track(
    "prescriptions.PaperLayout",
    plain=["form", "shift_x", "shift_y", "paper", "preprinted", "points", "shown"],
)
track(
    "prescriptions.ArchivedSheet",
    plain=["number", "prescription", "digest", "kind", "outcome", "day", "keep_until"],
)
track("prescriptions.Evaluation", plain=["result", "open", "judged_at", "confirmed_by"])
track("prescriptions.EvaluationFinding", plain=["code", "how", "fault"])
track("prescriptions.EvaluationEntry", plain=["kind"])
track("prescriptions.PaperPrescription", plain=["day", "clinician", "kind", "drugs", "codes"])
# No patient's: what is offered.
track("prescriptions.TreatmentService", plain=["code", "name", "kind", "two_people", "active"])
track("prescriptions.Treatment", plain=["state", "times", "settled", "cancelled_at"])
track(
    "prescriptions.TreatmentTurn",
    plain=["number", "state", "due_at", "started_at", "ended_at", "by", "ended_by", "witness"]
    + ["given_back_at"],
)
