"""The doctor's page of a herbal sheet, and the pages after it (R-15, R-19, R-21, R-43)."""

import re
import uuid

import pytest
from django.urls import reverse

from prescriptions import review
from prescriptions.models import Prescription
from registration.models import Consultation
from tests.factories.herbs import herbal_draft, herbal_submitted, names, piece, put
from tests.factories.prescriptions import draft, row
from tests.helpers import post_ok
from tests.prescriptions.test_query_counts import asked

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_, doctor):
    return as_(doctor)


@pytest.fixture
def herbs(doctor):
    """Seven doses, with two pieces."""
    sheet = herbal_draft(doctor)
    put(sheet, piece("黄芪"), "15")
    put(sheet, piece("附片"), "9", "先煎")
    return sheet


def edit(sheet):
    return reverse("herbal_edit", args=[sheet.pk])


def typed(drug=None, **more):
    """What the one form of the page sends."""
    line = {"doses": "7", "method": "sjf", "usage": "2w", "once": uuid.uuid4()}
    words = {"drug": drug.pk, "drug_text": drug.generic_name} if drug else {}
    return {**line, **words, **more}


def text(page) -> str:
    return page.content.decode()


def test_doses_and_the_first_piece_are_saved_together(client, doctor):
    sheet, drug = herbal_draft(doctor, common=None), piece("黄芪")

    post_ok(client, edit(sheet), typed(drug, doses="５剂", dose="１５ｇ", remark="蜜炙"))

    sheet.refresh_from_db()
    item = sheet.items.get()
    assert (sheet.herb_doses, item.dose, item.quantity, item.remark) == (5, 15, 75, "蜜炙")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"dose": "2片"}, "dose"),
        ({"dose": "1.25"}, "dose"),
        ({"dose": ""}, "dose"),
        ({"dose": "٣"}, "dose"),
        ({"doses": "0"}, "doses"),
        ({"doses": "999"}, "doses"),
        ({"doses": "很多"}, "doses"),
        ({"method": "x"}, "method"),
        ({"usage": ""}, "usage"),
        ({"note": "x"}, "note"),
        ({"drug": "99999999999"}, "drug_text"),
        ({"remark": "长" * 21}, "remark"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost_R155(client, herbs, wrong, field):
    page = client.post(edit(herbs), {**typed(piece("当归"), dose="10"), **wrong})

    assert page.status_code == 200
    assert field in page.context["form"].errors
    assert 'value="当归"' in text(page)
    assert names(herbs) == ["黄芪", "附片"]


def test_without_a_script_a_piece_is_looked_up_and_chosen(client, herbs):
    mint = piece("薄荷", initials="BH", usual_dose="3~6g")
    other = "复方薄荷片"
    client.post(edit(herbs), typed(drug_text="薄荷", once=uuid.uuid4()))
    found = client.post(edit(herbs), typed(drug_text="薄荷", doses="5", find="1"))
    chosen = client.post(edit(herbs), typed(doses="5", choose=mint.pk))

    assert f'name="choose" value="{mint.pk}"' in text(found) and other not in text(found)
    form = chosen.context["form"]
    assert (form["drug"].value(), form["doses"].value(), form["note"].value()) == (
        mint.pk,
        "5",
        "hx",
    )
    assert re.search(r'id="id_dose"[^>]*autofocus', text(chosen))


def test_the_type_ahead_offers_pieces_alone_with_stock_and_the_usual_note_R21(client, item):
    aconite = piece("附片(黑顺片)", usual_dose="3~15g", stock=480)

    options = text(client.post(reverse("herb_suggest"), {"q": "附片"}))
    western = text(client.post(reverse("drug_suggest"), {"q": "附片"}))
    others = text(client.post(reverse("herb_suggest"), {"q": item.drug_name}))

    assert f'data-value="{aconite.pk}"' in options
    assert 'data-fill-note="xj"' in options and "480g" in options and "3~15g" in options
    assert "附片" not in western and item.drug_name not in others


def test_a_piece_is_inserted_moved_and_taken_off_R21(client, herbs):
    first, second = herbs.items.order_by("rank")
    post_ok(client, edit(herbs), typed(piece("当归"), dose="10", before=first.pk))
    here = typed(second.drug, dose="12", note="xj", item=second.pk, move="forward")
    moved = post_ok(client, edit(herbs), here)

    assert names(herbs) == ["当归", "附片", "黄芪"]
    second.refresh_from_db()
    assert (second.dose, f"item={second.pk}" in moved.url) == (12, True)
    post_ok(client, reverse("prescription_item_remove", args=[second.pk]))
    assert names(herbs) == ["当归", "黄芪"]


def test_the_sheet_is_submitted_with_what_the_screen_shows(client, herbs):
    herbs.refresh_from_db()

    post_ok(client, edit(herbs), typed(doses="3", version=herbs.version, submit="1"))

    herbs.refresh_from_db()
    assert (herbs.state, herbs.herb_doses) == ("submitted", 3)


def test_a_piece_that_was_only_typed_holds_the_sheet_back(client, herbs):
    herbs.refresh_from_db()
    half = typed(piece("当归"), dose="10", version=herbs.version, submit="1")

    page = client.post(edit(herbs), half)

    herbs.refresh_from_db()
    assert "drug_text" in page.context["form"].errors
    assert (herbs.state, 'value="当归"' in text(page)) == ("draft", True)


def test_a_row_opened_and_left_as_it_was_holds_nothing_back(client, herbs):
    herbs.refresh_from_db()
    item = herbs.items.get(rank=1)
    same = typed(item.drug, dose="15", item=item.pk, version=herbs.version, submit="1")

    post_ok(client, edit(herbs), same)

    herbs.refresh_from_db()
    assert herbs.state == "submitted"


def test_a_wrong_password_comes_back_to_the_herbal_page_R20(client, herbs):
    put(herbs, piece("细辛"), "6")
    page = client.get(edit(herbs))
    (mark,) = re.findall(r'name="fingerprint" value="(\w+)"', text(page))

    answer = client.post(
        reverse("prescription_override", args=[herbs.pk]),
        {"fingerprint": mark, "reason": "monitored", "password": "falsch", "once": uuid.uuid4()},
    )

    assert answer.status_code == 200
    assert 'class="herb-grid"' in text(answer) and 'role="alert"' in text(answer)


def test_each_kind_of_sheet_leads_to_its_own_page(client, herbs, doctor):
    western = draft(doctor, record=herbs.consultation)
    row(western)

    assert client.get(reverse("prescription_edit", args=[herbs.pk])).url == edit(herbs)
    assert client.get(edit(western)).url == reverse("prescription_edit", args=[western.pk])


def test_the_visit_starts_a_herbal_sheet_and_keeps_what_was_typed(client, visit):
    version = Consultation.objects.get(pk=visit.pk).version
    body = {"version": version, "dx": "", "code": "", "panel": "herbal", "advice": "忌生冷"}

    answer = post_ok(client, reverse("consultation", args=[visit.pk]), body)

    sheet = Prescription.objects.get(consultation=visit)
    assert (sheet.form, answer.url) == ("herbal", edit(sheet))
    assert Consultation.objects.get(pk=visit.pk).advice == "忌生冷"


def test_everybody_reads_grams_notes_doses_and_taking(as_, doctor, pharmacist):
    drugs = [(piece("黄芪"), "15", ""), (piece("附片"), "9", "先煎")]
    sheet = herbal_submitted(doctor, *drugs)
    waiting = text(as_(pharmacist).get(reverse("review", args=[sheet.pk])))
    review.approve(prescription=sheet, by=pharmacist)
    pages = [
        waiting,
        text(as_(pharmacist).get(reverse("dispense", args=[sheet.pk]))),
        text(as_(doctor).get(reverse("prescription_show", args=[sheet.pk]))),
        text(as_(doctor).get(reverse("consultation", args=[sheet.consultation_id]))),
    ]

    for page in pages:
        assert "水煎服 每日1剂 分2次温服" in page
        assert "9g" in page and "先煎" in page


def test_twenty_pieces_take_no_more_queries_than_two(client, herbs):
    before = asked(client, edit(herbs))
    for n in range(18):
        put(herbs, piece(f"某药{n}"), "9")

    assert asked(client, edit(herbs)) == before


def test_a_colleagues_herbal_sheet_is_not_found_R142(as_, herbs, pharmacist):
    assert as_(pharmacist).get(edit(herbs)).status_code == 403
