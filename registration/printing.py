"""Papers of a record: the record itself, a copy for the patient, sick note, referral (R-70, R-73).

They are in the institution's language for everybody, and say when they were printed before.
"""

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from registration import desk, guarded, reading, signing, versions
from registration.allergies import allergy_words
from registration.consultation import diagnoses_of
from registration.models import Consultation, RecordPrint
from registration.part_forms import KINDS, kind_of
from security import audit

Kind = RecordPrint.Kind
SIZES = ("a4", "a5")
SCREENS = {
    Kind.RECORD: "record_print",
    Kind.COPY: "record_print",
    Kind.SICK_NOTE: "sick_note_print",
    Kind.REFERRAL: "referral_print",
}


def require_printable(record: Consultation, kind: str, *, by) -> None:
    """RuleBroken when there is nothing to print yet, or nothing that may leave the house.

    Sick note and referral are handed over while the patient is still there, by their own doctor.
    """
    is_early = kind in (Kind.SICK_NOTE, Kind.REFERRAL) and record.clinician.user_id == by.pk
    if record.finished_at is None and not is_early:
        raise RuleBroken(
            _("Not printed: the record is still being written. Please finish the visit first."),
            rule="R-70",
        )
    if kind == Kind.SICK_NOTE and record.sick_from is None:
        raise RuleBroken(_("Not printed: the record holds no sick note. Please write its days."))
    if kind == Kind.REFERRAL and not (record.referral_to and record.referral_reason):
        raise RuleBroken(_("Not printed: please write where the patient is referred to, and why."))
    if not diagnoses_of(record):
        raise RuleBroken(_("Not printed: there is no diagnosis. Please add it first."))


@atomic_retry
def count_print(*, record: Consultation, kind: str, by) -> RecordPrint:
    """One more paper goes out: noted with the version it shows, and in the audit log (R-73)."""
    record = Consultation.objects.get(pk=record.pk)
    require_printable(record, kind, by=by)
    made = RecordPrint.objects.create(
        consultation=record, kind=kind, version=record.version, printed_by=by
    )
    audit.record(
        "print",
        subject=record.patient_id,
        screen=SCREENS[kind],
        target=record,
        data={"kind": kind, "copy": printed(record, kind)},
    )
    return made


def printed(record: Consultation, kind: str) -> int:
    """How many of these papers went out so far."""
    return RecordPrint.objects.filter(consultation=record, kind=kind).count()


def paper(record: Consultation, kind: str, *, is_fresh: bool) -> dict:
    """The context of a paper. `is_fresh`: its print was counted just now."""
    with translation.override(settings.LANGUAGE_CODE):
        patient, day = record.patient, timezone.localdate(record.started_at)
        standing = diagnoses_of(record)
        return {
            "record": record,
            "patient": patient,
            "age": patient.age_on(day),
            "kind_word": dict(KINDS)[kind_of(record)],
            "allergies": _allergies(record),
            "rows": rows(record, with_papers=kind != Kind.REFERRAL),
            "additions": list(record.additions.select_related("written_by")),
            "countersigned": signing.countersigned(record),
            "corrected_at": _corrected_at(record),
            "diagnoses": "；".join(diagnosis.words for diagnosis in standing),
            "is_secret": guarded.is_guarded(record, [d.code for d in standing]),
            "sick_days": reading.sick_days(record),
            "again": printed(record, kind) - is_fresh,
            "now": timezone.localtime(),
            "sheet_language": settings.LANGUAGE_CODE,
        }


def _allergies(record: Consultation) -> str:
    """Those known when the record was signed; today's while it is still being written."""
    known = versions.known_allergies(record)
    return allergy_words(record.patient) if known is None else known


def _corrected_at(record: Consultation):
    """When its author last corrected the signed record; None for an original."""
    written = list(record.versions.order_by("number").values_list("written_at", flat=True))
    return written[-1] if len(written) > 1 else None


def rows(record: Consultation, *, with_papers: bool = True) -> list[tuple[str, list[str]]]:
    """The record as label and lines, in the order of R-70. What it asks for and nobody wrote is a
    dash, so that it is seen to be missing; what is only written when needed is left out.

    `with_papers`: also what other papers say, the sick note and the referral.
    """
    ordered = desk.ordered([record]).get(record.pk, [])
    found = [
        (_("Chief complaint"), record.complaint, True),
        (_("Present illness"), record.present_illness, True),
        (_("Past history"), record.past_history, record.first_visit),
        (_("Allergies"), _allergies(record), True),
        (_("Vital signs"), reading.vitals_words(record), False),
        (_("Physical examination"), record.examination, True),
        (_("Auxiliary examinations"), record.auxiliary, True),
        (_("Diagnosis"), reading.diagnosis_words(record), True),
        (_("Prescribed"), "\n".join(ordered), False),
        (_("Treatment opinion"), record.advice, True),
    ]
    if with_papers:
        found += [
            (_("Sick note"), reading.sick_words(record), False),
            (_("Referral"), reading.joined(record.referral_to, record.referral_reason), False),
            (_("Follow-up"), reading.day_words(record.follow_up_on), False),
        ]
    return [(label, (text or "—").splitlines()) for label, text, asked in found if text or asked]
