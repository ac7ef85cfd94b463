"""Rotation in real processes: killed at any moment, beside people who save, beside old workers."""

import signal
import subprocess
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection

from clinic.core import drafts
from patients.models import Patient
from security import crypto, keyring
from tests.concurrency.together import run_together, start
from tests.factories.patients import PatientFactory
from tests.security.rotating import contents, left

pytestmark = pytest.mark.django_db(transaction=True)
MOMENTS = (0.0, 0.04, 0.08, 0.12, 0.2, 0.25, 0.3, 0.35)  # from adding the key to the rows


@pytest.fixture
def clinic(own_ring, doctor):
    PatientFactory.create_batch(60, created_by=doctor)
    for n in range(20):
        drafts.save_draft(form=f"form{n}", content={"text": f"咳嗽{n}"}, by=doctor)
    return doctor


def start_rotation():
    """A process that has loaded everything and rotates as soon as it is told to."""
    connection.close()
    return start("tests.security.rotating:rotate", stderr=subprocess.DEVNULL, bufsize=1)


def test_killed_at_any_moment_the_rotation_goes_on_and_loses_nothing(clinic):
    before = contents()
    half_done = 0

    for moment in MOMENTS:
        process = start_rotation()
        process.stdin.write('{"purpose": "data", "slowly": true}\n')
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        keyring.take_up_changes()
        assert contents() == before
        half_done += left("data") > 0 and len(keyring.ring().keys("data")) > 1
        if left("data") == 0:  # a further run would rightly begin a new rotation
            break

    assert half_done >= 2  # else no kill met a rotation at work, and the moments above are wrong
    call_command("rotate_keys", purpose="data", resume=True)
    call_command("verify_encryption")
    assert left("data") == 0
    assert contents() == before
    assert [key.id for key in keyring.ring().keys("data")] == [1, 2]


def test_people_who_save_while_keys_are_rotated_lose_nothing(clinic):
    chosen = [str(pk) for pk in Patient.objects.order_by("record_no").values_list("pk", flat=True)]
    halves = [chosen[:30], chosen[30:]]
    calls = [{"patients": half, "mark": n * 1_000_000} for n, half in enumerate(halves)]

    with ThreadPoolExecutor(1) as pool:
        editors = pool.submit(run_together, "tests.security.rotating:edit", calls)
        process = start_rotation()
        answers_of_rotation = process.communicate('{"purpose": "data"}\n')[0]
        answers = editors.result()

    assert '"done"' in answers_of_rotation
    for answer in answers:
        for pk, phone in answer["result"].items():
            assert Patient.objects.get(pk=pk).phone == phone
    keyring.take_up_changes()
    call_command("rotate_keys", purpose="data", resume=True)
    call_command("verify_encryption")
    assert left("data") == 0


def test_a_process_that_was_running_before_reads_and_writes_with_the_new_key_at_once(
    clinic, tmp_path
):
    row, waiting, tell = str(uuid.uuid4()), tmp_path / "envelope", tmp_path / "started"
    call = {"context": "test.blob", "row": row, "envelope": str(waiting), "tell": str(tell)}

    with ThreadPoolExecutor(1) as pool:
        worker = pool.submit(run_together, "tests.security.rotating:open_sealed", [call])
        while not tell.exists() and not worker.done():
            time.sleep(0.02)
        call_command("rotate_keys", purpose="data")
        part = tmp_path / "part"
        part.write_bytes(crypto.seal_blob("test.blob", row, b"new"))
        part.rename(waiting)
        answer = worker.result()

    assert answer == [{"result": {"before": 1, "opened": "new", "after": 2}}]
