"""Set prescriptions: saved once, used with a word and Enter, kept in order (R-129, R-74)."""

import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.core.errors import RuleBroken
from prescriptions import rewriting, services, sets
from prescriptions.models import PrescriptionSet
from tests.factories.prescriptions import draft, row, tablets
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db
USAGE = ("drug", "dose", "dose_unit", "route", "frequency", "days", "quantity", "remark", "outside")


@pytest.fixture
def saved(sheet, doctor):
    """Of the doctor's own: two rows, one with a quantity set by hand."""
    row(sheet, dose=Decimal(60), remark="饭后")
    row(sheet, tablets(generic_name="维生素C片", ingredients="维生素C"), quantity=40, outside=True)
    return sets.save_sheet(prescription=sheet, name="感冒一号", by=doctor)


@pytest.fixture
def clinics(saved, pharmacist):
    return sets.take_over(chosen=saved, by=pharmacist)


def edit(sheet):
    return reverse("prescription_edit", args=[sheet.pk])


def usages(sheet):
    return [[getattr(i, name) for name in USAGE] for i in sheet.items.order_by("rank")]


def test_a_word_and_enter_bring_all_drugs_with_their_doses_R129(saved, sheet, doctor, as_):
    client, today = as_(doctor), draft(doctor)
    options = client.post(reverse("drug_suggest") + f"?sheet={today.pk}", {"q": "gmyh"})

    post_ok(client, edit(today), {"once": uuid.uuid4(), "use_set": "1", "set": saved.pk})

    page = options.content.decode()
    assert f'data-fill-set="{saved.pk}"' in page and 'data-press="use-set"' in page
    assert usages(today) == usages(sheet)


def test_without_a_script_the_search_brings_the_set_as_a_button(saved, doctor, as_):
    client, today = as_(doctor), draft(doctor)

    page = client.post(edit(today), {"once": uuid.uuid4(), "drug_text": "感冒", "find": "1"})
    post_ok(client, edit(today), {"once": uuid.uuid4(), "use_set": saved.pk})

    assert f'name="use_set" value="{saved.pk}"' in page.content.decode()
    assert today.items.count() == 2


def test_a_row_that_cannot_stand_is_named_and_the_rest_is_written(saved, doctor, as_):
    gone = saved.items.first().drug
    gone.active = False
    gone.save()
    client, today = as_(doctor), draft(doctor)

    answer = post_ok(client, edit(today), {"once": uuid.uuid4(), "use_set": saved.pk})

    said = [str(message) for message in client.get(answer.url).context["messages"]]
    assert len(said) == 1 and gone.generic_name in said[0]
    assert [item.drug.generic_name for item in today.items.all()] == ["维生素C片"]


def test_the_groups_of_a_set_join_none_that_stands_already(sheet, doctor):
    drip = {"route": "18", "drip": "40滴/分", "group": 1}
    row(sheet, **drip)
    saved = sets.save_sheet(prescription=sheet, name="输液", by=doctor)
    today = draft(doctor)
    row(today, tablets(generic_name="乙", ingredients="乙"), **drip)

    sets.use(prescription=today, chosen=saved, by=doctor)

    assert [item.group for item in today.items.order_by("rank")] == [1, 2]


def test_a_colleague_neither_finds_nor_uses_nor_changes_ones_own(saved, other_doctor, as_):
    client, today = as_(other_doctor), draft(other_doctor)

    page = client.post(reverse("drug_suggest") + f"?sheet={today.pk}", {"q": "gmyh"})
    client.post(edit(today), {"once": uuid.uuid4(), "use_set": saved.pk})
    answer = client.post(reverse("set_change", args=[saved.pk]), {"do": "stop"})

    assert "感冒一号" not in page.content.decode() and answer.status_code == 404
    assert not today.items.exists()


def test_the_pharmacist_takes_it_over_and_every_doctor_uses_it(clinics, saved, other_doctor):
    today = draft(other_doctor)

    left = sets.use(prescription=today, chosen=clinics, by=other_doctor)

    assert (left, today.items.count(), saved.owner_id is None) == ([], 2, False)


@pytest.mark.parametrize("verb", [sets.stop, sets.rename, sets.take_over])
def test_the_clinics_sets_are_changed_by_who_keeps_them(clinics, doctor, verb):
    more = {"name": "别名"} if verb is sets.rename else {}

    with pytest.raises(RuleBroken):
        verb(chosen=clinics, by=doctor, **more)

    assert PrescriptionSet.objects.get(pk=clinics.pk).live_key == "clinic/感冒一号"


def test_a_renamed_set_is_found_by_its_new_initials_and_a_stopped_one_by_none(saved, doctor):
    sets.rename(chosen=saved, name=" 咳嗽  二号 ", by=doctor)
    found = [[one.name for one in sets.find(doctor, word)] for word in ("ks", "gm", "咳嗽 二")]

    sets.stop(chosen=saved, by=doctor)

    assert found == [["咳嗽 二号"], [], ["咳嗽 二号"]]
    assert sets.find(doctor, "ks") == []


@pytest.mark.parametrize("name", ["", "  ", "感冒一号", "长" * 41, "感\0冒"])
def test_a_name_is_needed_once_and_short(saved, sheet, doctor, name):
    with pytest.raises(RuleBroken) as refused:
        sets.save_sheet(prescription=sheet, name=name, by=doctor)

    assert refused.value.field == "name" and PrescriptionSet.objects.count() == 1


def test_the_list_asks_as_often_for_many_sets_as_for_one(saved, sheet, pharmacist, doctor, as_):
    client, counts = as_(pharmacist), []
    client.get(reverse("set_list"))
    for more in (0, 5):
        for n in range(more):
            sets.save_sheet(prescription=sheet, name=f"方{n}", by=doctor)

        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("set_list"))

        counts.append(len(queries))

    assert counts[0] == counts[1] and len(page.context["owned"]) == 6
    assert "盐酸氨溴索片 口服" in page.content.decode()


# -- the patient's last prescription on this sheet --


def test_one_key_copies_the_last_prescription_and_one_submits_it_R74(sheet, doctor, as_):
    row(sheet, dose=Decimal(60), remark="饭后")
    services.submit(prescription=sheet, by=doctor)
    client, today = as_(doctor), draft(doctor, record=sheet.consultation)
    page = client.get(edit(today)).content.decode()

    post_ok(client, reverse("prescription_copy_last", args=[today.pk]), {})

    today.refresh_from_db()
    assert 'accesskey="c"' in page and usages(today) == usages(sheet)
    submit = {"version": today.version}
    answer = post_ok(client, reverse("prescription_submit", args=[today.pk]), submit)
    assert answer.url == reverse("prescription_show", args=[today.pk])


def test_what_was_voided_is_not_the_last_and_nothing_is_told_of_guarded_visits_R140(
    sheet, doctor, other_doctor
):
    record = sheet.consultation
    row(sheet)
    services.submit(prescription=sheet, by=doctor)
    theirs = draft(other_doctor, patient=record.patient)
    seen = rewriting.last_of(theirs, other_doctor)
    record.guarded = "1"
    record.save()

    closed = rewriting.last_of(theirs, other_doctor)
    services.void(prescription=sheet, reason="停药", by=doctor)

    assert (seen, closed) == (sheet, None)
    assert rewriting.last_of(theirs, doctor) is None
    with pytest.raises(RuleBroken):
        rewriting.copy_last(prescription=theirs, by=other_doctor)
