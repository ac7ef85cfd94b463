"""Where the clinic has no pharmacy, a prescription ends as the paper the patient takes along."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.core import scheduler
from clinic.core.models import Setting
from clinic.core.modules import SETTINGS
from pharmacy.models import Reservation
from prescriptions import archive, countersigning, lapsing, review, services
from prescriptions.evaluation.gathering import FINISHED
from prescriptions.models import PrescriptionEvent, Treatment
from prescriptions.states import RxState
from prescriptions.treatment_services import load_treatment_services
from registration.models import Clinician
from tests.factories.prescriptions import approved, draft, row, submitted, tablets
from tests.factories.registration import open_session
from tests.factories.treatments import INTO_MUSCLE, ONCE_A_DAY, ampoules
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db


def off(*codes: str, back: bool = False) -> None:
    for code in codes:
        value = {"value": "yes" if back else "no"}
        Setting.objects.update_or_create(key=SETTINGS[code], defaults=value)


def test_a_submitted_sheet_is_issued_at_once_whatever_lies_on_the_shelf(doctor, as_):
    off("pharmacy")
    sheet = draft(doctor)
    row(sheet, tablets(stock=0))
    screen = as_(doctor)
    assert (
        "level-1" not in screen.get(reverse("prescription_edit", args=[sheet.pk])).content.decode()
    )

    sheet.refresh_from_db()
    post_ok(screen, reverse("prescription_submit", args=[sheet.pk]), {"version": sheet.version})

    sheet.refresh_from_db()
    page = screen.get(reverse("prescription_show", args=[sheet.pk])).content.decode()
    assert (sheet.state, sheet.reviewer, Reservation.objects.count()) == ("issued", None, 0)
    assert reverse("prescription_print", args=[sheet.pk]) in page
    assert screen.get(reverse("prescription_print", args=[sheet.pk])).status_code == 200
    assert RxState.ISSUED in FINISHED  # it is judged like every other


def test_an_issued_sheet_is_voided_or_archived_and_never_lapses(doctor):
    off("pharmacy")
    wrong, right = submitted(doctor), submitted(doctor)
    services.void(prescription=wrong, reason="写错", by=doctor)
    type(right).objects.update(valid_until=timezone.localdate() - timedelta(days=1))
    PrescriptionEvent.objects.filter(prescription=right).update(
        made_at=timezone.now() - timedelta(days=1)
    )

    assert lapsing.lapse_expired() == 0
    archive.archive_finished()

    right.refresh_from_db()
    assert (right.state, right.archived.outcome) == ("archived", "issued")


def test_an_assistants_sheet_waits_for_the_second_doctor_first_R3(doctor, other_doctor):
    off("pharmacy")
    open_session(other_doctor)
    sheet = submitted(doctor, title=Clinician.Title.ASSISTANT)
    assert sheet.state == "submitted"

    countersigning.countersign(prescription=sheet, by=other_doctor)

    sheet.refresh_from_db()
    assert sheet.state == "issued"


def test_what_lay_in_the_pharmacy_is_there_again_when_it_is_switched_on(doctor, pharmacist):
    waiting, window = submitted(doctor), approved(doctor, pharmacist)
    off("pharmacy")
    assert {type(waiting).objects.get(pk=one.pk).state for one in (waiting, window)} == {
        "submitted",
        "paid",
    }

    off("pharmacy", back=True)

    assert review.approve(prescription=waiting, by=pharmacist).state == "paid"


@pytest.mark.parametrize(
    ("switched", "ordered"), [((), 1), (("pharmacy",), 1), (("treatments",), 0)]
)
def test_nurses_are_asked_only_where_there_is_a_treatment_room(
    doctor, pharmacist, switched, ordered
):
    off(*switched)
    load_treatment_services()
    sheet = draft(doctor)
    row(sheet, ampoules(), **{**ONCE_A_DAY, "route": INTO_MUSCLE})

    sheet = services.submit(prescription=sheet, by=doctor)
    if sheet.state == "submitted":
        review.approve(prescription=sheet, by=pharmacist)

    assert Treatment.objects.filter(item__prescription=sheet).count() == ordered


def test_warnings_of_a_switched_off_part_rest(monkeypatch):
    ran = []
    monkeypatch.setattr(scheduler, "_tasks", {})
    scheduler.register("stock", every=1, run=lambda: ran.append("stock"), module="pharmacy")
    scheduler.register("other", every=1, run=lambda: ran.append("other"))
    off("pharmacy")

    scheduler.run_due(holder="one")

    assert ran == ["other"]


def test_a_sheet_that_waited_in_the_pharmacy_says_that_nobody_will_hand_it_out(doctor, as_):
    waiting = submitted(doctor)
    address, screen = reverse("prescription_show", args=[waiting.pk]), as_(doctor)
    before = screen.get(address).content.decode()

    off("pharmacy")

    assert "message-warn" not in before
    assert "message-warn" in screen.get(address).content.decode()
