"""The printed herbal sheet (R-8, R-11, R-20, R-21, R-162)."""

import json
import re

import pytest
from django.urls import reverse

from prescriptions import alerts, herbal, signing
from prescriptions.printing_herbal import lay_out, sheet_herbal
from tests.factories.herbs import herbal_dispensed, herbal_draft, herbal_submitted, piece, put

pytestmark = pytest.mark.django_db
LINE = ["共7剂 水煎服 每日1剂 分2次温服"]


def paper(as_, user, sheet) -> str:
    return as_(user).get(reverse("prescription_print", args=[sheet.pk])).content.decode()


def made_up(count, **facts):
    usual = {"name": "黄芪", "wish": "", "grams": "15g", "notes": []}
    return [{**usual, "name": f"黄芪{n}", **facts} for n in range(count)]


def test_notes_stand_behind_the_grams_and_wishes_before_the_name_R21(as_, doctor):
    sheet = herbal_draft(doctor)
    put(sheet, piece("附片"), "9", "先煎", wish="道地江油产")
    put(sheet, piece("甘草"), "1.5")
    sheet = herbal.submit(prescription=sheet, by=doctor)

    page = paper(as_, doctor, sheet)

    assert "道地江油产 <b>附片</b> 9g<sup>(先煎)</sup>" in page
    assert "<b>甘草</b> 1.5g</li>" in page
    assert "水煎服 每日1剂 分2次温服" in page


def test_head_tail_amount_and_the_slash_stand_on_it_R7_R9_R11(as_, doctor, pharmacist):
    sheet = herbal_dispensed(doctor, pharmacist, (piece("黄芪"), "15", ""))
    page = paper(as_, doctor, sheet)

    for words in (sheet.number, sheet.patient.name, "急性支气管炎", "Rp", "林海生", "¥2.10"):
        assert words in page
    assert page.count("高审方") == 1  # review
    assert page.count("许文娟") == 3  # picking, check, handing out
    assert page.count("<line ") == 1


def test_what_the_doctor_insisted_on_is_printed_to_be_signed_R20(as_, doctor):
    sheet = herbal_draft(doctor)
    put(sheet, piece("细辛"), "6")
    (open_one,) = alerts.opinion(sheet).open
    signing.override(
        prescription=sheet, fingerprint=open_one.fingerprint, reason="monitored", by=doctor
    )
    sheet = herbal.submit(prescription=sheet, by=doctor)

    page = paper(as_, doctor, sheet)

    assert re.search(r'class="v1-reason">细辛 ', page)


def test_the_sheet_is_plain_values_that_can_be_kept_R148(doctor):
    sheet = herbal_submitted(doctor)
    kept = sheet_herbal(sheet)

    assert json.loads(json.dumps(kept)) == kept


def test_fifteen_to_twenty_four_pieces_fit_at_full_size_R162():
    for count in (15, 20, 24):
        size, pages = lay_out(made_up(count, notes=["先煎"]), LINE, 88)
        assert (size, len(pages)) == ("", 1)


@pytest.mark.parametrize(
    ("count", "name", "sheets"), [(40, "黄芪", 2), (60, "黄芪", 2), (34, "长" * 20, 3)]
)
def test_what_does_not_fit_goes_on_and_no_piece_is_lost_R162(count, name, sheets):
    pieces = [{**one, "name": f"{name}{n}"} for n, one in enumerate(made_up(count))]

    size, pages = lay_out(pieces, LINE, 88)

    assert [piece for page in pages for piece in page["rows"]] == pieces
    assert [page["is_last"] for page in pages] == [False] * (len(pages) - 1) + [True]
    assert (size, len(pages)) == ("rx-smallest", sheets)


def test_one_endless_piece_still_prints():
    _size, pages = lay_out(made_up(1, name="长" * 900), LINE, 88)

    assert len(pages) == 1
