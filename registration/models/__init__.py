"""The models of this app, one file for each subject."""

from registration.models.bookings import Booking
from registration.models.codes import Icd10Code, Icd10Part
from registration.models.paper import EmergencySheet
from registration.models.places import Area, Clinician, Department, Room
from registration.models.records import Consultation, Diagnosis, RecordPrint
from registration.models.reports import ReportDuty
from registration.models.schedule import Holiday, Period, Session, WeeklySchedule
from registration.models.signing import Countersignature, RecordAddition, RecordVersion
from registration.models.stopping import StoppedContact
from registration.models.templates import DiagnosisUse, RecordTemplate
from registration.models.visits import Call, HandOver, Registration

__all__ = [
    "Area",
    "Booking",
    "Call",
    "Clinician",
    "Consultation",
    "Countersignature",
    "Department",
    "Diagnosis",
    "EmergencySheet",
    "DiagnosisUse",
    "HandOver",
    "Holiday",
    "Icd10Code",
    "Icd10Part",
    "Period",
    "RecordAddition",
    "RecordPrint",
    "RecordTemplate",
    "RecordVersion",
    "Registration",
    "ReportDuty",
    "Room",
    "Session",
    "StoppedContact",
    "WeeklySchedule",
]
