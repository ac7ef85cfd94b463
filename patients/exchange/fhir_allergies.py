"""Allergies in FHIR: AllergyIntolerance, there and back.

That a patient denies allergies is said as everybody says it, by "no known allergy" of SNOMED CT.
"""

from patients.exchange.fhir_terms import (
    ABSENT,
    code_of,
    concept_words,
    exactly,
    extended,
    is_day,
    moment,
    parts,
    system,
    told,
    words,
)
from patients.fhir_parts import TERMS, concept, own_id, patient_of
from patients.models import Allergy, AllergyStatus, Patient

SNOMED, NONE_KNOWN = "http://snomed.info/sct", "716186003"
State = Allergy.State


def write(patient: Patient) -> list[dict]:
    """All of them; those entered in error say so."""
    people = ("recorded_by", "withdrawn_by", "group_confirmed_by")
    rows = patient.allergies.select_related(*people).order_by("recorded_at", "pk")
    found = [_resource(row) for row in rows]
    if patient.allergy_status == AllergyStatus.DENIED:
        found.append(_none_known(patient))
    return found


def _none_known(patient: Patient) -> dict:
    found = {
        "resourceType": "AllergyIntolerance",
        "id": own_id(patient.pk, "no known allergy"),
        "clinicalStatus": concept(f"{TERMS}allergyintolerance-clinical", "active"),
        "verificationStatus": concept(f"{TERMS}allergyintolerance-verification", "confirmed"),
        "code": concept(SNOMED, NONE_KNOWN, "No known allergy"),
        "patient": patient_of(patient.pk),
    }
    if patient.allergy_confirmed_at:
        found["recordedDate"] = exactly(patient.allergy_confirmed_at)
    return found


def _resource(row: Allergy) -> dict:
    verified = "confirmed" if row.group_confirmed_at else "unconfirmed"
    found = {
        "resourceType": "AllergyIntolerance",
        "id": str(row.pk),
        **extended(
            allergy_source=row.source,
            severity=row.severity,
            group_confirmed_at=row.group_confirmed_at,
            group_confirmed_by=row.group_confirmed_by and row.group_confirmed_by.full_name,
            withdrawn_at=row.withdrawn_at,
            withdrawn_by=row.withdrawn_by and row.withdrawn_by.full_name,
        ),
    }
    if row.state == State.ACTIVE:  # the other has no clinical status (ait-2)
        found["clinicalStatus"] = concept(f"{TERMS}allergyintolerance-clinical", "active")
    else:
        verified = "entered-in-error"
    found |= {
        "verificationStatus": concept(f"{TERMS}allergyintolerance-verification", verified),
        "type": "allergy",
        "category": ["medication"],
        "criticality": "high" if row.severity == Allergy.Severity.SEVERE else "unable-to-assess",
        "code": {**_group(row), "text": row.substance},
        "patient": patient_of(row.patient_id),
        "recordedDate": exactly(row.recorded_at),
        "recorder": {"display": row.recorded_by.full_name},
        "reaction": [{"manifestation": [_manifestation(row)]}],
    }
    if row.severity != Allergy.Severity.UNKNOWN:  # FHIR leaves it out where nobody knows
        found["reaction"][0]["severity"] = row.severity
    if row.since and is_day(row.since):
        found["onsetDateTime"] = row.since
    elif row.since:
        found["onsetString"] = row.since
    return found


def _group(row: Allergy) -> dict:
    return concept(system("allergy-group"), row.group_code) if row.group_code else {}


def _manifestation(row: Allergy) -> dict:
    return {"text": row.reaction} if row.reaction else {"extension": [ABSENT]}


def read(resources: list[dict]) -> list[dict]:
    """By field of Allergy; `id` is the other clinic's. "No known allergy" is none of them."""
    return [_read(resource) for resource in resources if not _says_none(resource)]


def says_none(resources: list[dict]) -> bool:
    """True when the other clinic was told that there are no allergies."""
    return any(_says_none(resource) for resource in resources)


def _says_none(resource: dict) -> bool:
    return code_of(_part(resource, "code"), SNOMED) == NONE_KNOWN


def _part(resource: dict, key: str) -> dict:
    value = resource.get(key)
    return value if isinstance(value, dict) else {}


def _read(resource: dict) -> dict:
    code = _part(resource, "code")
    error = code_of(
        _part(resource, "verificationStatus"), f"{TERMS}allergyintolerance-verification"
    )
    return {
        "id": words(resource.get("id"), 64),
        "group_code": code_of(code, system("allergy-group"))[:20],
        "substance": concept_words(code, 100),
        "reaction": _reaction(resource),
        "severity": _severity(resource),
        "source": told(resource, "allergy-source"),
        "since": words(resource.get("onsetDateTime"), 10) or words(resource.get("onsetString"), 10),
        "group_confirmed_at": told(resource, "group-confirmed-at"),
        "group_confirmed_by": told(resource, "group-confirmed-by") or "",
        "state": (State.WITHDRAWN if error == "entered-in-error" else State.ACTIVE).value,
        "recorded_at": moment(resource.get("recordedDate")),
        "recorded_by": words(_part(resource, "recorder").get("display")),
        "withdrawn_at": told(resource, "withdrawn-at"),
        "withdrawn_by": told(resource, "withdrawn-by") or "",
    }


def _reaction(resource: dict) -> str:
    several = [
        concept_words(manifestation)
        for reaction in parts(resource, "reaction")
        for manifestation in parts(reaction, "manifestation")
    ]
    return "，".join(dict.fromkeys(filter(None, several)))[:200]


def _severity(resource: dict) -> str:
    """The worst that is told; blank when nobody said."""
    order = [Allergy.Severity.UNKNOWN.value, *dict(Allergy.KNOWN)]
    several = [told(resource, "severity")]
    several += [reaction.get("severity") for reaction in parts(resource, "reaction")]
    known = [severity for severity in several if severity in order]
    if not known and resource.get("criticality") == "high":
        return Allergy.Severity.SEVERE.value
    return max(known, key=order.index, default="")
