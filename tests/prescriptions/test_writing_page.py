"""The doctor's page: finding a drug, rows, alerts, signature, submit (R-43, R-48, R-157)."""

import re
import uuid
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from prescriptions import alerts
from prescriptions.models import PrescriptionItem
from tests.factories.prescriptions import (
    MILD_PENICILLIN,
    SEVERE_PENICILLIN,
    draft,
    patient_with,
    row,
    shipped,
    tablets,
)
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_, doctor):
    return as_(doctor)


def edit(sheet):
    return reverse("prescription_edit", args=[sheet.pk])


def typed(drug=None, **more):
    usual = {"dose": "30mg", "route": "口服", "frequency": "每日3次", "days": "5"}
    return {"once": uuid.uuid4(), "drug": drug.pk if drug else "", **usual, **more}


def words(message, **values):
    with translation.override("zh-hans"):
        return translation.gettext(message) % values


def test_a_typed_row_is_added(client, sheet, ambroxol):
    post_ok(client, edit(sheet), typed(ambroxol, remark="饭后"))

    item = sheet.items.get()
    assert (item.quantity, item.remark, item.route, item.frequency) == (15, "饭后", "1", "tid")


def test_full_width_letters_and_digits_are_taken(client, sheet, ambroxol):
    post_ok(client, edit(sheet), typed(ambroxol, dose="３０ｍｇ", days="５天", frequency="ＴＩＤ"))

    assert sheet.items.get().quantity == 15


def test_the_computed_quantity_stands_in_the_row_R116(client, sheet, item):
    page = client.get(edit(sheet)).content.decode()

    assert "<b>15 片</b>" in page
    assert "1片×3×5" in page


def test_a_quantity_that_must_be_asked_comes_back_with_what_was_typed_R168(client, sheet, ambroxol):
    page = client.post(edit(sheet), typed(ambroxol, frequency="必要时", remark="发热时"))

    assert page.status_code == 200
    assert "quantity" in page.context["form"].errors
    assert 'value="发热时"' in page.content.decode()
    post_ok(client, edit(sheet), typed(ambroxol, frequency="必要时", quantity="1盒"))
    assert sheet.items.get().quantity == 20


def test_a_slip_in_the_dose_is_said_at_the_dose_though_the_quantity_is_typed(
    client, sheet, ambroxol
):
    slip = typed(ambroxol, dose="999999g", days="60", quantity="1")

    page = client.post(edit(sheet), slip)

    assert list(page.context["form"].errors) == ["dose"]
    assert not sheet.items.exists()


def test_words_without_a_choice_bring_the_choices_without_a_script(client, sheet, ambroxol):
    page = client.post(edit(sheet), typed(drug_text="asp", dose="30mg"))

    assert [drug.pk for drug in page.context["choices"]] == [ambroxol.pk]
    assert 'name="choose"' in page.content.decode()
    assert not sheet.items.exists()


def test_a_chosen_drug_brings_its_usual_usage(client, sheet, ambroxol):
    page = client.post(edit(sheet), {**typed(days="7"), "choose": ambroxol.pk})

    form = page.context["form"]
    assert (form["dose"].value(), form["frequency"].value()) == ("30mg", "每日3次")
    assert (str(form["drug"].value()), form["days"].value()) == (str(ambroxol.pk), "7")


def test_for_a_child_no_usual_dose_is_filled_in_R157(client, doctor, ambroxol):
    born = timezone.localdate() - timezone.timedelta(days=3000)
    sheet = draft(doctor, patient=patient_with(birth_date=born))

    page = client.post(edit(sheet), {**typed(), "choose": ambroxol.pk})

    assert page.context["form"]["dose"].value() == ""
    assert "child=1" in page.content.decode()


def test_nothing_that_fits_says_so(client, sheet):
    page = client.post(edit(sheet), typed(drug_text="zzzz"))

    assert "drug_text" in page.context["form"].errors


def test_special_grade_is_not_found_at_all_R48(client, sheet):
    tablets(generic_name="美罗培南", initials="MLPN", antibiotic_grade="特殊使用级")

    page = client.post(edit(sheet), typed(drug_text="mlpn"))
    options = client.post(reverse("drug_suggest"), {"q": "mlpn"}).content.decode()

    assert not page.context["choices"]
    assert "美罗培南" not in options


def test_special_grade_is_not_added_by_its_number_R48(client, sheet):
    drug = tablets(antibiotic_grade="特殊使用级")

    page = client.post(edit(sheet), {**typed(), "choose": drug.pk})

    assert not page.context["form"]["drug"].value()


def test_suggestions_carry_the_usual_usage_and_the_stock(client, ambroxol):
    page = client.post(reverse("drug_suggest"), {"q": "ａｓｐ"}).content.decode()

    for part in (f'data-value="{ambroxol.pk}"', 'data-fill-dose="30mg"', 'data-fill-route="口服"'):
        assert part in page
    assert "25盒" in page


def test_suggestions_say_what_stands_against_a_drug_R43(client, doctor, shipped_library):
    sheet = draft(doctor, patient=patient_with(SEVERE_PENICILLIN))
    url = reverse("drug_suggest")
    shipped("D001")

    told = client.post(f"{url}?sheet={sheet.pk}", {"q": "amxl"}).content.decode()
    silent = client.post(url, {"q": "amxl"}).content.decode()

    assert "tag-harm" in told
    assert "tag-harm" not in silent


def test_suggestions_tell_nothing_about_a_sheet_of_somebody_else_R142(
    client, other_doctor, shipped_library
):
    sheet = draft(other_doctor, patient=patient_with(SEVERE_PENICILLIN))
    shipped("D001")

    page = client.post(f"{reverse('drug_suggest')}?sheet={sheet.pk}", {"q": "amxl"})

    assert "tag-harm" not in page.content.decode()


def test_suggestions_for_a_child_carry_no_dose_R157(client, ambroxol):
    page = client.post(reverse("drug_suggest") + "?child=1", {"q": "asp"}).content.decode()

    assert 'data-fill-dose=""' in page


def test_what_is_in_stock_is_suggested_first(client):
    tablets(generic_name="甲", stock=0), tablets(generic_name="乙", stock=20)

    page = client.post(reverse("drug_suggest"), {"q": "asp"}).content.decode()

    assert page.index("乙") < page.index("甲")


def test_a_row_is_taken_up_again_and_changed(client, sheet, item):
    page = client.get(edit(sheet) + f"?item={item.pk}")
    assert page.context["form"]["dose"].value() == "30mg"

    post_ok(client, edit(sheet), typed(item.drug, item=item.pk, days="7"))

    item.refresh_from_db()
    assert (item.quantity, sheet.items.count()) == (21, 1)


def test_a_foreign_row_in_the_address_is_no_row(client, sheet, item):
    page = client.get(edit(sheet) + f"?item={uuid.uuid4()}&drug=99999")

    assert page.status_code == 200
    assert page.context["editing"] is None


def test_a_block_stands_under_its_row_with_an_alternative_R43(client, doctor, shipped_library):
    sheet = draft(doctor, patient=patient_with(SEVERE_PENICILLIN))
    item = row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g", skin_test="pending")
    azithromycin = shipped("D010")

    page = client.get(edit(sheet)).content.decode()

    assert '<section class="stop"' in page
    assert "阿奇霉素片" in page
    assert 'aria-disabled="true"' in page
    answer = post_ok(
        client,
        reverse("prescription_item_replace", args=[item.pk]),
        {"drug": azithromycin.pk},
    )
    item.refresh_from_db()
    assert (item.drug, answer.url.split("?")[0]) == (azithromycin, edit(sheet))


def test_the_total_leaves_out_what_can_not_be_given(client, doctor, shipped_library):
    sheet = draft(doctor, patient=patient_with(SEVERE_PENICILLIN))
    row(sheet)
    row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g", skin_test="pending")

    page = client.get(edit(sheet))

    assert page.context["total"] == Decimal("7.20")
    assert page.context["left_out"] == "2"


def test_a_blocked_sheet_is_refused_by_the_server_whatever_the_button_says_R43(client, sheet):
    row(sheet, days=85)
    sheet.refresh_from_db()
    client.post(
        reverse("prescription_submit", args=[sheet.pk]),
        {"once": uuid.uuid4(), "version": sheet.version},
    )

    sheet.refresh_from_db()
    assert sheet.state == "draft"


@pytest.fixture
def asked(doctor, shipped_library):
    sheet = draft(doctor, patient=patient_with(MILD_PENICILLIN))
    row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g", skin_test="negative")
    return sheet


def signature(sheet, **more):
    (finding,) = alerts.opinion(sheet).open
    return {
        "once": uuid.uuid4(),
        "fingerprint": finding.fingerprint,
        "reason": "monitored",
        "password": "correct-horse-7",
        **more,
    }


def sign(client, sheet, **more):
    place = reverse("prescription_override", args=[sheet.pk])
    return client.post(place, signature(sheet, **more))


def test_the_password_signs_again_R20(client, asked):
    assert sign(client, asked).status_code == 302
    assert alerts.opinion(asked).open == []


@pytest.mark.parametrize("password", ["", "wrong", "x" * 300, "a\0b", "😀"])
def test_a_wrong_password_signs_nothing_R20(client, asked, password):
    page = sign(client, asked, password=password)

    assert page.status_code == 200
    assert page.context["sign_form"].errors
    assert len(alerts.opinion(asked).open) == 1
    assert 'value="monitored" selected' in page.content.decode()


def test_after_a_refused_signature_the_cursor_stands_where_it_was_wrong_R129(client, asked):
    page = sign(client, asked, password="wrong-secret-1").content.decode()

    field = re.search(r'<input[^>]*name="password"[^>]*>', page)[0]
    assert "autofocus" in field
    # An address with a fragment would keep the browser from it.
    assert not re.search(r'action="[^"]*/override/#', page)


def test_a_typed_password_never_comes_back(client, asked):
    page = sign(client, asked, password="wrong-secret-1").content.decode()

    assert "wrong-secret-1" not in page


def test_a_reason_must_be_chosen_R43(client, asked):
    page = sign(client, asked, reason="")

    assert page.context["sign_form"].errors["reason"]


def test_allergies_that_were_not_asked_stop_the_start_with_words_R44(client, doctor):
    from tests.factories.prescriptions import visit_of

    visit = visit_of(doctor, patient=patient_with(allergy_status="not_asked"))
    answer = client.post(
        reverse("prescription_start", args=[visit.pk]), {"once": uuid.uuid4()}, follow=True
    )

    message = words(
        "No prescription was started: allergies were not asked. Please ask the patient, "
        "then choose has allergies or denies allergies."
    )
    assert message in answer.content.decode()


def test_a_skin_test_is_chosen_under_its_row_R171(client, sheet, shipped_library):
    item = row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g")
    assert 'value="pending"' in client.get(edit(sheet)).content.decode()

    answer = post_ok(
        client,
        reverse("skin_test", args=[item.pk]),
        {"state": "pending", "next": edit(sheet)},
    )

    item.refresh_from_db()
    assert (item.skin_test, answer.url) == ("pending", edit(sheet))


def test_a_foreign_address_to_come_back_to_is_not_followed(client, sheet, shipped_library):
    item = row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g")
    answer = post_ok(
        client,
        reverse("skin_test", args=[item.pk]),
        {"state": "pending", "next": "https://example.org/"},
    )

    assert answer.url == reverse("skin_test_list")


def test_the_caution_about_drug_facts_stands_on_the_page_R157(client, sheet):
    text = words(
        "Drug facts are typical values until a pharmacist has compared them with the package; "
        "pairs that are not listed are not proven safe."
    )

    assert text in client.get(edit(sheet)).content.decode()


def test_a_double_click_adds_one_row(client, sheet, ambroxol):
    form = typed(ambroxol)

    places = [client.post(edit(sheet), form).url for _click in range(2)]

    assert (sheet.items.count(), len(set(places))) == (1, 1)


def test_a_full_sheet_says_so_R14(client, sheet):
    for n in range(5):
        row(sheet, tablets(generic_name=f"药{n}", ingredients=f"成分{n}", stock=100))

    page = client.get(edit(sheet))

    assert page.context["is_full"]
    assert 'name="drug_text"' not in page.content.decode()
    answer = client.post(edit(sheet), typed(tablets(generic_name="第六")))
    assert answer.status_code == 200
    assert PrescriptionItem.objects.count() == 5
