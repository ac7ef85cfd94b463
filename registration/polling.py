"""Polls that cost next to nothing: answered 304 before anybody is looked up (R-98).

Fifty pages ask every three seconds whether something changed, and mostly nothing has. Everything
they show hangs on a few rows: who is on the way today, and today's sessions. A keyed digest of
those rows, the stamp, stands before the page's own mark in each ETag (`"<stamp>.<own>"`); while
it is the same, the answer is made here, without session, person or template.

Whatever else a page shows (a name corrected, a room renamed, a setting) comes with the next
minute, which is part of the stamp as well: it also moves the screen's clock, brings waiting times
up to date, and lets a session that is over find out.
"""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from registration.etag import etag_of
from registration.states import LIVE

# Written out: asked fifteen times a second, and the ORM would take longer than the database.
STATES = ", ".join(["%s"] * len(LIVE))
ON_THE_WAY = (
    "SELECT id, state, session_id, called_times, missed_times, queue_class, queued_at,"  # noqa: S608  # nosec B608 # placeholders
    f" priority_reason FROM registration_registration WHERE day = %s AND state IN ({STATES})"
    " ORDER BY id"
)
NUMBERS = "SELECT COUNT(*) FROM registration_registration WHERE day = %s"
SESSIONS = (
    "SELECT id, room_id, clinician_id, open, paused_at FROM registration_session"
    " WHERE date = %s ORDER BY id"
)

_watched: list[str] = []


def watch(sql: str) -> None:
    """A higher floor's news for the doctor's queue: one cheap value that changes with them."""
    _watched.append(sql)


def stamp() -> str:
    """Changes whenever any queue of today does, and every minute; tells nothing."""
    now = timezone.localtime()
    day = now.date().isoformat()
    with connection.cursor() as cursor:
        cursor.execute(ON_THE_WAY, [day, *LIVE])
        rows = [*cursor.fetchall()]
        cursor.execute(NUMBERS, [day])
        rows += cursor.fetchall()
        cursor.execute(SESSIONS, [day])
        rows += cursor.fetchall()
        for sql in _watched:
            cursor.execute(sql)
            rows += cursor.fetchall()
    return etag_of(settings.SECRET_KEY, day, now.hour, now.minute, rows).strip('"')


class PollMiddleware:
    """Puts the stamp before the ETag of every poll, and answers what has not changed.

    It stands before sessions and users. That nothing has changed tells a stranger nothing: nobody
    can make up a stamp.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    @cached_property
    def places(self) -> tuple[str, ...]:
        return (reverse("display"), reverse("queue_fragment"))

    def __call__(self, request):
        if request.method != "GET" or not request.path_info.startswith(self.places):
            return self.get_response(request)
        try:
            now = stamp()
        except DatabaseError:  # the view knows what to say of it
            return self.get_response(request)
        told, _dot, own = request.META.get("HTTP_IF_NONE_MATCH", "").strip('W/"').partition(".")
        if told == now:
            return HttpResponse(status=304, headers={"ETag": f'"{now}.{own}"'})
        request.META["HTTP_IF_NONE_MATCH"] = f'"{own}"'
        response = self.get_response(request)
        if response.status_code in (200, 304):
            own = response.get("ETag", "").strip('W/"')
            response["ETag"] = f'"{now}.{own}"'
        return response
