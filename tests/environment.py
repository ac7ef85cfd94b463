"""A throw-away installation for this run, made before Django reads its settings.

A pytest plugin of its own (`-p tests.environment` in pyproject.toml): pytest-django loads the
settings before it loads conftest.py.
"""

import os
import shutil
import tempfile
from pathlib import Path

# In memory where there is such a folder: SQLite waits for the disk at every commit otherwise.
_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
ROOT = Path(tempfile.mkdtemp(prefix="clinic-tests-", dir=_MEMORY))
os.environ["CLINIC_DATA_DIR"] = str(ROOT)
os.environ["CLINIC_SECRET_KEY"] = "only-for-tests-0123456789-0123456789-0123456789-abcd"
os.environ["CLINIC_KEYRING"] = str(ROOT / "keys" / "keyring.json")
os.environ["CLINIC_AUDIT_TRIGGERS"] = "no"  # they would refuse to empty the tables
os.environ["CLINIC_ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"


def pytest_unconfigure(config):
    shutil.rmtree(ROOT, ignore_errors=True)
