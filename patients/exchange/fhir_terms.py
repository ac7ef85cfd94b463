"""Names under which an export says what FHIR R4 has no element for, and how they are read.

Everything of ours stands below one canonical base; it names things and is no address to be
fetched. The extensions, by where they stand:

| resource | extensions |
| --- | --- |
| Patient | sex, id-type, no-document-reason, payment, mother-id-number, unnamed, notice-given, allergy-status, allergy-confirmed-at, allergy-confirmed-by, opened-at, opened-by; `reading` in the name, `contact-relation` where there is nobody to relate to |
| AllergyIntolerance | allergy-source, severity, group-confirmed-at, group-confirmed-by, withdrawn-at, withdrawn-by |
| Condition, Procedure, FamilyMemberHistory (earlier illness, R-59) | history-kind, relative, since, recorded-at, recorded-by, withdrawn-at, withdrawn-by |
| QuestionnaireResponse (basic information, R-59) | `several` in an item that may hold several answers |
| Consent | recorded-by, withdrawn-at, withdrawn-by |
| EpisodeOfCare (long care, R-63 to R-68) | facts (JSON), opened-by, closed-by, close-reason |
| Task (one date of its plan) | step, findings and earlier (JSON), visit |

What they hold: KINDS below. Coded values have code systems below the same base, with the codes of
patients/data/codes.csv and allergy_groups.csv; numbers have naming systems there. Two numbers also
have a national name, from memory of WS/T 500: see NATIONAL.
"""  # noqa: E501 - a table

import datetime
import re
import unicodedata

from django.utils import timezone
from django.utils.dateparse import parse_datetime

BASE = "https://community-clinic.example/fhir"
# What an extension holds: FHIR's name of the type.
KINDS = {
    "sex": "Code",
    "id-type": "Code",
    "no-document-reason": "String",
    "payment": "Code",
    "mother-id-number": "String",
    "unnamed": "Boolean",
    "notice-given": "Boolean",
    "allergy-status": "Code",
    "allergy-confirmed-at": "DateTime",
    "allergy-confirmed-by": "String",
    "opened-at": "DateTime",
    "opened-by": "String",
    "reading": "String",
    "contact-relation": "String",
    "allergy-source": "Code",
    "severity": "Code",
    "group-confirmed-at": "DateTime",
    "group-confirmed-by": "String",
    "withdrawn-at": "DateTime",
    "withdrawn-by": "String",
    "history-kind": "Code",
    "relative": "Code",
    "since": "String",
    "recorded-at": "DateTime",
    "recorded-by": "String",
    "several": "Boolean",
    "facts": "String",
    "closed-by": "String",
    "close-reason": "String",
    "step": "String",
    "findings": "String",
    "earlier": "String",
    "visit": "String",
}
NATIONAL = {"id-01": "urn:oid:2.16.156.10011.1.3", "health-no": "urn:oid:2.16.156.10011.1.2"}
ABSENT = {
    "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
    "valueCode": "unknown",
}
BIRTH_TIME = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"

_DAY = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)


def url(name: str) -> str:
    return f"{BASE}/StructureDefinition/{name}"


def system(name: str) -> str:
    """The code system of one set of codes: `past_disease`, `allergy-group` …"""
    return f"{BASE}/CodeSystem/{name}"


def naming(name: str) -> str:
    """The system of a number."""
    return NATIONAL.get(name) or f"{BASE}/NamingSystem/{name}"


def extended(**values) -> dict:
    """{"extension": […]} of those that say anything; `_` in a name stands for `-`."""
    found = []
    for key, value in values.items():
        name = key.replace("_", "-")
        if value is None or value == "":
            continue
        if isinstance(value, datetime.datetime):
            value = exactly(value)
        found.append({"url": url(name), f"value{KINDS[name]}": value})
    return {"extension": found} if found else {}


def exactly(when: datetime.datetime) -> str:
    """To the microsecond, so that nothing is lost on the way."""
    return timezone.localtime(when).isoformat()


def is_day(value: str) -> bool:
    """2019, 2019-05 or 2019-05-12: as much of a date as FHIR takes as well."""
    return bool(_DAY.fullmatch(value))


# What comes from outside: whatever stands there, these give the kind that was asked for.


def part(value, *path: str) -> dict:
    """The object at the end of the path, or an empty one."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def parts(value, *path: str) -> list[dict]:
    """The objects of the list at the end of the path."""
    value = part(value, *path[:-1]).get(path[-1]) if path else value
    return [found for found in value if isinstance(found, dict)] if isinstance(value, list) else []


def words(value, longest: int = 200) -> str:
    """A text without what can't be stored, no longer than its column."""
    if not isinstance(value, str):
        return ""
    kept = "".join(c for c in value if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return kept.replace("\ufffd", "").strip()[:longest]


def told(resource: dict, name: str):
    """The value of this extension, if it is of the right kind; else None."""
    kind = KINDS[name]
    for found in parts(resource, "extension"):
        if found.get("url") == url(name):
            value = found.get(f"value{kind}")
            if kind == "Boolean":
                return value if isinstance(value, bool) else None
            if kind == "DateTime":
                return moment(value)
            return words(value, 1_000_000) or None
    return None


def moment(value) -> datetime.datetime | None:
    """A time that was written with its zone."""
    try:
        when = parse_datetime(value) if isinstance(value, str) else None
        utc = datetime.timezone.utc  # noqa: UP017 # Python 3.10 has no datetime.UTC
        return when.astimezone(utc) if when and when.tzinfo else None
    except (ValueError, OverflowError):
        return None


def day(value) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def code_of(concept: dict, code_system: str) -> str:
    """The code of this system in a CodeableConcept."""
    for coding in parts(concept, "coding"):
        if coding.get("system") == code_system:
            return words(coding.get("code"), 50)
    return ""


def concept_words(concept: dict, longest: int = 200) -> str:
    """What a person reads of a CodeableConcept: its text, or what its codes are called."""
    if text := words(concept.get("text"), longest):
        return text
    for coding in parts(concept, "coding"):
        if text := words(coding.get("display"), longest) or words(coding.get("code"), longest):
            return text
    return ""
