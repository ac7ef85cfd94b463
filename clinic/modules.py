"""Which addresses belong to a part of the system that a clinic may switch off.

The one list of them: a page of a switched-off part answers that it is switched off, whoever asks
and however; what was recorded stays, and is there again when the part is switched on.
"""

from functools import cache

from django.shortcuts import render
from django.urls import URLResolver

from clinic.cashier import urls as cashier_urls
from clinic.core import modules
from pharmacy import urls as pharmacy_urls
from registration import booking_urls
from security.permissions import P

# Doctors choose from the drug library where nobody dispenses, too.
LIBRARY = {"drug_list", "drug_choices", "drug_new", "drug_groups", "drug_show", "drug_change"}
LIBRARY |= {"drug_check", "drug_stop", "drug_restart", "drug_control"}
LIBRARY |= {"drug_import", "drug_import_show", "drug_import_refused"}
REVIEW = {"review_list", "review_queue_rows", "review", "review_approve", "review_return"}
WINDOW = {"dispense_list", "dispense", "dispense_collector", "prescription_give_up_rest"}
WINDOW |= {"prescription_return", "prescription_send_back", "bag_labels"}
WINDOW |= {"pharmacy_patients", "special_register", "special_register_print", "special_empties"}
RECALLS = {"recall_patients", "recall_reveal", "recall_contact", "recall_print", "recall_export"}
RECALLS |= {"lot_patients"}
# Skin tests and the pages of the desk about bookings stay: both keep promises made to patients.
TREATMENTS = {"treatment_list", "treatment_rows", "treatment_day", "treatment_turn"}
TREATMENTS |= {"treatment_order", "treatment_stop", "bottle_labels", "infusion_card"}
FOLLOW_UP = {"followup_list", "followup_phones", "followup_record", "followup_move"}
FOLLOW_UP |= {"followup_print", "patient_followups", "care_file_close", "care_file_delivery"}


def _names(patterns) -> set[str]:
    found = set()
    for entry in patterns:
        found |= _names(entry.url_patterns) if isinstance(entry, URLResolver) else {entry.name}
    return found


@cache
def names() -> dict[str, set[str]]:
    """The URL names of each part."""
    stock = _names(pharmacy_urls.urlpatterns) - LIBRARY
    return {
        "pharmacy": stock | REVIEW | WINDOW | RECALLS,
        "charges": _names(cashier_urls.urlpatterns),
        "booking": _names(booking_urls.urlpatterns),
        "treatments": TREATMENTS,
        "follow_up": FOLLOW_UP,
    }


@cache
def module_of(url_name: str) -> str:
    """The part that this page belongs to; "" for those that every clinic has."""
    return next((code for code, found in names().items() if url_name in found), "")


def is_open(url_name: str) -> bool:
    code = module_of(url_name)
    return not code or modules.is_on(code)


class ModulesMiddleware:
    """A page of a switched-off part says so in words; its view is not called."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        match = request.resolver_match
        if match.app_name == "admin" or is_open(match.view_name):
            return None
        return closed_page(request, module_of(match.view_name))


def closed_page(request, code: str):
    """The same words for everybody; the administrator is told where to switch it on."""
    template = "clinic/booking_off.html" if code == "booking" else "clinic/module_off.html"
    context = {"module": modules.WORDS[code], "may_switch": request.user.has_perm(P.ADMINISTER)}
    return render(request, template, context, status=404)
