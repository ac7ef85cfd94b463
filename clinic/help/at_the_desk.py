"""The front desk: registering, booking, triage, schedules, paper numbers."""

from django.utils.translation import gettext_lazy as _

from clinic.help.topic import Topic

TOPICS = [
    Topic(
        "desk",
        _("Front desk"),
        _(
            "Type a name, initials, the last digits of the phone or a number into the large box and"
            " press Enter. The right side then registers with a doctor: F9 registers and prints the"
            " slip. F2 opens a new file; the list shows where each patient of today is."
        ),
        keys=(
            "F9",
            "F2",
            "Alt Q",
            "Alt T",
        ),
    ),
    Topic(
        "registration_new",
        _("Register"),
        _(
            "Choose the doctor; the ticket's letter tells which one. F9 registers and prints the "
            "slip. A patient who was registered by mistake is taken off the list with a reason; the"
            " number is not given again."
        ),
        also=(
            "slip",
            "registration_cancel",
        ),
        keys=("F9",),
    ),
    Topic(
        "registration_later",
        _("Book a later day"),
        _(
            "Choose the day, the doctor and a time that is still free. The patient checks in at the"
            " desk on that day. To change a booking, take another time; the old one becomes free by"
            " itself."
        ),
        also=(
            "registration_rebook",
            "booking_rebook",
        ),
        keys=("F9",),
    ),
    Topic(
        "desk_bookings",
        _("Online bookings"),
        _(
            "Here stand the people who booked by phone without a file. Compare the document with "
            "the booking, choose or create the file, then check in. A booking nobody comes for "
            "counts as missed at the end of the day."
        ),
        also=("desk_booking",),
        keys=("F9",),
    ),
    Topic(
        "triage",
        _("Triage and vital signs"),
        _(
            "Measure, type, press F9: the next patient opens by itself. Ask everybody about "
            "allergies, because without an answer no drug can be prescribed. A value out of range "
            "is asked once more before it is saved."
        ),
        also=(
            "triage_visit",
            "vitals",
        ),
        keys=(
            "F9",
            "Alt N",
        ),
    ),
    Topic(
        "schedule",
        _("Schedule"),
        _(
            "Each cell is one half-day of a doctor: press it to set room, times and how many "
            "patients. The usual week fills future weeks by itself; holidays close whole days. A "
            "change never removes people who are booked: they are listed to be told."
        ),
        also=(
            "schedule_cell",
            "week_plan",
            "holiday_list",
        ),
        keys=(
            "Alt B",
            "Alt N",
        ),
    ),
    Topic(
        "doctor_away",
        _("A doctor is away"),
        _(
            "Name the doctor and the time; nobody is booked into it any more. The list that follows"
            " holds everybody to be called: hand over, move or cancel each."
        ),
        also=(
            "stopped_list",
            "begun_cancel",
        ),
        keys=("F9",),
    ),
    Topic(
        "paper_numbers",
        _("Emergency numbers on paper"),
        _(
            "Print a sheet for each doctor before you need it and keep it in the drawer. While the "
            "system is down, tear numbers off and write name, phone and time on the sheet. "
            "Afterwards type them in with their original times; such visits are marked."
        ),
        also=(
            "paper_print",
            "paper_entry",
        ),
        keys=("F9",),
    ),
    Topic(
        "registration_report",
        _("Reports"),
        _(
            "Choose the period, then look, print or save as Excel. The outpatient log holds what "
            "the rules ask of a clinic's register. Under each table stands how its numbers were "
            "counted."
        ),
        also=(
            "outpatient_log",
            "no_shows",
            "waiting_times",
        ),
        keys=("F8",),
    ),
    Topic(
        "display",
        _("Waiting-room screen"),
        _(
            "Open this page on the television in the waiting room and press once to start the "
            "sound. It shows numbers and masked names only and refreshes by itself. The slip's code"
            " shows the same on the patient's own phone."
        ),
        also=(
            "display_all",
            "display_area",
            "display_place",
        ),
    ),
]
