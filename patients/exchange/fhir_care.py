"""Consents and long care in FHIR, there and back: Consent, EpisodeOfCare, Task.

A consent is to the words of the institution that asked, so another one shows it and asks anew.
"""

import base64
import binascii
import json

from patients.exchange.fhir_terms import (
    BASE,
    code_of,
    day,
    exactly,
    extended,
    moment,
    part,
    parts,
    system,
    told,
    words,
)
from patients.fhir_parts import TERMS, concept, patient_of
from patients.models import CareFile, CareKind, Consent, FollowUp, Patient

State = FollowUp.State
TASKS = {
    State.PLANNED: "requested",
    State.DONE: "completed",
    State.MISSED: "failed",
    State.DROPPED: "cancelled",
}
STATES = {status: state.value for state, status in TASKS.items()}


def write(patient: Patient, home: dict) -> list[dict]:
    consents = patient.consents.select_related("text", "made_by", "withdrawn_by")
    files = patient.care_files.select_related("doctor", "opened_by", "closed_by")
    files = files.prefetch_related("follow_ups__done_by")
    found = [_consent(row, home) for row in consents.order_by("made_at", "pk")]
    for file in files:
        found.append(_episode(file, home))
        found += [_task(row, file) for row in file.follow_ups.all()]
    return found


def _consent(row: Consent, home: dict) -> dict:
    text = row.text
    status = "inactive" if row.withdrawn_at else "active" if row.agreed else "rejected"
    found = {
        "resourceType": "Consent",
        "id": str(row.pk),
        **extended(
            recorded_by=row.made_by.full_name,
            withdrawn_at=row.withdrawn_at,
            withdrawn_by=row.withdrawn_by and row.withdrawn_by.full_name,
        ),
        "status": status,
        "scope": concept(f"{TERMS}consentscope", "patient-privacy"),
        "category": [concept(system("consent-kind"), text.kind, str(text.get_kind_display()))],
        "patient": patient_of(row.patient_id),
        "dateTime": exactly(row.made_at),
        "organization": [home],
        "sourceAttachment": {
            "contentType": "text/plain",
            "title": f"{text.kind} {text.version}",
            "data": base64.b64encode(text.text.encode()).decode(),
        },
        "policy": [{"uri": f"{BASE}/consent-text/{text.kind}/{text.version}"}],
        "provision": {"type": "permit" if row.agreed else "deny"},
    }
    if row.given_by:
        found["performer"] = [{"display": row.given_by}]
    return found


def _episode(file: CareFile, home: dict) -> dict:
    period = {"start": file.opened_on.isoformat()}
    if file.closed_on:
        period["end"] = file.closed_on.isoformat()
    found = {
        "resourceType": "EpisodeOfCare",
        "id": str(file.pk),
        "meta": {"versionId": str(file.version)},
        **extended(
            facts=_json(file.facts),
            opened_by=file.opened_by.full_name,
            closed_by=file.closed_by and file.closed_by.full_name,
            close_reason=file.close_reason,
        ),
        "status": "finished" if file.closed_on else "active",
        "type": [concept(system("care-kind"), file.kind, str(CareKind(file.kind).label))],
        "patient": patient_of(file.patient_id),
        "managingOrganization": home,
        "period": period,
    }
    if file.doctor:
        found["careManager"] = {"display": file.doctor.full_name}
    return found


def _task(row: FollowUp, file: CareFile) -> dict:
    due = row.due_on.isoformat()
    found = {
        "resourceType": "Task",
        "id": str(row.pk),
        "meta": {"versionId": str(row.version)},
        **extended(
            step=row.step,
            findings=_json(row.findings),
            earlier=_json(row.earlier),
            visit=str(row.visit) if row.visit else None,
        ),
        "status": TASKS[State(row.state)],
        "intent": "plan",
        "focus": {"reference": f"EpisodeOfCare/{file.pk}"},
        "for": patient_of(file.patient_id),
        "authoredOn": exactly(row.made_at),
        "restriction": {"period": {"start": due, "end": due}},
    }
    if row.done_on:
        found["executionPeriod"] = {"start": row.done_on.isoformat()}
    if row.done_by:
        found["owner"] = {"display": row.done_by.full_name}
    return found


def _json(value) -> str | None:
    """In one line; FHIR has no element for a form of ours."""
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def read_consent(resource: dict) -> dict:
    """By field of Consent; `text` as kind, version and words."""
    kind = next((code_of(c, system("consent-kind")) for c in parts(resource, "category")), "")
    attachment = part(resource, "sourceAttachment")
    version = words(attachment.get("title"), 20).rpartition(" ")[2]
    try:
        text = base64.b64decode(words(attachment.get("data"), 100_000), validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    return {
        "id": words(resource.get("id"), 64),
        "text": (kind, int(version) if version.isascii() and version.isdigit() else 0, text),
        "agreed": part(resource, "provision").get("type") == "permit",
        "given_by": next((words(p.get("display"), 50) for p in parts(resource, "performer")), None),
        "made_at": moment(resource.get("dateTime")),
        "made_by": told(resource, "recorded-by") or "",
        "withdrawn_at": told(resource, "withdrawn-at"),
        "withdrawn_by": told(resource, "withdrawn-by") or "",
    }


def read_file(resource: dict) -> dict:
    """By field of CareFile."""
    period = part(resource, "period")
    return {
        "id": words(resource.get("id"), 64),
        "kind": next((code_of(t, system("care-kind")) for t in parts(resource, "type")), ""),
        "facts": _loaded(told(resource, "facts")),
        "doctor": words(part(resource, "careManager").get("display")),
        "version": _version(resource),
        "opened_on": day(period.get("start")),
        "opened_by": told(resource, "opened-by") or "",
        "closed_on": day(period.get("end")),
        "closed_by": told(resource, "closed-by") or "",
        "close_reason": told(resource, "close-reason"),
    }


def read_follow_up(resource: dict) -> dict:
    """By field of FollowUp; `care_file` is the other clinic's id of it."""
    status = resource.get("status")
    return {
        "id": words(resource.get("id"), 64),
        "care_file": words(part(resource, "focus").get("reference"), 100)[-36:],
        "step": told(resource, "step") or "",
        "state": STATES.get(status if isinstance(status, str) else "", State.PLANNED.value),
        "due_on": day(part(resource, "restriction", "period").get("end")),
        "done_on": day(part(resource, "executionPeriod").get("start")),
        "findings": _loaded(told(resource, "findings")),
        "earlier": _loaded(told(resource, "earlier")),
        "visit": told(resource, "visit"),
        "version": _version(resource),
        "made_at": moment(resource.get("authoredOn")),
        "done_by": words(part(resource, "owner").get("display")),
    }


def _version(resource: dict) -> int | None:
    version = words(part(resource, "meta").get("versionId"), 9)
    return int(version) if version.isascii() and version.isdigit() else None


def _loaded(text: str | None):
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return None
