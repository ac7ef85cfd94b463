"""What all apps' parts of an export in FHIR R4 are made of. Plain dicts, as JSON has them."""

import datetime
import uuid
from decimal import Decimal
from fractions import Fraction

from django.utils import timezone

TERMS = "http://terminology.hl7.org/CodeSystem/"
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10"


def concept(system: str, code: str, display: str = "") -> dict:
    """A CodeableConcept of one code."""
    coding = {"system": system, "code": code}
    return {"coding": [{**coding, "display": display} if display else coding]}


def restricted(is_secret: bool) -> dict:
    """What a resource of a guarded record carries (R-140)."""
    if not is_secret:
        return {}
    return {"meta": {"security": [{"system": f"{TERMS}v3-Confidentiality", "code": "R"}]}}


def patient_of(pk: uuid.UUID) -> dict:
    """The reference to the patient."""
    return {"reference": f"Patient/{pk}"}


def own_id(pk: uuid.UUID, what: str) -> str:
    """The same in every export: whoever takes it in twice has it once."""
    return str(uuid.uuid5(pk, what))


def time_of(when: datetime.datetime) -> str:
    return timezone.localtime(when).isoformat(timespec="seconds")


def number(value: str | int | Decimal | Fraction) -> int | float:
    """As JSON writes it; only here, on the way out, a decimal becomes a float."""
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else float(exact)
