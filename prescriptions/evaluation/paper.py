"""Handwritten sheets: counted and evaluated, nothing about the patient kept (R-41)."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry, lock
from prescriptions.evaluation.verbs import CODES
from prescriptions.models import PaperPrescription

MOST_DRUGS = 30


@atomic_retry
def register_paper(
    *, day: date, clinician, kind: str, drugs: int, codes: list[str], by
) -> PaperPrescription:
    """Enter one handwritten sheet with the items found on it; none: it is reasonable."""
    if day > timezone.localdate():
        raise RuleBroken(_("Not saved: the date lies ahead. Please correct it."), field="day")
    unknown = [code for code in codes if code not in CODES]
    if unknown:
        raise RuleBroken(
            _("Not saved: %(code)s is no item of the list (1-1 to 3-4).") % {"code": unknown[0]},
            field="codes",
        )
    if clinician.user_id == by.pk:
        raise RuleBroken(
            _("Not saved: you wrote this prescription yourself. Please ask a colleague."),
            field="clinician",
            rule="R-32",
        )
    return PaperPrescription.objects.create(
        day=day,
        clinician=clinician,
        kind=kind,
        drugs=drugs,
        codes=";".join(sorted(set(codes), key=CODES.index)),
        made_by=by,
    )


@atomic_retry
def withdraw_paper(*, sheet: PaperPrescription, by) -> PaperPrescription:
    """Take back a wrong entry; it stays, marked, and counts no more (R-147)."""
    sheet = lock(PaperPrescription.objects.filter(pk=sheet.pk)).get()
    if sheet.withdrawn_at is not None:
        raise AlreadyDone(_("Nothing was done: this entry was withdrawn already."))
    sheet.withdrawn_at, sheet.withdrawn_by = timezone.now(), by
    sheet.save()
    return sheet
