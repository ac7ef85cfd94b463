"""Stored files: encrypted before they touch the disk, named by a random id."""

import hashlib
import uuid
from pathlib import Path

from django.conf import settings
from django.db import transaction

from clinic.core import parts, sealing
from clinic.core.models import StoredFile

CONTEXT = "core.file"


def path_of(file: StoredFile) -> Path:
    """Where the file's sealed content lies."""
    return Path(settings.CLINIC_FILES_DIR) / file.id.hex[:2] / file.id.hex


def store(*, content: bytes, purpose: str, media_type: str, by) -> StoredFile:
    """Write `content` sealed and synced to disk, then its row; no half file has a row."""
    file = StoredFile(
        id=uuid.uuid4(),
        purpose=purpose,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        created_by=by,
    )
    path = path_of(file)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with parts.new_file(path) as out:
        out.write(sealing.seal(CONTEXT, file.id, content))
    try:
        file.save()
    except BaseException:
        path.unlink(missing_ok=True)  # without a row nobody would ever find it
        raise
    return file


def read(file: StoredFile) -> bytes:
    """The file's content; raises when it was damaged or exchanged."""
    return sealing.unseal(CONTEXT, file.id, path_of(file).read_bytes())


def remove(file: StoredFile) -> None:
    """Forget the file: its row now, its content once that is committed."""
    path = path_of(file)
    file.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
