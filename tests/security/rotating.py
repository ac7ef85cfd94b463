"""What the processes of the rotation's tests do, and the small clinic they do it in."""

import hashlib
import json
import sys
import time
from pathlib import Path

from django.core.management import call_command

from clinic.core import drafts, files
from clinic.core.models import Draft, StoredFile
from patients.models import Patient
from security import crypto, key_state, keyring, rotation
from security.places import base
from tests.concurrency.racer import change

FIELDS = ("id_number", "phone", "address", "contact_name", "contact_phone")
LOOK = 0.05


def hurry() -> None:
    """Processes look at the key ring more often, so that no test waits for seconds."""
    change(keyring, "LOOK_SECONDS", LOOK)
    change(rotation, "GRACE_SECONDS", 2 * LOOK)


def contents() -> dict:
    """Everything sealed in the small clinic, opened."""
    found = {
        str(patient.pk): [getattr(patient, name) for name in FIELDS]
        for patient in Patient.objects.order_by("pk")
    }
    for draft in Draft.objects.order_by("form"):
        found[draft.form] = json.loads(
            crypto.open_blob(drafts.CONTEXT, draft.id, bytes(draft.content))
        )
    for file in StoredFile.objects.all():
        found[str(file.pk)] = hashlib.sha256(files.read(file)).hexdigest()
    return found


def left(purpose: str, key_id: int = 1) -> int:
    """How many things still name the old key."""
    return key_state.counts("default").get((purpose, key_id), 0)


def edit(patients: list[str], mark: int) -> dict:
    """Change these patients again and again while keys are rotated; what was saved last."""
    hurry()
    saved = {}
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        for pk in patients:
            patient = Patient.objects.get(pk=pk)
            mark += 1
            patient.phone = f"139{mark:08d}"
            patient.save(update_fields=["phone"])
            saved[pk] = patient.phone
    return saved


def rotate(purpose: str, slowly: bool = False) -> str:
    """The command; slowly means row by row with a rest in between, so that a kill meets it."""
    hurry()
    if slowly:
        swap = base.TablePlace._swap
        change(base, "PIECE_SECONDS", 0)
        change(base.TablePlace, "_swap", lambda *args: (time.sleep(0.01), swap(*args))[1])
    call_command("rotate_keys", purpose=purpose, batch=7, stdout=sys.stderr)
    return "done"


def open_sealed(context: str, row: str, envelope: str, tell: str) -> dict:
    """Load the ring, say so by making the file `tell`, then open and seal after it is exchanged."""
    hurry()
    before = crypto.active_key_id()
    Path(tell).touch()
    until = time.monotonic() + 20
    while not Path(envelope).exists() and time.monotonic() < until:
        time.sleep(0.02)
    opened = crypto.open_blob(context, row, Path(envelope).read_bytes())
    return {"before": before, "opened": opened.decode(), "after": crypto.active_key_id()}
