"""Skin tests: ordered, read, and what a positive one means (R-45, R-171)."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.models import Setting
from patients.models import Allergy
from prescriptions import dispensing, printing, review, services, skin_timer
from prescriptions.models import PrescriptionItem
from prescriptions.skin_tests import record_skin_test
from tests.factories.prescriptions import colleague, draft, row, shipped
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db


def on_paper(minutes: int = 30):
    """The time on the paper of a test that was put on so many minutes ago."""
    return (timezone.localtime() - timedelta(minutes=minutes)).time()


@pytest.fixture
def penicillin(sheet, shipped_library):
    """A row of amoxicillin on a draft; nobody has said anything about a test."""
    return row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g")


@pytest.fixture
def ordered(penicillin, doctor, pharmacist):
    """The same row at the window, its test pending."""
    record_skin_test(item=penicillin, state="pending", by=doctor)
    services.submit(prescription=penicillin.prescription, by=doctor)
    review.approve(prescription=penicillin.prescription, by=colleague(pharmacist))
    penicillin.refresh_from_db()
    return penicillin


@pytest.mark.parametrize("state", ["pending", "continued", "exempt", "negative"])
def test_the_prescriber_chooses_the_state_while_writing_R171(penicillin, doctor, state):
    item = record_skin_test(item=penicillin, state=state, put_on_at=on_paper(), by=doctor)

    assert (item.skin_test, item.skin_test_by) == (state, doctor)
    assert item.skin_test_at is not None


@pytest.mark.parametrize("state", ["", "unknown", "待皮试"])
def test_a_state_that_does_not_exist_is_refused(penicillin, doctor, state):
    with pytest.raises(AlreadyDone):
        record_skin_test(item=penicillin, state=state, by=doctor)


def test_nobody_else_chooses_while_it_is_written(penicillin, nurse):
    with pytest.raises(AlreadyDone):
        record_skin_test(item=penicillin, state="exempt", by=nurse)


@pytest.mark.parametrize("reader", ["nurse", "pharmacist", "doctor"])
def test_a_pending_test_is_read_with_lot_and_name_R45(ordered, request, reader):
    by = request.getfixturevalue(reader)

    item = record_skin_test(
        item=ordered, state="negative", lot="PG2409", put_on_at=on_paper(), by=by
    )

    assert (item.skin_test, item.skin_test_lot, item.skin_test_by) == ("negative", "PG2409", by)


def test_after_a_negative_result_the_drug_goes_out_R45(ordered, nurse, pharmacist):
    record_skin_test(item=ordered, state="negative", put_on_at=on_paper(), by=nurse)

    sheet = dispensing.dispense(prescription=ordered.prescription, by=pharmacist)

    assert sheet.state == "dispensed"


def test_a_positive_result_becomes_an_allergy_at_once_R45(ordered, nurse):
    record_skin_test(item=ordered, state="positive", by=nurse)

    allergy = Allergy.objects.get()
    assert (allergy.patient, allergy.group_code) == (ordered.prescription.patient, "PCN")
    assert (allergy.severity, allergy.recorded_by) == ("severe", nurse)


def test_a_positive_result_stops_the_window_R45(ordered, nurse, pharmacist):
    record_skin_test(item=ordered, state="positive", by=nurse)

    with pytest.raises(RuleBroken) as refusal:
        dispensing.dispense(prescription=ordered.prescription, by=pharmacist)

    assert refusal.value.rule == "R-45"


def test_after_a_positive_result_no_paper_denies_the_allergy_R45(ordered, nurse, doctor, as_):
    record_skin_test(item=ordered, state="positive", by=nurse)

    response = as_(doctor).get(f"/prescriptions/{ordered.prescription_id}/print/", follow=True)

    assert response.redirect_chain[-1][0] == f"/prescriptions/{ordered.prescription_id}/"
    assert "过敏史有变动" in response.content.decode()
    with pytest.raises(RuleBroken):
        printing.count_print(prescription=ordered.prescription, by=doctor)


def test_after_a_positive_result_the_whole_group_is_blocked_R45(ordered, nurse, doctor):
    record_skin_test(item=ordered, state="positive", by=nurse)
    ordered.prescription.patient.refresh_from_db()

    sheet = draft(doctor, record=ordered.prescription.consultation)
    row(sheet, shipped("D002"), dose=Decimal(1), dose_unit="片", skin_test="negative")

    with pytest.raises(RuleBroken):
        services.submit(prescription=sheet, by=doctor)


def test_an_older_milder_entry_does_not_swallow_the_result_R45(ordered, nurse, doctor):
    from tests.factories.patients import AllergyFactory

    AllergyFactory(
        patient=ordered.prescription.patient,
        group_code="PCN",
        substance=ordered.drug_name,
        severity="mild",
    )

    record_skin_test(item=ordered, state="positive", by=nurse)

    assert Allergy.objects.filter(severity="severe").count() == 1


@pytest.mark.parametrize("state", ["continued", "exempt", "pending"])
def test_only_the_prescriber_waives_a_test(ordered, nurse, state):
    with pytest.raises(AlreadyDone):
        record_skin_test(item=ordered, state=state, by=nurse)


def test_a_result_is_written_once(ordered, nurse, pharmacist):
    record_skin_test(item=ordered, state="negative", put_on_at=on_paper(), by=nurse)

    with pytest.raises(AlreadyDone):
        record_skin_test(item=ordered, state="positive", by=pharmacist)

    assert not Allergy.objects.exists()


def test_a_drug_that_needs_no_test_has_no_state(item, doctor):
    with pytest.raises(AlreadyDone):
        record_skin_test(item=item, state="pending", by=doctor)


# -- the minutes between putting on and reading --


def put_on_ago(item, by, minutes):
    skin_timer.put_on(item=item, by=by)
    started = timezone.now() - timedelta(minutes=minutes)
    PrescriptionItem.objects.filter(pk=item.pk).update(skin_test_started_at=started)


@pytest.mark.parametrize(("minutes", "is_read"), [(0, False), (19, False), (20, True)])
def test_a_negative_result_waits_until_the_minutes_are_over_R45(ordered, nurse, minutes, is_read):
    put_on_ago(ordered, nurse, minutes)

    if is_read:
        record_skin_test(item=ordered, state="negative", by=nurse)
    else:
        with pytest.raises(RuleBroken):
            record_skin_test(item=ordered, state="negative", by=nurse)

    ordered.refresh_from_db()
    assert ordered.skin_test == ("negative" if is_read else "pending")


def test_a_negative_result_of_a_test_that_nobody_put_on_is_refused_R45(ordered, nurse, as_):
    url = reverse("skin_test", args=[ordered.pk])

    asked = as_(nurse).post(url, {"once": uuid.uuid4(), "state": "negative"}, follow=True)

    ordered.refresh_from_db()
    assert ordered.skin_test == "pending"
    page = asked.content.decode()
    assert 'name="put_on_at"' in page and ordered.drug_name in page


@pytest.mark.parametrize(("minutes", "is_taken"), [(5, False), (19, False), (21, True)])
def test_a_test_on_paper_tells_when_it_was_put_on_R45(ordered, nurse, as_, minutes, is_taken):
    typed = {"state": "negative", "put_on_at": f"{on_paper(minutes):%H:%M}"}

    as_(nurse).post(
        reverse("skin_test", args=[ordered.pk]), {"once": uuid.uuid4(), **typed}, follow=True
    )

    ordered.refresh_from_db()
    assert ordered.skin_test == ("negative" if is_taken else "pending")
    assert (ordered.skin_test_started_at is not None) == is_taken


def test_a_time_that_lies_ahead_is_no_time_of_a_test_R45(ordered, nurse, monkeypatch):
    noon = timezone.localtime().replace(hour=12)  # at night an hour ahead is a time of this morning
    monkeypatch.setattr(timezone, "now", lambda: noon)

    with pytest.raises(RuleBroken, match="还没有到"):
        record_skin_test(item=ordered, state="negative", put_on_at=on_paper(-60), by=nurse)


def test_a_positive_result_is_taken_at_any_minute_R45(ordered, nurse):
    put_on_ago(ordered, nurse, 3)

    assert record_skin_test(item=ordered, state="positive", by=nurse).skin_test == "positive"


def test_a_site_sets_its_own_minutes_and_pressing_twice_starts_them_once(ordered, nurse):
    Setting.objects.create(key="skin_test.minutes", value="15")
    put_on_ago(ordered, nurse, 15)

    item = skin_timer.put_on(item=ordered, by=nurse)
    skin_timer.show_ends([item])

    assert item.is_due


def test_the_time_of_reading_stands_on_the_list_and_the_doctors_page(penicillin, doctor, as_):
    record_skin_test(item=penicillin, state="pending", by=doctor)
    client, edit = as_(doctor), reverse("prescription_edit", args=[penicillin.prescription_id])

    post_ok(client, reverse("skin_test", args=[penicillin.pk]), {"put_on": "1", "next": edit})
    page = client.get(edit).content.decode()
    services.submit(prescription=penicillin.prescription, by=doctor)
    listed = client.get(reverse("skin_test_list")).content.decode()

    penicillin.refresh_from_db()
    ends = timezone.localtime(penicillin.skin_test_started_at + timedelta(minutes=20))
    for words in (page, listed):
        assert "data-until=" in words and f"{ends:%H:%M}" in words


def test_the_lot_typed_when_it_is_put_on_is_kept_R45(ordered, nurse, as_):
    post_ok(as_(nurse), reverse("skin_test", args=[ordered.pk]), {"put_on": "1", "lot": "2602023"})

    ordered.refresh_from_db()
    assert (ordered.skin_test, ordered.skin_test_lot) == ("pending", "2602023")


def test_there_is_nothing_to_put_on_once_it_was_read(ordered, nurse):
    record_skin_test(item=ordered, state="negative", put_on_at=on_paper(), by=nurse)

    with pytest.raises(AlreadyDone):
        skin_timer.put_on(item=ordered, by=nurse)


@pytest.mark.parametrize("between", ["pending", "exempt", "continued"])
def test_no_other_word_ends_the_minutes_of_a_test_on_the_skin_R45(penicillin, doctor, between):
    item = record_skin_test(item=penicillin, state="pending", by=doctor)
    skin_timer.put_on(item=item, by=doctor)
    for state in (between, "pending"):
        record_skin_test(item=item, state=state, by=doctor)

    with pytest.raises(RuleBroken) as refusal:
        record_skin_test(item=item, state="negative", by=doctor)

    assert refusal.value.rule == "R-45"
