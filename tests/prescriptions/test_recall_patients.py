"""Everybody who got a recalled lot: found, called, noted, printed, saved; every look recorded."""

import csv
import io
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import recalling, stock
from prescriptions import dispensing, recalls, returning, review, services
from prescriptions.models import DispenseLine, RecallContact
from security.models import AuditEntry
from tests.factories.pharmacy import put_on_shelf
from tests.factories.prescriptions import (
    colleague,
    dispensed,
    draft,
    patient_with,
    row,
    tablets,
)
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db
PHONE = "13812345678"


@pytest.fixture
def drug(db):
    return tablets()


@pytest.fixture
def patient(drug, doctor, pharmacist):
    """Somebody who got 15 tablets of the lot."""
    person = patient_with(name="金丝雀", phone=PHONE)
    dispensed(doctor, pharmacist, drug, patient=person)
    return person


def recall(drug, by):
    letter = {"reason": "溶出度不合格", "source": "authority", "level": "2"}
    return recalling.recall_lot(drug=drug, lot=drug.batches.get().lot, by=by, **letter)


@pytest.fixture
def opened(drug, patient, pharmacist):
    return recall(drug, pharmacist)


def note(opened, patient, by, outcome="contacted", words=""):
    return recalls.note_contact(
        recall=opened, patient=patient.pk, outcome=outcome, note=words, by=by
    )


def entries(event, screen):
    return AuditEntry.objects.filter(event=event, screen=screen)


def test_everybody_who_got_the_lot_is_found_and_nobody_else(doctor, pharmacist, drug, patient):
    other = tablets(generic_name="别的药片")
    dispensed(doctor, pharmacist, other, patient=patient_with(name="没有领过"))
    put_on_shelf(drug, 100, days=30, lot="EARLIER")  # goes out first from now on
    dispensed(doctor, pharmacist, drug, patient=patient_with(name="另一批"))
    lot = DispenseLine.objects.order_by("pk").first().movement.batch.lot
    letter = {"reason": "不合格", "source": "maker", "level": "1"}
    opened = recalling.recall_lot(drug=drug, lot=lot, by=pharmacist, **letter)

    assert list(recalls.standing(opened)) == [patient.pk]


def test_what_came_back_of_a_row_handed_out_in_parts_is_told_once_R117_R123(
    doctor, pharmacist, drug, patient
):
    sheet = draft(doctor, patient=patient_with(name="分两次"))
    item = row(sheet, drug, quantity=40)
    services.submit(prescription=sheet, by=doctor)
    review.approve(prescription=sheet, by=colleague(pharmacist))
    dispensing.dispense(prescription=sheet, parts={item.pk: 20}, by=pharmacist)
    dispensing.dispense(prescription=sheet, by=pharmacist)
    (first, _last) = returning.out_of(sheet)
    given = [(first.movement, 20, True)]
    returning.take_back(prescription=sheet, rows=given, reason="error", by=pharmacist)
    opened = recall(drug, pharmacist)

    (told,) = recalls.rows(opened, [sheet.patient_id])

    assert [(one["quantity"], one["returned"]) for one in told["got"]] == [
        ("1盒", "1盒"),
        ("1盒", ""),
    ]


def test_the_list_tells_date_quantity_prescriber_and_what_came_back(
    as_, opened, patient, pharmacist, doctor
):
    line = DispenseLine.objects.get()

    (before,) = recalls.rows(opened, [patient.pk])
    page = as_(pharmacist).get(reverse("recall_patients", args=[opened.pk])).content.decode()

    (got,) = before["got"]
    assert (got["quantity"], got["returned"]) == ("15片", "")
    for words in ("金丝雀", "15片", doctor.full_name, line.item.prescription.number):
        assert words in page


def test_what_came_back_meanwhile_is_told(doctor, pharmacist):
    drug = tablets(divisible=False, stock=200)
    person = patient_with()
    dispensed(doctor, pharmacist, drug, patient=person)
    movement = DispenseLine.objects.get().movement
    stock.give_back(movement=movement, quantity=20, reason="召回", by=pharmacist, intact=True)
    opened = recall(drug, pharmacist)

    (row,) = recalls.rows(opened, [person.pk])

    assert row["got"][0]["returned"] == "1盒"


def test_phones_are_masked_until_somebody_asks_and_that_is_recorded_R141(
    as_, opened, patient, pharmacist
):
    client = as_(pharmacist)

    masked = client.get(reverse("recall_patients", args=[opened.pk])).content.decode()
    nobody_asked = entries("read", "patient_reveal").exists()
    full = client.post(reverse("recall_reveal", args=[opened.pk])).content.decode()

    assert PHONE not in masked
    assert "138****5678" in masked
    assert PHONE in full
    assert not nobody_asked
    assert entries("read", "recall_patients").get().subject == patient.pk
    assert entries("read", "patient_reveal").get().subject == patient.pk


def test_each_try_is_kept_and_the_last_one_counts(as_, opened, patient, pharmacist):
    client, url = as_(pharmacist), reverse("recall_contact", args=[opened.pk])

    typed = {"patient": patient.pk, "outcome": "unreachable", "note": "10:20无人接听"}
    post_ok(client, url, typed)
    post_ok(client, url, {"patient": patient.pk, "outcome": "contacted"})

    rows = RecallContact.objects.order_by("pk")
    assert [(r.outcome, r.note, r.made_by) for r in rows] == [
        ("unreachable", "10:20无人接听", pharmacist),
        ("contacted", None, pharmacist),
    ]
    assert recalls.standing(opened) == {patient.pk: "contacted"}
    page = client.get(reverse("recall_patients", args=[opened.pk])).content.decode()
    assert "10:20无人接听" in page


def test_not_reached_says_what_was_tried(opened, patient, pharmacist):
    with pytest.raises(RuleBroken) as refusal:
        note(opened, patient, pharmacist, "unreachable")

    assert refusal.value.field == "note"
    assert not RecallContact.objects.exists()


def test_somebody_who_did_not_get_the_lot_is_not_noted(as_, opened, pharmacist):
    stranger = patient_with()
    client, url = as_(pharmacist), reverse("recall_contact", args=[opened.pk])

    for pk in (stranger.pk, uuid.uuid4(), "x", "\0"):
        client.post(url, {"patient": pk, "outcome": "contacted"})

    assert not RecallContact.objects.exists()


def test_a_recall_is_not_closed_before_everybody_was_called(opened, patient, pharmacist):
    with pytest.raises(RuleBroken):
        recalling.close_recall(recall=opened, outcome="已退回", by=pharmacist)
    note(opened, patient, pharmacist)

    closed = recalling.close_recall(recall=opened, outcome="已退回", by=pharmacist)

    assert closed.state == "closed"
    with pytest.raises(AlreadyDone):
        note(opened, patient, pharmacist, "returned")


def test_those_nobody_called_come_first_and_the_tabs_count(as_, doctor, pharmacist, drug, patient):
    waits = patient_with(name="后来者")
    dispensed(doctor, pharmacist, drug, patient=waits)
    opened = recall(drug, pharmacist)
    note(opened, waits, pharmacist)
    client, url = as_(pharmacist), reverse("recall_patients", args=[opened.pk])

    everybody, told = client.get(url), client.get(url, {"show": "contacted"})

    assert [row["patient"] for row in everybody.context["rows"]] == [patient, waits]
    assert [row["patient"] for row in told.context["rows"]] == [waits]
    numbers = {tab["name"]: tab["number"] for tab in told.context["tabs"]}
    assert numbers == {"": 2, "open": 1, "contacted": 1, "returned": 0, "unreachable": 0}


def test_the_table_holds_full_phones_harmless_cells_and_is_recorded(
    as_, opened, patient, pharmacist
):
    note(opened, patient, pharmacist, "unreachable", "=HYPERLINK(1)")

    answer = as_(pharmacist).post(reverse("recall_export", args=[opened.pk]))

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    _head, row = csv.reader(io.StringIO(text))
    assert row[:3] == [patient.record_no, "金丝雀", PHONE]
    assert row[9] == "'=HYPERLINK(1)"
    entry = entries("export", "recall_export").get()
    assert bytes(entry.subjects) == patient.pk.bytes
    assert entry.additional_data["entries"] == 1


def test_the_paper_is_masked_unless_the_button_was_pressed(as_, opened, patient, pharmacist):
    client, url = as_(pharmacist), reverse("recall_print", args=[opened.pk])

    masked, full = client.get(url).content.decode(), client.post(url).content.decode()

    assert "金丝雀" in masked
    assert PHONE not in masked
    assert PHONE in full
    assert entries("print", "recall_print").count() == 1
    assert entries("read", "patient_reveal").get().subject == patient.pk


@pytest.mark.parametrize("who", ["storekeeper", "doctor", "nurse", "auditor", "administrator"])
def test_only_who_hands_out_reads_the_list(as_, request, opened, who):
    client = as_(request.getfixturevalue(who))

    assert client.get(reverse("recall_patients", args=[opened.pk])).status_code == 403
    for name in ("recall_reveal", "recall_contact", "recall_export"):
        assert client.post(reverse(name, args=[opened.pk])).status_code == 403


def test_the_list_asks_the_same_for_one_patient_and_for_many(
    as_, doctor, pharmacist, drug, opened, patient
):
    client, url = as_(pharmacist), reverse("recall_patients", args=[opened.pk])

    def asked():
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    note(opened, patient, pharmacist)
    before = asked()
    recalling.close_recall(recall=opened, outcome="x", by=pharmacist)
    drug.batches.update(frozen=False)
    for _number in range(6):
        dispensed(doctor, pharmacist, drug, patient=patient_with())
    assert len(recalls.standing(opened)) == 7

    assert asked() == before
