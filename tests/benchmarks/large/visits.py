"""Three years of visits: every second patient came three times, one in a thousand ten times.

Five visits of six end with a prescription of four drugs. `bench_visit` says what the rest needs.
"""

import bisect
import operator
import random
import uuid
from datetime import date, datetime, time, timedelta, timezone

from django.db import connection, transaction

from tests.benchmarks.large import alike, bulk

DAYS, BEFORE = 1_095, 10  # the last of them; after it come the practice clinic's own days
PIECE = 3_000
A_QUIET_DAY = 14  # visits in one month, however large the installation is: that of 10,000 patients
FIRST = operator.itemgetter(0)
OFTEN = 150  # one visit of so many is of somebody who comes often
COLUMNS = "v s patient registration consultation sheet session number day came started ended doctor"
COLUMNS = COLUMNS.split()
ILLNESSES = [
    ("I10", "特发性(原发性)高血压"), ("J06.9", "急性上呼吸道感染"), ("E11.9", "2型糖尿病"),
    ("K29.5", "慢性胃炎"), ("M54.5", "下背痛"), ("J20.9", "急性支气管炎"), ("L30.9", "皮炎"),
]  # fmt: skip


def patient_of(visit: int, patients: int) -> int:
    if visit % OFTEN == 0:
        return 1_000 * (visit // OFTEN % max(1, patients // 1_000)) + 1
    return 2 * (visit % (patients // 2))


def sheet_of(visit: int) -> int | None:
    """The number of its prescription; a sixth has none."""
    group, place = divmod(visit, 6)
    return group * 5 + place if place < 5 else None


def fill(patients: int, by) -> int:
    """Visits, records, diagnoses; how many visits."""
    from registration.models import Clinician, Consultation, Diagnosis, Registration

    global _known
    visits = patients * 3 // 2
    doctors = list(Clinician.objects.select_related("user").order_by("pk"))
    days = _days()
    sessions = _sessions(doctors, days)
    ids = dict(_ids())
    firsts, likes = _firsts(visits, days), _likes(doctors[0])
    _known = (visits, patients, doctors, firsts, sessions, ids, likes, {})
    kind = "char(32)" if connection.vendor == "sqlite" else "uuid"
    moment = "datetime" if connection.vendor == "sqlite" else "datetime(6)"
    bulk.run(
        f"CREATE TABLE bench_visit (v INTEGER PRIMARY KEY, s INTEGER, patient {kind}, "
        f"registration {kind}, consultation {kind}, sheet {kind}, session INTEGER, "
        f"number varchar(6), day date, came {moment}, started {moment}, ended {moment}, "
        "doctor INTEGER)"
    )
    pieces = [range(at, min(at + PIECE, visits)) for at in range(0, visits, PIECE)]
    with bulk.indexed_at_the_end(Registration, Consultation, Diagnosis):
        for number, rows in enumerate(bulk.computed(_piece, pieces), 1):
            with transaction.atomic():
                for (table, columns), some in zip(_tables(), rows, strict=True):
                    bulk.write(table, columns, some)
            if number % 50 == 0:
                bulk.told(f"{number * PIECE:>11,} visits")
        bulk.told("registrations")
        _registrations(by)
    return visits


def _ids():
    with connection.cursor() as cursor:
        cursor.execute("SELECT n, id FROM bench_patient")
        yield from cursor.fetchall()


def _days() -> list:
    from django.utils.timezone import localdate

    last = localdate() - timedelta(days=BEFORE)
    return [last - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]


def _sessions(doctors: list, days: list) -> dict:
    from registration.models import Session

    Session.objects.bulk_create(
        [
            Session(
                clinician=doctor, room_id=doctor.room_id, date=day, period="am",
                starts=time(0), ends=time(23, 59), quota=999,
            )
            for day in days
            for doctor in doctors
        ],
        batch_size=500,
    )  # fmt: skip
    rows = Session.objects.filter(date__lte=days[-1]).values_list("pk", "clinician_id", "date")
    return {(doctor, day): pk for pk, doctor, day in rows}


def _firsts(visits: int, days: list) -> list[tuple]:
    """The number of the first visit of each day. One month is alike in all installations."""
    quiet = [day for day in days if quiet_month(days[-1]) == (day.year, day.month)]
    each, rest = A_QUIET_DAY, visits - A_QUIET_DAY * len(quiet)
    found, number, busy, others = [], 0, 0, len(days) - len(quiet)
    for day in days:
        found.append((number, day))
        if day in quiet:
            number += each
        else:
            busy += 1
            number += rest * busy // others - rest * (busy - 1) // others
    return found


def quiet_month(last: date) -> tuple[int, int]:
    """That of the year before, a quarter of a year earlier."""
    back = last.year * 12 + last.month - 1 - 15
    return back // 12, back % 12 + 1


def days_alike() -> str:
    """Twelve days of that month as an address asks for them; the twelve before lie in it, too.

    In an installation made this month.
    """
    year, month = quiet_month(_days()[-1])
    return f"?since={date(year, month, 17)}&until={date(year, month, 28)}"


def _likes(doctor) -> tuple:
    """A record and a diagnosis; the others have the same but for what `_visit` names."""
    from registration.models import Consultation, Diagnosis

    record = Consultation(
        clinician=doctor, finished_by=doctor.user, version=2, first_visit=False,
        complaint="头晕三天，无发热，无胸闷", examination="心肺听诊无异常，双下肢不肿",
    )  # fmt: skip
    of_it = Diagnosis(consultation=record, added_by=doctor.user, code="", name="", month_code="")
    return alike.Like(record), alike.Like(of_it)


def _tables() -> list[tuple[str, list[str]]]:
    from registration.models import Consultation, Diagnosis

    return [("bench_visit", COLUMNS)] + [
        (model._meta.db_table, [field.column for field in model._meta.concrete_fields])
        for model in (Consultation, Diagnosis)
    ]


def _piece(numbers: range) -> tuple[list, list, list]:
    chance = random.Random(numbers.start)
    made = [_visit(number, chance) for number in numbers]
    return tuple(map(list, zip(*made, strict=True)))


def _visit(number: int, chance) -> tuple[list, list, list]:
    visits, patients, doctors, firsts, sessions, ids, likes, indexes = _known
    first, day = firsts[bisect.bisect_right(firsts, number, key=FIRST) - 1]
    turn = number - first
    doctor = doctors[turn % len(doctors)]
    came = datetime.combine(day, time(0), timezone.utc) + timedelta(seconds=turn * 25 % 36_000)
    started, ended = came + timedelta(minutes=12), came + timedelta(minutes=19)
    sheet = sheet_of(number)
    patient = uuid.UUID(str(ids[patient_of(number, patients)]))
    registration, record, rx = (_id(chance) for _n in range(3))
    code, name = ILLNESSES[chance.randrange(len(ILLNESSES))]
    consultation = likes[0].row(
        record, id=record, registration_id=registration, patient_id=patient,
        clinician_id=doctor.pk, finished_by_id=doctor.user_id,
        vitals={"systolic": str(110 + number % 50), "diastolic": str(70 + number % 25)},
        started_at=started, finished_at=ended, archives_at=ended + timedelta(days=1),
    )  # fmt: skip
    of_month = f"{day:%Y-%m}/{code}"
    if of_month not in indexes:
        field = likes[1].fields["month_code_index"]
        indexes[of_month] = bulk.plain(field.get_db_prep_save(field.compute(of_month), connection))
    key = _id(chance)
    diagnosis = likes[1].row(
        key, id=key, consultation_id=record, code=code, name=name, month_code=of_month,
        month_code_index=indexes[of_month], added_by_id=doctor.user_id, added_at=ended,
    )  # fmt: skip
    row = [
        number, sheet, alike.bare(patient), alike.bare(registration), alike.bare(record),
        None if sheet is None else alike.bare(rx), sessions[doctor.pk, day],
        f"{doctor.letter}{turn // len(doctors) + 1:04d}", day.isoformat(),
        *map(alike.adapted, (came, started, ended)), doctor.user_id,
    ]  # fmt: skip
    return row, consultation, diagnosis


def _id(chance) -> uuid.UUID:
    return uuid.UUID(int=chance.getrandbits(128), version=4)


def _registrations(by) -> None:
    from registration.models import Registration

    given = {
        "id": "registration", "patient_id": "patient", "session_id": "session", "day": "day",
        "number": "number", "registered_at": "came", "checked_in_at": "came",
        "first_called_at": "started", "started_at": "started", "finished_at": "ended",
    }  # fmt: skip
    usual = {"state": "finished", "registered_by": by, "called_times": 1, "slip_prints": 1}
    bulk.copy(Registration, given, "FROM bench_visit", **usual)
