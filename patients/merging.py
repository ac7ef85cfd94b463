"""Two files of one person become one, and two again when that was an error (R-81).

The merged file keeps its number and what stood in it; its rows lie in the kept file from then on.
What was moved and taken over is written down, so that only that goes back.

Lock order: both files by their ids, then what the handlers of each floor move.
"""

from collections.abc import Collection

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry, lock
from patients import merging_rows, records
from patients.models import AllergyStatus, IdType, Merge, NotTheSame, Patient
from patients.reading import search_keys
from security import audit

# What a file may take over from the other one; what belongs together goes together.
TAKEN = {
    "name": ("name", "reading", "is_unnamed"),
    "sex": ("sex",),
    "birth_date": ("birth_date", "birth_precision", "birth_time"),
    "id_number": ("id_number", "id_type", "no_id_reason"),
    "phone": ("phone",),
    "contact_name": ("contact_name", "contact_relation", "contact_phone"),
    "address": ("address",),
    "payment": ("payment",),
    "health_no": ("health_no",),
    "paper_no": ("paper_no",),
    "mother_id_number": ("mother_id_number",),
}
UNIQUE = ("id_number", "health_no")  # leave the merged file, or the database refuses them
ANSWER = ("allergy_status", "allergy_confirmed_at", "allergy_confirmed_by_id")


@atomic_retry
def merge(*, kept: Patient, merged: Patient, reason: str, by, take: Collection[str] = ()) -> Merge:
    """`merged` goes into `kept`, with everything that hangs on it; fields named in `take` are taken
    over, and so is every other one that is empty in the kept file."""
    if kept.pk == merged.pk:
        raise RuleBroken(_("This is the same file. Please choose another one."), field="other")
    if not reason.strip():
        raise RuleBroken(_("Please say why these are the same person."), field="reason")
    kept, merged = _both(kept, merged)
    for one in (kept, merged):
        if one.state != Patient.State.ACTIVE:
            raise RuleBroken(_not_active(one), field="other", rule="R-81")
    before = {"kept": _values(kept), "merged": _values(merged)}
    taken = _take_over(kept, merged, take)
    moved = {name: move(kept=kept, merged=merged, by=by) for name, move in _handlers().items()}
    _settle_answer(kept, merged)
    _close(merged, into=kept)
    _save(kept)
    told = {"before": before, "taken": taken, "rows": moved, "led": _lead_on(merged, kept)}
    made = Merge.objects.create(kept=kept, merged=merged, reason=reason, moved=told, made_by=by)
    audit.record("patient_merged", subject=merged.pk, target=merged, data={"kept": kept.record_no})
    return made


@atomic_retry
def undo(*, merge: Merge, by) -> Merge:
    """Two files again: what came with the merge goes back, what came since stays where it is."""
    stored = lock(Merge.objects.filter(pk=merge.pk)).get()
    if stored.undone_at is not None:
        raise RuleBroken(_("This merge was already undone. Nothing was changed."))
    kept, merged = _both(stored.kept, stored.merged)
    if kept.state != Patient.State.ACTIVE:
        raise RuleBroken(
            _("File %(number)s was merged into another one since. Please undo that first.")
            % {"number": kept.record_no},
            rule="R-81",
        )
    told = stored.moved
    for name, move in _handlers().items():
        if name in told["rows"]:
            move(kept=merged, merged=kept, by=by, only=told["rows"][name])
    _pass_on(stored)
    _give_back(kept, merged, told)
    for one in lock(Patient.objects.filter(pk__in=told["led"], merged_into=kept)):
        _lead(one, merged)
    stored.undone_at, stored.undone_by = timezone.now(), by
    stored.save(update_fields=["undone_at", "undone_by"])
    audit.record("merge_undone", subject=merged.pk, target=merged, data={"kept": kept.record_no})
    return stored


@atomic_retry
def judge_different(*, one: Patient, other: Patient, by) -> NotTheSame:
    """Two people after all: the pair is not listed again."""
    first, second = sorted((one.pk, other.pk))
    row, _made = NotTheSame.objects.get_or_create(
        first_id=first, second_id=second, defaults={"made_by": by}
    )
    return row


def differences(kept: Patient, merged: Patient) -> list[str]:
    """What of TAKEN says something else in the two files; what is empty is filled silently."""
    return [
        name
        for name in TAKEN
        if _says(kept, name) and _says(merged, name) and _parts(kept, name) != _parts(merged, name)
    ]


def _parts(one: Patient, name: str) -> list:
    return [getattr(one, field) or None for field in TAKEN[name]]


def _says(one: Patient, name: str) -> bool:
    """A contact's phone alone is a contact as well."""
    return bool(getattr(one, name) or (name == "contact_name" and one.contact_phone))


def _handlers() -> dict:
    """By the name under which what they moved is kept."""
    return {move.__module__: move for move in (merging_rows.move, *records.merge_handlers())}


def _both(kept: Patient, merged: Patient) -> tuple[Patient, Patient]:
    pair = Patient.objects.filter(pk__in=[kept.pk, merged.pk]).order_by("pk")
    found = {row.pk: row for row in lock(pair)}
    return found[kept.pk], found[merged.pk]


def _not_active(one: Patient) -> str:
    return _("File %(number)s was merged already. Please use the file it was merged into.") % {
        "number": one.record_no
    }


def _names() -> list[str]:
    return [*(field for fields in TAKEN.values() for field in fields), *ANSWER]


def _values(one: Patient) -> dict:
    return {name: _plain(getattr(one, name)) for name in _names()}


def _plain(value):
    """As JSON has it."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _take_over(kept: Patient, merged: Patient, chosen: Collection[str]) -> dict:
    """{field: the value that the kept file got}."""
    unknown = set(chosen) - set(TAKEN)
    if unknown:
        raise TypeError(f"Files don't take over {', '.join(sorted(unknown))}.")
    differing, taken = differences(kept, merged), {}
    for name, fields in TAKEN.items():
        if name in chosen and name in differing or _says(merged, name) and not _says(kept, name):
            for field in fields:
                setattr(kept, field, getattr(merged, field))
                taken[field] = _plain(getattr(kept, field))
    return taken


def _settle_answer(kept: Patient, merged: Patient) -> None:
    """An allergy known in one file is known in both; else whoever was asked last (R-44).

    That the other file's patient denied any confirms none: then the patient is asked again.
    """
    knew = [one for one in (kept, merged) if one.allergy_status == AllergyStatus.HAS]
    if merging_rows.has_allergies(kept):
        kept.allergy_status = AllergyStatus.HAS
    elif kept.allergy_status == AllergyStatus.HAS:  # what was in it went back
        kept.allergy_status = AllergyStatus.NOT_ASKED
    elif kept.allergy_status == AllergyStatus.NOT_ASKED:
        kept.allergy_status = merged.allergy_status
    told = knew if kept.allergy_status == AllergyStatus.HAS else (kept, merged)
    answers = [one for one in told if one.allergy_confirmed_at]
    if kept.allergy_status == AllergyStatus.NOT_ASKED or not answers:
        kept.allergy_confirmed_at = kept.allergy_confirmed_by = None
    else:
        last = max(answers, key=lambda one: one.allergy_confirmed_at)
        kept.allergy_confirmed_at = last.allergy_confirmed_at
        kept.allergy_confirmed_by = last.allergy_confirmed_by


def _close(merged: Patient, into: Patient) -> None:
    """Its unique numbers go with it, or stay unsaid: no two files carry one number."""
    for name in UNIQUE:
        setattr(merged, name, None)
    merged.id_type = IdType.NONE
    merged.state, merged.merged_into = Patient.State.MERGED, into
    _save(merged)


def _lead_on(merged: Patient, kept: Patient) -> list[str]:
    """Files that were merged into this one before lead to the kept one from now on."""
    return [_lead(one, kept) for one in lock(Patient.objects.filter(merged_into=merged))]


def _lead(one: Patient, to: Patient) -> str:
    one.merged_into = to
    one.save(update_fields=["merged_into"])
    return str(one.pk)


def _give_back(kept: Patient, merged: Patient, told: dict) -> None:
    """The merged file says what it said; the kept one too, where nobody has corrected it since."""
    for name, value in told["taken"].items():
        if _plain(getattr(kept, name)) == value:
            setattr(kept, name, _read(name, told["before"]["kept"][name]))
    for name, value in told["before"]["merged"].items():
        setattr(merged, name, _read(name, value))
    _check_numbers(kept, merged)
    if not merging_rows.has_allergies(kept) and not _changed_since(kept, told):
        for name in ANSWER:
            setattr(kept, name, _read(name, told["before"]["kept"][name]))
    _settle_answer(kept, kept)
    merged.state, merged.merged_into = Patient.State.ACTIVE, None
    _save(kept)
    _save(merged)


def _check_numbers(kept: Patient, merged: Patient) -> None:
    """A number that goes back is nobody else's by now."""
    for name in UNIQUE:
        if getattr(kept, name) and getattr(kept, name) == getattr(merged, name):
            raise _taken(kept)
        for value in filter(None, (getattr(kept, name), getattr(merged, name))):
            others = Patient.objects.find(**{name: value})
            other = others.exclude(pk__in=[kept.pk, merged.pk]).first()
            if other is not None:
                raise _taken(other)


def _taken(by: Patient) -> RuleBroken:
    text = _(
        "Not undone: file %(number)s carries the number of the other one. Please correct it first."
    )
    return RuleBroken(text % {"number": by.record_no}, rule="R-81")


def _pass_on(undone: Merge) -> None:
    """What this merge had brought is no longer what the kept file goes back to when a later one is
    undone, but what stood there before."""
    told = undone.moved
    later = Merge.objects.filter(kept=undone.kept_id, undone_at=None, made_at__gt=undone.made_at)
    for one in lock(later.order_by("made_at")):
        moved, before = one.moved, one.moved["before"]["kept"]
        stale = {name for name, value in told["taken"].items() if before[name] == value}
        before |= {name: told["before"]["kept"][name] for name in stale}
        if stale:
            one.moved = moved
            one.save(update_fields=["moved"])


def _changed_since(kept: Patient, told: dict) -> bool:
    """Somebody asked for allergies after the merge."""
    asked = kept.allergy_confirmed_at
    known = [told["before"][one]["allergy_confirmed_at"] for one in ("kept", "merged")]
    return asked is not None and _plain(asked) not in known


def _read(name: str, value):
    field = Patient._meta.get_field(name.removesuffix("_id"))
    return value if name.endswith("_id") else field.to_python(value)


def _save(patient: Patient) -> None:
    for name, value in search_keys(patient.name, patient.reading).items():
        setattr(patient, name, value)
    patient.version += 1
    patient.save()
