"""Finding a patient by whatever the person at the desk has: name, pinyin, number, phone, date.

Every question is a look-up in an index, however many patients there are. What was typed is never
stored or logged.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from clinic.core.prepared import prepared
from patients import questions, records
from patients.duplicates import on_file
from patients.models import NamePart, Patient
from patients.names import Part, parts
from patients.questions import Ask, Question
from patients.records import Recent

CANDIDATES = 60  # of each question about names: as many fit a single letter as there are patients
RECENT = 400  # people who were here last: all of them are compared, for they come first
# What the lists draw of whom they found, and what leads to the file in force.
LISTED = ("record_no", "name", "reading", "sex", "birth_date", "birth_precision", "state")
LISTED += ("merged_into", "id_type", "id_number", "phone", "contact_phone", "allergy_status")
# How well a file fits, the best first.
WHOLE, BEGINNING, INSIDE = range(3)


def find_patients(text: str, limit: int = 20) -> list[Patient]:
    """At most `limit` files that fit: the best first, among equals those that were here last.

    The number of queries depends on the kind of question, never on the number of patients. A file
    that was merged leads to the one that is kept: `found_as` has the numbers it was found under,
    `here_on` the day of the last visit if that is not long ago. What no list draws is fetched for
    whoever asks for it.
    """
    question = questions.read(text, timezone.localdate())
    if question is None:
        return []
    by_name, are_all = _by_name(question.names, limit)
    recent = records.recent_visits(RECENT, named=not are_all)
    days = {one.patient: one.day for one in recent}
    fits: dict[UUID, int] = {}
    for key, fit in [
        *_by_number(question, days, limit),
        *(() if are_all else _among(recent, question.names)),
        *by_name,
    ]:
        fits[key] = min(fit, fits.get(key, fit))
    found = _kept(_best(fits, days, limit, are_all=are_all))
    for patient in found:
        patient.here_on = days.get(patient.pk)
    return found


@prepared
def _files(patients: list[UUID]):
    return _latest(Patient.objects.filter(pk__in=patients)).only(*LISTED)


@prepared
def _changed_last(patients: list[UUID]):
    return _latest(Patient.objects.filter(pk__in=patients)).values_list("pk", flat=True)


@cache
def _parts_where(names: tuple[str, ...], column: str):
    """A question for each kind of words; its values are the rank and what stands to the names."""

    @prepared
    def rows(rank: int, *values: str):
        found = NamePart.objects.filter(rank=rank, **dict(zip(names, values, strict=True)))
        found = found.order_by(column).values_list("patient", "text", "pinyin", "initials")
        return found[:CANDIDATES]

    return rows


# -- names --


def _by_name(asks: list[Ask], limit: int) -> tuple[list[tuple[UUID, int]], bool]:
    """Who fits how well, and whether these are all who do and could be shown.

    Who has it inside the name comes after everyone whose name begins so; where those fill the
    list already, nobody asks for the others.
    """
    found, are_all = [], True
    for rank in (NamePart.WHOLE, NamePart.OTHER):
        if len({key for key, _how in found}) >= limit:
            break
        for ask in asks:
            rows = _candidates(ask, rank)
            found += [(key, _fit(ask, Part(rank, *rest))) for key, *rest in rows]
            are_all = are_all and len(rows) < CANDIDATES
    return found, are_all


def _candidates(ask: Ask, rank: int):
    """The first that fit in the order of the index, so that the shortest come first."""
    where = ask.where()
    return _parts_where(tuple(where), ask.column)(int(rank), *where.values())


def _among(recent: list[Recent], asks: list[Ask]) -> Iterator[tuple[UUID, int]]:
    """Of those who were here last nobody is missed, however common the name."""
    for one in recent:
        named = parts(one.name, one.reading)
        found = [_fit(ask, part) for part in named for ask in asks if ask.fits(part)]
        if found:
            yield one.patient, min(found)


def _fit(ask: Ask, part: Part) -> int:
    if ask.is_whole(part):
        return WHOLE
    return BEGINNING if part.rank == NamePart.WHOLE else INSIDE


# -- numbers and dates --


def _by_number(
    question: Question, recent: Iterable[UUID], limit: int
) -> Iterator[tuple[UUID, int]]:
    """The files of each number that the words may be."""
    bare, files = question.bare, Patient.objects.all()
    found: list[UUID] = []
    if record := questions.record_no(bare):
        found += files.filter(record_no=record).values_list("pk", flat=True)
    if question.dates:
        found += _born(question).values_list("pk", flat=True)[:limit]
    if len(bare) >= 5 and bare.isalnum():
        found += files.find_keys(limit, id_number=bare)
    if any(character.isdigit() for character in bare):
        found += files.find_keys(limit, health_no=bare)
        found += files.find_keys(limit, paper_no=bare)
    yield from ((key, WHOLE) for key in found)
    if len(bare) >= 5 and bare.isalnum():  # a child by its mother's card comes after herself
        yield from ((key, INSIDE) for key in files.find_keys(limit, mother_id_number=bare))
    yield from _by_phone(question, list(recent), limit)


def _by_phone(question: Question, recent: list[UUID], limit: int) -> Iterator[tuple[UUID, int]]:
    digits, fit = question.digits, WHOLE
    if len(digits) == 4:
        kinds, fit = ("phone_last4", "contact_phone_last4"), BEGINNING
    elif 7 <= len(digits) <= 15:
        kinds = ("phone", "contact_phone")
    else:
        return
    files = _named(Patient.objects.all(), question.beside)
    for kind in kinds:
        for among in (files.filter(pk__in=recent), files):
            yield from ((key, fit) for key in among.find_keys(limit, **{kind: digits}))


def _born(question: Question):
    """Files with one of the birth dates, and the name if one stands beside it."""
    return _latest(_named(on_file().filter(birth_date__in=question.dates), question.beside))


def _named(files, asks: list[Ask]):
    """Of these files the ones with a name that fits; every one where no name was given."""
    anyone = Q()
    for ask in asks:
        anyone |= Q(**ask.where())
    return (
        files.filter(Exists(NamePart.objects.filter(anyone, patient=OuterRef("pk"))))
        if asks
        else files
    )


def _latest(files):
    return files.order_by("-updated_at", "-record_no")


# -- what is shown --


def _best(
    fits: dict[UUID, int], days: dict[UUID, date], limit: int, *, are_all: bool
) -> list[Patient]:
    """The best first, of these who were here last, of the others the files changed last.

    Of more than the index was asked for, its first are taken.
    """

    rank = {key: (fit, 0) for key, fit in fits.items()}
    for key in days.keys() & rank.keys():
        rank[key] = fits[key], -days[key].toordinal()
    keys = list(rank)
    if len(keys) > limit:
        keys = sorted(_changed_last(keys) if are_all else keys, key=rank.__getitem__)[:limit]
    return sorted(_files(keys), key=lambda patient: rank[patient.pk])


def _kept(found: list[Patient]) -> list[Patient]:
    """The files in force of these, each once, with the numbers of those that led to it."""
    files, led = {p.pk: p for p in found}, {}
    while wanted := {p.merged_into_id for p in files.values()} - {None, *files}:
        files |= Patient.objects.in_bulk(wanted)
    for patient in found:
        kept = patient
        while kept.merged_into_id:
            kept = files[kept.merged_into_id]
        numbers = led.setdefault(kept.pk, [])
        if kept is not patient:
            numbers.append(patient.record_no)
    for key, numbers in led.items():
        files[key].found_as = numbers
    return [files[key] for key in led]
