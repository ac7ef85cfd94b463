"""Every deed of a journal against the database: what was acknowledged is there exactly once, what
was not acknowledged is there once or not at all, and what was refused is not there."""

from collections.abc import Callable

from django.db.models import Sum

from patients.models import Patient
from pharmacy.models import StockDocument
from prescriptions.models import DispenseLine, Prescription, PrescriptionEvent
from prescriptions.states import RxState
from registration.models import Call, Consultation, Diagnosis, Registration
from tests.faults.journal import Deed

SEEN = Callable[[dict], int]


def _patients(facts: dict) -> int:
    return len(list(Patient.objects.find(id_number=facts["identity"])))


def _visits(facts: dict) -> int:
    return Registration.objects.filter(patient=facts["patient"]).count()


def _calls(facts: dict) -> int:
    return Call.objects.filter(registration=facts["visit"], again=False).count()


def _records(facts: dict) -> int:
    return Consultation.objects.filter(registration=facts["visit"]).count()


def _written(facts: dict) -> int:
    record = Consultation.objects.get(pk=facts["record"])
    return int(record.complaint == facts["complaint"])


def _diagnoses(facts: dict) -> int:
    return Diagnosis.objects.filter(consultation=facts["record"], removed_at=None).count()


def _finished(facts: dict) -> int:
    done = Consultation.objects.filter(pk=facts["record"], finished_at__isnull=False)
    return done.filter(registration__finished_at__isnull=False).count()


def _sheets(facts: dict) -> int:
    return Prescription.objects.filter(consultation=facts["record"]).count()


def _rows(facts: dict) -> int:
    return Prescription.objects.get(pk=facts["sheet"]).items.filter(removed_at=None).count()


def _became(state: RxState) -> SEEN:
    def times(facts: dict) -> int:
        return PrescriptionEvent.objects.filter(prescription=facts["sheet"], new=state).count()

    return times


def _handed_out(facts: dict) -> int:
    """1 when exactly what was written went out; 2 when it went out twice."""
    sheet = Prescription.objects.get(pk=facts["sheet"])
    wanted = sheet.items.filter(removed_at=None).aggregate(total=Sum("quantity"))["total"]
    lines = DispenseLine.objects.filter(item__prescription=sheet)
    gone = lines.aggregate(total=Sum("quantity"))["total"] or 0
    moved = -(lines.aggregate(total=Sum("movement__quantity"))["total"] or 0)
    if gone != moved or gone % wanted:
        return -1
    return gone // wanted


def _deliveries(facts: dict) -> int:
    """Each with its line, or it is half there."""
    found = StockDocument.objects.filter(delivery_note=facts["note"], state="posted")
    return sum(1 if one.movements.count() == 1 else -1 for one in found)


COUNTS: dict[str, SEEN] = {
    "open_file": _patients,
    "register": _visits,
    "call": _calls,
    "start": _records,
    "record": _written,
    "diagnosis": _diagnoses,
    "finish": _finished,
    "prescribe": _sheets,
    "row": _rows,
    "submit": _became(RxState.SUBMITTED),
    "approve": _became(RxState.APPROVED),
    "dispense": _handed_out,
    "receive": _deliveries,
}
SHOWN = {"draft"}  # proved by its person, to whom alone the page offers it
ALLOWED = {"done": {1}, "refused": {0}, "unknown": {0, 1}, "begun": {0, 1}}
REPEATED = {"register", "call"}  # refused, too, when a colleague did it first


def judge(deeds: list[Deed], counts: dict[str, SEEN] = COUNTS) -> list[str]:
    """One sentence for each deed that is missing, there twice, or half there."""
    return [words for deed in deeds if (words := _wrong(deed, counts))]


def _wrong(deed: Deed, counts: dict[str, SEEN]) -> str:
    count = counts.get(deed.verb)
    if count is None:
        return "" if deed.verb in SHOWN else f"nobody can judge {deed.verb}"
    try:
        seen = count(deed.facts)
    except KeyError:  # what would name it was not told: its answer never came
        return "" if not deed.is_done else f"{deed.verb} {deed.number} names nothing: {deed.facts}"
    except Exception as error:  # noqa: BLE001 - a record that is gone
        return f"{deed.verb} {deed.number} ({deed.end}): {type(error).__name__}: {error}"
    if seen in ALLOWED[deed.end] or (deed.end == "refused" and seen == 1):
        return ""
    return f"{deed.verb} {deed.number} ({deed.end}) is there {seen} times: {deed.facts}"
