"""Sessions hold messages and choices; they lie encrypted in the database."""

import json
from uuid import UUID

from security import crypto

CONTEXT = "security.session"
_ROW = UUID(int=0)  # the serializer is not told which session it writes


class SealedSerializer:
    """Django's session serializer interface over sealed JSON."""

    def dumps(self, obj) -> bytes:
        return crypto.seal_blob(CONTEXT, _ROW, json.dumps(obj, separators=(",", ":")).encode())

    def loads(self, data: bytes):
        return json.loads(crypto.open_blob(CONTEXT, _ROW, data))
