"""The sealer: holds new audit entries together in a chain of seals.

It takes the entries that no seal holds yet, not those after the last number: numbers are given
before a transaction commits, so a lower one may appear later. Most of the time it looks only at
the recent end; once an hour at everything.
"""

import logging
from datetime import datetime, timedelta, timezone
from uuid import UUID

from django.utils.timezone import now

from clinic.core.models import Lease
from clinic.core.transactions import atomic_retry, lock
from security import checkpoints, crypto
from security.merkle import Tree, leaf_of
from security.models import AuditEntry, AuditSeal, AuditSealed

log = logging.getLogger("clinic.audit")
PIECE = 500
BACK = 100  # seals looked at together: half an hour's at most
LEASE = "audit_seal"
LATE = timedelta(hours=1)  # no transaction stays open that long
NO_MAC = bytes(34)


def seal_new() -> int:
    """Seal what was written lately; called by the scheduler."""
    mark = last_before(now() - LATE)
    return _seal_after(mark.first_id - 1 if mark else 0)


def last_before(moment: datetime) -> AuditSeal | None:
    """The last seal made before a moment that is not long past.

    Looked for from the end of the chain: asked for it, a database sorts all there are by number,
    and in the order of their times they do not stand where the clock was set back.
    """
    seals = AuditSeal.objects.only("first_id", "last_id", "sealed_at").order_by("-seq")
    piece = list(seals[:BACK])
    while piece:
        for seal in piece:
            if seal.sealed_at < moment:
                return seal
        piece = list(seals.filter(seq__lt=piece[-1].seq)[:BACK])
    return None


def seal_all() -> int:
    """Seal whatever has none yet, however low its number."""
    return _seal_after(0)


def _seal_after(last_id: int) -> int:
    Lease.objects.get_or_create(name=LEASE)
    sealed = 0
    while last_id is not None:
        seal, last_id = _seal_piece(last_id=last_id)
        if seal:
            sealed += seal.n
            _note(seal)
    return sealed


def _note(seal: AuditSeal) -> None:
    try:
        checkpoints.append(seal)
    except OSError:  # the seal stands; the next one's line covers this one as well
        log.exception("the checkpoint of seal %s could not be written", seal.seq)


@atomic_retry
def _seal_piece(*, last_id: int) -> tuple[AuditSeal | None, int | None]:
    """Seal one piece of what follows `last_id`; the seal, and from where to go on (None: done)."""
    lock(Lease.objects.filter(name=LEASE)).get()  # one sealer at a time; gone with its connection
    ids = list(
        AuditEntry.objects.filter(pk__gt=last_id)
        .order_by("pk")
        .values_list("pk", flat=True)[:PIECE]
    )
    if not ids:
        return None, None
    go_on = ids[-1] if len(ids) == PIECE else None
    held = set(
        AuditSealed.objects.filter(pk__gte=ids[0], pk__lte=ids[-1]).values_list("pk", flat=True)
    )
    free = [pk for pk in ids if pk not in held]
    rows = (
        AuditEntry.objects.filter(pk__in=free).order_by("pk").values("pk", "uid", "payload", "mac")
    )
    members = [row for row in rows if _is_genuine(row)] if free else []
    return (_make_seal(members) if members else None), go_on


def _is_genuine(row: dict) -> bool:
    """An entry that was not written by us gets no seal; the verification names it."""
    try:
        return crypto.verify_audit_mac(row["payload"].encode(), row["uid"], bytes(row["mac"]))
    except crypto.CryptoError:
        return False


def _make_seal(members: list[dict]) -> AuditSeal:
    last = AuditSeal.objects.order_by("-seq").first()
    leaves = [leaf_of(row["uid"].bytes, bytes(row["mac"])) for row in members]
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    seal = AuditSeal(
        seq=last.seq + 1 if last else 1,
        n=len(members),
        total=(last.total if last else 0) + len(members),
        first_id=members[0]["pk"],
        last_id=members[-1]["pk"],
        root=tree.root(),
        prev_mac=bytes(last.mac) if last else NO_MAC,
        sealed_at=now(),
    )
    seal.mac = crypto.audit_mac(seal_text(seal), UUID(int=seal.seq), "seal")
    seal.save(force_insert=True)
    AuditSealed.objects.bulk_create(
        AuditSealed(entry_id=row["pk"], seal=seal, leaf=leaf)
        for row, leaf in zip(members, leaves, strict=True)
    )
    return seal


def seal_text(seal: AuditSeal) -> bytes:
    """What a seal's MAC covers, always the same for the same seal."""
    moment: datetime = seal.sealed_at.astimezone(timezone.utc)
    parts = (
        *(1, seal.seq, seal.n, seal.total, seal.first_id, seal.last_id),
        *(bytes(seal.root).hex(), bytes(seal.prev_mac).hex()),
        moment.isoformat(timespec="microseconds"),
    )
    return "|".join(map(str, parts)).encode()


def latest() -> AuditSeal | None:
    """The newest seal; its `mark` goes onto paper."""
    return AuditSeal.objects.order_by("-seq").first()
