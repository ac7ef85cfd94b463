"""What was taken off by mistake is put back by the message; nobody was asked "are you sure"."""

import pytest
from django.urls import reverse

from clinic.core.errors import RuleBroken
from prescriptions import services
from prescriptions.moves import live_items
from prescriptions.putting_back import put_back
from registration import consultation
from registration.consultation import diagnoses_of
from tests.factories.prescriptions import draft, row, tablets
from tests.factories.registration import Icd10CodeFactory

pytestmark = pytest.mark.django_db


def undo_in(page) -> str:
    """The address of the message's button."""
    return next(
        message.extra_tags.removeprefix("undo=")
        for message in page.context["messages"]
        if "undo=" in message.extra_tags
    )


def test_a_row_taken_off_the_sheet_is_put_back_by_its_message(doctor, as_):
    client, sheet = as_(doctor), draft(doctor)
    item = row(sheet, tablets())

    page = client.post(reverse("prescription_item_remove", args=[item.pk]), follow=True)
    assert live_items(sheet) == []
    client.post(undo_in(page))

    assert [live.pk for live in live_items(sheet)] == [item.pk]


def test_a_row_is_not_put_back_beside_the_same_drug_R14(doctor):
    sheet, drug = draft(doctor), tablets()
    item = row(sheet, drug)
    services.remove_item(item=item, by=doctor)
    row(sheet, drug)

    with pytest.raises(RuleBroken):
        put_back(item=item, by=doctor)


def test_a_diagnosis_taken_off_the_record_is_put_back_at_its_old_place(doctor, as_):
    record = draft(doctor).consultation
    Icd10CodeFactory(code="I10.x")
    consultation.add_diagnosis(consultation=record, code="I10.x", by=doctor)
    before = diagnoses_of(record)

    page = as_(doctor).post(
        reverse("diagnosis_remove", args=[before[0].pk]),
        {"version": record.version, "then": "save"},
        follow=True,
    )
    as_(doctor).post(undo_in(page))

    assert [found.code for found in diagnoses_of(record)] == [found.code for found in before]
