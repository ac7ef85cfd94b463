"""Sessions: signed by Django around an envelope, so each has to be unpacked to see its key."""

from django.contrib.sessions.models import Session
from django.core import signing

from security import crypto, sessions
from security.places.base import TablePlace


class Raw:
    """A serializer that leaves the envelope as it is."""

    def dumps(self, obj) -> bytes:
        return obj

    def loads(self, data) -> bytes:
        return bytes(data)


class Sessions(TablePlace):
    """The session table. A session that does not unpack is none: Django starts a new one."""

    name = "sessions"
    contexts = (sessions.CONTEXT,)
    model = Session
    columns = ("session_data",)

    def envelope(self, stored: str) -> bytes | None:
        salt = sessions.SessionStore().key_salt
        try:
            found = signing.loads(stored, salt=salt, serializer=Raw)
            crypto.key_id_of(found)
        except Exception:  # whatever lies there: it opens for nobody, so it needs no key
            return None
        return found

    def counts(self, using):
        found = {}
        for page in self.pages(using, 500):
            for row in page:
                envelope = self.envelope(row["session_data"])
                if envelope is not None:
                    key = "data", crypto.key_id_of(envelope)
                    found[key] = found.get(key, 0) + 1
        return found

    def old_where(self, purposes):
        return None if "data" in purposes else "1 = 0"

    def reseal(self, row, purposes):
        old = row["session_data"]
        envelope = self.envelope(old)
        if envelope is None or crypto.key_id_of(envelope) == crypto.active_key_id():
            return {}, []
        try:
            content = crypto.open_blob(self.contexts[0], sessions.ROW, envelope)
        except crypto.CryptoError:
            return {}, []
        new = crypto.seal_blob(self.contexts[0], sessions.ROW, content)
        salt = sessions.SessionStore().key_salt
        return {"session_data": (old, signing.dumps(new, salt=salt, serializer=Raw))}, []

    def check(self, row):
        return 0, []  # a broken session is only signed in again
