"""Every URL that names a record, and who may open it besides the mark of its view."""

import enum

from security.permissions import P


class Kind(enum.Enum):
    """Who opens it, besides the mark of its view."""

    ROLE = "the mark says all"
    OWN = "the doctor whose record it is; for other people it does not exist"
    DESK = "the desk, or the doctor whose record it is"
    FILE = "whoever treats the patient or gave a reason, and the pharmacy"
    CARE = "the same, and the nurses, who carry it out"


# Every URL that names a record: which one of the scene, and who may open it.
RECORDS = {
    "patient_chart": ("patient", Kind.FILE),
    "patient_reveal": ("patient", Kind.FILE),
    "break_glass": ("patient", Kind.ROLE),
    "patient_copy": ("patient", Kind.FILE),
    "patient_export": ("patient", Kind.FILE),
    "copy_print": ("copy", Kind.OWN),
    "patient_fhir": ("patient", Kind.FILE),
    "received_show": ("received", Kind.OWN),
    "received_document": ("document", Kind.FILE),
    "export_show": ("export", Kind.OWN),
    "export_file": ("export", Kind.OWN),
    "patient_edit": ("patient", Kind.ROLE),
    "patient_allergies": ("patient", Kind.ROLE),
    "patient_merge": ("patient", Kind.ROLE),
    "patient_different": ("patient", Kind.ROLE),
    "merge_undo": ("merge", Kind.ROLE),
    "allergy_withdraw": ("allergy", Kind.ROLE),
    "patient_consents": ("patient", Kind.ROLE),
    "consent_print": ("patient", Kind.ROLE),
    "consent_withdraw": ("consent", Kind.ROLE),
    "patient_basics": ("patient", Kind.CARE),
    "basics_print": ("patient", Kind.CARE),
    "patient_changes": ("patient", Kind.ROLE),
    "allergy_group": ("allergy", Kind.ROLE),
    "patient_followups": ("patient", Kind.CARE),
    "followup_record": ("follow_up", Kind.CARE),
    "followup_move": ("follow_up", Kind.CARE),
    "followup_print": ("follow_up", Kind.CARE),
    "care_file_close": ("care_file", Kind.CARE),
    "care_file_delivery": ("care_file", Kind.CARE),
    "registration_new": ("patient", Kind.ROLE),
    "registration_later": ("patient", Kind.ROLE),
    "registration_rebook": ("waiting", Kind.ROLE),
    "desk_booking": ("booking", Kind.ROLE),
    "desk_booking_drop": ("booking", Kind.ROLE),
    "booking_rebook": ("booking", Kind.ROLE),
    "slip": ("waiting", Kind.ROLE),
    "registration_cancel": ("waiting", Kind.ROLE),
    "registration_check_in": ("waiting", Kind.ROLE),
    "registration_recall": ("waiting", Kind.DESK),
    "vitals": ("waiting", Kind.DESK),
    "start_consultation": ("waiting", Kind.OWN),
    "call_again": ("waiting", Kind.OWN),
    "pass_over": ("waiting", Kind.OWN),
    "visit_exam": ("waiting", Kind.OWN),
    "visit_hand_over": ("waiting", Kind.OWN),
    "paper_seen": ("waiting", Kind.ROLE),
    "triage_visit": ("waiting", Kind.DESK),
    "consultation": ("record", Kind.OWN),
    "consultation_finish": ("record", Kind.OWN),
    "consultation_undo": ("record", Kind.OWN),
    "consultation_draft": ("record", Kind.OWN),
    "diagnosis_remove": ("diagnosis", Kind.OWN),
    "diagnosis_put_back": ("diagnosis", Kind.OWN),
    "record_print": ("record", Kind.FILE),
    "sick_note_print": ("record", Kind.FILE),
    "referral_print": ("record", Kind.FILE),
    "record_correct": ("record", Kind.OWN),
    "record_history": ("record", Kind.FILE),
    "countersign": ("assistants", Kind.OWN),  # `doctor` is who countersigns
    "report_duty": ("duty", Kind.OWN),
    "report_card": ("duty", Kind.OWN),
    "record_template": ("template", Kind.OWN),
    "prescription_start": ("record", Kind.OWN),
    "prescription_item_remove": ("item", Kind.OWN),
    "prescription_item_put_back": ("item", Kind.OWN),
    "prescription_item_replace": ("item", Kind.OWN),
    "prescription_item_outside": ("item", Kind.OWN),
    "skin_test": ("item", Kind.OWN),
    "prescription_edit": ("draft", Kind.OWN),
    "prescription_copy_last": ("draft", Kind.OWN),
    "prescription_save_set": ("draft", Kind.OWN),
    "prescription_terms": ("draft", Kind.OWN),
    "set_change": ("set", Kind.ROLE),
    "herbal_edit": ("herbal", Kind.OWN),
    "prescription_override": ("draft", Kind.OWN),
    "prescription_submit": ("draft", Kind.OWN),
    "prescription_insist": ("draft", Kind.OWN),
    "prescription_countersign": ("assistants_sheet", Kind.OWN),  # `doctor` is who countersigns
    "prescription_countersign_return": ("assistants_sheet", Kind.OWN),
    "prescription_void": ("draft", Kind.OWN),
    "prescription_show": ("approved", Kind.FILE),
    "prescription_print": ("approved", Kind.FILE),
    "bag_labels": ("approved", Kind.ROLE),
    "infusion_card": ("approved", Kind.CARE),
    "treatment_turn": ("turn", Kind.CARE),
    "treatment_order": ("record", Kind.OWN),
    "treatment_stop": ("treatment", Kind.FILE),
    "bottle_labels": ("treatment", Kind.CARE),
    "review": ("submitted", Kind.ROLE),
    "review_approve": ("submitted", Kind.ROLE),
    "review_return": ("submitted", Kind.ROLE),
    "dispense": ("approved", Kind.ROLE),
    "prescription_send_back": ("approved", Kind.ROLE),
    "dispense_collector": ("approved", Kind.ROLE),
    "prescription_return": ("approved", Kind.ROLE),
    "prescription_give_up_rest": ("approved", Kind.OWN),
    "evaluation_sheet": ("approved", Kind.ROLE),
    "evaluation_answer": ("approved", Kind.OWN),
    "paper_sheet_withdraw": ("paper", Kind.ROLE),
    "pain_file": ("draft", Kind.OWN),
    "fee_import_show": ("fee_table", Kind.ROLE),
    "fee_import_refused": ("fee_table", Kind.ROLE),
    "bill": ("waiting", Kind.ROLE),
    "bill_put_off": ("waiting", Kind.ROLE),
    "bill_add": ("waiting", Kind.ROLE),
    "bill_take_off": ("added", Kind.ROLE),
    "receipt_show": ("receipt", Kind.ROLE),
    "receipt_paper": ("receipt", Kind.ROLE),
    "receipt_refund": ("receipt", Kind.ROLE),
    "patient_import_show": ("people_asked", Kind.ROLE),
    "patient_import_refused": ("people_done", Kind.ROLE),
    "drug_import_show": ("drug_list", Kind.ROLE),
    "drug_import_refused": ("drug_list", Kind.ROLE),
    "clinical_import_show": ("pair_list", Kind.ROLE),
    "clinical_import_refused": ("pair_list", Kind.ROLE),
}

# Whoever is no doctor of this patient and still works with what the doctor wrote.
PHARMACY = {"prescription_show", "prescription_print", "review", "dispense"}
PHARMACY |= {"dispense_collector", "prescription_return"}
PHARMACY |= {"bag_labels", "infusion_card"}
PHARMACY |= {"review_return", "prescription_send_back"}  # shown again when the reason is missing
READ_BY_DUTY = {P.REVIEW_PRESCRIPTION, P.REVIEW_REMOTELY, P.PICK_DRUGS}
# A form shows in full what it lets one correct; the reveal was asked for. Both are recorded.
UNMASKED = {"patient_edit", "patient_reveal", "record_print"}  # the cover of R-70
UNMASKED |= {"copy_print"}  # of a file, for the patient
UNMASKED |= {"followup_phones"}  # asked for, to call them
UNMASKED |= {"report_card"}  # for the disease control centre
UNMASKED |= {"basics_print"}  # the national form
UNMASKED |= {"received_show"}  # what came is looked at in full by whoever brought it
