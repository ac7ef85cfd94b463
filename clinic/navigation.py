"""The rail's words and the home page of each role: at most six words for anybody."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.cashier import navigation as till_pages
from clinic.core.site import institution
from clinic.modules import is_open
from patients.followup import lists as follow_ups
from pharmacy import navigation as stock_pages
from pharmacy.watch import reading as warnings
from prescriptions import rights
from registration.models import Clinician
from security import second_factor
from security.permissions import P, Role

EVALUATION = ("evaluation_list", "evaluation_sheet", "paper_sheets", "rx_compliance")
EVALUATION += ("rx_monthly_form", "clinical_list", "clinical_edit", "clinical_import")
EVALUATION += ("clinical_import_show",)
WINDOW = ("dispense", "dispense_collector", "prescription_send_back")
WINDOW += ("prescription_return", "special_register")

DAY_PAPERS = ("outpatient_log", "registration_report", "no_shows", "waiting_times")


@dataclass(frozen=True)
class Item:
    """One word of the rail: shown to whoever holds one of the permissions."""

    label: object
    url_name: str
    icon: str
    any_of: tuple[P, ...]
    also: tuple[str, ...] = ()  # other URL names that belong under this word
    # How much waits there, and who is told; a number on every page must come out of an index.
    waiting: Callable[[], int] | None = None
    told: P | None = None
    counts: object = _("open warnings")  # what the number is
    unless: P | None = None  # whoever holds this finds it under another word
    instead_of: str = ""  # only where that page belongs to a part that is switched off

    def is_for(self, user) -> bool:
        return (
            any(user.has_perm(permission) for permission in self.any_of)
            and not (self.unless and user.has_perm(self.unless))
            and is_open(self.url_name)
            and not (self.instead_of and is_open(self.instead_of))
        )


ITEMS = [
    Item(
        _("Front desk"),
        "desk",
        "home",
        (P.REGISTER_VISIT,),
        ("registration_new", "registration_cancel", "registration_later", "registration_rebook")
        + ("desk_bookings", "desk_booking", "booking_rebook", "stopped_list", "stopped_phones")
        + ("paper_numbers", "paper_entry", "vitals", "triage", "triage_visit"),
    ),
    Item(
        _("Schedule"),
        "schedule",
        "calendar",
        (P.MANAGE_SCHEDULE,),
        ("schedule_cell", "week_plan", "holiday_list", "doctor_away", "begun_cancel"),
    ),
    Item(
        _("Consultations"),
        "queue",
        "stethoscope",
        (P.CONSULT,),
        ("consultation", "consultation_finish", "diagnosis_remove", "prescription_edit", "vitals")
        + ("herbal_edit", "pain_file", "treatment_order")
        + ("record_templates", "record_template", "record_template_new", "visit_hand_over")
        + ("triage", "triage_visit", "record_correct")
        + ("record_history", "countersign", "countersign_list", "report_list", "report_duty"),
    ),
    Item(
        _("Charging"),
        "cashier",
        "coin",
        (P.TAKE_MONEY,),
        till_pages.URL_NAMES,
    ),
    Item(
        _("Patients"),
        "patient_search",
        "patients",
        (P.FIND_PATIENT,),
        ("patient_new", "patient_chart", "break_glass", "patient_edit", "patient_allergies")
        + ("duplicate_list", "patient_merge", "patient_consents")
        + ("patient_import", "patient_import_show")
        + ("patient_basics", "patient_changes")
        + ("patient_copy", "patient_export", "patient_list", "data_sets", "export_show")
        + ("patient_fhir", "received_list", "received_show", "received_document"),
    ),
    Item(
        _("Follow-ups"),
        "followup_list",
        "calendar",
        (P.FOLLOW_UP,),
        ("followup_record", "followup_phones", "followup_move", "patient_followups")
        + ("care_file_close", "care_file_delivery"),
        waiting=follow_ups.due_count,
        told=P.FOLLOW_UP,
        counts=_("due today or overdue"),
        unless=P.CONSULT,  # a doctor is told above the queue, of the own files
    ),
    Item(
        _("Review"),
        "review_list",
        "sheet",
        (P.REVIEW_PRESCRIPTION, P.REVIEW_REMOTELY, P.CHECK_PRESCRIPTION),
        ("review", "alert_outcomes", "set_list", "archive_list", *EVALUATION),
    ),
    Item(
        _("Evaluation"),
        "evaluation_list",
        "sheet",
        (P.REVIEW_PRESCRIPTION,),
        ("alert_outcomes", "set_list", "archive_list", *EVALUATION),
        instead_of="review_list",
    ),
    Item(
        _("Dispensing"),
        "dispense_list",
        "pill",
        (P.DISPENSE, P.PICK_DRUGS, P.CHECK_PRESCRIPTION),
        WINDOW,
    ),
    Item(
        _("Treatments"),
        "treatment_list",
        "syringe",
        (P.SKIN_TEST,),
        ("treatment_turn", "skin_test_list", "infusion_card"),
    ),
    Item(_("Skin tests"), "skin_test_list", "syringe", (P.SKIN_TEST,), instead_of="treatment_list"),
    Item(
        _("Prescriptions"),
        "prescription_list",
        "sheet",
        (P.PRESCRIBE,),
        (
            "rule_table",
            "evaluation_own",
            "archive_list",
            "set_list",
            "prescription_countersign_list",
            "prescription_countersign",
        ),
    ),
    Item(_("Set prescriptions"), "set_list", "sheet", (P.ADMINISTER,), ("paper_layout",)),
    Item(
        _("Stock"),
        "stock",
        "box",
        (P.SEE_STOCK,),
        stock_pages.URL_NAMES,
        waiting=warnings.open_count,
        told=P.RECEIVE_STOCK,
    ),
    Item(
        _("Drug library"),
        "drug_list",
        "pill",
        (P.SEE_STOCK,),
        stock_pages.URL_NAMES,
        instead_of="stock",
    ),
    Item(_("Waiting-room screen"), "display", "screen", (P.REGISTER_VISIT,), ()),
    Item(
        _("Statistics"),
        "statistics",
        "chart",
        (P.SEE_STATISTICS,),
        ("statistics_figure", "statistics_files", *DAY_PAPERS),
    ),
    Item(
        _("Reports"),
        "registration_report",
        "chart",
        (P.REGISTER_VISIT, P.MANAGE_SCHEDULE, P.READ_DAY_LOG),
        DAY_PAPERS,
        unless=P.SEE_STATISTICS,
    ),
    Item(_("Audit log"), "audit_list", "sheet", (P.READ_AUDIT,), ("audit_week", "seal_compare")),
    Item(_("Backups"), "security_home", "shield", (P.ADMINISTER,), ("seal_compare",)),
    Item(
        _("Drug library"),
        "drug_list",
        "pill",
        (P.MANAGE_DRUGS,),
        stock_pages.URL_NAMES,
        unless=P.SEE_STOCK,
    ),
    Item(
        _("Fees and takings"),
        "fee_list",
        "coin",
        (P.MANAGE_FEES,),
        till_pages.URL_NAMES,
        unless=P.TAKE_MONEY,
    ),
    Item(_("Administration"), "admin:index", "gear", (P.ADMINISTER,), ()),
]

# Of several roles the first one here: the own patients before everybody's, people before stock,
# the clinic's daily work before its administration.
HOMES = [
    (Role.DOCTOR, "queue"),
    (Role.FRONTDESK, "desk"),
    (Role.NURSE, "desk"),
    (Role.PHARMACIST, "review_list"),
    (Role.REMOTE_PHARMACIST, "review_list"),
    (Role.SECOND_CHECKER, "review_list"),
    (Role.TECHNICIAN, "dispense_list"),
    (Role.STOREKEEPER, "stock"),
    (Role.CASHIER, "cashier"),
    (Role.AUDITOR, "audit_list"),
    (Role.ADMINISTRATOR, "security_home"),
    # Where the part of the system is switched off that somebody mostly works with.
    (Role.PHARMACIST, "evaluation_list"),
    (Role.TECHNICIAN, "drug_list"),
    (Role.STOREKEEPER, "drug_list"),
    (Role.CASHIER, "patient_search"),
]


def _has_queue(user) -> bool:
    return Clinician.objects.filter(user=user, active=True).exists()


# Where a page has nothing to offer, somebody of several roles begins with the next of them.
OPEN_TO = {
    "queue": _has_queue,
    "review_list": lambda user: rights.reviews_as(user) is not None,
}


def home_of(user) -> str | None:
    """The URL name where this person's work begins; None without any role."""
    held = (name for role, name in HOMES if role in user.roles and is_open(name))
    found = list(dict.fromkeys(held))
    if len(found) < 2:
        return found[0] if found else None
    return next((name for name in found if name not in OPEN_TO or OPEN_TO[name](user)), found[0])


def _waiting(item: Item, user) -> int:
    return item.waiting() if item.waiting and user.has_perm(item.told) else 0


def navigation(request) -> dict:
    """Template context: the rail's items and the institution."""
    user = getattr(request, "user", None)
    match = getattr(request, "resolver_match", None)
    if user is None or (match is not None and match.app_name == "admin"):
        return {}
    if not user.is_authenticated:
        # Where the world comes in there is no other start page.
        booking = reverse("booking")
        start = booking if request.path.startswith(booking) else "/"
        return {"institution": institution(), "start": start}
    if user.must_change_password or second_factor.owed(request):
        return {"institution": institution()}  # every word would only lead back to this page
    here = match.view_name if match is not None else ""  # no address fitted: the 404 page
    return {
        "nav": [
            {
                "label": item.label,
                "url": reverse(item.url_name),
                "icon": item.icon,
                "current": here == item.url_name or here in item.also,
                "waiting": _waiting(item, user),
                "counts": item.counts,
            }
            for item in ITEMS
            if item.is_for(user)
        ][:6],
        "institution": institution(),
        "at_home": lambda: here == home_of(user),  # asked by home pages alone
        "search_url": reverse("patient_search") if user.has_perm(P.FIND_PATIENT) else "",
    }
