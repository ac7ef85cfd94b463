"""What the processes of test_settings_together.py do. A result must be plain JSON."""

import uuid
from datetime import date

from django.test import RequestFactory

from clinic.core import settings_change
from clinic.core.models import GuideStep, Setting
from clinic.core.once import run_once
from clinic.guide import verbs as guide
from registration import planning
from registration.models import Holiday
from security.models import User
from security.new_people import add_person
from tests.concurrency.racer import change, look


def set_value(key: str, value: str, by: int) -> str:
    return _sent(settings_change.change, Setting, by, key=key, value=value)


def tick(code: str, state: str, by: int) -> str:
    return _sent(guide.mark, GuideStep, by, code=code, state=state)


def close_day(day: str, name: str, by: int) -> str:
    facts = {"date": date.fromisoformat(day), "name": name, "as_weekday": None}
    return _sent(planning.set_holiday, Holiday, by, **facts)


def enter_person(username: str, full_name: str, by: int) -> str:
    facts = {"username": username, "full_name": full_name, "roles": {"nurse"}}
    return _sent(add_person, User, by, **facts)


def _sent(verb, model, by: int, **facts) -> str:
    """By a form with a token of its own; it has looked, and stands still before it writes."""
    save = model.save

    def slowly(row, *places, **how):
        look()
        return save(row, *places, **how)

    change(model, "save", slowly)
    request = RequestFactory().post("/", {"once": str(uuid.uuid4())})
    request.user = User.objects.get(pk=by)
    return run_once(request, verb, to=lambda made: "done", **facts)[1]
