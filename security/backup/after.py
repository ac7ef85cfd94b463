"""What a restore does besides exchanging data: keys, seals and sessions went on meanwhile."""

from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError

from clinic.core.transactions import atomic_retry
from security import checkpoints, key_state, keyring, seals
from security.backup import records
from security.backup.errors import BackupError
from security.models import DeviceUnlock, OpenSession


def require_keys(header: dict) -> None:
    """Asked before anything is replaced: the ring opens what was sealed when it was made."""
    ring = keyring.ring()
    for purpose, ids in header.get("keys", {}).items():
        for key_id in ids:
            ring.key(purpose, key_id)


def settle(name: str, stamp: str, *, older: bool) -> int:
    """Make the restored data usable; how many seals of the log it no longer holds."""
    _make_keys_known()
    if older:
        call_command("migrate", interactive=False, verbosity=0)
    _end_what_was_open()
    lost = checkpoints.set_aside(seals.latest(), stamp)
    records.after_restore(name, lost)
    return lost


def _make_keys_known() -> None:
    """A key that came after the backup has no fingerprint in it; what is there must open."""
    try:
        ring = keyring.ring()
        fault = key_state.fault(ring, DEFAULT_DB_ALIAS, new_keys_allowed=True)
        fault = fault or key_state.unopenable(DEFAULT_DB_ALIAS)
    except (keyring.KeyringError, DatabaseError) as error:
        fault = str(error)
    if fault:
        raise BackupError("keys", fault)
    if key_state.has_table(DEFAULT_DB_ALIAS):
        key_state.note_fingerprints(ring, DEFAULT_DB_ALIAS)


@atomic_retry
def _end_what_was_open() -> None:
    """Sessions that were ended after the backup must not live again; nor the PINs' day."""
    for model in (Session, OpenSession, DeviceUnlock):
        model.objects.all().delete()
