"""What the processes of test_record_written_once do."""

import os
import signal

from django.http import QueryDict

from registration import signing, typed
from registration.consultation import save_record
from registration.correcting import correct
from registration.models import Consultation
from security.audit import acting_as
from security.models import User


def _asked(record: str, by: int) -> tuple[Consultation, User]:
    return Consultation.objects.get(pk=record), User.objects.get(pk=by)


def save(record: str, by: int, version: int, text: str) -> None:
    found, user = _asked(record, by)
    save_record(consultation=found, version=version, by=user, complaint=text)


def put_right(record: str, by: int, version: int, text: str) -> None:
    found, user = _asked(record, by)
    correct(consultation=found, version=version, by=user, complaint=text)


def countersign(record: str, by: int, version: int) -> None:
    found, user = _asked(record, by)
    signing.countersign(consultation=found, version=version, by=user)


def keep_typed_and_die(record: str, by: int, query: str) -> None:
    """The draft is kept, and in the same moment the server's process is gone."""
    found, user = _asked(record, by)
    with acting_as(user, screen="consultation"):
        typed.keep_typed(found, QueryDict(query), by=user)
    os.kill(os.getpid(), signal.SIGKILL)
