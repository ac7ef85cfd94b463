"""Polls that cost next to nothing: answered 304 before anybody is looked up (R-98).

Fifty pages ask every three seconds whether something changed, and mostly nothing has. What they
show hangs on a few rows: who is on the way today, and today's sessions. A keyed digest of those
rows, the stamp, stands before the page's own mark in each ETag (`"<scope>-<stamp>.<own>"`); while
it is the same, the answer is made here, without session, person or template. The scope says whose
rows: everybody's for a screen, those of one doctor for the queue's column.

Whatever else a page shows (a name corrected, a room renamed, a setting) comes with the next
minutes, which are part of the stamp: they also move the screen's clock, bring the order up to date
with those who wait long, and let a session that is over find out.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from registration.etag import etag_of
from registration.states import LIVE

EVERYBODY = "all"
SCREEN_MINUTES, QUEUE_MINUTES = 1, 5
MOST_KEPT = 100
# Written out: asked fifteen times a second, and the ORM would take longer than the database.
STATES = ", ".join(["%s"] * len(LIVE))
ON_THE_WAY = (
    "SELECT s.clinician_id, r.id, r.state, r.session_id, r.slot, r.priority, r.priority_reason,"  # noqa: S608  # nosec B608 # placeholders
    " r.checked_in_at, r.called_times, r.missed_times, r.recalled_at, r.started_at"
    " FROM registration_registration r JOIN registration_session s ON s.id = r.session_id"
    f" WHERE r.day = %s AND r.state IN ({STATES}) ORDER BY r.id"
)
SESSIONS = (
    "SELECT clinician_id, id, room_id, starts, ends, open, stopped_at, paused_at"
    " FROM registration_session WHERE date = %s ORDER BY id"
)

_watched: list[str] = []


def watch(sql: str) -> None:
    """A higher floor's news above a doctor's queue: one value that changes with them.

    Its one parameter is the clinician's id.
    """
    _watched.append(f"({sql})")


def stamp(scope: str) -> str:
    """Changes whenever a queue of this scope does, and every few minutes; tells nothing."""
    now = timezone.localtime()
    day = now.date().isoformat()
    minutes = SCREEN_MINUTES if scope == EVERYBODY else QUEUE_MINUTES
    with connection.cursor() as cursor:
        cursor.execute(ON_THE_WAY, [day, *LIVE])
        rows = [*cursor.fetchall()]
        cursor.execute(SESSIONS, [day])
        rows += cursor.fetchall()
        if scope != EVERYBODY:
            rows = [row for row in rows if str(row[0]) == scope]
            if _watched:  # one question for all of them
                cursor.execute(f"SELECT {', '.join(_watched)}", [int(scope)] * len(_watched))
                rows += cursor.fetchall()
    mark = etag_of(settings.SECRET_KEY, scope, day, now.hour, now.minute // minutes, rows)
    return mark.strip('"')


@dataclass(frozen=True)
class Told:
    """The ETag that a poll brought back."""

    scope: str = ""
    stamp: str = ""
    own: str = ""

    @classmethod
    def by(cls, request) -> "Told":
        text = request.META.get("HTTP_IF_NONE_MATCH", "").strip('W/"')
        ours, _dot, own = text.partition(".")
        scope, _dash, mark = ours.partition("-")
        is_ours = scope == EVERYBODY or (scope.isascii() and scope.isdigit() and len(scope) < 10)
        return cls(scope, mark, own) if is_ours else cls()


class PollMiddleware:
    """Puts the stamp before the ETag of every poll, and answers what has not changed.

    It stands before sessions and users. That nothing has changed tells a stranger nothing, and
    nobody can make up a stamp. What screens show is the same for everybody: while the stamp
    stands, twenty of them get what was drawn for the first one.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.drawn: tuple[str, dict] = ("", {})  # a stamp, and what was drawn for it

    @cached_property
    def screens(self) -> str:
        return reverse("display")

    @cached_property
    def queue(self) -> str:
        return reverse("queue_fragment")

    def __call__(self, request):
        is_screen = request.path_info.startswith(self.screens)
        if request.method != "GET" or not (is_screen or request.path_info == self.queue):
            return self.get_response(request)
        told = Told.by(request)
        scope = EVERYBODY if is_screen else told.scope
        try:
            now = stamp(scope) if scope else ""
        except DatabaseError:  # the view knows what to say of it
            return self.get_response(request)
        if now and (told.scope, told.stamp) == (scope, now):
            return HttpResponse(status=304, headers={"ETag": _etag(scope, now, told.own)})
        if is_screen:
            return self.screen(request, now)
        request.META["HTTP_IF_NONE_MATCH"] = f'"{told.own}"'
        return _with_scope(request, self.get_response(request), scope, now)

    def screen(self, request, now: str):
        """What was drawn already for this stamp, or is drawn now."""
        mark, kept = self.drawn
        if mark != now:
            kept = {}
            self.drawn = (now, kept)
        key = (request.path_info, request.META.get("HTTP_ACCEPT_ENCODING", ""))
        if key in kept:
            content, headers = kept[key]
            return HttpResponse(content, headers=headers)
        response = self.get_response(request)
        if response.status_code == 200:
            response["ETag"] = _etag(EVERYBODY, now, "")
            if not response.cookies and len(kept) < MOST_KEPT:
                kept[key] = (response.content, dict(response.items()))
        return response


def _with_scope(request, response, scope: str, now: str):
    """Who asked is known by now. A stamp that was made for somebody else, or for nobody yet, is
    left out: the next poll makes the right one before it is answered."""
    own = response.get("ETag", "").strip('W/"')
    if response.status_code in (200, 304) and own:
        mine = str(request.clinician.pk)  # as the view found it
        response["ETag"] = _etag(mine, now if mine == scope else "", own)
    return response


def _etag(scope: str, mark: str, own: str) -> str:
    return f'"{scope}-{mark}.{own}"'
