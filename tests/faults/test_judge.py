"""The judge of the faults, on made-up journals: it finds what is missing, twice, or half there."""

import json
import uuid

import pytest
from django.utils import timezone

from clinic.core.models import OnceToken
from pharmacy.models import StockDocument
from prescriptions.models import Prescription
from registration.models import Registration
from tests.factories.prescriptions import approved, dispensed, tablets
from tests.factories.registration import called_visit, open_session, waiting_visit
from tests.faults import journal, proofs
from tests.faults.judge import judge

pytestmark = pytest.mark.django_db


@pytest.fixture
def noted(tmp_path):
    """`noted("register", "done", …)`: the deeds of a journal with this one in it."""
    path = tmp_path / "journal.jsonl"

    def write(verb: str, end: str, **facts) -> list[journal.Deed]:
        rows = [{"at": 1.5, "is": "begin", "n": 0, "who": "desk", "verb": verb, **facts}]
        if end != "begun":
            rows.append({**rows[0], "is": end})
        path.write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"at": 2, "is": "be')
        return journal.read(path)

    return write


@pytest.fixture
def session(doctor):
    return open_session(doctor)


@pytest.mark.parametrize(("end", "wrong"), [("done", 1), ("unknown", 0), ("begun", 0)])
def test_only_what_was_acknowledged_has_to_be_there(noted, end, wrong):
    said = judge(noted("register", end, patient=str(uuid.uuid4())))

    assert len(said) == wrong
    assert not wrong or "register 0 (done) is there 0 times" in said[0]


def test_what_is_there_once_is_right_and_twice_is_wrong(noted, session, frontdesk):
    visit = waiting_visit(session, frontdesk)
    once = judge(noted("register", "unknown", patient=str(visit.patient_id)))
    again = Registration.objects.get(pk=visit.pk)
    again.pk, again.number, again.live_key = None, "B077", None
    again.save(force_insert=True)

    twice = judge(noted("register", "unknown", patient=str(visit.patient_id)))

    assert once == []
    assert "is there 2 times" in twice[0]


def test_a_deed_that_nobody_can_judge_is_said(noted):
    assert judge(noted("dance", "done")) == ["nobody can judge dance"]


def test_what_went_out_is_counted_by_what_was_written(noted, doctor, pharmacist):
    waiting = approved(doctor, pharmacist, tablets())
    gone = dispensed(doctor, pharmacist, tablets(ingredients="对乙酰氨基酚"))

    missing = judge(noted("dispense", "done", sheet=str(waiting.pk)))

    assert judge(noted("dispense", "done", sheet=str(gone.pk))) == []
    assert "is there 0 times" in missing[0]


def test_rows_that_were_written_together_agree(session, other_doctor, frontdesk, pharmacist):
    since = timezone.now()
    called_visit(session, frontdesk)
    dispensed(other_doctor, pharmacist, tablets())

    assert proofs.of_the_rows(since) == []


def test_what_is_half_there_is_found(session, doctor, frontdesk, pharmacist):
    since = timezone.now()
    visit = waiting_visit(session, frontdesk)
    sheet = approved(doctor, pharmacist, tablets())
    Registration.objects.filter(pk=visit.pk).update(called_times=1)
    Prescription.objects.filter(pk=sheet.pk).update(state="dispensed")
    sheet.items.update(dispensed=3)
    OnceToken.objects.create(token=visit.pk, user=frontdesk)
    paper = StockDocument(number="RK1", kind="receipt", made_by=pharmacist)
    paper.posted_at, paper.posted_by = since, pharmacist
    StockDocument.objects.bulk_create([paper])

    said = proofs.of_the_rows(since)

    found = (
        "was taken, but leads nowhere",
        "its last event says",
        "with the patient, 0 handed out",
    )
    found += ("posted without a line", "no call is noted", "the audit log does not say so")
    assert [sum(words in one for one in said) for words in found] == [1] * len(found), said
