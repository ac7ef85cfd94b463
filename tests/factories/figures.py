"""A scene whose figures can be worked out by hand: rows with the moments that a test names."""

import datetime
import itertools

from django.utils import timezone

from clinic.core.days import moment
from clinic.core.models import Opinion
from pharmacy.models import Place, StockTake
from prescriptions.models import Evaluation, PaperPrescription, Prescription
from prescriptions.states import RxState
from registration.models import Clinician, Consultation, Registration, Session
from registration.states import VisitState
from tests.factories.patients import PatientFactory
from tests.factories.registration import ClinicianFactory, DepartmentFactory, SessionFactory

_numbers = itertools.count(1)


def clinician_of(user, department: str = "全科") -> Clinician:
    found = Clinician.objects.filter(user=user).first()
    return found or ClinicianFactory(user=user, department=DepartmentFactory(name=department))


def at(day: datetime.date, clock: str) -> datetime.datetime:
    """08:30 of that day; 24:10 is ten past midnight after it."""
    hours, minutes = map(int, clock.split(":"))
    return moment(day) + datetime.timedelta(hours=hours, minutes=minutes)


def session_on(clinician: Clinician, day: datetime.date) -> Session:
    found = Session.objects.filter(clinician=clinician, date=day).first()
    return found or SessionFactory(clinician=clinician, date=day)


def visit(user, day: datetime.date, *clocks: str, patient=None, **fields) -> Registration:
    """Checked in, called, begun and finished at these times; fewer: it came no further."""
    clinician = clinician_of(user)
    names = ("checked_in_at", "first_called_at", "started_at", "finished_at")
    moments = {name: at(day, clock) for name, clock in zip(names, clocks, strict=False)}
    state = VisitState.FINISHED if "finished_at" in moments else VisitState.WAITING
    return Registration.objects.create(
        **{
            "patient": patient or PatientFactory(),
            "session": session_on(clinician, day),
            "day": day,
            "number": f"{clinician.letter}{next(_numbers):05d}",
            "state": state,
            "registered_by": user,
            "registered_at": moments.get("checked_in_at", timezone.now()),
            **moments,
            **fields,
        }
    )


def sheet(of: Registration, clock: str = "9:00", *, result="reasonable", asked=True, **fields):
    """A prescription of this visit with its evaluation; `result=None`: not judged yet."""
    clinician = of.session.clinician
    record, _new = Consultation.objects.get_or_create(
        registration=of, defaults={"patient": of.patient, "clinician": clinician}
    )
    made = Prescription.objects.create(
        **{
            "number": f"T{next(_numbers):08d}",
            "consultation": record,
            "patient": of.patient,
            "prescriber": clinician.user,
            "state": RxState.DISPENSED,
            "submitted_at": at(of.day, clock),
            **fields,
        }
    )
    judged = timezone.now() if result is not None else None
    Evaluation.objects.create(
        prescription=made, judged_at=judged, result=result or "", allergy_asked=asked
    )
    return made


def handwritten(user, day: datetime.date, codes: str = "", **fields) -> PaperPrescription:
    return PaperPrescription.objects.create(
        day=day, clinician=clinician_of(user), drugs=2, codes=codes, made_by=user, **fields
    )


def take(user, day: datetime.date, *, counted: int, right: int) -> StockTake:
    """A posted stock-take with its result."""
    posted = at(day, "18:00")
    place = Place.objects.first() or Place.objects.create(name="药房")
    sums = dict.fromkeys(("book_cost", "book_price", "surplus_cost", "surplus_price"), 0)
    return StockTake.objects.create(
        number=f"P{next(_numbers):08d}",
        place=place,
        scope=StockTake.Scope.ALL,
        state=StockTake.State.POSTED,
        started_by=user,
        confirmed_by=user,
        confirmed_at=posted,
        posted_at=posted,
        counted=counted,
        right=right,
        **sums,
        loss_cost=0,
        loss_price=0,
    )


def answers(asked: str, day: datetime.date, *scores: int) -> None:
    for score in scores:
        Opinion.objects.create(asked=asked, score=score, day=day, once=f"t{next(_numbers)}")
