"""The processes of test_dispense_killed.py: they hand out and are killed at a given statement."""

import os
import signal
import sys
from contextlib import suppress
from uuid import UUID

from django.db import connection

from clinic.core.errors import Busy
from prescriptions import dispensing
from prescriptions.models import Prescription
from security.models import User
from tests.concurrency.mortals import deadly


def die_at(sheet: str, by: int, part: dict[str, int]) -> None:
    """For each number on a line: hand out and die before that statement; "killed" or "done"."""
    parts = {UUID(item): units for item, units in part.items()}
    for line in sys.stdin:
        connection.close()
        child = os.fork()
        if child == 0:
            with suppress(Busy), connection.execute_wrapper(deadly(int(line))):
                prescription = Prescription.objects.get(pk=sheet)
                person = User.objects.get(pk=by)
                dispensing.dispense(prescription=prescription, parts=parts, by=person)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print("killed" if status == -signal.SIGKILL else "done", flush=True)
