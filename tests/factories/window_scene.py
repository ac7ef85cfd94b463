"""What the window has to do besides the usual: a narcotic, a sheet handed out in part."""

import datetime
from decimal import Decimal

from django.utils import timezone

from pharmacy.deliveries import Acceptance
from pharmacy.models import Drug
from pharmacy.stock import receive
from prescriptions import collecting, dispensing, review, services
from prescriptions.dictionary import routes
from tests.factories.patients import id_number

NARCOTIC = "D085"  # pethidine, 50 mg an ampoule
MUSCLE = next(code for code, route in routes().items() if route.name == "肌内注射")
MOUTH = next(code for code, route in routes().items() if route.name == "口服")


def build(consultation, person, user) -> dict:
    """A narcotic that waits at the window, one in the register, and a sheet of which part went."""
    clinician = user("doctor").clinician
    clinician.narcotic = True
    clinician.save(update_fields=["narcotic"])
    _delivery(user)
    waits = _narcotic(consultation(person("程淑芬", 31)), user)
    gone = _narcotic(consultation(person("丁玉兰", 32)), user)
    born = datetime.date(1985, 3, 2)
    collecting.tell(
        prescription=gone,
        is_patient=False,
        name="丁小燕",
        relation="女儿",
        id_type="01",
        id_number=id_number(born, 33, area=320583),
        by=user("pharmacist"),
    )
    dispensing.dispense(prescription=gone, witness=user("pharmacist2"), by=user("pharmacist"))
    return {"special": waits, "part": _part(consultation(person("袁秀英", 34)), user)}


def _delivery(user) -> None:
    line = {
        "drug": Drug.objects.get(code=NARCOTIC),
        "lot": "2605081",
        "expires_on": timezone.localdate() + datetime.timedelta(days=600),
        "quantity": 10,
        "cost": Decimal("3.10"),
        "shelf": "保险柜-1",
    }
    acceptance = Acceptance(accepted_by=user("pharmacist"))
    receive(
        supplier="青溪医药有限公司",
        licence="苏AA5120002",
        lines=[line],
        acceptance=acceptance,
        by=user("storekeeper"),
    )


def _narcotic(record, user):
    sheet = services.start(consultation=record, by=user("doctor"))
    services.add_item(
        prescription=sheet,
        drug=Drug.objects.get(code=NARCOTIC),
        dose=Decimal(50),
        dose_unit="mg",
        route=MUSCLE,
        frequency="st",
        days=1,
        quantity=1,
        by=user("doctor"),
    )
    sheet = services.submit(prescription=sheet, by=user("doctor"))
    return review.approve(prescription=sheet, by=user("pharmacist"))


def _part(record, user):
    sheet = services.start(consultation=record, by=user("doctor"))
    for code, dose in (("D010", "0.5"), ("D023", "0.5")):
        item = services.add_item(
            prescription=sheet,
            drug=Drug.objects.get(code=code),
            dose=Decimal(dose),
            dose_unit="g",
            route=MOUTH,
            frequency="qd" if code == "D010" else "tid",
            days=3,
            by=user("doctor"),
        )
    sheet = services.submit(prescription=sheet, by=user("doctor"))
    sheet = review.approve(prescription=sheet, by=user("pharmacist"))
    return dispensing.dispense(prescription=sheet, parts={item.pk: 4}, by=user("pharmacist2"))
