"""Writers and sealers at the same time, and sealers killed in the middle: the log stays whole."""

import time

import pytest
from django.db import connection

from security import audit, checkpoints, seals
from security.models import AuditEntry, AuditSeal, AuditSealed
from security.verify import Verification
from tests.concurrency.together import end, run_together, start, tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_checkpoints(tmp_path, settings, monkeypatch):
    settings.CLINIC_CHECKPOINT_DIR = str(tmp_path / "checkpoints")
    monkeypatch.setenv("CLINIC_CHECKPOINT_DIR", settings.CLINIC_CHECKPOINT_DIR)


def is_whole() -> bool:
    return list(Verification(checkpoints=checkpoints.read()).faults()) == []


def test_what_several_write_while_two_seal_is_sealed_once_and_whole(transactional_db):
    before = AuditEntry.objects.count()
    calls = [{"entries": 60}] * 3
    answers = run_together("tests.concurrency.sealers:both", [*calls, {"times": 8}, {"times": 8}])

    seals.seal_all()

    assert [answer.get("error") for answer in answers] == [None] * 5
    assert AuditEntry.objects.count() == before + 180
    assert AuditSealed.objects.count() == before + 180
    assert is_whole()


def test_a_sealer_killed_again_and_again_leaves_whole_seals(transactional_db):
    for number in range(60):
        audit.record("print", data={"number": number})
    connection.close()

    for milliseconds in (5, 20, 60):
        _kill_a_sealer_after(milliseconds / 1000)

    assert is_whole()
    seals.seal_all()
    assert is_whole()
    numbers = list(AuditSeal.objects.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def _kill_a_sealer_after(seconds: float) -> None:
    worker = start("tests.concurrency.sealers:seal_until_all")
    try:
        tell(worker, {"entries": 60})
        time.sleep(seconds)
    finally:
        end(worker)
