"""Whether a Bundle is FHIR R4, asked of two judges, each of which misses something.

The JSON schema knows names, types, patterns and the values of required bindings, but not that an
element has to be there. The R4B models know which elements have to be there and that a choice is
made once, but take any word for a code. Neither looks where a reference leads: `dangling` does.
"""

import gzip
import json
from functools import cache
from pathlib import Path

import fastjsonschema
from fhir.resources.R4B import get_fhir_model_class

SCHEMA = Path(__file__).parent / "data" / "fhir" / "fhir.schema.r4.json.gz"
KINDS = {
    "Bundle", "Patient", "Organization", "AllergyIntolerance", "Condition", "Procedure", "Consent",
    "FamilyMemberHistory", "EpisodeOfCare", "Task", "QuestionnaireResponse", "Encounter",
    "Observation", "MedicationRequest", "MedicationDispense", "Medication", "Appointment",
}  # fmt: skip


@cache
def _schema():
    """One judge for all kinds we write: {kind: [resources]}. What stands inside of a Bundle or
    another resource is asked about by itself, as the whole list of kinds takes minutes."""
    whole = json.loads(gzip.decompress(SCHEMA.read_bytes()))
    definitions, needed, todo = whole["definitions"], {}, sorted(KINDS)
    definitions["ResourceList"] = {}
    while todo:
        name = todo.pop()
        if name not in needed:
            needed[name] = definitions[name]
            todo += _leads_to(definitions[name])
    kinds = {k: {"type": "array", "items": {"$ref": f"#/definitions/{k}"}} for k in KINDS}
    return fastjsonschema.compile(
        {
            "$schema": whole["$schema"],
            "definitions": needed,
            "type": "object",
            "properties": kinds,
            "additionalProperties": False,
        }
    )


def _leads_to(value) -> list[str]:
    if isinstance(value, list):
        return [name for one in value for name in _leads_to(one)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"].rpartition("/")[2]] if "$ref" in value else []
    return own + [name for one in value.values() for name in _leads_to(one)]


def resources(bundle: dict) -> list[dict]:
    """All in it, those that others contain as well."""
    found = [entry["resource"] for entry in bundle["entry"]]
    return found + [inner for one in found for inner in one.get("contained", [])]


def check_schema(bundle: dict) -> None:
    """Raises where the R4 JSON schema says no."""
    by_kind = {"Bundle": [bundle]}
    for resource in resources(bundle):
        by_kind.setdefault(resource["resourceType"], []).append(resource)
    _schema()(by_kind)


def check_models(bundle: dict) -> None:
    """Raises where the models of R4B say no."""
    get_fhir_model_class("Bundle").model_validate(bundle)


def dangling(bundle: dict) -> list[str]:
    """References that lead to nothing in it."""
    names = {entry["fullUrl"] for entry in bundle["entry"]}
    return [found for found in _references(bundle) if found not in names and found[0] != "#"]


def _references(value) -> list[str]:
    if isinstance(value, list):
        return [found for one in value for found in _references(one)]
    if not isinstance(value, dict):
        return []
    own = [value["reference"]] if isinstance(value.get("reference"), str) else []
    return own + [found for one in value.values() for found in _references(one)]
