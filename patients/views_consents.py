"""What was explained to a patient and what they answered; the sheet to sign (R-137)."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.posting import carry_out
from patients import consents
from patients.banner import banner
from patients.duplicates import file_of
from patients.forms import ConsentForm
from patients.models import Consent, ConsentKind, ConsentText, Patient
from patients.views import may
from security import audit
from security.access import needs
from security.permissions import P


@needs(P.WRITE_PATIENT)
@require_http_methods(["GET", "POST"])
def patient_consents(request, pk):
    """Each kind with its text, the last answer, and what may be answered now."""
    patient = file_of(pk)
    audit.record_read(by=request.user, screen="patient_consents", patients=[patient.pk])
    texts = consents.texts_in_force()
    form = ConsentForm(request.POST or None, patient=patient, texts=texts)
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            consents.answer,
            to=lambda _row: reverse("patient_consents", args=[patient.pk]),
            form=form,
            done=_("The answer was noted."),
            patient=patient,
            **form.answer(),
        )
        if response:
            return response
    return _page(request, patient, texts, form)


@needs(P.WRITE_PATIENT)
@require_POST
def consent_withdraw(request, pk):
    """Take a consent back; what was written stays."""
    files = Consent.objects.filter(patient__state=Patient.State.ACTIVE)
    consent = get_object_or_404(files, pk=pk)
    back = reverse("patient_consents", args=[consent.patient_id])
    response = carry_out(
        request,
        consents.withdraw,
        to=lambda _row: back,
        done=_("The consent was withdrawn. It stays in the list."),
        consent=consent,
    )
    return response or redirect(back)


@needs(P.WRITE_PATIENT)
@require_GET
def consent_print(request, pk):
    """The texts with this patient's name, to be signed on paper."""
    patient = file_of(pk)
    audit.record_read(by=request.user, screen="consent_print", patients=[patient.pk])
    texts = consents.texts_in_force()
    wanted = [texts[kind] for kind in request.GET.getlist("kind") if kind in texts]
    context = {
        "patient": patient,
        "texts": wanted or list(texts.values()),
        "is_minor": consents.needs_guardian(patient),
        "back_url": reverse("patient_consents", args=[patient.pk]),
        "autoprint": "print" in request.GET,
    }
    return render(request, "patients/consent_print.html", context)


@needs(P.WRITE_PATIENT)
@require_GET
def consent_text(request, kind):
    """One text to read aloud or to hand over before there is a file."""
    if kind not in ConsentKind.values:
        raise Http404
    context = {"texts": [consents.texts_in_force()[kind]], "back_url": reverse("patient_new")}
    return render(request, "patients/consent_print.html", context)


def _page(request, patient: Patient, texts: dict[str, ConsentText], form: ConsentForm):
    rows = list(patient.consents.select_related("text", "made_by", "withdrawn_by"))
    last = {}
    for row in rows:
        last.setdefault(row.text.kind, row)
    kinds = [
        {"kind": kind, "text": text, "last": last.get(kind), "is_old": _is_old(last, text)}
        for kind, text in texts.items()
    ]
    context = banner(patient, user=request.user) | {
        "form": form,
        "kinds": kinds,
        "history": rows,
        "is_minor": consents.needs_guardian(patient),
        "may": may(request.user),
    }
    return render(request, "patients/patient_consents.html", context)


def _is_old(last: dict[str, Consent], text: ConsentText) -> bool:
    """The answer was given to an earlier version."""
    row = last.get(text.kind)
    return row is not None and row.text_id != text.pk
