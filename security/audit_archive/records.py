"""The rows that name the archives: a chain under the audit key, as the seals are one."""

from datetime import timezone
from uuid import UUID

from clinic.core.transactions import atomic_retry
from security import audit, crypto
from security.models import AuditArchive, AuditSeal
from security.seals import NO_MAC

LABEL = "archive"
NUMBERS = ("number", "first_seal", "last_seal", "first_id", "last_id", "entries", "size")
BYTES = ("seal_mac", "sha256", "prev_mac")


def text_of(row: AuditArchive) -> bytes:
    """What an archive's MAC covers, always the same for the same row."""
    parts = (
        1,
        *(getattr(row, name) for name in NUMBERS),
        *(bytes(getattr(row, name)).hex() for name in BYTES),
        *(row.backup_key, row.audit_keys),
        row.made_at.astimezone(timezone.utc).isoformat(timespec="microseconds"),
        row.file,
    )
    return "|".join(map(str, parts)).encode()


def latest() -> AuditArchive | None:
    return AuditArchive.objects.order_by("-number").first()


@atomic_retry
def note(row: AuditArchive, seals: int) -> None:
    """From here on the database lets the entries of this archive go."""
    before = latest()
    row.prev_mac = bytes(before.mac) if before else NO_MAC
    row.mac = crypto.audit_mac(text_of(row), UUID(int=row.number), LABEL)
    row.save(force_insert=True)
    audit.record("audit_archive", screen="audit_archive", data=_told(row) | {"seals": seals})


def note_removed(row: AuditArchive) -> None:
    """Written in the transaction that removes the last entries."""
    audit.record("audit_removed", screen="audit_archive", data=_told(row))


def _told(row: AuditArchive) -> dict:
    return {
        "archive": row.number,
        "file": row.file,
        "entries": row.entries,
        "first_seal": row.first_seal,
        "last_seal": row.last_seal,
    }


def faults() -> tuple[list[AuditArchive], list[tuple[str, int]]]:
    """(the rows whose entries may be missing, [(kind of fault, number)]); there are few rows."""
    good, found, before = [], [], None
    for row in AuditArchive.objects.order_by("number"):
        expected = before.number + 1 if before else 1
        found += [("archive_missing", n) for n in range(expected, min(row.number, expected + 100))]
        kind = _own_fault(row)
        if kind:
            found.append((kind, row.number))
        if row.number == expected and not _follows(row, before):
            found.append(("archive_order", row.number))
        if kind in ("", "archive_unknown_key"):
            good.append(row)
        before = row
    return good, found


def _own_fault(row: AuditArchive) -> str:
    try:
        genuine = crypto.verify_audit_mac(text_of(row), UUID(int=row.number), bytes(row.mac), LABEL)
    except crypto.CryptoError:
        return "archive_unknown_key"
    if not genuine:
        return "archive_changed"
    seal = AuditSeal.objects.filter(pk=row.last_seal).first()
    ends_there = seal is not None and bytes(seal.mac) == bytes(row.seal_mac)
    return "" if ends_there else "archive_seal"


def _follows(row: AuditArchive, before: AuditArchive | None) -> bool:
    first, mac = (before.last_seal + 1, bytes(before.mac)) if before else (1, NO_MAC)
    return row.first_seal == first and bytes(row.prev_mac) == mac


def needing(purpose: str, key_id: int) -> str | None:
    """ "2 archives of the audit log" when so many need this key, for whoever retires one."""
    if purpose == "backup":
        count = AuditArchive.objects.filter(backup_key=key_id).count()
    elif purpose == "audit":
        rows = AuditArchive.objects.values_list("audit_keys", flat=True)
        count = sum(str(key_id) in named.split(",") for named in rows)
    else:
        count = 0
    return f"{count} archives of the audit log" if count else None
