"""Who of a list is on file already, or stands in an earlier line of it (R-81)."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q

from clinic.core.tables.kinds import Row
from patients import born
from patients.duplicates import on_file
from patients.exchange.lines import Line
from patients.models import Patient

MOST = 5  # files or lines that a question names


@dataclass
class Known:
    """The files that the lines of one slice could mean."""

    by_number: dict[str, Patient] = field(default_factory=dict)
    by_health_no: dict[str, Patient] = field(default_factory=dict)
    by_name: dict[str, list[Patient]] = field(default_factory=lambda: defaultdict(list))

    def add(self, patient: Patient) -> None:
        if patient.id_number:
            self.by_number[patient.id_number] = patient
        if patient.health_no:
            self.by_health_no[patient.health_no] = patient
        self.by_name[patient.name].append(patient)

    def same(self, line: Line) -> Patient | None:
        """The file with this document number: certainly the same person."""
        return self.by_number.get(line.id_number) if line.id_number else None

    def alike(self, line: Line) -> list[Patient]:
        """Files with the same name, and birth date and sex or a phone."""
        found = [
            patient
            for patient in self.by_name[line.person["name"]]
            if _same_birth(patient, line) or line.phones & {patient.phone, patient.contact_phone}
        ]
        return found[:MOST]


def known_to(lines: list[Line]) -> Known:
    """Three queries, whatever the number of lines."""
    known, found = Known(), {}
    for name in ("id_number", "health_no"):
        numbers = {line.person.get(name) for line in lines} - {None, ""}
        for patient in _with_numbers(name, numbers):
            found[patient.pk] = patient
    for patient in _alike(lines):
        found[patient.pk] = patient
    for patient in found.values():
        known.add(patient)
    return known


def _days(line: Line) -> list:
    """As the birth date of one person may stand, where less is known of it."""
    day = line.person["birth_date"]
    return [born.first_of(day, precision) for precision in (born.DAY, born.MONTH, born.YEAR)]


def _same_birth(patient: Patient, line: Line) -> bool:
    if patient.sex != line.person["sex"]:
        return False
    ours, theirs = patient.birth_date, line.person["birth_date"]
    return born.agree(ours, patient.birth_precision, theirs) or born.agree(
        theirs, line.person["birth_precision"], ours
    )


def _candidates(name: str, values) -> list:
    index = Patient._meta.get_field(f"{name}_index")
    asked = [index.asked(value) for value in values]
    return [digest for spelling in asked if spelling for digest in index.candidates(spelling)]


def _with_numbers(name: str, numbers: set[str]):
    if not numbers:
        return []
    return on_file().filter(**{f"{name}_index__in": _candidates(name, numbers)})


def _alike(lines: list[Line]):
    """By name and one more thing: a common name alone may have thousands of files."""
    if not lines:
        return []
    phones = {phone for line in lines for phone in line.phones}
    rest = Q(birth_date__in={day for line in lines for day in _days(line)})
    for line in lines:
        if line.person["birth_precision"] != born.DAY:
            rest |= Q(birth_date__year=line.person["birth_date"].year)
    if phones:
        rest |= Q(phone_index__in=_candidates("phone", phones))
        rest |= Q(contact_phone_index__in=_candidates("contact_phone", phones))
    return on_file().filter(rest, name__in={line.person["name"] for line in lines})


# --- lines of the same file, while nothing of it is written yet --------------------------------


def line_with_number(line: Line, seen: dict) -> int | None:
    """The earlier line with this document number."""
    return seen.get(("id", line.id_number)) if line.id_number else None


def lines_alike(line: Line, seen: dict) -> list[int]:
    """Earlier lines that look like the same person."""
    found = dict.fromkeys(seen.get(("born", *line.born), ()))
    for phone in line.phones:
        found |= dict.fromkeys(seen.get(("phone", line.person["name"], phone), ()))
    return list(found)[:MOST]


def note(row: Row, line: Line, seen: dict) -> None:
    """Of a line that would open a file: as much as is needed to know the person again."""
    if line.id_number:
        seen["id", line.id_number] = row.number
    keys = [("born", *line.born)]
    keys += [("phone", line.person["name"], phone) for phone in line.phones]
    for key in keys:
        seen[key] = (*seen.get(key, ())[: MOST - 1], row.number)
