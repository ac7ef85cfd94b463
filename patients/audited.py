"""What this app has tracked; values that an entry may show are named."""

from security.audit import track

track(
    "patients.Patient",
    plain=["record_no", "state", "id_type", "payment", "allergy_status", "notice_given", "version"],
)
track("patients.Allergy", plain=["state", "severity"])
track("patients.AllergyGroup", plain=["code", "name", "default_action"])
