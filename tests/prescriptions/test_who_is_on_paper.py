"""The paper tells who stood for the sheet, and as what (R-3, R-33, R-177)."""

import pytest

from prescriptions import countersigning, dispensing, printing, review
from registration.models import Clinician
from tests.factories.prescriptions import submitted
from tests.factories.registration import ClinicianFactory

pytestmark = pytest.mark.django_db
REVIEWED, HANDED_OUT = 0, 3


def test_a_review_from_afar_says_so_R33(doctor, pharmacist, remote_pharmacist):
    here = review.approve(prescription=submitted(doctor), by=pharmacist)
    afar = review.approve(prescription=submitted(doctor), by=remote_pharmacist)

    usual, remote = (printing.sheet(sheet)["boxes"][REVIEWED] for sheet in (here, afar))

    assert remote[0] != usual[0]
    assert remote[1] == remote_pharmacist.full_name


def test_who_reviewed_and_handed_out_signed_twice_R33(doctor, pharmacist):
    sheet = review.approve(prescription=submitted(doctor), by=pharmacist)
    sheet = dispensing.dispense(prescription=sheet, signed_again=True, by=pharmacist)

    name = printing.sheet(sheet)["boxes"][HANDED_OUT][1]

    assert name.startswith(pharmacist.full_name)
    assert name != pharmacist.full_name


def test_an_assistants_sheet_names_the_countersigner_R3(doctor, other_doctor):
    ClinicianFactory(user=other_doctor)
    sheet = submitted(doctor, title=Clinician.Title.ASSISTANT)
    sheet = countersigning.countersign(prescription=sheet, by=other_doctor)

    cells = printing.sheet(sheet)["cells"]

    assert other_doctor.full_name in [text for _label, text, _width in cells]
