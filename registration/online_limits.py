"""How often somebody may try and book online: by address, by document number, by code.

Counted in the database beside the wrong tries of the sign-in; a row names a keyed digest, never
what was typed.
"""

import datetime
import ipaddress

from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.site import setting
from registration.models import Booking, Session
from registration.states import BookingState
from security import audit, crypto, throttles
from security.normalise import normalise_id_number
from security.throttles import Counter

# In an hour; then closed for half an hour. Many phones share one address of a mobile network.
TRIES_OF_ADDRESS = 40
WRONG_OF_ADDRESS = 20
TRIES_OF_PERSON = 10
WRONG_OF_CODE = 10
MISSED, MISSED_DAYS = 3, 90


def digest(id_number: str) -> str:
    """What stands for a document number in keys and counts."""
    return crypto.lasting_digest("booking.identity", normalise_id_number(id_number))


def of_person(id_number: str) -> Counter:
    return Counter(limit=TRIES_OF_PERSON, account=f"#p{digest(id_number)[:32]}")


def count_try(address: str, id_number: str) -> None:
    """One more try to book; refused when there were too many."""
    check_address(address)
    person = of_person(id_number)
    closed = throttles.is_one_closed(person)
    _count("address", _of_address(address))
    _count("person", person)
    if closed:
        raise not_this_person()


def check_address(address: str) -> None:
    """Refused while too much came from there, right or wrong."""
    if any(throttles.is_one_closed(one) for one in (_of_address(address), _wrong_of(address))):
        raise RuleBroken(
            _(
                "Nothing was done: too many tries came from this connection. Please wait half an "
                "hour, or telephone."
            )
        )


def count_wrong_answer(address: str) -> None:
    _count("address", _wrong_of(address))


def check_code(address: str, code: str) -> None:
    """Refused alike whether or not there is such a code."""
    check_address(address)
    if throttles.is_one_closed(_of_code(code)):
        raise RuleBroken(
            _("Not shown: too many wrong tries. Please wait half an hour, or telephone."),
            field="code",
        )


def count_wrong_code(address: str, code: str) -> None:
    _count("address", _wrong_of(address))
    _count("code", _of_code(code))


def spend(nonce: str) -> bool:
    """True the first time: each question is good for one try to book."""
    return throttles.first_time(f"#q{nonce}")


def check_person(id_number: str, session: Session, besides: Booking | None = None) -> None:
    """One booking of a session, few of a day (R-102), none after too many missed ones (R-103).

    Kept and missed bookings count like open ones: otherwise this would tell who was here.
    """
    others = Booking.objects.exclude(state=BookingState.CANCELLED)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    same_day = list(others.filter(session__date=session.date).find(id_number=id_number))
    holds_one = any(one.session_id == session.pk for one in same_day)
    if holds_one or len(same_day) >= setting("booking.per_day") or _missed_too_often(id_number):
        raise not_this_person()


def not_this_person() -> RuleBroken:
    """The same words for every reason that lies in the document number."""
    return RuleBroken(
        _(
            "Not booked: no further booking can be taken online for this document number now. "
            "Please come to the front desk or telephone. If you booked already, your code shows "
            "that booking."
        ),
        rule="R-102",
    )


def same(known: str, typed: str) -> bool:
    """Compared in the same time wherever they differ."""
    return constant_time_compare(known, typed)


def _count(what: str, counter: Counter) -> None:
    """One more; when that closes something, one entry of the audit log says so."""
    if throttles.count_one(counter):
        audit.record("refused", outcome="refused", screen="booking", data={"too_many": what})


def _missed_too_often(id_number: str) -> bool:
    if not setting("booking.missed_stops"):
        return False
    since = timezone.localdate() - datetime.timedelta(days=MISSED_DAYS)
    missed = Booking.objects.filter(state=BookingState.MISSED, session__date__gte=since)
    return len(missed.find(id_number=id_number)) >= MISSED


def _of_address(address: str) -> Counter:
    return Counter(limit=TRIES_OF_ADDRESS, account="#booking", address=network_of(address))


def _wrong_of(address: str) -> Counter:
    return Counter(limit=WRONG_OF_ADDRESS, account="#wrong", address=network_of(address))


def _of_code(code: str) -> Counter:
    mark = crypto.lasting_digest("booking.tried", code)[:32]
    return Counter(limit=WRONG_OF_CODE, account=f"#c{mark}")


def network_of(address: str) -> str:
    """Of IPv6 the network: one connection has 2^64 addresses of its own."""
    parsed = ipaddress.ip_address(address)
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)
