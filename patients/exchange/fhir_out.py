"""One patient's whole file as a Bundle of FHIR R4.

A collection, not a document: nobody composes and attests it, it is what stands in the file. All
references lead to something inside it, by urn:uuid, as other systems resolve them. What is guarded
says that it is restricted and goes only to whom it may be shown here (R-140); corrections, merges
and judgements about duplicates are this house's book-keeping, hold other people's numbers at times,
and stay here.
"""

import json
import uuid

from django.utils import timezone

from clinic.core.models import Institution
from clinic.core.practice import labelled
from patients import records
from patients.exchange import fhir_allergies, fhir_care, fhir_histories, fhir_person, marks
from patients.exchange.fhir_terms import exactly, naming, parts
from patients.fhir_parts import restricted
from patients.models import Export, Patient

MEDIA_TYPE = "application/fhir+json"


def content(export: Export) -> tuple[bytes, int]:
    """The file, and how many resources are in it."""
    made = bundle(export.patient, by=export.made_by)
    made = labelled(made)
    made["identifier"] = {"system": naming("export"), "value": marks.number(export)}
    return json.dumps(made, ensure_ascii=False, indent=1).encode(), len(made["entry"])


def bundle(patient: Patient, *, by) -> dict:
    """Everything of this patient that `by` may see."""
    resources = [*own(patient), *from_above(patient, by)]
    return {
        "resourceType": "Bundle",
        "id": str(uuid.uuid4()),
        **restricted(any(is_restricted(resource) for resource in resources)),
        "type": "collection",
        "timestamp": exactly(timezone.now()),
        "entry": _entries(resources),
    }


def own(patient: Patient) -> list[dict]:
    """What this floor holds; a fixed number of queries."""
    institution = _institution()
    home = {
        "reference": f"Organization/{institution['id']}",
        "display": institution["name"],
    }
    return [
        institution,
        fhir_person.write(patient, home),
        *fhir_allergies.write(patient),
        *fhir_histories.write(patient),
        *fhir_care.write(patient, home),
    ]


def from_above(patient: Patient, by) -> list[dict]:
    """Visits, diagnoses, drugs: what higher floors add."""
    return [made for add in records.fhir_contributors() for made in add(patient, by=by)]


def left_out(patient: Patient, *, by) -> int:
    """How many visits are guarded and not `by`'s to see; the page says so, and how to get them."""
    visits = [r for r in from_above(patient, None) if r["resourceType"] == "Encounter"]
    shown = {r["id"] for r in from_above(patient, by)}
    return sum(visit["id"] not in shown for visit in visits)


def is_restricted(resource: dict) -> bool:
    return any(label.get("code") in ("R", "V") for label in parts(resource, "meta", "security"))


def _institution() -> dict:
    row = Institution.objects.first() or Institution(name="—")
    number = {"system": naming("institution"), "value": row.code}
    found = {
        "resourceType": "Organization",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{naming('institution')}/{row.code}/{row.name}")),
        **({"identifier": [number]} if row.code else {}),
        "active": True,
        "name": row.name,
    }
    if row.phone:
        found["telecom"] = [{"system": "phone", "value": row.phone}]
    if row.address:
        found["address"] = [{"text": row.address}]
    return found


def _entries(resources: list[dict]) -> list[dict]:
    names = {f"{r['resourceType']}/{r['id']}": f"urn:uuid:{r['id']}" for r in resources}
    return [
        {"fullUrl": f"urn:uuid:{resource['id']}", "resource": labelled(_linked(resource, names))}
        for resource in resources
    ]


def _linked(value, names: dict[str, str]):
    """The same with each reference as the entry it leads to is named."""
    if isinstance(value, list):
        return [_linked(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: _linked(one, names) for key, one in value.items()}
    if isinstance(found.get("reference"), str):
        found["reference"] = names.get(found["reference"], found["reference"])
    return found
