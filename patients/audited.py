"""What this app has tracked; values that an entry may show are named."""

from security.audit import track

track(
    "patients.Patient",
    plain=["record_no", "state", "id_type", "payment", "allergy_status", "notice_given", "version"]
    + ["merged_into", "is_unnamed", "birth_precision"],
)
track("patients.Allergy", plain=["state", "severity", "source"])
track("patients.Basics", plain=["histories", "asked_on", "version"])
track("patients.History", plain=["state"])
track("patients.Consent", plain=["text", "agreed", "withdrawn_at"])
track("patients.ConsentText", plain=["kind", "version"])
track("patients.Merge", plain=["kept", "merged", "made_at", "undone_at"])
track("patients.NotTheSame", plain=["first", "second"])
track("patients.CareFile", plain=["opened_on", "closed_on", "version"])
track("patients.FollowUp", plain=["care_file", "state", "due_on", "done_on", "version"])
track("patients.AllergyGroup", plain=["code", "name", "default_action"])
track("patients.Received", plain=["state", "is_new", "taken_at", "back_at"])
track("patients.Export", plain=["kind", "purpose", "rows", "fetched_at"])
