"""Patients with sealed numbers, blind indexes and the parts of their names."""

from django.db import connection, transaction
from django.utils import timezone

from tests.benchmarks.crowd import Crowd, Table
from tests.benchmarks.large import bulk

PIECE = 2_000
FIRST = 1_000  # record numbers below are those of the practice clinic


def fill(many: int, by) -> None:
    """So many people; `bench_patient` says which number is whose."""
    from clinic.core.models import Counter
    from patients.models import NamePart, Patient

    global _makes
    patients, parts = Table(Patient, connection), Table(NamePart, connection)
    bulk.run(f"CREATE TABLE bench_patient (n INTEGER PRIMARY KEY, id {_id_type()})")
    usual = Patient(**Crowd(connection, by).person(1), allergy_status="denied")
    usual.allergy_confirmed_at, usual.allergy_confirmed_by = timezone.now(), by
    _makes = (patients, parts, patients.stored(usual), by)
    pieces = [range(at, min(at + PIECE, many)) for at in range(0, many, PIECE)]
    with bulk.indexed_at_the_end(Patient, NamePart):
        for number, (people, names, ids) in enumerate(bulk.computed(_piece, pieces), 1):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(patients.sql, people)
                cursor.executemany(parts.sql, names)
                bulk.write("bench_patient", ["n", "id"], ids)
            if number % 50 == 0:
                bulk.told(f"{number * PIECE:>11,} patients")
    Counter.objects.update_or_create(
        name="patient.record_no", defaults={"value": FIRST + many + 1_000}
    )


def _id_type() -> str:
    return "char(32)" if connection.vendor == "sqlite" else "uuid"


def _piece(numbers: range) -> tuple[list, list, list]:
    patients, parts, usual, by = _makes
    crowd = Crowd(connection, by, seed=numbers.start + 7, all_numbers=True)
    people = [crowd.person(FIRST + number) for number in numbers]
    stored = [usual | crowd.differing(person) for person in people]
    return (
        [[bulk.plain(row[field.attname]) for field in patients.fields] for row in stored],
        [
            [bulk.plain(row[field.attname]) for field in parts.fields]
            for person in people
            for row in crowd.parts(person)
        ],
        [(number, row["id"]) for number, row in zip(numbers, stored, strict=True)],
    )
