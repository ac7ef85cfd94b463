"""The policy on one page: permissions, roles, and which role holds which permission (R-142).

`sync_roles` writes it into Django's Groups after every migration. Administrators may add groups of
their own; the groups named here always follow this page.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

APP = "security"


class P(TextChoices):
    """What a person may do. The value is what `user.has_perm` takes."""

    FIND_PATIENT = "security.find_patient"
    WRITE_PATIENT = "security.write_patient"
    READ_CHART = "security.read_chart"
    RECORD_ALLERGY = "security.record_allergy"
    WRITE_BASICS = "security.write_basics"  # basic information, histories
    MERGE_PATIENT = "security.merge_patient"  # two files of one person, and back
    IMPORT_PATIENTS = "security.import_patients"
    EXPORT_FILE = "security.export_file"  # one whole file: copy, Excel, FHIR
    EXPORT_LIST = "security.export_list"  # many patients at once, with a purpose
    FOLLOW_UP = "security.follow_up"  # chronic disease, elderly, children, pregnancy
    REGISTER_VISIT = "security.register_visit"
    SEE_QUEUE = "security.see_queue"
    MANAGE_SCHEDULE = "security.manage_schedule"  # the week, holidays, a doctor away
    RECORD_VITALS = "security.record_vitals"
    CONSULT = "security.consult"
    # Everybody's outpatient log; no role holds it, a clinic's own group gives it to whom it must.
    READ_DAY_LOG = "security.read_day_log"
    PRESCRIBE = "security.prescribe"
    READ_PRESCRIPTION = "security.read_prescription"
    REVIEW_PRESCRIPTION = "security.review_prescription"  # a pharmacist of the house
    REVIEW_REMOTELY = "security.review_remotely"  # one of the centre, where none is on duty
    CHECK_PRESCRIPTION = "security.check_prescription"  # where there is no pharmacist
    PICK_DRUGS = "security.pick_drugs"  # take them from the shelf, and no more
    DISPENSE = "security.dispense"
    SKIN_TEST = "security.skin_test"
    SEE_STOCK = "security.see_stock"
    RECEIVE_STOCK = "security.receive_stock"
    MANAGE_STOCK = "security.manage_stock"  # write off, move, count, recall
    MANAGE_DRUGS = "security.manage_drugs"  # the drug library, its prices, its import
    TAKE_MONEY = "security.take_money"
    REFUND_MONEY = "security.refund_money"
    READ_TAKINGS = "security.read_takings"  # everybody's shifts and the daily reports
    MANAGE_FEES = "security.manage_fees"  # what services cost, for whom less
    ORDER_TREATMENT = "security.order_treatment"
    TREAT = "security.treat"  # carry out what was ordered
    SEE_STATISTICS = "security.see_statistics"  # the clinic's figures, and one's own line
    COMPARE_DOCTORS = "security.compare_doctors"  # the figures of every doctor by name
    READ_AUDIT = "security.read_audit"
    ADMINISTER = "security.administer"

    @property
    def codename(self) -> str:
        return self.value.partition(".")[2]


class Role(TextChoices):
    """The roles; the value is the group's name."""

    FRONTDESK = "frontdesk", _("Front desk")
    NURSE = "nurse", _("Nurse")
    DOCTOR = "doctor", _("Doctor")
    PHARMACIST = "pharmacist", _("Pharmacist")
    TECHNICIAN = "technician", _("Pharmacy technician")
    REMOTE_PHARMACIST = "remote_pharmacist", _("Remote pharmacist")
    SECOND_CHECKER = "second_checker", _("Second person, where there is no pharmacist")
    STOREKEEPER = "storekeeper", _("Storekeeper")
    CASHIER = "cashier", _("Cashier")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


GRANTS: dict[Role, set[P]] = {
    Role.FRONTDESK: {P.FIND_PATIENT, P.WRITE_PATIENT, P.RECORD_ALLERGY, P.REGISTER_VISIT}
    | {P.SEE_QUEUE, P.MANAGE_SCHEDULE, P.MERGE_PATIENT, P.IMPORT_PATIENTS},
    Role.NURSE: {P.FIND_PATIENT, P.WRITE_PATIENT, P.RECORD_ALLERGY, P.REGISTER_VISIT}
    | {P.SEE_QUEUE, P.RECORD_VITALS, P.SKIN_TEST, P.TREAT, P.WRITE_BASICS, P.FOLLOW_UP},
    Role.DOCTOR: {P.FIND_PATIENT, P.WRITE_PATIENT, P.READ_CHART, P.RECORD_ALLERGY, P.SEE_QUEUE}
    | {P.RECORD_VITALS, P.CONSULT, P.PRESCRIBE, P.READ_PRESCRIPTION, P.SKIN_TEST, P.SEE_STOCK}
    | {P.ORDER_TREATMENT, P.TREAT, P.WRITE_BASICS, P.FOLLOW_UP, P.MERGE_PATIENT}
    | {P.IMPORT_PATIENTS, P.EXPORT_FILE, P.EXPORT_LIST, P.SEE_STATISTICS},
    Role.PHARMACIST: {P.FIND_PATIENT, P.READ_PRESCRIPTION, P.REVIEW_PRESCRIPTION, P.DISPENSE}
    | {P.SEE_STOCK, P.RECEIVE_STOCK, P.MANAGE_STOCK, P.MANAGE_DRUGS, P.SKIN_TEST}
    | {P.SEE_STATISTICS, P.COMPARE_DOCTORS},
    Role.TECHNICIAN: {P.READ_PRESCRIPTION, P.PICK_DRUGS, P.SEE_STOCK, P.RECEIVE_STOCK},
    Role.REMOTE_PHARMACIST: {P.READ_PRESCRIPTION, P.REVIEW_REMOTELY},
    Role.SECOND_CHECKER: {P.READ_PRESCRIPTION, P.CHECK_PRESCRIPTION},
    Role.STOREKEEPER: {P.SEE_STOCK, P.RECEIVE_STOCK, P.MANAGE_STOCK, P.MANAGE_DRUGS},
    Role.CASHIER: {P.FIND_PATIENT, P.TAKE_MONEY, P.REFUND_MONEY, P.READ_TAKINGS},
    Role.ADMINISTRATOR: {P.ADMINISTER, P.MANAGE_DRUGS, P.MANAGE_SCHEDULE}
    | {P.READ_TAKINGS, P.MANAGE_FEES, P.SEE_STATISTICS, P.COMPARE_DOCTORS},
    Role.AUDITOR: {P.READ_AUDIT},
}

# What the administrator edits in Django admin, and what is only to be looked at there.
ADMIN_EDITS = {
    "security.user",
    "core.institution",
    "core.setting",
    "registration.department",
    "registration.area",
    "registration.room",
    "registration.clinician",
    "registration.icd10code",
    "pharmacy.drug",
    "pharmacy.controlclass",
    "pharmacy.supplier",
    "pharmacy.drugcategory",
    "pharmacy.place",
    "pharmacy.interaction",
    "patients.allergygroup",
    "patients.consenttext",
    "prescriptions.nopharmacist",
    "prescriptions.treatmentservice",
}
ADMIN_VIEWS = {"auth.group", "security.device", "pharmacy.batch", "pharmacy.stockmovement"}

# No person may hold both: who sets the rules must not be the one who checks the log.
EXCLUSIVE = [{Role.ADMINISTRATOR, Role.AUDITOR}]
# Signing in to the admin is bound to these roles.
STAFF_ROLES = {Role.ADMINISTRATOR}

# The same over permissions, so that no group of the clinic's own making gets around it.
EXCLUSIVE_PERMISSIONS = [{P.ADMINISTER, P.READ_AUDIT}]


def without_excluded(granted: set[str]) -> set[str]:
    """What is left of these permissions when of two that exclude each other neither counts."""
    both = [pair for pair in EXCLUSIVE_PERMISSIONS if pair <= granted]
    return granted - {permission.value for pair in both for permission in pair}
