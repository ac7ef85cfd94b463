"""What the processes of test_same_name_together.py do. A result must be plain JSON."""

import uuid

from django.test import RequestFactory

from clinic.core.once import run_once
from registration import doctors, record_templates
from registration.models import Clinician, Department, RecordTemplate, Room
from security.models import User
from tests.concurrency.racer import change, look


def keep_template(name: str, by: int) -> str:
    """Keep a template of one's own, by a form; its name."""
    _look_before(RecordTemplate)
    texts = {"examination": "咽红"}
    return _sent(
        record_templates.keep, by, lambda made: made.name, name=name, kind="phrase", texts=texts
    )


def add_doctor(user: int, by: int) -> str:
    """Enter a doctor, by a form; the letter of the queue numbers."""
    _look_before(Clinician)
    place = {"department": Department.objects.get(), "room": Room.objects.get()}
    user = User.objects.get(pk=user)
    return _sent(
        doctors.add_doctor, by, lambda made: made.letter, user=user, title="resident", **place
    )


def _look_before(model) -> None:
    """The verb has looked; it stands still before it writes such a row."""
    save = model.save

    def slowly(row, **how):
        look()
        return save(row, **how)

    change(model, "save", slowly)


def _sent(verb, by: int, to, **arguments) -> str:
    """By a form with a token of its own; where it leads."""
    request = RequestFactory().post("/", {"once": str(uuid.uuid4())})
    request.user = User.objects.get(pk=by)
    return run_once(request, verb, to=to, **arguments)[1]
