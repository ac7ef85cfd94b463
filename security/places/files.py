"""Stored files on disk."""

import hashlib
import os

from clinic.core import files
from clinic.core.models import StoredFile
from security import crypto
from security.places.base import Fault, Place, Progress, TablePlace


class StoredFiles(Place):
    """The content of StoredFile rows; a file is never changed, only exchanged as a whole."""

    name = "stored files"
    contexts = (files.CONTEXT,)
    table = StoredFile._meta.db_table

    def counts(self, using):
        found = {}
        for row in self._rows(using, 500):
            try:
                key = "data", self._key_id(row)
            except (OSError, crypto.CryptoError):
                continue  # verify_encryption names it; no key would open it
            found[key] = found.get(key, 0) + 1
        return found

    def rotate(self, purposes, *, batch):
        if "data" not in purposes:
            return
        for row in self._rows("default", batch):
            try:
                if self._key_id(row) != crypto.active_key_id():
                    self._exchange(row)
                    yield Progress(rows=1, cells=1)
            except (OSError, crypto.CryptoError):
                yield Progress(faults=1)

    def verify(self, using, *, batch):
        for row in self._rows(using, batch):
            try:
                content = files.read(row)
                fault = None if _digest(content) == row.sha256 else "is not what was stored"
            except OSError as error:
                fault = f"can't be read ({error.strerror})"
            except crypto.CryptoError as error:
                fault = str(error)
            yield 1, [Fault("core.StoredFile", row.pk, "content", fault)] if fault else []

    def _rows(self, using, batch):
        walk = TablePlace()
        walk.model, walk.columns = StoredFile, ("id", "sha256")
        for page in walk.pages(using, batch):
            for row in page:
                yield StoredFile(id=row["pk"], sha256=row["sha256"])

    def _key_id(self, row) -> int:
        with open(files.path_of(row), "rb") as stored:
            return crypto.key_id_of(stored.read(crypto.OVERHEAD + crypto.SHORT_STEP))

    def _exchange(self, row):
        """Written beside the old one, synced, then put in its place; killed anywhere one is whole.

        Only whoever holds the rotation's lock does this, so the name beside it is ours.
        """
        path = files.path_of(row)
        sealed = crypto.seal_blob(files.CONTEXT, row.id, files.read(row))
        part = path.with_suffix(".rotated")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(sealed)
            out.flush()
            os.fsync(out.fileno())
        os.replace(part, path)


def _digest(content):
    return hashlib.sha256(content).hexdigest()
