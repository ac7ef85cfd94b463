"""Entries about many patients, found by one of them without reading the whole log.

What is old enough to stay as it is, is noted once an hour, a row for each patient; what was
written since is looked through itself, which is an hour or two of the log, however long it is.
"""

from collections import defaultdict
from collections.abc import Iterator
from hashlib import blake2b
from struct import iter_unpack, pack
from uuid import UUID

from django.db.models import BinaryField, F, Func, IntegerField, Min, Value
from django.utils.timezone import now

from clinic.core.models import Counter
from clinic.core.paging import paged
from clinic.core.scheduler import still_here
from clinic.core.transactions import atomic_retry, lock
from security.models import AuditEntry, AuditMention
from security.seals import LATE, last_before

NOTED = "audit.mentions"  # the number up to which entries are noted
PIECE = 2_000  # numbers of entries in one transaction
AT_ONCE = 1_000  # rows of one statement: an export names very many patients
LENGTH = 16  # bytes of an id
UUIDS = f"{LENGTH}s"
PAGE = 500
WHOLE = 2**128


def note_settled() -> None:
    """Note the mentions of all entries to which no earlier one can be added; by the scheduler."""
    Counter.objects.get_or_create(name=NOTED)
    until = _settled()
    while _note_piece(until):
        still_here()


def entries_of(patient: UUID, most: int | None = None) -> list[int]:
    """The numbers of the entries that show this patient among others, the newest first."""
    found = _unnoted(patient)
    rows = AuditMention.objects.filter(patient=patient).order_by("-last_id")
    for packed in rows.values_list("entries", flat=True)[:most]:
        found += [number for (number,) in iter_unpack("<q", bytes(packed))][::-1]
    return found[:most]


def forget_before(first_id: int) -> None:
    """The entries went into an archive: so do their mentions."""
    AuditMention.objects.filter(last_id__lt=first_id).delete()


def disagree(pause=lambda: None) -> int:
    """The number up to which entries are noted, when the notes don't say what these entries say.

    0 when they do. Both are read a page at a time and added up to a number each: a note more, less
    or another one makes another sum.
    """
    first, upto = _oldest(), _noted()
    of_notes = sum(_digest(*pair) for pair in _pairs_of_notes(first, upto, pause)) % WHOLE
    of_log = sum(_digest(*pair) for pair in _pairs_of_log(upto, pause)) % WHOLE
    # What went into an archive meanwhile was in one sum alone: the next run sees the rest.
    return upto if of_notes != of_log and first == _oldest() else 0


@atomic_retry
def note_anew() -> None:
    """Everything again out of the log, by the next run of the scheduler."""
    Counter.objects.filter(name=NOTED).update(value=0)
    AuditMention.objects.all().delete()


def _oldest() -> int:
    return AuditEntry.objects.aggregate(first=Min("pk"))["first"] or 0


def _noted() -> int:
    return Counter.objects.filter(name=NOTED).values_list("value", flat=True).first() or 0


def _digest(patient: bytes, number: int) -> int:
    return int.from_bytes(blake2b(patient + pack("<q", number), digest_size=16).digest(), "big")


def _pairs_of_notes(first: int, upto: int, pause) -> Iterator[tuple[bytes, int]]:
    for at, row in enumerate(paged(AuditMention.objects.all(), "pk", PAGE)):
        if not at % PAGE:
            pause()
        for (number,) in iter_unpack("<q", bytes(row.entries)):
            if first <= number <= upto:
                yield row.patient.bytes, number


def _pairs_of_log(upto: int, pause) -> Iterator[tuple[bytes, int]]:
    entries = AuditEntry.objects.filter(pk__lte=upto, subjects__isnull=False)
    for at, row in enumerate(paged(entries.only("subjects"), "pk", PAGE)):
        if not at % PAGE:
            pause()
        for (patient,) in iter_unpack(UUIDS, bytes(row.subjects)):
            yield patient, row.pk


def _settled() -> int:
    """The last number of which no transaction is open any more."""
    seal = last_before(now() - LATE)
    return seal.last_id if seal else 0


@atomic_retry
def _note_piece(until: int) -> bool:
    """Whether there is more."""
    counter = lock(Counter.objects.filter(name=NOTED)).get()
    upto = min(counter.value + PIECE, until)
    if upto <= counter.value:
        return False
    rows = AuditEntry.objects.filter(
        pk__gt=counter.value, pk__lte=upto, subjects__isnull=False
    ).order_by("pk")
    found = defaultdict(list)
    for number, subjects in rows.values_list("pk", "subjects"):
        for (patient,) in iter_unpack(UUIDS, bytes(subjects)):
            found[patient].append(number)
    AuditMention.objects.bulk_create(
        (
            AuditMention(
                patient=UUID(bytes=patient),
                last_id=numbers[-1],
                entries=pack(f"<{len(numbers)}q", *numbers),
            )
            for patient, numbers in found.items()
        ),
        batch_size=AT_ONCE,
    )
    counter.value = upto
    counter.save(update_fields=["value"])
    return upto < until


def _unnoted(patient: UUID) -> list[int]:
    """Those of the last hours, by looking through them."""
    place = Func(
        F("subjects"),
        Value(patient.bytes, output_field=BinaryField()),
        function="INSTR",
        output_field=IntegerField(),
    )
    rows = AuditEntry.objects.filter(pk__gt=_noted(), subjects__isnull=False)
    rows = rows.annotate(place=place).filter(place__gt=0).order_by("-pk")
    return list(rows.values_list("pk", flat=True))
