"""What this app hooks into the ground when it starts: sealing, places, key users, timed work."""

from functools import partial

from clinic.core import drafts, scheduler, sealing
from clinic.core import todo as todos
from clinic.core.tables import models as tables
from security import (
    accounts,
    audit,
    checks,  # noqa: F401 - registers itself
    crypto,
    encryption_check,
    home_notes,
    kept,
    key_state,
    keyring,
    long_forms,
    machine_notes,
    mentions,
    places,
    rotation,
    seals,
    todo,
    verdict,
)
from security.audit_archive import records
from security.backup import manifest, schedule
from security.places.files import StoredFiles
from security.places.sessions import Sessions


def connect() -> None:
    """Called once, when all apps are loaded."""
    sealing.register(seal=crypto.seal_blob, open_=crypto.open_blob)
    places.register(places.BlobColumn("core.Draft", "content", context=drafts.CONTEXT, row="id"))
    places.register(
        places.BlobColumn("core.TableImport", "head", context=tables.HEAD_CONTEXT, row="id")
    )
    places.register(
        places.BlobColumn("core.TableChunk", "content", context=tables.ROWS_CONTEXT, row="id")
    )
    places.register(StoredFiles())
    places.register(Sessions())
    audit.track_all()
    for purpose in keyring.PURPOSES:
        key_state.register_user(purpose, partial(manifest.backups_needing, purpose))
        key_state.register_user(purpose, partial(records.needing, purpose))
    todos.register(50, todo.of_auditor)
    for find in machine_notes.ALL:
        home_notes.register(find)
    scheduler.register("security.seal", every=20, run=seals.seal_new)
    scheduler.register("security.mentions", every=3600, run=mentions.note_settled)
    scheduler.register("security.rotation", every=30, run=rotation.work_a_slice)
    scheduler.register("security.backup", every=60, run=schedule.run_due)
    scheduler.register("security.verify", every=1800, run=verdict.verify_nightly)
    scheduler.register("security.encryption", every=3600, run=encryption_check.verify_weekly)
    scheduler.register("security.accounts", every=3600, run=accounts.tidy)
    scheduler.register("security.kept", every=3600, run=kept.forget_old)
    scheduler.register("security.drafts", every=12 * 3600, run=long_forms.forget_old)
