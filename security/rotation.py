"""New keys while the clinic works, and the end of old ones.

A new key comes in three steps, so that processes which have not looked at the file yet never meet
a key they can't read, and a crash between any two leaves a ring that fits its database:

1. the ring's file gets the key as decrypt-only ("prepared": its id is above the active one's),
2. the database gets its fingerprint,
3. after every running process had time to look, the file names it active, the old decrypt-only.

Re-encrypting has no state but the data: what names another key than the active one is still to
do. Each cell is swapped only if it still holds the bytes that were opened, so whoever saves
meanwhile wins.
"""

import time
from dataclasses import dataclass, field

from django.db import DEFAULT_DB_ALIAS, transaction

from security import audit, key_state, keyring, keyring_file, pins, places
from security.keys import MAX_ID, MAX_INDEX_ID

REWRITTEN = ("data", "index")  # the MACs of audit entries and old backups stay as they were made
BATCH = 500
SLICE_SECONDS = 3
LOOK_AGAIN_SECONDS = 6 * 3600
GRACE_SECONDS = keyring.LOOK_SECONDS + 1


@dataclass
class Result:
    """What a run did; `faults` are things that don't open, found in the last pass."""

    added: list[str] = field(default_factory=list)
    rows: int = 0
    cells: int = 0
    faults: int = 0
    finished: bool = True


# --- new keys -----------------------------------------------------------------------------------


def prepared(ring, purpose):
    """A key that was added but is not active yet, because a run broke off."""
    waiting = [key for key in ring.usable(purpose) if key.id > ring.active(purpose).id]
    return max(waiting, key=lambda key: key.id, default=None)


def unfinished(purposes) -> bool:
    """Whether an earlier rotation of one of these purposes has still something to do."""
    ring = fresh_ring()
    if any(prepared(ring, purpose) for purpose in purposes):
        return True
    counts = key_state.counts(DEFAULT_DB_ALIAS)
    return any(
        counts.get((purpose, key.id), 0)
        for purpose in set(purposes) & set(REWRITTEN)
        for key in ring.usable(purpose)[1:]
    )


def fresh_ring():
    keyring.ring()
    keyring.take_up_changes()
    return keyring.ring()


def add_keys(purposes) -> list[str]:
    """A new active key for each of these purposes; the caller holds the lock of the ring."""
    ring = fresh_ring()
    body = keyring_file.body_of(ring)
    for purpose in purposes:
        if prepared(ring, purpose) is None:
            body[purpose].append(_prepared_entry(ring, purpose))
    keyring.use(keyring_file.replace_file(ring, body))
    return activate_prepared(purposes)


def _prepared_entry(ring, purpose):
    highest = max(key.id for key in ring.keys(purpose))
    if highest >= (MAX_INDEX_ID if purpose == "index" else MAX_ID):
        raise keyring.KeyringError(f"There is no number left for another {purpose} key.")
    entry = keyring_file.new_entry(highest + 1, keyring_file.now())
    return {**entry, "state": "decrypt-only"}


def activate_prepared(purposes) -> list[str]:
    """Steps two and three for every prepared key of these purposes."""
    ring = fresh_ring()
    new = {p: key.id for p in purposes if (key := prepared(ring, p)) is not None}
    if not new:
        return []
    with transaction.atomic():
        key_state.note_fingerprints(ring, DEFAULT_DB_ALIAS)
    wait_until_seen(ring)
    body = keyring_file.body_of(ring)
    for purpose, key_id in new.items():
        for entry in body[purpose]:
            if entry["id"] == key_id:
                entry["state"] = "active"
            elif entry["state"] == "active":
                entry["state"] = "decrypt-only"
    keyring.use(keyring_file.replace_file(ring, body))
    names = [f"{purpose} {key_id}" for purpose, key_id in new.items()]
    audit.record("key_new", screen="command", data={"keys": names})
    return names


def wait_until_seen(ring) -> None:
    """Wait until every running process has looked at the file since it was last exchanged."""
    age = time.time() - ring.path.stat().st_mtime
    if 0 <= age < GRACE_SECONDS:
        time.sleep(GRACE_SECONDS - age)


# --- old rows -----------------------------------------------------------------------------------


def rewrite(purposes, *, batch=BATCH, until=None) -> Result:
    """Bring everything under the active keys, pass by pass until a pass finds nothing more.

    Stops early, `finished=False`, at the monotonic time `until`. One audit entry tells the counts,
    also when the run is broken off.
    """
    result = Result()
    purposes = tuple(p for p in REWRITTEN if p in purposes)
    try:
        while purposes:
            began = time.time()
            changed = _one_pass(purposes, batch, until, result)
            if not result.finished:
                break
            ring = keyring.ring()
            if began - ring.path.stat().st_mtime < GRACE_SECONDS:
                wait_until_seen(ring)  # until now somebody may have written with the old key
            elif not changed:
                break
    finally:
        if result.rows:
            data = {"purposes": list(purposes), "rows": result.rows, "cells": result.cells}
            data |= {"faults": result.faults, "finished": result.finished}
            audit.record("key_rotation", screen="command", data=data)
    return result


def _one_pass(purposes, batch, until, result) -> int:
    changed = faults = 0
    for place in places.all_places():
        for progress in place.rotate(purposes, batch=batch):
            changed += progress.rows
            faults += progress.faults
            result.rows, result.cells = result.rows + progress.rows, result.cells + progress.cells
            if until is not None and time.monotonic() > until:
                result.faults, result.finished = faults, False
                return changed
    result.faults = faults
    return changed


# --- in the background --------------------------------------------------------------------------

_clean: tuple[object, float] = (None, 0.0)


def work_a_slice() -> None:
    """What the scheduler calls: go on with a rotation that was broken off, a few seconds long."""
    global _clean
    ring = fresh_ring()
    if all(len(ring.usable(purpose)) == 1 for purpose in keyring.PURPOSES):
        return
    stamp, when = _clean
    if stamp == ring.stamp and time.monotonic() - when < LOOK_AGAIN_SECONDS:
        return
    with keyring_file.only_one(ring.path, wait=False) as alone:
        if not alone:
            return
        activate_prepared(keyring.PURPOSES)
        result = rewrite(REWRITTEN, until=time.monotonic() + SLICE_SECONDS)
        if result.finished:
            _clean = (keyring.ring().stamp, time.monotonic())


# --- the end of a key ---------------------------------------------------------------------------


def retire(purpose: str, key_id: int, *, void_pins: bool = False) -> None:
    """Mark a key as retired: nothing opens with it any more. The caller holds the lock.

    The secret stays in the file. A copy of a backup that nobody told us of may still need it, and
    a retired key can be put back; a secret that was thrown away can't.

    PINs can't be made again under another key, only by their people: with an index key those made
    under it are void, which is refused unless `void_pins` says that it is meant.
    """
    ring = fresh_ring()
    key = next((key for key in ring.keys(purpose) if key.id == key_id), None)
    if key is None:
        raise keyring.KeyringError(f"The key ring holds no {purpose} key {key_id}.")
    if key.state == "retired":
        raise keyring.KeyringError(f"The {purpose} key {key_id} is retired already.")
    if key.state == "active" or key_id > ring.active(purpose).id:
        raise keyring.KeyringError(
            f"The {purpose} key {key_id} is in use for what is written now; add a new one first: "
            f"manage.py rotate_keys --purpose {purpose}."
        )
    _refuse_if_needed(purpose, key_id)
    if purpose == "index" and not void_pins:
        _refuse_if_pins(key_id)
    _set_state(purpose, key_id, "retired")
    wait_until_seen(keyring.ring())
    try:
        _refuse_if_needed(purpose, key_id)  # somebody may have saved in the meantime
    except BaseException:
        _set_state(purpose, key_id, "decrypt-only")
        raise
    audit.record("key_retired", screen="command", data={"keys": [f"{purpose} {key_id}"]})


def put_back(purpose: str, key_id: int) -> None:
    """Let a retired key open again, for a backup that came to light."""
    key = next((k for k in fresh_ring().keys(purpose) if k.id == key_id), None)
    if key is None or key.state != "retired":
        raise keyring.KeyringError(f"There is no retired {purpose} key {key_id}.")
    _set_state(purpose, key_id, "decrypt-only")
    audit.record("key_put_back", screen="command", data={"keys": [f"{purpose} {key_id}"]})


def _refuse_if_needed(purpose, key_id):
    needs = key_state.needs(purpose, key_id)
    if not needs:
        return
    hint = {
        "data": "run: manage.py rotate_keys --resume --purpose data",
        "index": "run: manage.py rotate_keys --resume --purpose index",
        "audit": "audit entries, seals and archives are never rewritten, so keep the key",
        "backup": "wait until these backups are no longer kept; archives are kept for ever",
    }[purpose]
    raise keyring.KeyringError(
        f"The {purpose} key {key_id} can't be retired, it is still needed by "
        f"{', '.join(needs)}; {hint}."
    )


def _refuse_if_pins(key_id):
    count = pins.made_under(key_id)
    if count:
        raise keyring.KeyringError(
            f"The PINs of {count} people were made under the index key {key_id} and would be void; "
            "they would have to sign in with the password and set a new PIN. If that is meant, "
            f"run: manage.py retire_key index {key_id} --yes."
        )


def _set_state(purpose, key_id, state):
    ring = fresh_ring()
    body = keyring_file.body_of(ring)
    for entry in body[purpose]:
        if entry["id"] == key_id:
            entry["state"] = state
    keyring.use(keyring_file.replace_file(ring, body))
