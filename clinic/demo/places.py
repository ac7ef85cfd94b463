"""The demo clinic's name, departments, rooms, doctors and week."""

from datetime import time

from clinic.core.models import Institution
from registration.models import Clinician, Department, Period, Room, WeeklySchedule

# The last part ends at midnight, so that a trial works at any hour.
HOURS = {
    Period.MORNING: (time(7, 30), time(12, 0)),
    Period.AFTERNOON: (time(12, 0), time(18, 0)),
    Period.NIGHT: (time(18, 0), time(23, 59)),
}
DOCTORS = [
    ("doctor", "全科", "1诊室", "A", Clinician.Title.ATTENDING, Clinician.Grade.RESTRICTED),
    ("doctor2", "儿科", "2诊室", "B", Clinician.Title.RESIDENT, Clinician.Grade.UNRESTRICTED),
]
# Of a clinic of thousands of patients.
MORE = [
    ("doctor3", "全科", "3诊室", "C", Clinician.Title.ATTENDING, Clinician.Grade.RESTRICTED),
    ("doctor4", "全科", "4诊室", "D", Clinician.Title.RESIDENT, Clinician.Grade.UNRESTRICTED),
]
QUOTA = 60
# Of these, online: nobody books the night.
ONLINE = {Period.MORNING: 24, Period.AFTERNOON: 18, Period.NIGHT: 0}


def make_places(people: dict) -> None:
    """Create what is missing; what the clinic has changed stays as it is."""
    if not Institution.objects.exists():
        Institution.objects.create(
            name="青溪社区卫生服务站",
            short_name="青溪",
            kind=Institution.Kind.STATION,
            address="青溪镇北桥路 18 号",
            phone="0512-58001234",
        )
    for username, department, room, letter, title, grade in DOCTORS + MORE:
        if username not in people:
            continue
        place, _made = Department.objects.get_or_create(
            name=department, defaults={"paediatric": department == "儿科"}
        )
        consulting_room, _made = Room.objects.get_or_create(name=room)
        clinician, _made = Clinician.objects.get_or_create(
            user=people[username],
            defaults={
                "department": place,
                "room": consulting_room,
                "letter": letter,
                "title": title,
                "licence_no": f"1103205820001{letter}",
                "antibiotic_grade": grade,
                "psychotropic_2": True,
                "narcotic": not place.paediatric,
            },
        )
        make_week(clinician)


def make_week(clinician: Clinician) -> None:
    """Every day, all three parts of the day."""
    for weekday in range(7):
        for period, (starts, ends) in HOURS.items():
            WeeklySchedule.objects.get_or_create(
                clinician=clinician,
                weekday=weekday,
                period=period,
                defaults={
                    "starts": starts,
                    "ends": ends,
                    "quota": QUOTA,
                    "online_quota": ONLINE[period],
                },
            )
