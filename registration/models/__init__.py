"""The models of this app, one file for each subject."""

from registration.models.bookings import Booking
from registration.models.codes import Icd10Code
from registration.models.paper import EmergencySheet
from registration.models.places import Clinician, Department, Room
from registration.models.records import Consultation, Diagnosis
from registration.models.schedule import Holiday, Period, Session, WeeklySchedule
from registration.models.stopping import StoppedContact
from registration.models.visits import Call, Registration

__all__ = [
    "Booking",
    "Call",
    "Clinician",
    "Consultation",
    "Department",
    "Diagnosis",
    "EmergencySheet",
    "Holiday",
    "Icd10Code",
    "Period",
    "Registration",
    "Room",
    "Session",
    "StoppedContact",
    "WeeklySchedule",
]
