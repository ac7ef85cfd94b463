"""The basic information form (R-59) and earlier illness in FHIR, there and back.

The form is a QuestionnaireResponse. A disease or an injury is a Condition of the problem list, an
operation or a transfusion a Procedure, what the family has a FamilyMemberHistory.
"""

import json

from patients import codes
from patients.exchange.fhir_terms import (
    ABSENT,
    BASE,
    code_of,
    concept_words,
    day,
    exactly,
    extended,
    is_day,
    moment,
    part,
    parts,
    system,
    told,
    words,
)
from patients.fhir_parts import TERMS, concept, patient_of
from patients.models import Basics, History, Patient

Kind, State = History.Kind, History.State
FORM = f"{BASE}/Questionnaire/basic-information"
ANSWERS = "answers."  # before the name of a set of codes
RELATIVES = {"father": "FTH", "mother": "MTH", "sibling": "SIB", "child": "CHILD"}
# What other systems write for the same.
KIN = {code: relative for relative, code in RELATIVES.items()}
KIN |= dict.fromkeys(["NFTH"], "father") | dict.fromkeys(["NMTH"], "mother")
KIN |= dict.fromkeys(["BRO", "SIS", "NBRO", "NSIS", "NSIB"], "sibling")
KIN |= dict.fromkeys(["SON", "DAU", "SONC", "DAUC", "NCHILD"], "child")


def write(patient: Patient) -> list[dict]:
    basics = Basics.objects.filter(patient=patient).select_related("written_by").first()
    rows = patient.histories.select_related("recorded_by", "withdrawn_by")
    found = [_form(basics)] if basics else []
    return found + [_history(row) for row in rows.order_by("recorded_at", "pk")]


def _form(basics: Basics) -> dict:
    items = [_answers(name, value) for name, value in sorted(basics.answers.items())]
    plain = {
        "workplace": ("valueString", basics.workplace),
        "genetic": ("valueString", basics.genetic),
        "histories": ("valueString", basics.histories),
        "asked-on": ("valueDate", basics.asked_on and basics.asked_on.isoformat()),
    }
    for link, (kind, value) in plain.items():
        if value:
            items.append({"linkId": link, "answer": [{kind: value}]})
    return {
        "resourceType": "QuestionnaireResponse",
        "id": str(basics.pk),
        "meta": {"versionId": str(basics.version)},
        "questionnaire": FORM,
        "status": "completed",
        "subject": patient_of(basics.patient_id),
        "authored": exactly(basics.written_at),
        "author": {"display": basics.written_by.full_name},
        "item": items,
    }


def _answers(name: str, value) -> dict:
    several = isinstance(value, list)
    said = [one for one in (value if several else [value]) if one not in ("", None)]
    answers = [_answer(name, one) for one in said]
    return {
        "linkId": ANSWERS + name,
        **(extended(several=True) if several else {}),
        **({"answer": answers} if answers else {}),
    }


def _answer(name: str, value) -> dict:
    if not isinstance(value, str):
        return {"valueString": json.dumps(value, ensure_ascii=False)}
    display = _meaning(name, value)
    if not display:
        return {"valueString": value}
    return {"valueCoding": {"system": system(name), "code": value, "display": display}}


def _meaning(code_set: str, code: str) -> str:
    """What a code means; blank where it is none."""
    try:
        return codes.chinese(code_set, code) if codes.known(code_set, code) else ""
    except KeyError:
        return ""


def _history(row: History) -> dict:
    if row.kind == Kind.FAMILY:
        return _family(row)
    made = _procedure if row.kind in (Kind.SURGERY, Kind.TRANSFUSION) else _condition
    return made(row)


def _common(kind: str, row: History, **more) -> dict:
    return {
        "resourceType": kind,
        "id": str(row.pk),
        **extended(
            history_kind=row.kind,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by.full_name,
            withdrawn_at=row.withdrawn_at,
            withdrawn_by=row.withdrawn_by and row.withdrawn_by.full_name,
            **more,
        ),
    }


def _code(row: History) -> dict:
    """As a CodeableConcept; what was written is its text, not what the code is called."""
    code_set = "family_disease" if row.kind == Kind.FAMILY else "past_disease"
    found = {}
    if row.code:
        found = concept(system(code_set), row.code, _meaning(code_set, row.code))
    if row.text:
        found["text"] = row.text
    return found or {"extension": [ABSENT]}


def _when(row: History, element: str) -> dict:
    if not row.since:
        return {}
    return {f"{element}{'DateTime' if is_day(row.since) else 'String'}": row.since}


def _condition(row: History) -> dict:
    is_wrong = row.state == State.WITHDRAWN
    verified = "entered-in-error" if is_wrong else "confirmed"
    return {
        **_common("Condition", row),
        # The one has no clinical status (con-5).
        **({} if is_wrong else {"clinicalStatus": concept(f"{TERMS}condition-clinical", "active")}),
        "verificationStatus": concept(f"{TERMS}condition-ver-status", verified),
        "category": [concept(f"{TERMS}condition-category", "problem-list-item")],
        "code": _code(row),
        "subject": patient_of(row.patient_id),
        **_when(row, "onset"),
        "recordedDate": exactly(row.recorded_at),
        "recorder": {"display": row.recorded_by.full_name},
    }


def _procedure(row: History) -> dict:
    return {
        **_common("Procedure", row),
        "status": "entered-in-error" if row.state == State.WITHDRAWN else "completed",
        "code": _code(row),
        "subject": patient_of(row.patient_id),
        **_when(row, "performed"),
    }


def _family(row: History) -> dict:
    relative = RELATIVES.get(row.relative)
    kin = concept(f"{TERMS}v3-RoleCode", relative) if relative else {"text": row.relative or "—"}
    condition = {"code": _code(row)}
    if row.since:
        condition["onsetString"] = row.since
    return {
        **_common("FamilyMemberHistory", row, relative=row.relative),
        "status": "entered-in-error" if row.state == State.WITHDRAWN else "completed",
        "patient": patient_of(row.patient_id),
        "date": exactly(row.recorded_at),
        "relationship": kin,
        "condition": [condition],
    }


def read_form(resource: dict) -> dict:
    """By field of Basics."""
    found = {"answers": {}, "workplace": None, "genetic": None, "histories": "not_asked"}
    found["asked_on"] = None
    for item in parts(resource, "item"):
        link = words(item.get("linkId"), 60)
        values = [_value(answer) for answer in parts(item, "answer")]
        values = [value for value in values if value]
        if link.startswith(ANSWERS):
            value = values if told(item, "several") else next(iter(values), None)
            if value is not None:
                found["answers"][link.removeprefix(ANSWERS)] = value
        elif values and link in ("workplace", "genetic"):
            found[link] = values[0][:100]
        elif values and link == "histories" and values[0] in Basics.Histories.values:
            found["histories"] = values[0]
        elif values and link == "asked-on":
            found["asked_on"] = day(values[0])
    version = words(part(resource, "meta").get("versionId"), 9)
    return found | {
        "id": words(resource.get("id"), 64),
        "version": int(version) if version.isascii() and version.isdigit() else None,
        "written_at": moment(resource.get("authored")),
        "written_by": words(part(resource, "author").get("display")),
    }


def _value(answer: dict) -> str:
    coding = part(answer, "valueCoding")
    return words(coding.get("code"), 50) or words(
        answer.get("valueString") or answer.get("valueDate")
    )


def is_form(resource: dict) -> bool:
    return resource.get("questionnaire") == FORM


def is_history(resource: dict) -> bool:
    """A Condition of the problem list; a diagnosis of a visit stays with the visit."""
    if resource.get("resourceType") != "Condition":
        return True
    category = f"{TERMS}condition-category"
    return any(code_of(c, category) == "problem-list-item" for c in parts(resource, "category"))


def read(resource: dict) -> list[dict]:
    """By field of History; what the family has may be several in one resource."""
    if resource.get("resourceType") == "FamilyMemberHistory":
        return [_read_family(resource, condition) for condition in parts(resource, "condition")]
    is_procedure = resource.get("resourceType") == "Procedure"
    kind = told(resource, "history-kind")
    usual = Kind.SURGERY if is_procedure else Kind.DISEASE
    status = resource.get("status") if is_procedure else _verified(resource)
    element = "performed" if is_procedure else "onset"
    since = words(resource.get(f"{element}DateTime"), 10)
    return [
        _read(resource, part(resource, "code"), status)
        | {
            "kind": kind if kind in Kind.values and kind != Kind.FAMILY else usual.value,
            "relative": "",
            "since": since or words(resource.get(f"{element}String"), 10),
        }
    ]


def _verified(resource: dict) -> str:
    return code_of(part(resource, "verificationStatus"), f"{TERMS}condition-ver-status")


def _read_family(resource: dict, condition: dict) -> dict:
    relationship = part(resource, "relationship")
    kin = KIN.get(code_of(relationship, f"{TERMS}v3-RoleCode"))
    found = _read(resource, part(condition, "code"), resource.get("status"))
    if not told(resource, "relative") and not kin:
        kin_words = concept_words(relationship, 50)
        found["text"] = "：".join(filter(None, [kin_words, found["text"]]))[:200]
    since = words(condition.get("onsetString"), 10) or words(condition.get("onsetDateTime"), 10)
    relative = (told(resource, "relative") or kin or "")[:10]
    return found | {"kind": Kind.FAMILY.value, "relative": relative, "since": since}


def _read(resource: dict, code: dict, status) -> dict:
    ours = code_of(code, system("past_disease")) or code_of(code, system("family_disease"))
    is_wrong = status in ("entered-in-error", "refuted", "not-done")
    return {
        "id": words(resource.get("id"), 64),
        "code": ours[:20],
        "text": words(code.get("text")) if ours else concept_words(code),
        "state": (State.WITHDRAWN if is_wrong else State.ACTIVE).value,
        "recorded_at": told(resource, "recorded-at") or moment(resource.get("recordedDate")),
        "recorded_by": told(resource, "recorded-by") or "",
        "withdrawn_at": told(resource, "withdrawn-at"),
        "withdrawn_by": told(resource, "withdrawn-by") or "",
    }
