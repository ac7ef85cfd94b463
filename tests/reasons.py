"""What the conventions except, each with its reason."""

NOT_AUDITED = {
    "core.ClinicalChange": "append-only, itself the log of who changed clinical data",
    "core.Counter": "running numbers; the rows that carry them are audited",
    "core.OnceToken": "a form's token, dropped after two days",
    "core.Lease": "who runs the scheduler",
    "core.Fence": "locks of a cluster; what is done under them is audited",
    "core.Job": "progress of long work; what the work changes is audited",
    "core.TableChunk": "rows on their way; what they become is audited",
    "core.Draft": "not yet a record; nobody but its owner can read it",
    "core.GuideStep": "who ticked which step of the guide; what the step set up is audited",
    "core.Opinion": "anonymous: an entry with a name would undo it",
    "core.StoredFile": "written once with its owner; reading is recorded by the screen",
    "security.KeyCheck": "fingerprints of keys, written by the key commands",
    "security.AuditEntry": "the log itself",
    "security.AuditArchive": "a chain of its own; making one is an entry of the log",
    "security.BackupRecord": "a log of its own; asking for one and restoring are recorded events",
    "security.SecondFactor": "set up, used, failed and reset are events of their own",
    "security.RecoveryCode": "used is an event of its own",
    "security.OpenSession": "signed in, out and ended are events of their own",
    "security.Device": "a PC's cookie; who signs in there is an entry of its own",
    "security.DeviceUnlock": "counts tries; every switch, failure and lock is an entry of its own",
    "security.AccountReset": "a notice; the reset and its reading are entries of their own",
    "security.Pin": "setting it is an entry of its own, without the hash",
    "security.WrongTries": "counts; a failed sign-in and a lock are entries of their own",
    "security.FormerPassword": "changing the password is an entry of its own, without the hash",
    "security.AuditSeal": "holds the log together",
    "security.AuditMention": "made by the scheduler out of the log",
    "security.AuditSealed": "which seal an entry belongs to",
    "patients.ExportPiece": "rows on their way into a file; the export is audited",
    "patients.NamePart": "computed from the name in the file, which is audited",
    "patients.Change": "append-only with both values, person and time: a log of its own",
    "registration.RecordPrint": "append-only with person and time; each print is an entry too",
    "registration.Icd10Part": "computed from the diagnosis, which is audited",
    "registration.DiagnosisUse": "counts; each diagnosis is audited with its record",
    "pharmacy.ShelfWorth": "computed from the batch and the drug, which are audited",
    "pharmacy.DrugWord": "computed from the drug, which is audited",
    "pharmacy.DocumentLine": "written with its document, which is audited",
    "pharmacy.RefusedGoods": "append-only, written with its delivery, which is audited",
    "pharmacy.StockWarning": "says who dealt with it and when; begins and ends by itself",
    "pharmacy.ClosedDay": "made by the scheduler out of the ledger",
    "pharmacy.StockDay": "made by the scheduler out of the ledger",
    "pharmacy.DrugUse": "made by the scheduler out of the ledger",
    "pharmacy.StockMovement": "append-only with person and time: a log of its own",
    "pharmacy.Hold": "append-only with person, time and reason: a log of its own",
    "pharmacy.ControlledHandover": "append-only with both people and time: a log of its own",
    "pharmacy.HandoverLine": "append-only, written with its handover",
    "pharmacy.TemperatureRecord": "append-only with person and time: a log of its own",
    "pharmacy.Reservation": "follows the prescription's audited state",
    "pharmacy.StockCount": "append-only with person and time: a log of its own",
    "pharmacy.StockTakeLine": "its counts are a log; who confirmed and what was posted stand in it",
    "cashier.BillLine": "append-only, written with its receipt, which is audited",
    "cashier.Payment": "append-only, written with its receipt, which is audited",
    "cashier.TillEntry": "append-only, the ledger: a log of its own",
    "cashier.ShiftLine": "a kept sum of the ledger",
}

ITEM_FIELDS = (
    "drug_name dosage_form strength pack_spec dose dose_unit route frequency remark drip"
    " base_unit price amount skin_test skin_test_at skin_test_started_at skin_test_lot removed_at"
).split()
MONEY = "the day's money is added up over it; the drug stands readable in the sheet as well"
RECEIPT_FIELDS = "number kind cause charged paid made_at".split()
BILL_FIELDS = (
    "kind source charge_key name spec unit price full reduced reduction amount payer payer_share"
).split()
# Text, dates and numbers about patients that stay readable in the database, each with its reason.
PLAIN = {
    "patients.Patient": {
        "record_no": "our own number, tells nothing",
        "state": "a state",
        "name": "search by part and by pinyin needs it",
        "pinyin": "search",
        "initials": "search",
        "sex": "statistics and duplicate search",
        "birth_date": "age rules and duplicate search use it everywhere",
        "id_type": "a kind, not a number",
        "no_id_reason": "a few standard words",
        "contact_relation": "a word such as mother",
        "payment": "a category",
        "allergy_status": "one of three values, needed in lists",
        "allergy_confirmed_at": "a time",
        "created_at": "a time",
        "updated_at": "a time",
        "reading": "how the name in plain is read",
        "birth_time": "a time of day beside the date in plain",
        "birth_precision": "how exact the date in plain is",
    },
    "patients.NamePart": dict.fromkeys(
        ["text", "pinyin", "initials"], "the name in plain, for search"
    ),
    "patients.Basics": {
        "histories": "one of three values, needed in lists, as with allergies",
        "asked_on": "a date",
        "written_at": "a time",
    },
    "patients.History": {
        "state": "a state",
        "recorded_at": "a time",
        "withdrawn_at": "a time",
    },
    "patients.Consent": {"made_at": "a time", "withdrawn_at": "a time"},
    "patients.Change": {"what": "which form", "made_at": "a time"},
    "patients.Merge": {"made_at": "a time", "undone_at": "a time"},
    "patients.Export": {
        "kind": "which form",
        "purpose": "a code of a short list",
        "rows": "a number of rows",
        "made_at": "a time",
        "fetched_at": "a time",
    },
    "patients.Received": {
        "state": "a state",
        **dict.fromkeys(["brought_at", "taken_at", "back_at"], "a time"),
    },
    "patients.NotTheSame": {"made_at": "a time"},
    "patients.CareFile": {"opened_on": "a date", "closed_on": "a date"},
    "patients.FollowUp": {
        "state": "a state",
        "due_on": "a date; of what stands sealed beside it",
        "done_on": "a date",
        "made_at": "a time",
    },
    "patients.Allergy": {
        "source": "who says so",
        "group_confirmed_at": "a time",
        "severity": "tells nothing without the substance",
        "state": "a state",
        "recorded_at": "a time",
        "withdrawn_at": "a time",
    },
    "prescriptions.Evaluation": {
        "result": "a class of the evaluation, needed for figures; tells no illness",
        "judged_at": "a time",
        "confirmed_at": "a time",
        "amount": "what it cost, as on the sheet itself",
    },
    "prescriptions.EvaluationFinding": {
        "code": "a number of the list of 28, as wide as a class of alerts; needed for figures",
        "how": "who decides",
        "made_at": "a time",
    },
    "prescriptions.EvaluationEntry": {"kind": "a decision or an answer", "made_at": "a time"},
    "registration.Registration": {
        "day": "a date of visit",
        "number": "queue number, public in the waiting room",
        "state": "a state",
        "source": "desk or online",
        "slot": "an hour of the session",
        "priority_reason": "a word such as 65 years",
        "cancel_reason": "a few words of the desk",
        "live_key": "ids",
        "triaged_at": "a time",
        "exam_at": "a time",
        "recalled_at": "a time",
        "registered_at": "a time",
        "entered_at": "a time",
        "checked_in_at": "a time",
        "first_called_at": "a time",
        "started_at": "a time",
        "finished_at": "a time",
        "cancelled_at": "a time",
    },
    "registration.Booking": {
        "state": "a state",
        "id_type": "a kind of document",
        "live_key": "an id and a keyed digest",
        "made_at": "a time",
        "ended_at": "a time",
    },
    "registration.Call": {"called_at": "a time"},
    "registration.HandOver": {
        "reason": "one of a few words, nothing medical",
        "made_at": "a time",
    },
    "registration.StoppedContact": {
        "outcome": "one of a few words, counted over",
        "made_at": "a time",
    },
    "registration.Consultation": {
        "started_at": "a time",
        "finished_at": "a time",
        "follow_up_on": "who is due is asked for by day",
        "archives_at": "a time",
    },
    "registration.RecordVersion": {"written_at": "a time"},
    "registration.RecordAddition": {"written_at": "a time"},
    "registration.Countersignature": {"signed_at": "a time"},
    "registration.ReportDuty": {
        "state": "a state",
        "raised_at": "a time",
        "due_at": "a time",
        "reported_at": "a time",
        "closed_at": "a time",
    },
    "registration.Diagnosis": {"removed_at": "a time", "added_at": "a time"},
    "prescriptions.Prescription": {
        "number": "our own number",
        "kind": "decides the paper",
        "form": "western or herbal",
        "herb_method": "a code",
        "herb_usage": "a code",
        "state": "a state",
        "long_reason": "a code",
        "valid_until": "a date",
        "created_at": "a time",
        "submitted_at": "a time",
        "approved_at": "a time",
        "dispensed_at": "a time",
        "reviewed_as": "one of two words, counted over",
        "insisted_at": "a time",
        "countersigned_at": "a time",
        "double_signed_at": "a time",
        "special_on": "a date",
    },
    "prescriptions.PrescriptionItem": dict.fromkeys(
        [*ITEM_FIELDS, "herb_note", "drip"], "stock and use are counted over it"
    ),
    "prescriptions.PrescriptionEvent": {
        "old": "a state",
        "new": "a state",
        "mark": "a word, counted over",
        "codes": "items of the evaluation, counted over; they name no drug and no disease",
        "made_at": "a time",
    },
    "prescriptions.Collector": {
        "id_type": "a kind of document",
        "made_at": "a time",
    },
    "prescriptions.Shortage": {"made_at": "a time"},
    "prescriptions.PainFile": {
        "consent_on": "a date",
        "seen_on": "a date",
        "made_at": "a time",
    },
    "prescriptions.RecallContact": {
        "outcome": "one of three words, counted over",
        "made_at": "a time",
    },
    "prescriptions.ArchivedSheet": {
        "digest": "a digest",
        "kind": "decides the paper",
        "outcome": "a state",
        "day": "a date of issue",
        "keep_until": "a date",
        "archived_at": "a time",
    },
    "prescriptions.Treatment": {
        **dict.fromkeys(["state", "settled", "live_key"], "states and ids, counted over"),
        **dict.fromkeys(["ordered_at", "cancelled_at", "settled_at"], "a time"),
    },
    "prescriptions.TreatmentTurn": {
        **dict.fromkeys(["due_at", "started_at", "ended_at", "given_back_at"], "a time"),
        "state": "a state",
        "lots": "a recall asks for them; they name no drug",
    },
    "registration.RecordPrint": {"kind": "which paper", "printed_at": "a time"},
    "cashier.Bill": {"opened_at": "a time"} | dict.fromkeys(["charged", "paid"], MONEY),
    "cashier.BillLine": dict.fromkeys(BILL_FIELDS, MONEY),
    "cashier.AddedLine": dict.fromkeys(["added_at", "taken_at"], "a time"),
    "cashier.Deferral": {"reason": "a few standard words", "made_at": "a time", "amount": MONEY},
    "cashier.Receipt": dict.fromkeys(RECEIPT_FIELDS, MONEY),
    "cashier.Payment": dict.fromkeys(["way", "amount", "given", "change"], MONEY),
    "cashier.ReceiptPrint": {"paper": "its width", "made_at": "a time"},
    "prescriptions.AlertRecord": {
        "fingerprint": "a keyed digest",
        "outcome": "a state",
        "made_at": "a time",
    },
}
ABOUT_PATIENTS = ["patients", "registration", "prescriptions", "cashier"]
NO_PATIENT_IN_IT = {
    "patients.ConsentText",
    "patients.AllergyGroup",
    "prescriptions.PaperPrescription",
    "registration.Department",
    "registration.Area",
    "registration.Room",
    "registration.Clinician",
    "registration.WeeklySchedule",
    "registration.Session",
    "registration.Holiday",
    "registration.EmergencySheet",
    "registration.Icd10Code",
    "registration.Icd10Part",
    "registration.RecordTemplate",
    "prescriptions.PrescriptionSet",
    "prescriptions.PrescriptionSetItem",
    "registration.DiagnosisUse",
    "prescriptions.DispenseLine",
    "prescriptions.NoPharmacist",
    "prescriptions.EmptyReturn",
    "prescriptions.PaperLayout",
    "prescriptions.TreatmentService",
}
NO_PATIENT_IN_IT |= {f"cashier.{n}" for n in "FeeItem FeePrice Reduction Shift".split()}
NO_PATIENT_IN_IT |= {"cashier.ShiftLine", "cashier.TillEntry"}

LEDGERS = ["pharmacy.StockMovement", "pharmacy.StockCount", "registration.Call"]
LEDGERS += ["prescriptions.DispenseLine", "pharmacy.Hold", "pharmacy.ControlledHandover"]
LEDGERS += ["prescriptions.Shortage", "prescriptions.EmptyReturn"]
LEDGERS += ["pharmacy.HandoverLine", "pharmacy.TemperatureRecord"]
LEDGERS += ["registration.StoppedContact", "registration.EmergencySheet"]
LEDGERS += ["pharmacy.ControlClass", "registration.RecordPrint"]
LEDGERS += ["pharmacy.RefusedGoods", "registration.HandOver", "registration.Countersignature"]
LEDGERS += ["registration.RecordVersion", "registration.RecordAddition"]
LEDGERS += ["prescriptions.ArchivedSheet", "prescriptions.PaperLayout"]
LEDGERS += [f"cashier.{name}" for name in ("BillLine", "Receipt", "Payment", "TillEntry")]
LEDGERS += ["patients.Change", "patients.ConsentText"]
LEDGERS += ["cashier.Deferral", "cashier.ReceiptPrint", "cashier.FeePrice"]
