"""One record, several processes: one text wins, one version, one countersignature; drafts stay."""

import signal

import pytest

from registration import versions
from registration.consultation import diagnoses_of
from registration.models import Clinician, Consultation
from registration.typed import draft_of
from tests.concurrency.together import Worker, run_together
from tests.factories.registration import finished_record, open_record, open_session

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "tests.concurrency.record_writers:"


def errors(function: str, jobs: list[dict]) -> list:
    return sorted(str(answer.get("error")) for answer in run_together(HERE + function, jobs))


def test_of_two_windows_at_the_same_moment_one_is_told(doctor, frontdesk):
    record = open_record(open_session(doctor), frontdesk)
    jobs = [
        {"record": str(record.pk), "by": doctor.pk, "version": record.version, "text": text}
        for text in ("第一个窗口", "第二个窗口")
    ]

    assert errors("save", jobs) == ["Conflict", "None"]
    assert Consultation.objects.get(pk=record.pk).version == record.version + 1


def test_of_two_corrections_at_the_same_moment_one_is_told(doctor, frontdesk):
    record = finished_record(open_session(doctor), frontdesk)
    jobs = [
        {"record": str(record.pk), "by": doctor.pk, "version": record.version, "text": text}
        for text in ("第一个窗口", "第二个窗口")
    ]

    assert errors("put_right", jobs) == ["Conflict", "None"]
    record = Consultation.objects.get(pk=record.pk)
    kept = list(record.versions.all())
    assert len(kept) == 2 and versions.is_genuine(record, kept, diagnoses_of(record))


def test_a_record_is_countersigned_once(doctor, other_doctor, frontdesk):
    session = open_session(doctor)
    Clinician.objects.filter(user=doctor).update(title=Clinician.Title.ASSISTANT)
    session.clinician.refresh_from_db()
    open_session(other_doctor)
    record = finished_record(session, frontdesk)
    job = {"record": str(record.pk), "by": other_doctor.pk, "version": record.version}

    assert errors("countersign", [job, job]) == ["AlreadyDone", "None"]
    assert record.countersignatures.count() == 1


def test_a_draft_outlives_the_server_that_kept_it(doctor, frontdesk):
    record = open_record(open_session(doctor), frontdesk)
    query = f"version={record.version}&complaint=咳嗽三天"

    worker = Worker(HERE + "keep_typed_and_die")
    worker.begin(record=str(record.pk), by=doctor.pk, query=query)

    assert worker.wait(60) == -signal.SIGKILL
    content, _saved_at = draft_of(Consultation.objects.get(pk=record.pk), doctor)
    assert content["texts"]["complaint"] == "咳嗽三天"
