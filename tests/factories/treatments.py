"""Sheets that order treatments, with their drugs handed out where a test wants it."""

from decimal import Decimal

from prescriptions import dispensing, review, services
from prescriptions.models import Treatment
from prescriptions.treatment_services import load_treatment_services
from tests.factories.prescriptions import colleague, draft, row, tablets

INTO_MUSCLE, DRIP, NEBULISED, UNDER_SKIN = "16", "18", "11", "15"
AMPOULE = {
    "dosage_form": "注射剂",
    "base_unit": "支",
    "units_per_pack": 10,
    "pack_spec": "30mg×10支/盒",
    "routes": "",
}
ONCE_A_DAY = {"frequency": "qd", "days": 3, "dose": Decimal(30), "dose_unit": "mg"}


def ampoules(**facts):
    """Of which one is used up each time; nothing speaks against it."""
    return tablets(**{"generic_name": "盐酸氨溴索注射液", **AMPOULE, **facts})


def injections(doctor, pharmacist, *, hand_out: bool = True, drug=None, **usage):
    """A sheet with three days of injections; their only treatment."""
    load_treatment_services()
    sheet = draft(doctor)
    row(sheet, drug or ampoules(), **{**ONCE_A_DAY, "route": INTO_MUSCLE, **usage})
    sheet = services.submit(prescription=sheet, by=doctor)
    sheet = review.approve(prescription=sheet, by=colleague(pharmacist))
    if hand_out:
        dispensing.dispense(prescription=sheet, by=pharmacist)
    return Treatment.objects.get(item__prescription=sheet)
