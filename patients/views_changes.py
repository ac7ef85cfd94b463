"""Every correction of a file with what stood there before (R-60, R-147)."""

from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from clinic.core.paging import page_of_keys
from patients import basics_words
from patients.banner import banner
from patients.duplicates import file_of
from patients.masking import mask_address, mask_id, mask_phone
from patients.models import Change, Patient
from patients.views import may
from patients.views_basics import may_read_basics
from security import audit
from security.access import needs
from security.permissions import P

A_PAGE = 20
WHAT = {
    Change.What.PERSON: gettext_lazy("Identity and contacts"),
    Change.What.BASICS: gettext_lazy("Basic information form"),
}
MASKS = {
    "id_number": mask_id,
    "mother_id_number": mask_id,
    "health_no": mask_id,
    "phone": mask_phone,
    "contact_phone": mask_phone,
    "address": mask_address,
}


@needs(P.WRITE_PATIENT)
@require_http_methods(["GET", "POST"])
def patient_changes(request, pk):
    """The newest first; numbers and addresses masked until somebody asks for them (R-141).

    Corrections of the basic information are only there for whoever may read it.
    """
    patient = file_of(pk)
    is_revealed = request.method == "POST" and "reveal" in request.POST
    audit.record_read(by=request.user, screen="patient_changes", patients=[patient.pk])
    if is_revealed:
        audit.record_read(
            by=request.user,
            screen="patient_reveal",
            patients=[patient.pk],
            data={"fields": list(MASKS)},
        )
    has_basics = may_read_basics(request.user, patient.pk)
    found = Change.objects.filter(patient=patient)
    if not has_basics:
        found = found.filter(what=Change.What.PERSON)
    rows = Change.objects.select_related("made_by")
    page = page_of_keys(found, rows, request.GET.get("page"), A_PAGE)
    for change in page.object_list:
        change.about = WHAT.get(change.what, change.get_what_display())
        change.lines = _lines(change, is_revealed)
    context = banner(patient, user=request.user) | {
        "page": page,
        "revealed": is_revealed,
        "is_masked": any(line["masked"] for change in page.object_list for line in change.lines),
        "has_basics": has_basics,
        "may": may(request.user),
    }
    return render(request, "patients/patient_changes.html", context)


def _lines(change: Change, is_revealed: bool) -> list[dict]:
    """label, before, after and masked of each field that was corrected."""
    if change.what == Change.What.BASICS:
        return [
            {
                "label": basics_words.field_label(name),
                "before": basics_words.value_text(name, change.fields[name][0]),
                "after": basics_words.value_text(name, change.fields[name][1]),
                "masked": False,
            }
            for name in basics_words.in_order(change.fields)
        ]
    return [
        {
            "label": _label(name),
            "before": _shown(name, before, is_revealed),
            "after": _shown(name, after, is_revealed),
            "masked": name in MASKS and not is_revealed,
        }
        for name, (before, after) in change.fields.items()
    ]


def _label(name: str) -> str:
    text = str(Patient._meta.get_field(name).verbose_name)
    return text[:1].upper() + text[1:]


def _shown(name: str, value, is_revealed: bool) -> str:
    """A stored value of the person in words; masked where lists and the chart mask it."""
    if value in ("", None):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in MASKS and not is_revealed:
        return MASKS[name](value)
    column = Patient._meta.get_field(name)
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if name == "birth_date":
        return date_format(parse_date(value), "SHORT_DATE_FORMAT")
    return str(value)
