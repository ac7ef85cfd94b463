"""The chart: one page with everything that is known of a patient, allergies first (R-44, R-143)."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.core.together import usual_questions
from patients import records
from patients.banner import banner
from patients.duplicates import file_of
from patients.masking import mask_address, mask_id, mask_phone
from patients.models import Patient
from security import audit
from security.access import needs, require_file
from security.permissions import P

# What lists and the chart show masked until somebody asks for it.
LIST_MASKED = ["id_number", "phone", "contact_phone"]
CHART_MASKED = [*LIST_MASKED, "address"]


@needs(P.READ_CHART)
@require_GET
def patient_chart(request, pk):
    """The whole file: allergies, then what the apps add."""
    with usual_questions("patient_file", pk, request.user.pk):
        patient = file_of(pk)
        caring = require_file(request.user, patient.pk)
    audit.record_read(by=request.user, screen="patient_chart", patients=[patient.pk])
    return _chart_page(request, patient, caring=caring, revealed=False)


@needs(P.READ_CHART)
@require_POST
def patient_reveal(request, pk):
    """The chart with phone and document number in full; that somebody looked is recorded."""
    patient = file_of(pk, page="patient_chart")
    caring = require_file(request.user, patient.pk)
    note_revealed(request, [patient.pk], CHART_MASKED)
    return _chart_page(request, patient, caring=caring, revealed=True)


def note_revealed(request, patients: list, fields: list[str]) -> None:
    """One entry that says whose masked values were shown in full, and which (R-141)."""
    audit.record_read(
        by=request.user, screen="patient_reveal", patients=patients, data={"fields": fields}
    )


def _chart_page(request, patient: Patient, *, caring: bool, revealed: bool):
    kind = f"patient_chart {sorted(request.user.roles)}"
    with usual_questions(kind, patient.pk, request.user.pk, *records.asked_about()):
        return _drawn(request, patient, caring=caring, revealed=revealed)


def _drawn(request, patient: Patient, *, caring: bool, revealed: bool):
    user = request.user
    sections = records.drawn(patient, request)
    context = banner(patient, _facts(patient, revealed=revealed), user) | {
        "banner_part": "patients/_chart_banner.html",
        "cautions": records.cautions(patient, request),
        "broad": [part for part in sections if part.section.place != records.Place.BESIDE],
        "beside": [part for part in sections if part.section.place == records.Place.BESIDE],
        "sections": sections,
        "links": _links(patient, user),
        "caring": caring,
        "address": patient.address if revealed else mask_address(patient.address),
        "revealed": revealed,
        "may_write": user.has_perm(P.WRITE_PATIENT),
    }
    return render(request, "patients/patient_chart.html", context)


def _facts(patient: Patient, *, revealed: bool) -> list[dict]:
    number, phone = patient.id_number or "", patient.phone or patient.contact_phone or ""
    facts = [
        {"label": _("Document"), "value": number if revealed else mask_id(number)},
        {"label": _("Phone"), "value": phone if revealed else mask_phone(phone)},
        {"label": _("Payment category"), "value": patient.get_payment_display()},
    ]
    facts[0]["masked"] = facts[1]["masked"] = not revealed
    return [fact for fact in facts if fact["value"]]


def _links(patient: Patient, user) -> list[dict]:
    """The registered pages with their addresses, for the bar at the foot."""
    found = []
    for link in records.chart_links(patient, user):
        if callable(link.url_name):
            url = link.url_name(patient, user)
        else:
            url = reverse(link.url_name, args=[patient.pk])
        if url:
            found.append({"key": link.key, "title": link.title, "url": url})
    return found
