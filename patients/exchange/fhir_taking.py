"""What another institution's file says is taken into ours, and taken back.

Allergies are added to those on file, not yet confirmed: the doctor asks the patient (R-44). Earlier
illness is added in the same way; where the other clinic was told "none" and nobody asked here, it
stays "not asked". Of the person only what was chosen replaces what stands here. Visits, drugs,
consents and plans of care are the other clinic's and stay in its document.

Lock order: the row, then the patient and what hangs on it.
"""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from patients import basics, basics_rules, rules, withdrawing
from patients.allergies import NO_ALLERGY_WORDS, withdraw_allergy, write_allergies
from patients.allergy_groups import UNKNOWN
from patients.basics_rules import Entry
from patients.exchange.fhir_in import GROUPS, check_may, locked, opened, person_of
from patients.exchange.fhir_parcel import Parcel
from patients.in_force import held
from patients.models import Allergy, AllergyGroup, AllergyStatus, History, Patient, Received
from patients.services import correct, register
from patients.since import tidy_since
from security import audit
from security.permissions import P

State = Received.State
FORM = ("answers", "workplace", "genetic")


@atomic_retry
def take_in(
    *,
    received: Received,
    by,
    person: dict | None = None,
    seen: Collection = (),
    version: int | None = None,
    groups: Collection[str] = (),
    severities: dict[int, str] | None = None,
    with_basics: bool = False,
) -> Received:
    """Write it into the chosen file, or into a new one made of `person`.

    `groups`: of GROUPS, what the file that came is right about; `version` is the one of our file
    that was compared. `severities`: of allergies that don't say how bad it was. `with_basics`:
    the basic information as well. `seen`: similar files that are other people's (R-81).
    """
    check_may(by)
    row = locked(received, State.NEW)
    parcel = opened(row)
    done = {"fields": {}, "left": []}
    if row.is_new:
        row.patient = register(by=by, not_a_duplicate=list(seen) or False, **(person or {}))
    elif row.patient is None:
        raise RuleBroken(_("Please choose first to which file it belongs."))
    else:
        row.patient = held(row.patient_id)
        row.patient = _correct(row, parcel, version, groups, done, by)
    done["allergies"] = _add_allergies(row.patient, parcel, severities or {}, by)
    # What stands on a form already is changed by whoever may write it; a new file has none.
    with_basics = with_basics and (row.is_new or by.has_perm(P.WRITE_BASICS))
    done |= _add_basics(row.patient, parcel, with_basics, done["left"], by)
    done["version"] = row.patient.version
    row.state, row.done, row.taken_at = State.TAKEN, done, timezone.now()
    row.save()
    audit.record("file_taken_in", subject=row.patient_id, target=row, data=_numbers(done))
    return row


def _numbers(done: dict) -> dict:
    return {name: len(done.get(name, ())) for name in ("fields", "allergies", "histories", "left")}


def _correct(row: Received, parcel: Parcel, version, groups, done: dict, by) -> Patient:
    """What was chosen, by the same verb and under the same rules as a correction by hand."""
    patient, theirs = row.patient, person_of(parcel)
    names = [name for group in groups if group in GROUPS for name in GROUPS[group][1]]
    wanted = {name: theirs[name] for name in names if name in rules.FIELDS}
    if not wanted:
        return patient
    before = {name: getattr(patient, name) for name in wanted}
    saved = correct(patient=patient, by=by, version=version, reason=_reason(row), **_filled(wanted))
    for name, old in before.items():
        if getattr(saved, name) != old:
            done["fields"][name] = [_kept(old), _kept(getattr(saved, name))]
    return saved


def _filled(wanted: dict) -> dict:
    return {name: "" if value is None else value for name, value in wanted.items()} | {
        name: None for name in ("birth_date", "birth_time") if name in wanted and not wanted[name]
    }


def _kept(value):
    return value.isoformat() if hasattr(value, "isoformat") else value


def _reason(row: Received) -> str:
    return _("File of %(sender)s") % {"sender": row.sender or _("another institution")}


def new_allergies(patient: Patient | None, parcel: Parcel) -> list[tuple[int, dict]]:
    """(number, allergy) of those in force that our file doesn't have yet."""
    known = set()
    if patient is not None:
        rows = Allergy.objects.filter(patient=patient, state=Allergy.State.ACTIVE)
        known = {rules.tidy_name(row.substance).casefold() for row in rows}
    found = []
    for number, said in enumerate(parcel.allergies):
        word = rules.tidy_name(said["substance"]).casefold()
        if said["state"] != Allergy.State.ACTIVE or not word or word in NO_ALLERGY_WORDS:
            continue
        if word not in known:
            known.add(word)
            found.append((number, said))
    return found


def _add_allergies(patient: Patient, parcel: Parcel, severities: dict, by) -> list[str]:
    new = new_allergies(patient, parcel)
    if not new:
        return []
    stored = held(patient.pk)
    groups = set(AllergyGroup.objects.values_list("code", flat=True)) | {UNKNOWN}
    rows = []
    for number, said in new:
        rows += write_allergies(
            stored,
            substance=said["substance"],
            severity=said["severity"] or severities.get(number) or Allergy.Severity.UNKNOWN,
            group_code=said["group_code"] if said["group_code"] in groups else "",
            reaction=said["reaction"],
            source=Allergy.Source.PAPERS,
            since=_since(said["since"], stored),
            by=by,
        )
    for row in rows:
        # Whoever takes a file in has not looked whether the group is the right one.
        row.group_confirmed_at = row.group_confirmed_by = None
        row.save(update_fields=["group_confirmed_at", "group_confirmed_by"])
    # Nobody has asked the patient here.
    stored.allergy_status = AllergyStatus.HAS
    stored.allergy_confirmed_at = stored.allergy_confirmed_by = None
    stored.save(
        update_fields=[
            "allergy_status", "allergy_confirmed_at", "allergy_confirmed_by", "updated_at",
        ]
    )  # fmt: skip
    return [str(row.pk) for row in rows]


def new_histories(patient: Patient | None, parcel: Parcel) -> list[dict]:
    """Those in force that our file doesn't have yet."""
    known = set()
    if patient is not None:
        known = {_key(vars(row)) for row in basics.histories_of(patient)}
    found = []
    for said in parcel.histories:
        if said["state"] == History.State.ACTIVE and _key(said) not in known:
            known.add(_key(said))
            found.append(said)
    return found


def _key(values: dict) -> tuple:
    return tuple(values[name] for name in ("kind", "code", "text", "relative", "since"))


def _since(text: str, patient: Patient) -> str:
    """A date that our file can hold; the document keeps the other ones."""
    try:
        return tidy_since(text, field="since", patient=patient, today=timezone.localdate())
    except RuleBroken:
        return ""


def _add_basics(patient: Patient, parcel: Parcel, with_form: bool, left: list, by) -> dict:
    """Earlier illness and, where it was asked for, the form: one correction of our own.

    What our form can't hold stays in the document, and the result says so.
    """
    stored, entries = basics.basics_of(patient), _good_entries(patient, parcel, left)
    form = parcel.form if with_form else None
    before = {name: getattr(stored, name) or ("" if name != "answers" else {}) for name in FORM}
    rows = basics.histories_of(patient)
    known = {str(row.pk) for row in rows}
    entries_now = [basics_rules.entry_of(row) for row in rows]
    for said in [form, None] if form else [None]:
        if not (entries or said):
            break
        try:
            with transaction.atomic():
                saved = basics.write_basics(
                    patient=patient,
                    by=by,
                    version=stored.version,
                    entries=entries_now + entries,
                    **_answers(stored, said, entries),
                )
        except TypeError:
            left.append(_("Basic information: it holds questions that our form doesn't have."))
            continue
        except RuleBroken as error:
            left.append(_("Basic information: %(why)s") % {"why": error.message})
            continue
        new = {str(row.pk) for row in basics.histories_of(patient)} - known
        after = {name: getattr(saved, name) or "" for name in FORM}
        return {"histories": sorted(new), "form": [before, after] if said else []}
    return {"histories": [], "form": []}


def _good_entries(patient: Patient, parcel: Parcel, left: list) -> list[Entry]:
    found, today = [], timezone.localdate()
    known = [basics_rules.entry_of(row) for row in basics.histories_of(patient)]
    for said in new_histories(patient, parcel):
        entry = Entry(said["kind"], said["code"], said["text"], said["relative"], said["since"])
        settled, problems = basics_rules.settle_entries([entry], patient=patient, today=today)
        if problems:
            left.append(f"{said['text'] or said['code']}：{problems[0].message}")
        elif not basics_rules.is_there(settled[0], known):
            found += settled
    return found


def _answers(stored, form: dict | None, entries: list[Entry]) -> dict:
    """Of which histories there is nothing was asked here; what came may say otherwise now."""
    parts = {entry.part for entry in entries}
    none = [part for part in stored.answers.get("none", []) if part not in parts]
    told = stored.answers if form is None else form["answers"]
    answers = {name: value for name, value in told.items() if name != "none"}
    found = {"answers": answers | ({"none": none} if none else {})}
    if form is not None:
        found |= {"workplace": form["workplace"] or "", "genetic": form["genetic"] or ""}
    return found


@atomic_retry
def take_back(*, received: Received, by) -> Received:
    """As it was before: what came is withdrawn or set back, what was changed since stays.

    A file that was opened for it goes out of use, unless somebody has used it.
    """
    check_may(by)
    row = locked(received, State.TAKEN)
    patient, done, stays = row.patient, row.done, []
    if patient.state != Patient.State.ACTIVE:
        raise RuleBroken(_("The file was merged into another one. Please undo that first."))
    if row.is_new and _file_back(row, by):
        return _noted_back(row, stays, by)
    for allergy in Allergy.objects.filter(pk__in=done["allergies"], state=Allergy.State.ACTIVE):
        withdraw_allergy(allergy=allergy, by=by)
    for history in History.objects.filter(pk__in=done["histories"], state=History.State.ACTIVE):
        basics.withdraw_history(history=history, by=by)
    _form_back(patient, done.get("form"), stays, by)
    _fields_back(row, stays, by)
    return _noted_back(row, stays, by)


def _file_back(row: Received, by) -> bool:
    """A file that was opened for it and that nobody has used since goes out of use."""
    used = withdrawing.used_among([row.patient], but=row)
    try:
        withdrawing.withdraw(
            patient=row.patient, version=row.done["version"], by=by, is_used=bool(used)
        )
    except RuleBroken:
        return False
    return True


def _noted_back(row: Received, stays: list[str], by) -> Received:
    row.done = row.done | {"stays": stays}
    row.state, row.back_at, row.back_by = State.BACK, timezone.now(), by
    row.save()
    audit.record("file_taken_back", subject=row.patient_id, target=row)
    return row


def _form_back(patient: Patient, form: list | None, stays: list[str], by) -> None:
    if not form:
        return
    stored, (before, after) = basics.basics_of(patient), form
    if {name: getattr(stored, name) or "" for name in FORM} != after:
        stays.append(_("Basic information: it was changed since, so it stays."))
        return
    try:
        basics.write_basics(patient=patient, by=by, version=stored.version, **before)
    except RuleBroken as error:
        stays.append(_("Basic information: %(why)s") % {"why": error.message})


def _fields_back(row: Received, stays: list[str], by) -> None:
    patient = Patient.objects.get(pk=row.patient_id)
    back = {}
    for name, (before, after) in row.done["fields"].items():
        if _kept(getattr(patient, name)) == after:
            back[name] = Patient._meta.get_field(name).to_python(before)
        else:
            stays.append(str(Patient._meta.get_field(name).verbose_name))
    if not back:
        return
    words = _("Taken back: %(what)s") % {"what": _reason(row)}
    try:
        correct(patient=patient, by=by, version=patient.version, reason=words, **_filled(back))
    except RuleBroken as error:
        stays.append(error.message)
