"""Sessions hold messages and choices; they lie encrypted in the database."""

import json
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.utils import timezone

from clinic.core.prepared import prepared
from clinic.core.transactions import cannot_write, is_busy
from security import crypto, own_sessions

CONTEXT = "security.session"
ROW = UUID(int=0)  # the serializer is not told which session it writes


@prepared
def _living(key: str, now):
    return Session.objects.filter(session_key=key, expire_date__gt=now)


class SealedSerializer:
    """Django's session serializer interface over sealed JSON."""

    def dumps(self, obj) -> bytes:
        return crypto.seal_blob(CONTEXT, ROW, json.dumps(obj, separators=(",", ":")).encode())

    def loads(self, data: bytes):
        return json.loads(crypto.open_blob(CONTEXT, ROW, data))


class SessionStore(DatabaseStore):
    """Django's store in the database, named by SESSION_ENGINE.

    A session is saved after the page is made. When the database can't be written just then, the
    page with what was typed counts for more than a message or the time of the last request: the
    note is left out. What signs in or out writes at once and still fails loudly.
    """

    def _get_session_from_db(self):
        """Django's, with the question put together once."""
        row = _living.first(self.session_key, timezone.now())
        if row is None:
            self._session_key = None
        return row

    def save(self, must_create=False):
        try:
            super().save(must_create)
            if SESSION_KEY in self and not must_create:
                own_sessions.note_seen(self.session_key)
        except UpdateError as error:  # Django's word for every fault of the database
            cause = error.__context__
            busy = isinstance(cause, OperationalError) and is_busy(cause)
            if not (busy or cannot_write(cause)):
                raise
        except OperationalError as error:
            if not (is_busy(error) or cannot_write(error)):
                raise
