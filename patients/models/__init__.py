"""The patient's file."""

from patients.models.allergies import Allergy, AllergyGroup
from patients.models.basics import Basics, History
from patients.models.care import CareFile, CareKind, FollowUp
from patients.models.changes import Change, Merge, NotTheSame
from patients.models.consent import Consent, ConsentKind, ConsentText
from patients.models.exports import Export, ExportPiece, Purpose
from patients.models.names import NamePart
from patients.models.patient import AllergyStatus, IdType, Patient, Payment, Sex
from patients.models.received import Received

__all__ = [
    "Allergy",
    "AllergyGroup",
    "AllergyStatus",
    "Basics",
    "CareFile",
    "CareKind",
    "Change",
    "Consent",
    "ConsentKind",
    "ConsentText",
    "Export",
    "ExportPiece",
    "FollowUp",
    "History",
    "IdType",
    "NamePart",
    "Merge",
    "NotTheSame",
    "Patient",
    "Payment",
    "Received",
    "Purpose",
    "Sex",
]
