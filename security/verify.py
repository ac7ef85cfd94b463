"""Does the audit log still say what was written? Names every entry and seal that does not.

Walks seals, their members and the members' entries side by side, a page at a time: memory stays the
same however long the log is, and MySQL, which has no cursors on the server here, is not asked for
everything at once.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from clinic.core.paging import paged
from security import crypto, mentions
from security.audit_archive import files, records
from security.checkpoints import Checkpoint
from security.entries import canonical
from security.merkle import Tree, leaf_of
from security.models import AuditArchive, AuditEntry, AuditSeal, AuditSealed
from security.seals import NO_MAC, seal_text

PAGE = 500
IDS = 5000
UNSEALED = timedelta(minutes=10)


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was written; `kind` is a word of FAULTS."""

    kind: str
    number: int
    detail: str = ""

    def __str__(self) -> str:
        return str(FAULTS[self.kind]).format(self.number) + (
            f" ({self.detail})" if self.detail else ""
        )


FAULTS = {
    "changed": _("Entry {} was changed: its text and its code do not belong together."),
    "column": _("Entry {} shows something else in the table than what was written."),
    "deleted": _("Entry {} is missing: a seal holds it, and it was deleted."),
    "inserted": _("Entry {} was not written by this program: it has no valid code."),
    "moved": _("Entry {} stands in the place of another one: the order was changed."),
    "unsealed": _("Entry {} has had no seal for more than ten minutes."),
    "unknown_key": _("Entry {} names an audit key that the key ring does not hold."),
    "seal_changed": _("Seal {} was changed."),
    "seal_missing": _("Seal {} is missing."),
    "seal_order": _("Seal {} does not follow the one before it."),
    "seal_members": _("Seal {} no longer holds the entries that it was made over."),
    "seal_unknown_key": _("Seal {} names an audit key that the key ring does not hold."),
    "cut_off": _("The end of the log was cut off: a checkpoint names seal {}."),
    "other_seal": _("Seal {} is not the one that a checkpoint names."),
    "archive_changed": _("The record of archive {} was changed or not written by this program."),
    "archive_missing": _("The record of archive {} is missing."),
    "archive_order": _("The record of archive {} does not follow the one before it."),
    "archive_seal": _("Archive {} does not end on the seal that its record names."),
    "archive_other": _("Archive {} is not the one that a checkpoint names."),
    "archive_unknown_key": _("Archive {} names an audit key that the key ring does not hold."),
    "archive_file_missing": _("The file of archive {} is not there."),
    "archive_file_changed": _("The file of archive {} is damaged or another one."),
    "archive_file_key": _("The file of archive {} needs a key that the key ring does not hold."),
    "mentions": _(
        "The list of patients in entries up to {} was changed; it is made anew out of the log."
    ),
    "archived_twice": _("Entry {} stands in the log although an archive holds it."),
}
CANT_CHECK = {"unknown_key", "seal_unknown_key", "archive_unknown_key", "archive_file_key"}


@dataclass
class Verification:
    """One run. `faults()` yields what is wrong; the counts are right when it has ended."""

    since: datetime | None = None
    checkpoints: Iterator[Checkpoint] = field(default_factory=lambda: iter(()))
    archive_marks: Iterable[tuple[int, str]] = ()  # what checkpoints say of archives
    archive_folder: Path | None = None  # read the files too; their own places are tried as well
    between: object = None  # called after each page: what must not wait for the end of a long run
    seals: int = 0
    entries: int = 0
    archived: int = 0
    mark: str = ""

    def faults(self) -> Iterator[Fault]:
        self._ahead: Checkpoint | None = next(self.checkpoints, None)
        yield from self._archives()
        first = self._first_seal()
        members = Members(first, self._pause)
        previous = AuditSeal.objects.filter(seq__lt=first).order_by("-seq").first()
        for seal in paged(AuditSeal.objects.filter(seq__gte=first), "seq", PAGE):
            yield from self._seal(seal, previous)
            yield from self._members(seal, members)
            self.seals += 1
            self.mark = seal.mark
            previous = seal
        yield from self._beyond(previous)
        yield from self._unsealed()
        if self.since is None and (upto := mentions.disagree(self._pause)):
            yield Fault("mentions", upto)
        if self.archive_folder:
            yield from self._archive_files()

    def _first_seal(self) -> int:
        if self.since is None:
            return 1
        seal = AuditSeal.objects.filter(sealed_at__gte=self.since).order_by("seq").first()
        return seal.seq if seal else 2**62

    def _pause(self) -> None:
        if self.between:
            self.between()

    # --- seals ------------------------------------------------------------------------------------

    def _seal(self, seal, previous) -> Iterator[Fault]:
        yield from seal_faults(seal, previous)
        yield from self._checkpoints_at(seal)

    def _checkpoints_at(self, seal) -> Iterator[Fault]:
        while self._ahead and self._ahead.seq <= seal.seq:
            if self._ahead.seq == seal.seq and not self._ahead.fits(seal):
                yield Fault("other_seal", seal.seq)
            self._ahead = next(self.checkpoints, None)

    def _beyond(self, last) -> Iterator[Fault]:
        """Checkpoints after the last seal: the log once was longer."""
        highest = 0
        while self._ahead:
            if not self._is_made_since(self._ahead):
                highest = max(highest, self._ahead.seq)
            self._ahead = next(self.checkpoints, None)
        if highest > (last.seq if last else 0):
            yield Fault("cut_off", highest)

    def _is_made_since(self, checkpoint: Checkpoint) -> bool:
        """Sealing goes on while a long log is read: its seal is there, after the last one read."""
        seal = AuditSeal.objects.filter(seq=checkpoint.seq).first()
        return seal is not None and checkpoint.fits(seal)

    # --- sealed entries ---------------------------------------------------------------------------

    def _members(self, seal, members) -> Iterator[Fault]:
        tree, missing = Tree(), []
        for member, entry in members.of(seal.seq):
            tree.add(bytes(member.leaf))
            self.entries += 1
            if entry is None:
                missing.append(member.pk)
            else:
                yield from entry_faults(entry, bytes(member.leaf))
        whole = tree.size == seal.n and tree.root() == bytes(seal.root)
        if missing or not whole:
            if self._is_archived(seal.seq):
                whole = whole or tree.size < seal.n
                # Removed between the reading of memberships and entries: then both are gone.
                missing = AuditSealed.objects.filter(pk__in=missing).values_list("pk", flat=True)
            yield from (Fault("deleted", number) for number in missing)
        if not whole:
            yield Fault("seal_members", seal.seq)

    # --- archives ---------------------------------------------------------------------------------

    def _archives(self) -> Iterator[Fault]:
        """The rows of all archives, always: what they say is missing must be in a file."""
        self._covering, found = records.faults()
        yield from (Fault(kind, number) for kind, number in found)
        self.archived = sum(row.entries for row in self._covering)
        known = dict(AuditArchive.objects.values_list("number", "mac"))
        for number, digits in self.archive_marks:
            if number not in known:
                if ("archive_missing", number) not in found:
                    yield Fault("archive_missing", number)
            elif not bytes(known[number])[2:].hex().startswith(digits):
                yield Fault("archive_other", number)

    def _is_archived(self, seq: int) -> bool:
        """Whether an archive holds this seal's entries; perhaps one made since this run began."""
        if not any(row.holds(seq) for row in self._covering):
            self._covering, _found = records.faults()
        return any(row.holds(seq) for row in self._covering)

    def _archive_files(self) -> Iterator[Fault]:
        for row in AuditArchive.objects.order_by("number"):
            for kind, number, detail in files.faults(row, self.archive_folder, self._pause):
                yield Fault(kind, number, detail)

    # --- the others -------------------------------------------------------------------------------

    def _unsealed(self) -> Iterator[Fault]:
        entries = AuditEntry.objects.all()
        if self.since:
            entries = entries.filter(timestamp__gte=self.since)
        for ids in _id_pages(entries):
            self._pause()
            held = AuditSealed.objects.filter(pk__gte=ids[0], pk__lte=ids[-1])
            free = sorted(set(ids) - set(held.values_list("pk", flat=True)))
            for at in range(0, len(free), PAGE):
                for entry in AuditEntry.objects.filter(pk__in=free[at : at + PAGE]).order_by("pk"):
                    self.entries += 1
                    yield from entry_faults(entry, None)


def seal_faults(seal, previous) -> Iterator[Fault]:
    """What is wrong with a seal itself and with its place after `previous`."""
    expected = previous.seq + 1 if previous else 1
    for number in range(expected, min(seal.seq, expected + 100)):
        yield Fault("seal_missing", number)
    try:
        genuine = crypto.verify_audit_mac(
            seal_text(seal), UUID(int=seal.seq), bytes(seal.mac), "seal"
        )
    except crypto.CryptoError:
        yield Fault("seal_unknown_key", seal.seq)
    else:
        if not genuine:
            yield Fault("seal_changed", seal.seq)
    before = (bytes(previous.mac), previous.total) if previous else (NO_MAC, 0)
    if seal.seq == expected and before != (bytes(seal.prev_mac), seal.total - seal.n):
        yield Fault("seal_order", seal.seq)


def entry_faults(entry, leaf: bytes | None) -> Iterator[Fault]:
    """What is wrong with an entry; `leaf` is what its seal was made over, None without a seal."""
    mac = bytes(entry.mac)
    try:
        genuine = crypto.verify_audit_mac(entry.payload.encode(), entry.uid, mac)
    except crypto.CryptoError:
        yield Fault("unknown_key", entry.pk)
        return
    if leaf is None:
        if not genuine:
            yield Fault("inserted", entry.pk)
            return
        if entry.timestamp < now() - UNSEALED:
            yield Fault("unsealed", entry.pk)
    elif not genuine:
        yield Fault("changed", entry.pk)
        return
    elif leaf != leaf_of(entry.uid.bytes, mac):
        yield Fault("moved", entry.pk)
    if not _columns_agree(entry):
        yield Fault("column", entry.pk)


def _columns_agree(entry) -> bool:
    try:
        return canonical(entry) == entry.payload
    except Exception:  # a value that can't even be written as text is not what was written
        return False


class Members:
    """The members of each seal in turn with their entries, read a page at a time."""

    def __init__(self, first_seal: int, pause):
        self._at = (first_seal, -1)
        self._pause = pause
        self._page: deque = deque()
        self._ended = False

    def of(self, seq: int) -> Iterator[tuple[AuditSealed, AuditEntry | None]]:
        while member := self._next(seq):
            yield member

    def _next(self, seq: int):
        if not self._page and not self._ended:
            self._fill()
        while self._page and self._page[0][0].seal_id < seq:  # of a seal that is not there
            self._page.popleft()
            if not self._page and not self._ended:
                self._fill()
        if self._page and self._page[0][0].seal_id == seq:
            return self._page.popleft()
        return None

    def _fill(self) -> None:
        self._pause()
        seal, entry = self._at
        beyond = Q(seal_id=seal, entry_id__gt=entry) | Q(seal_id__gt=seal)
        rows = list(
            AuditSealed.objects.filter(beyond, seal_id__gte=seal).order_by("seal_id", "entry_id")[
                :PAGE
            ]
        )
        self._ended = len(rows) < PAGE
        entries = AuditEntry.objects.in_bulk([row.pk for row in rows]) if rows else {}
        self._page.extend((row, entries.get(row.pk)) for row in rows)
        if rows:
            self._at = (rows[-1].seal_id, rows[-1].pk)


def _id_pages(entries) -> Iterator[list[int]]:
    last = 0
    while True:
        ids = list(entries.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:IDS])
        if ids:
            yield ids
        if len(ids) < IDS:
            return
        last = ids[-1]
