"""Before a simulated day: accounts, rooms, hours, files and stock, by the verbs of the screens.

Works on the data directory, not through pages: it is no part of the day. Only in a practice clinic,
where everybody and everything is made up. Can be called again before each further day.
"""

import datetime

from django.utils import timezone

from clinic.demo.patients import register_row
from clinic.demo.stock import PIECE
from pharmacy import stock
from pharmacy.deliveries import Acceptance
from pharmacy.models import ControlClass, Drug, Supplier
from pharmacy.watch import keeping
from registration import planning
from registration.models import Clinician, Department, Period, Room
from security.audit import acting_as
from security.models import User
from security.permissions import Role
from security.roles import set_roles

ROLES = {
    "frontdesk": Role.FRONTDESK,
    "nurse": Role.NURSE,
    "doctor": Role.DOCTOR,
    "pharmacist": Role.PHARMACIST,
    "technician": Role.TECHNICIAN,
    "storekeeper": Role.STOREKEEPER,
    "cashier": Role.CASHIER,
    "admin": Role.ADMINISTRATOR,
    "auditor": Role.AUDITOR,
}
NAMES = (
    "孙秀兰 何建国 郭玉梅 梁志强 韩冬梅 曹文斌 邓丽华 彭国庆 萧红霞 田永刚 董春燕 袁海涛".split()
)
ONLINE_CLOSES = 33  # minutes before a session; it closes 30 before
LAST = datetime.time(23, 30)  # no further session begins after this
PER_VISIT = 0.35  # packs of each drug on the shelf


def name_of(role: str, number: int) -> str:
    """The account: doctor, doctor2, doctor3 …"""
    return role if number == 1 else f"{role}{number}"


def cast_of(counts: dict[str, int]) -> dict[str, list[str]]:
    """The accounts of so many people of each role."""
    return {
        role: [name_of(role, number + 1) for number in range(count)]
        for role, count in counts.items()
    }


def prepare(*, counts: dict[str, int], password: str, people: list[dict], visits: int) -> list[str]:
    """Everything that the day needs and the clinic has not; returns what was done, in words."""
    admin = User.objects.get(username="admin")
    with acting_as(admin, screen="simulate_day"):
        made = [
            make_account(role, number + 1, password)
            for role, count in counts.items()
            for number in range(count)
        ]
        doctors = [make_room(name_of("doctor", n + 1), n) for n in range(counts.get("doctor", 0))]
        for clinician in doctors:
            set_hours(clinician, visits, admin)
        files = sum(register_row(row, User.objects.get(username="frontdesk")) for row in people)
        lines = fill_shelves(visits)
    return [
        f"{sum(made)} accounts made, {len(doctors)} doctors have hours until midnight",
        f"{files} files opened, {lines} lines of a delivery taken in",
    ]


def make_account(role: str, number: int, password: str) -> bool:
    """True where it is new; an existing one keeps its password."""
    username = name_of(role, number)
    if User.objects.filter(username=username).exists():
        return False
    full_name = f"{NAMES[number % len(NAMES)]}{number}"[:4]
    user = User(username=username, full_name=full_name, is_demo=True, must_change_password=False)
    user.set_password(password)
    user.save()
    set_roles(user=user, roles={ROLES[role].value}, by=None)
    return True


def make_room(username: str, number: int) -> Clinician:
    """A doctor without a room gets one, and a letter that is free."""
    found = Clinician.objects.filter(user__username=username).first()
    if found is not None:
        return found
    taken = set(Clinician.objects.values_list("letter", flat=True))
    letter = next(one for one in "ABCDEFGHJKLMNPQRSTUVWXYZ" if one not in taken)
    department = Department.objects.filter(paediatric=False).order_by("pk").first()
    return Clinician.objects.create(
        user=User.objects.get(username=username),
        department=department,
        room=Room.objects.get_or_create(name=f"{number + 1}诊室")[0],
        letter=letter,
        title=Clinician.Title.ATTENDING,
        licence_no=f"1103205820001{letter}",
        antibiotic_grade=Clinician.Grade.RESTRICTED,
        psychotropic_2=True,
    )


def set_hours(clinician: Clinician, visits: int, by: User) -> None:
    """From now until midnight, whatever the hour; what begins soon can still be booked online."""
    now = timezone.localtime().replace(second=0, microsecond=0)
    soon = now + datetime.timedelta(minutes=ONLINE_CLOSES)
    if soon.date() != now.date() or soon.time() > LAST:
        soon = now.replace(hour=23, minute=30)
    half = soon + (now.replace(hour=23, minute=59) - soon) / 2
    parts = [
        (Period.MORNING, datetime.time(0), soon.time(), 0),
        (Period.AFTERNOON, soon.time(), half.time().replace(second=0), visits // 2 + 20),
        (Period.NIGHT, half.time().replace(second=0), datetime.time(23, 59), visits // 4 + 10),
    ]
    for period, starts, ends, online in parts:
        hours = planning.Hours(starts, ends, None, visits * 2 + 120, online, 30)
        planning.change_session(
            clinician=clinician,
            day=now.date(),
            period=period,
            hours=hours,
            by=by,
            knowingly=True,
        )


def fill_shelves(visits: int) -> int:
    """Of each drug as much as so many visits may take; returns the lines taken in."""
    keeper = User.objects.get(username="storekeeper")
    drugs = list(Drug.objects.filter(active=True).order_by("pk"))
    held = stock.available([drug.pk for drug in drugs])
    controlled = set(ControlClass.objects.values_list("drug", flat=True))  # need two people
    wanted = {drug.pk: _wanted(drug, visits) for drug in drugs}
    lines = [
        _line(drug, wanted[drug.pk] - held[drug.pk])
        for drug in drugs
        if held[drug.pk] < wanted[drug.pk] // 2 and drug.pk not in controlled
    ]
    supplier = Supplier.objects.order_by("pk").first()
    acceptance = Acceptance(accepted_by=User.objects.get(username="pharmacist"))
    for start in range(0, len(lines), PIECE):
        stock.receive(
            supplier=supplier, lines=lines[start : start + PIECE], acceptance=acceptance, by=keeper
        )
    keeping.refresh()
    return len(lines)


def _wanted(drug: Drug, visits: int) -> int:
    return max(drug.lower_limit, round(visits * PER_VISIT + 6) * drug.units_per_pack)


def _line(drug: Drug, units: int) -> dict:
    today = timezone.localdate()
    packs = -(-units // drug.units_per_pack)
    return {
        "drug": drug,
        "lot": f"{today - datetime.timedelta(days=30):%y%m%d}{drug.pk % 10}",
        "expires_on": today + datetime.timedelta(days=600),
        "quantity": packs * drug.units_per_pack,
        "cost": drug.price,
        "shelf": drug.shelf,
        "reason": "货源紧张，经负责人同意验收",
    }
