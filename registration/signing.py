"""After the signature: corrections until the record is archived, then only additions (R-145);
an assistant's record is countersigned (R-3).

Nobody else changes a signed record, no administrator either; what it said first stays readable.
"""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry, lock
from registration import versions
from registration.allergies import as_signed
from registration.desk import Notice
from registration.models import (
    Clinician,
    Consultation,
    Countersignature,
    RecordAddition,
)

LONGEST_ADDITION = RecordAddition._meta.get_field("text").max_length


def close(consultation: Consultation, *, diagnoses, by) -> None:
    """The locked record is signed: until when it may be corrected is settled now (R-145)."""
    hours = setting("record.archive_hours")
    consultation.archives_at = consultation.finished_at + timedelta(hours=hours)
    consultation.countersign_in = waits_in(consultation.clinician)
    consultation.save(update_fields=["finished_at", "finished_by", "archives_at", "countersign_in"])
    versions.keep(
        consultation, diagnoses=diagnoses, by=by, allergies=as_signed(consultation.patient)
    )


def close_again(consultation: Consultation, *, diagnoses, by) -> None:
    """The same after a correction: one more version, and a doctor looks at it again."""
    consultation.countersign_in = waits_in(consultation.clinician)
    consultation.save(update_fields=["countersign_in"])
    versions.keep(consultation, diagnoses=diagnoses, by=by)


def open_again(consultation: Consultation) -> None:
    """The locked record is unsigned again; the next signature is one more version.

    Refused once it is archived or a doctor stands for it: from then on others rely on it.
    """
    if is_archived(consultation):
        raise RuleBroken(
            _("Not taken back: this record is archived. Please write an addition instead."),
            rule="R-145",
        )
    if countersigned(consultation) is not None:
        raise RuleBroken(
            _("Not taken back: this record is countersigned. Please correct it instead."),
            rule="R-3",
        )
    consultation.finished_at = consultation.finished_by = consultation.archives_at = None
    consultation.countersign_in = None
    consultation.version += 1
    consultation.save(
        update_fields=["finished_at", "finished_by", "archives_at", "countersign_in", "version"]
    )


def waits_in(clinician: Clinician):
    """The department whose doctors countersign; None for whoever signs alone (R-3)."""
    is_assistant = clinician.title == Clinician.Title.ASSISTANT
    alone = not is_assistant or setting("record.assistants_independent")
    return None if alone else clinician.department


def is_archived(consultation: Consultation) -> bool:
    """True once nothing in the record can be changed any more (R-145)."""
    ends = consultation.archives_at
    return ends is not None and ends <= timezone.now()


def correctable(consultation: Consultation, by) -> Consultation:
    """The signed record, locked; refused once it is archived, or when somebody else signed it."""
    consultation = lock(Consultation.objects.filter(pk=consultation.pk)).get()
    if consultation.clinician.user_id != by.pk:
        raise RuleBroken(_("Only the doctor of this consultation can write in it."), rule="R-71")
    if consultation.finished_at is None:
        raise RuleBroken(_("Not saved: this record is not signed yet. Please open it and write."))
    if is_archived(consultation):
        raise RuleBroken(
            _("Not saved: this record is archived. Please write an addition instead."),
            rule="R-145",
        )
    return consultation


@atomic_retry
def add_words(*, consultation: Consultation, text: str, by) -> RecordAddition:
    """Words under a signed record, which itself stays as it is."""
    consultation = lock(Consultation.objects.filter(pk=consultation.pk)).get()
    if consultation.clinician.user_id != by.pk:
        raise RuleBroken(
            _("Not added: only the doctor who signed this record adds to it."), rule="R-145"
        )
    if consultation.finished_at is None:
        raise RuleBroken(_("Not added: this record is not signed yet. Please write in it."))
    if not text.strip():
        raise RuleBroken(_("Not added: please write something first."), field="text")
    return RecordAddition.objects.create(
        consultation=consultation, text=text.strip(), written_by=by
    )


# --- countersigning -------------------------------------------------------------------------------


def _who_may(user):
    """The person as a doctor who may countersign: in work, and no assistant."""
    found = Clinician.objects.filter(user=user, active=True)
    return found.exclude(title=Clinician.Title.ASSISTANT)


def countersigner(user) -> Clinician | None:
    return _who_may(user).first()


def to_countersign(user):
    """Records of assistants that wait for this doctor's department; none for others."""
    department = _who_may(user).values("department")
    found = Consultation.objects.filter(countersign_in__in=department)
    return found.exclude(clinician__user=user)


@atomic_retry
def countersign(*, consultation: Consultation, version: int, by) -> Countersignature:
    """A doctor of the same department stands for the version that was read (R-3)."""
    consultation = lock(Consultation.objects.filter(pk=consultation.pk)).get()
    doctor = countersigner(by)
    if doctor is None or consultation.clinician.user_id == by.pk:
        raise RuleBroken(
            _("Not countersigned: only a doctor above an assistant may do that."), rule="R-3"
        )
    if consultation.countersign_in_id is None:
        raise AlreadyDone(_("Not countersigned: this was done before, or is not needed."))
    if consultation.countersign_in_id != doctor.department_id:
        raise RuleBroken(
            _("Not countersigned: that is for a doctor of the same department."), rule="R-3"
        )
    if consultation.version != version:
        raise RuleBroken(
            _("Not countersigned: the record was corrected meanwhile. Please read it again.")
        )
    consultation.countersign_in = None
    consultation.save(update_fields=["countersign_in"])
    return Countersignature.objects.create(
        consultation=consultation, version=consultation.version, signed_by=by
    )


def countersigned(consultation: Consultation) -> Countersignature | None:
    """Who stands for the record as it is now."""
    found = consultation.countersignatures.filter(version=consultation.version)
    return found.select_related("signed_by").first()


def notice(user) -> Notice | None:
    """Above a doctor's queue: so many records wait to be countersigned."""
    count = to_countersign(user).count()
    if not count:
        return None
    words = ngettext(
        "%(count)s record to countersign", "%(count)s records to countersign", count
    ) % {"count": count}
    return Notice(words, reverse("countersign_list"))


def panel(consultation: Consultation, request) -> dict:
    """Context of the panel beside a signed record: how it stands, what its author may do."""
    if consultation.finished_at is None:
        return {"is_signed": False}
    return {
        "is_signed": True,
        "is_archived": is_archived(consultation),
        "additions": list(consultation.additions.select_related("written_by")),
        "countersigned": countersigned(consultation),
    }
