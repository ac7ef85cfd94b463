"""A line about somebody who is on file: what is empty there is filled, nothing is overwritten."""

from django.utils.translation import gettext as _

from clinic.core.tables.kinds import Row, Status
from patients import services
from patients.allergies import note_unasked
from patients.exchange.lines import Line
from patients.models import AllergyStatus, IdType, Patient

ALONE = ("phone", "address", "health_no", "paper_no", "reading", "mother_id_number")
CONTACT = ("contact_name", "contact_relation", "contact_phone")


def fill(row: Row, line: Line, patient: Patient, *, by) -> None:
    """Set the row's status; write only when there is somebody (`by`) who does it."""
    wanted = row.options.get("same") == "fill"
    facts = _facts(line, patient)
    allergies = line.allergies.status != AllergyStatus.NOT_ASKED
    unasked = patient.allergy_status == AllergyStatus.NOT_ASKED
    if line.allergies.status == AllergyStatus.HAS and not (wanted and unasked):
        row.words.append(_("Its allergies are not taken over: please compare them in the file."))
    if not wanted or not (facts or allergies and unasked):
        row.status = Status.UNCHANGED
        return
    row.status = Status.CHANGED
    if facts:
        row.words.append(_("Filled in: %(fields)s.") % {"fields": _labels(facts)})
    if by is not None:
        _write(row, line, patient, facts, take_allergies=allergies and unasked, by=by)


def _facts(line: Line, patient: Patient) -> dict:
    person = line.person
    facts = {name: person[name] for name in ALONE if _is_gap(person, patient, name)}
    if not any(getattr(patient, name) for name in CONTACT):
        facts |= {name: person[name] for name in CONTACT if person[name]}
    if patient.id_type == IdType.NONE and person["id_number"]:
        facts |= {"id_type": person["id_type"], "id_number": person["id_number"]}
        facts |= {"no_id_reason": ""}
    return facts


def _is_gap(person: dict, patient: Patient, name: str) -> bool:
    return bool(person[name]) and not getattr(patient, name)


def _labels(facts: dict) -> str:
    shown = [name for name in facts if name not in ("id_type", "no_id_reason")]
    return "、".join(str(Patient._meta.get_field(name).verbose_name) for name in shown)


def _write(row: Row, line: Line, patient: Patient, facts: dict, *, take_allergies, by) -> None:
    before = {name: getattr(patient, name) for name in facts}
    if facts:
        patient = services.correct(patient=patient, by=by, version=patient.version, **facts)
    row.undo |= {"version": patient.version, "before": before}
    if not take_allergies:
        return
    if line.allergies.status == AllergyStatus.DENIED:
        patient = services.set_allergy_status(
            patient=patient, status=AllergyStatus.DENIED.value, by=by
        )
    for entry in line.allergy_rows():
        patient = services.add_allergy(patient=patient, by=by, **entry).patient
    note_unasked(patient)
    row.undo["allergies"] = True
