"""Loaded once by the process that the workers of together.py are forked from."""

import gc
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
django.setup()

from tests.concurrency import (  # noqa: E402, F401 - Django comes first
    administrators,
    buyers,
    callers,
    counters,
    librarians,
    nurses,
    paper_clerks,
    pharmacists,
    racer,
    recallers,
    registrars,
    sealers,
    second_steps,
    together,
)
from tests.security import rotating  # noqa: E402, F401

gc.freeze()  # a child's collections leave the shared pages alone
gc.set_threshold(50_000, 20, 50)  # as in conftest.py
