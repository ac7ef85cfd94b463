"""An assistant's prescription waits for a doctor of the department before its review (R-3)."""

import pytest
from django.urls import reverse

from clinic.core.errors import RuleBroken
from clinic.core.models import Setting
from prescriptions import countersigning, review, review_queue
from registration.desk import notices
from registration.models import Clinician
from security.models import User
from security.permissions import Role
from security.roles import set_roles
from tests.factories.prescriptions import draft, row, submitted
from tests.factories.registration import ClinicianFactory, DepartmentFactory
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db


@pytest.fixture
def senior(other_doctor):
    ClinicianFactory(user=other_doctor)
    return other_doctor


@pytest.fixture
def sheet(doctor, senior):
    return submitted(doctor, title=Clinician.Title.ASSISTANT)


def test_it_is_not_reviewed_before_a_doctor_countersigns_R3(sheet, senior, pharmacist):
    assert list(review_queue.waiting()) == []
    with pytest.raises(RuleBroken) as refusal:
        review.approve(prescription=sheet, by=pharmacist)
    assert refusal.value.rule == "R-3"

    signed = countersigning.countersign(prescription=sheet, by=senior)

    assert (signed.countersigner, list(review_queue.waiting())) == (senior, [sheet])
    assert review.approve(prescription=signed, by=pharmacist).state == "paid"


def test_who_countersigned_stands_for_the_sheet_and_does_not_review_it_R32(sheet, senior, as_):
    set_roles(user=senior, roles={Role.DOCTOR.value, Role.PHARMACIST.value}, by=None)
    senior = User.objects.get(pk=senior.pk)  # without the permissions of before
    signed = countersigning.countersign(prescription=sheet, by=senior)

    for verb, said in ((review.approve, {}), (review.return_, {"reason": "x"})):
        with pytest.raises(RuleBroken) as refusal:
            verb(prescription=signed, by=senior, **said)
        assert refusal.value.rule == "R-32"

    assert review_queue.next_after(submitted(sheet.prescriber), senior) is None
    assert as_(senior).get(reverse("review", args=[sheet.pk])).context["is_countersigned_by_me"]


def test_the_assistant_is_told_that_it_waits_for_a_doctor_R3(doctor, senior, as_):
    sheet = draft(doctor, title=Clinician.Title.ASSISTANT)
    row(sheet)
    sheet.refresh_from_db()

    client = as_(doctor)
    url = reverse("prescription_submit", args=[sheet.pk])

    post_ok(client, url, {"version": sheet.version})

    page = client.get(reverse("prescription_show", args=[sheet.pk])).content.decode()
    assert countersigning.submitted_words(sheet) in page
    assert countersigning.waits(sheet)


def test_where_assistants_practise_alone_nothing_waits_R3(doctor, pharmacist):
    Setting.objects.create(key="record.assistants_independent", value="yes")

    sheet = submitted(doctor, title=Clinician.Title.ASSISTANT)

    assert review.approve(prescription=sheet, by=pharmacist).state == "paid"


def test_another_department_an_assistant_and_the_author_do_not_R3(sheet, senior, doctor):
    clinician = senior.clinician
    for change in (
        {"department": DepartmentFactory(name="中医科")},
        {"title": Clinician.Title.ASSISTANT},
        {"may_prescribe": False},
    ):
        Clinician.objects.filter(pk=clinician.pk).update(**change)
        with pytest.raises(RuleBroken):
            countersigning.countersign(prescription=sheet, by=senior)
        clinician.save()
    with pytest.raises(RuleBroken):
        countersigning.countersign(prescription=sheet, by=doctor)


def test_the_doctor_is_told_and_signs_on_the_page_R3(sheet, senior, as_):
    client = as_(senior)
    listed = reverse("prescription_countersign_list")
    assert listed in [notice.url for notice in notices(senior)]
    assert sheet.number in client.get(listed).content.decode()
    url = reverse("prescription_countersign", args=[sheet.pk])
    assert sheet.items.get().drug_name in client.get(url).content.decode()

    post_ok(client, url, {"version": sheet.version})

    sheet.refresh_from_db()
    assert sheet.countersigner == senior
    assert notices(senior) == [] and client.get(url).status_code == 404


def test_a_doctor_may_give_it_back_instead_R3(sheet, senior, as_):
    url = reverse("prescription_countersign_return", args=[sheet.pk])

    post_ok(as_(senior), url, {"version": sheet.version, "reason": "疗程过长"})

    sheet.refresh_from_db()
    assert (sheet.state, sheet.events.last().reason) == ("returned", "疗程过长")
