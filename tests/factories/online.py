"""Strangers who book online, by verb and by page."""

import datetime
import re
from itertools import count

from django.urls import reverse
from django.utils import timezone

from patients.models import IdType
from registration import challenge, online
from registration.models import Booking, Session
from registration.online import Person
from tests.factories.patients import id_number
from tests.factories.registration import open_session

TOMORROW = timezone.localdate() + datetime.timedelta(days=1)
EIGHT, NINE = datetime.time(8), datetime.time(9)
SOMEWHERE = "198.51.100.7"
_serial = count()


def online_session(doctor, **fields) -> Session:
    """Tomorrow from eight to ten: four places, all for online, in two slots."""
    hours = {"date": TOMORROW, "starts": EIGHT, "ends": datetime.time(10), "slot_minutes": 60}
    return open_session(doctor, **{**hours, "quota": 4, "online_quota": 4, **fields})


def somebody_online(**fields) -> Person:
    """A person whom nobody here has seen."""
    n = next(_serial)
    number = id_number(datetime.date(1985, 5, 5), n % 400, area=320583 + n // 400)
    known = {"name": "钱多多", "id_type": IdType.RESIDENT.value, "id_number": number}
    return Person(**{**known, "phone": f"139{n:08d}", **fields})


def book(session: Session, person: Person | None = None, **fields) -> Booking:
    """One booking by a form of its own, from an address of its own."""
    nonce = challenge.ask().nonce
    usual = {"slot": EIGHT, "nonce": nonce, "address": f"203.0.113.{next(_serial) % 250}"}
    return online.book(session=session, person=person or somebody_online(), **{**usual, **fields})


def filled(page: str, person: Person, *, time: str = "08:00", **fields) -> dict:
    """What somebody sends who fills this page in and answers its question."""
    token = re.search(r'name="question" value="([^"]+)"', page)[1]
    asked = challenge.read(token)
    return {"question": token, "answer": str(asked.result), "time": time, **vars(person), **fields}


def book_by_page(client, session: Session, person: Person, **fields):
    """The answer to a form that was opened, filled in and sent."""
    url = reverse("booking_person", args=[session.pk])
    page = client.get(f"{url}?time=08:00").content.decode()
    return client.post(url, filled(page, person, **fields))


def code_on(page: str) -> str:
    return re.search(r'class="code">([^<]+)<', page)[1].replace(" ", "")
