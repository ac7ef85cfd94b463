"""No sealed value of an installation lies in the clear, in whatever spelling.

Run inside an installation's settings. A sample of what is sealed is opened and looked for in every
row, in the database's own files, logs, backups and everything kept beside. What our own lists and
the dictionary of diagnoses hold tells nothing of a patient, and is left out; a patient's name,
which is plain by decision, must be found.
"""

import random
import subprocess
from pathlib import Path

from django.apps import apps

from patients.models import Patient
from security.fields import encrypted_fields
from security.fields.types import EncryptedTextField
from tests.security import markers

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLE = 300
SHORTEST = 5  # a shorter one may be found by chance
DICTIONARIES = ("registration_icd10code", "pharmacy_drug", "patients_patient")


def run(seed: int) -> str:
    """What was looked for, in one line; raises AssertionError with the places of what was found."""
    sealed = _sealed()
    told = _told()
    secret = sorted(value for value in sealed if value.encode() not in told)
    sample = random.Random(seed).sample(secret, min(SAMPLE, len(secret)))  # noqa: S311
    assert len(sample) > SAMPLE / 3, f"only {len(sample)} sealed values: has anybody worked here?"
    content = _everything()
    found = [
        (value, where)
        for value in sample
        for spelling in markers.spellings(value)
        for where, held in content.items()
        if spelling in held
    ]
    assert not found, f"in the clear: {found[:20]}"
    name = Patient.objects.first().name.encode()
    assert any(name in held for held in content.values()), "the search itself finds nothing"
    size = sum(len(held) for held in content.values()) / 1e6
    return f"{len(sample)} of {len(secret)} sealed values in {size:.0f} MB: none in the clear"


def _sealed() -> set[str]:
    values = set()
    for model in apps.get_models():
        names = [f.name for f in encrypted_fields(model) if isinstance(f, EncryptedTextField)]
        for row in model._default_manager.all() if names else ():
            values |= {str(getattr(row, name) or "").strip() for name in names}
    return {value for value in values if len(value) >= SHORTEST}


def _told() -> bytes:
    """What stands in our own lists, as one text."""
    kept = [value for table, value in markers.cells() if table in DICTIONARIES]
    listed = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, check=True)
    paths = (CHECKOUT / name for name in listed.stdout.decode().splitlines())
    return b"\n".join([*kept, *(path.read_bytes() for path in paths if path.is_file())])


def _everything() -> dict[str, bytes]:
    tables: dict[str, list[bytes]] = {}
    for table, value in markers.cells():
        tables.setdefault(table, []).extend(markers.unpacked(value))
    rows = {table: b"\n".join(values) for table, values in tables.items()}
    return {**rows, **markers.kept_files()}
