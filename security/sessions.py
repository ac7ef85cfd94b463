"""Sessions hold messages and choices; they lie encrypted in the database."""

import json
from uuid import UUID

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import OperationalError

from clinic.core.transactions import cannot_write, is_busy
from security import crypto

CONTEXT = "security.session"
ROW = UUID(int=0)  # the serializer is not told which session it writes


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

    def save(self, must_create=False):
        try:
            super().save(must_create)
        except UpdateError as error:  # Django's word for every fault of the database
            cause = error.__context__
            busy = isinstance(cause, OperationalError) and is_busy(cause)
            if not (busy or cannot_write(cause)):
                raise
