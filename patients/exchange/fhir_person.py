"""The person in FHIR: Patient, there and back."""

import datetime

from django.utils.dateparse import parse_time

from patients.exchange.fhir_terms import (
    BIRTH_TIME,
    concept_words,
    exactly,
    extended,
    moment,
    naming,
    part,
    parts,
    system,
    told,
    words,
)
from patients.fhir_parts import TERMS
from patients.models import AllergyStatus, IdType, Patient, Payment, Sex

GENDERS = {Sex.MALE: "male", Sex.FEMALE: "female", Sex.UNKNOWN: "unknown", Sex.UNSTATED: "unknown"}
SEXES = {"male": Sex.MALE, "female": Sex.FEMALE}
PRECISIONS = {4: "year", 7: "month", 10: "day"}
LENGTHS = {precision: length for length, precision in PRECISIONS.items()}


def write(patient: Patient, home: dict) -> dict:
    """The resource; `home` is the reference to the institution that keeps the file."""
    return {
        "resourceType": "Patient",
        "id": str(patient.pk),
        "meta": {"versionId": str(patient.version), "lastUpdated": exactly(patient.updated_at)},
        **extended(
            sex=patient.sex,
            id_type=patient.id_type,
            no_document_reason=patient.no_id_reason,
            payment=patient.payment,
            mother_id_number=patient.mother_id_number,
            unnamed=patient.is_unnamed,
            notice_given=patient.notice_given,
            allergy_status=patient.allergy_status,
            allergy_confirmed_at=patient.allergy_confirmed_at,
            allergy_confirmed_by=_name(patient.allergy_confirmed_by),
            opened_at=patient.created_at,
            opened_by=_name(patient.created_by),
            contact_relation="" if _has_contact(patient) else patient.contact_relation,
        ),
        "identifier": _identifiers(patient, home),
        "active": True,
        "name": [{"use": "official", "text": patient.name, **extended(reading=patient.reading)}],
        "gender": GENDERS[Sex(patient.sex)],
        **_birth(patient),
        **({"telecom": _phone(patient.phone)} if patient.phone else {}),
        **({"address": [{"use": "home", "text": patient.address}]} if patient.address else {}),
        **_contact(patient),
        "managingOrganization": home,
    }


def _name(user) -> str:
    return user.full_name if user else ""


def _identifiers(patient: Patient, home: dict) -> list[dict]:
    found = [_identifier("record-no", patient.record_no, "MR") | {"use": "usual", "assigner": home}]
    if patient.id_number:
        kind = {"system": system("id-type"), "code": patient.id_type}
        number = {"system": naming(f"id-{patient.id_type}"), "value": patient.id_number}
        found.append({"use": "official", "type": {"coding": [kind]}, **number})
    if patient.health_no:
        found.append(_identifier("health-no", patient.health_no))
    if patient.paper_no:
        found.append(_identifier("paper-no", patient.paper_no))
    return found


def _identifier(name: str, value: str, kind: str = "") -> dict:
    coding = {"type": {"coding": [{"system": f"{TERMS}v2-0203", "code": kind}]}} if kind else {}
    return {**coding, "system": naming(name), "value": value}


def _birth(patient: Patient) -> dict:
    born = patient.birth_date.isoformat()
    found = {"birthDate": born[: LENGTHS[patient.birth_precision]]}
    if patient.birth_time:
        when = datetime.datetime.combine(patient.birth_date, patient.birth_time)
        extension = {"url": BIRTH_TIME, "valueDateTime": f"{when.isoformat()}+08:00"}
        found["_birthDate"] = {"extension": [extension]}
    return found


def _phone(number: str) -> list[dict]:
    return [{"system": "phone", "value": number}]


def _has_contact(patient: Patient) -> bool:
    return bool(patient.contact_name or patient.contact_phone)


def _contact(patient: Patient) -> dict:
    if not _has_contact(patient):
        return {}
    found = {}
    if patient.contact_relation:
        found["relationship"] = [{"text": patient.contact_relation}]
    if patient.contact_name:
        found["name"] = {"text": patient.contact_name}
    if patient.contact_phone:
        found["telecom"] = _phone(patient.contact_phone)
    return {"contact": [found]}


def read(resource: dict) -> dict:
    """What the resource says, by field of Patient; who did what by name. None: it says nothing."""
    name = next(iter(parts(resource, "name")), {})
    contact = next(iter(parts(resource, "contact")), {})
    version = words(part(resource, "meta").get("versionId"), 9)
    return {
        "version": int(version) if version.isascii() and version.isdigit() else None,
        "updated_at": moment(part(resource, "meta").get("lastUpdated")),
        "name": _human(name),
        "reading": told(name, "reading") or "",
        "sex": _sex(resource),
        **_born(resource),
        **_numbers(resource),
        "no_id_reason": (told(resource, "no-document-reason") or "")[:100],
        "phone": _number_of(resource),
        "address": _address(resource),
        "contact_name": _human(part(contact, "name")) or None,
        "contact_relation": _relation(contact) or (told(resource, "contact-relation") or "")[:20],
        "contact_phone": _number_of(contact),
        "payment": _known(told(resource, "payment"), Payment.values),
        "mother_id_number": told(resource, "mother-id-number"),
        "is_unnamed": told(resource, "unnamed") or False,
        "notice_given": told(resource, "notice-given") or False,
        "allergy_status": _known(told(resource, "allergy-status"), AllergyStatus.values),
        "allergy_confirmed_at": told(resource, "allergy-confirmed-at"),
        "allergy_confirmed_by": told(resource, "allergy-confirmed-by") or "",
        "created_at": told(resource, "opened-at"),
        "created_by": told(resource, "opened-by") or "",
    }


def _known(value, values):
    return value if value in values else None


def _human(name: dict) -> str:
    """A whole name, or family and given; Chinese ones stand together."""
    if text := words(name.get("text"), 50):
        return text
    given = name.get("given")
    several = [words(g, 50) for g in given if words(g)] if isinstance(given, list) else []
    found = [n for n in [words(name.get("family"), 50), *several] if n]
    if all(n.isascii() for n in found):
        return " ".join([*found[1:], *found[:1]])[:50]
    return "".join(found)[:50]


def _sex(resource: dict) -> str:
    """Our code where it fits the gender: of a file changed on the way, what everybody reads."""
    gender, sex = resource.get("gender"), told(resource, "sex")
    if sex in Sex.values and GENDERS[Sex(sex)] == gender:
        return sex
    return (SEXES.get(gender) if isinstance(gender, str) else None) or Sex.UNKNOWN.value


def _born(resource: dict) -> dict:
    """The date as far as it is known; the time where it stands beside the date."""
    text = words(resource.get("birthDate"), 20)
    precision = PRECISIONS.get(len(text), "day")
    try:
        born = datetime.date.fromisoformat((text + "-01-01")[:10] if len(text) < 10 else text)
    except ValueError:
        born = None
    clock = None
    for found in parts(resource, "_birthDate", "extension"):
        if found.get("url") == BIRTH_TIME:
            clock = _clock(words(found.get("valueDateTime"), 40))
    return {"birth_date": born, "birth_precision": precision, "birth_time": clock}


def _clock(text: str):
    _day, _t, rest = text.partition("T")
    try:
        return parse_time(rest[:8])
    except ValueError:
        return None


def _numbers(resource: dict) -> dict:
    """Document, health record, paper file and the other clinic's own number."""
    found = {"id_number": None, "health_no": None, "paper_no": None, "record_no": None}
    found["id_type"] = _known(told(resource, "id-type"), IdType.values)
    names = {naming("health-no"): "health_no", naming("paper-no"): "paper_no"}
    names[naming("record-no")] = "record_no"
    for identifier in parts(resource, "identifier"):
        value, of = words(identifier.get("value"), 30), identifier.get("system")
        kind = _document(identifier)
        if value and kind and found["id_number"] is None:
            found["id_type"], found["id_number"] = kind, value
        elif value and isinstance(of, str) and of in names:
            found[names[of]] = value
    return found


def _document(identifier: dict) -> str | None:
    for coding in parts(identifier, "type", "coding"):
        if coding.get("system") == system("id-type"):
            return _known(coding.get("code"), IdType.values)
    return IdType.RESIDENT.value if identifier.get("system") == naming("id-01") else None


def _number_of(resource: dict) -> str | None:
    for point in parts(resource, "telecom"):
        if point.get("system") == "phone" and words(point.get("value")):
            return words(point.get("value"), 20)
    return None


def _address(resource: dict) -> str | None:
    for address in parts(resource, "address"):
        if text := words(address.get("text")):
            return text
        lines = address.get("line") if isinstance(address.get("line"), list) else []
        several = [address.get(k) for k in ("state", "city", "district")] + lines
        if text := "".join(words(line) for line in several)[:200]:
            return text
    return None


def _relation(contact: dict) -> str:
    return next((concept_words(r, 20) for r in parts(contact, "relationship")), "")
