"""An earlier visit as the beginning of this one: the same again, or its drugs too (R-74)."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from registration import desk, guarded
from registration.consultation import diagnoses_of, held, write
from registration.models import Consultation
from registration.parts import REUSED
from registration.record_templates import add_missing


@dataclass
class Copied:
    """The record, where the work goes on, and what could not be brought along."""

    consultation: Consultation
    url: str = ""
    left: list[str] = field(default_factory=list)


@atomic_retry
def copy_visit(*, consultation: Consultation, source: Consultation, by) -> Copied:
    """Bring texts and diagnoses of an earlier visit of the same patient along.

    What stands in the record stays. Results, sick note and referral belong to their own day.
    """
    consultation = held(consultation, by)
    old = _source(source, consultation, by)
    texts = {name: getattr(old, name) for name in REUSED if getattr(old, name)}
    write(consultation, {n: text for n, text in texts.items() if not getattr(consultation, n)})
    there = diagnoses_of(old)
    left = add_missing(consultation, [(d.code, d.suspected) for d in there], by=by)
    if old.guarded == guarded.YES and consultation.guarded != guarded.YES:
        consultation.guarded = guarded.YES
        consultation.save(update_fields=["guarded"])
    return Copied(consultation, left=[d.words for d in there if d.code in left])


@atomic_retry
def refill(*, consultation: Consultation, source: Consultation, by) -> Copied:
    """The same visit again with what was ordered at it, as new drafts: every rule looks at them."""
    copied = copy_visit(consultation=consultation, source=source, by=by)
    ordered = desk.repeat_orders(copied.consultation, source, by=by)
    if ordered is None:
        raise RuleBroken(_("Nothing was ordered at this visit that could be repeated."))
    return Copied(copied.consultation, ordered.url, copied.left + ordered.left)


def _source(source: Consultation, consultation: Consultation, by) -> Consultation:
    """The earlier visit, if it is the same patient's and this person may read it (R-140)."""
    old = Consultation.objects.select_related("clinician").get(pk=source.pk)
    codes = [diagnosis.code for diagnosis in diagnoses_of(old)]
    is_closed = guarded.is_guarded(old, codes) and not guarded.Reader(by).may_see(old)
    same = old.patient_id == consultation.patient_id and old.pk != consultation.pk
    if is_closed or not same or old.started_at is None:
        raise RuleBroken(_("Not copied: this visit can't be read here."), rule="R-140")
    return old
