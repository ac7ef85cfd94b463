"""Searching a million patients against searching a thousand, by every kind of question.

    python -m tests.benchmarks.patient_search                          SQLite
    DATABASE_URL=mysql://… python -m tests.benchmarks.patient_search    MariaDB

Both clinics have the same surnames and given names in the same shares, and the same visits.
With --many N another number than a million. Target: at most 2 by the median, for each question.
The plans of all questions are looked at as well: none reads a whole table or index.
"""

import statistics
import sys
import time
from datetime import timedelta
from functools import partial

from tests.benchmarks import ground
from tests.benchmarks.crowd import Crowd, Table

FEW, MANY = 1_000, 1_000_000
PIECE = 5_000
ROUNDS = 31
TARGET = 2.0
QUESTIONS = {
    "whole name": "王秀英",
    "part of a name": "秀英",
    "one surname": "王",
    "rare surname, misread": "danxiuying",
    "full pinyin": "wangxiuying",
    "pinyin of the given name": "xiuying",
    "initials": "wxy",
    "two initials": "wx",
    "one letter": "w",
    "pinyin and initials": "wangxy",
    "characters and letters": "w秀英",
    "character and pinyin": "王xiu",
    "name nobody has": "王龘",
    "letters nobody has": "wangqqq",
    "record number": "P00000777",
    "phone": "13800000777",
    "last four digits": "0777",
    "document number": "",  # that of one of the patients
    "health record number": "32058200000000777",
    "birth date": "1958-03-16",
    "name and birth date": "王 1958-03-16",
    "name and last four digits": "wx 0777",
    "number nobody has": "13999999999",
}


class Clinic:
    """One database with `many` patients; `here` makes it the one that is asked."""

    def __init__(self, connection):
        self.connection, self.made = connection, 0
        self.here()
        from tests.factories.patients import somebody

        self.by = somebody()
        self.crowd = Crowd(connection, self.by)

    def here(self):
        from django.db import connections

        connections["default"] = self.connection

    def fill(self, many: int) -> None:
        from django.db import transaction

        from patients.models import NamePart, Patient

        self.here()
        if self.connection.vendor == "sqlite":
            with self.connection.cursor() as cursor:
                cursor.execute("PRAGMA cache_size = -1500000")
                cursor.execute("PRAGMA synchronous = OFF")
        patients, parts = Table(Patient, self.connection), Table(NamePart, self.connection)
        usual = patients.stored(Patient(**self.crowd.person(0)))
        while self.made < many:
            wanted = range(self.made, min(self.made + PIECE, many))
            people = [self.crowd.person(number) for number in wanted]
            with transaction.atomic():
                patients.write([usual | self.crowd.differing(person) for person in people])
                parts.write([row for person in people for row in self.crowd.parts(person)])
            self.made = wanted.stop
            if self.made % 50_000 == 0:
                print(f"{self.made:>9,} patients {time.strftime('%H:%M:%S')}", flush=True)
        self.connection.close()  # from here on as a clinic has it

    def visits(self, many: int = 4_000) -> None:
        """Forty a day; both clinics have as many, and the same people's."""
        from django.utils import timezone

        from patients.models import Patient
        from registration.models import Registration
        from tests.factories.registration import open_session

        self.here()
        session, today = open_session(self.by), timezone.localdate()
        seen = list(Patient.objects.order_by("record_no")[:FEW])
        Registration.objects.bulk_create(
            Registration(
                patient=seen[number % FEW],
                session=session,
                day=today - timedelta(days=number // 40),
                number=f"A{number % 40:03d}",
                state="finished",
                registered_by=self.by,
            )
            for number in range(many)
        )

    def ask(self, typed: str):
        from patients.search import find_patients

        self.here()
        return find_patients(typed, 21)


def questions() -> dict[str, str]:
    from patients.models import Patient

    known = Patient.objects.get(record_no="P00000777").id_number
    return {kind: typed or known for kind, typed in QUESTIONS.items()}


def measure(few: Clinic, many: Clinic) -> dict[str, tuple[float, float]]:
    """Both in turns, so that whatever slows the machine down meets both."""
    asked, times = questions(), {}
    for number in range(ROUNDS + 1):
        for kind, typed in asked.items():
            for clinic in (few, many) if number % 2 else (many, few):
                began = time.perf_counter()
                clinic.ask(typed)
                took = 1000 * (time.perf_counter() - began)
                if number:  # the first round only warms up
                    times.setdefault(kind, ([], []))[clinic is many].append(took)
    return {kind: tuple(map(statistics.median, both)) for kind, both in times.items()}


def second_database(connection):
    """Another scratch database of the same kind beside the one that is there."""
    beside = connection.copy()
    old = beside.settings_dict["NAME"]
    beside.settings_dict["TEST"]["NAME"] = f"{old}_many"
    from django.db import connections

    connections["default"] = beside
    beside.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.settings_dict["NAME"] = old  # Django takes them for one and the same
    return beside, lambda: beside.creation.destroy_test_db(old, verbosity=0)


def main() -> int:
    count = int(sys.argv[sys.argv.index("--many") + 1]) if "--many" in sys.argv else MANY
    with ground.scratch_database():
        from django.db import connections

        from tests.patients.plans import whole_reads

        connection = connections["default"]
        few = Clinic(connection)
        beside, drop = second_database(connection)
        try:
            many = Clinic(beside)
            for clinic, wanted in ((few, FEW), (many, count)):
                clinic.fill(wanted)
                clinic.visits()
            bad = {
                kind: whole_reads(partial(many.ask, typed)) for kind, typed in questions().items()
            }
            measured = measure(few, many)
        finally:
            many.here()
            drop()
            few.here()
    print(f"{connection.vendor}, {FEW:,} and {count:,} patients; medians of {ROUNDS} rounds in ms")
    for kind, (first, second) in measured.items():
        words = "; ".join(bad[kind]) or ""
        print(f"{kind:28}{first:9.2f}{second:9.2f}{second / first:7.2f}  {words}")
    return 1 if any(b / a > TARGET for a, b in measured.values()) or any(bad.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
