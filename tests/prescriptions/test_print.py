"""The printed sheet (R-7 to R-11, R-31, R-162)."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from prescriptions import printing, services
from prescriptions.models import Prescription
from prescriptions.printing import lay_out
from security.models import AuditEntry
from tests.factories.prescriptions import (
    SEVERE_PENICILLIN,
    dispensed,
    draft,
    patient_with,
    row,
    submitted,
    tablets,
)
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db


def paper(as_, user, sheet):
    return as_(user).get(reverse("prescription_print", args=[sheet.pk]))


def made_up_rows(count, title="盐酸氨溴索片 片剂 30mg×20片/盒", usage="口服 每次30mg 每日3次"):
    return [{"title": title, "usage": usage, "remarks": []} for _n in range(count)]


def test_head_body_and_tail_stand_on_the_sheet_R7_R8_R9(as_, doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)
    page = paper(as_, doctor, sheet).content.decode()

    for words in (sheet.number, sheet.patient.name, sheet.patient.record_no, "急性支气管炎"):
        assert words in page
    for words in ("Rp", "盐酸氨溴索片 片剂 30mg×20片/盒", "15 片", "林海生", "¥7.20"):
        assert words in page
    assert page.count("高审方") == 1  # review
    assert page.count("许文娟") == 3  # picking, check, handing out


def test_the_rest_of_the_page_is_struck_out_R11(as_, doctor):
    page = paper(as_, doctor, submitted(doctor)).content.decode()

    assert page.count('class="v1-blank"') == 1
    assert "<line " in page


def test_an_ordinary_sheet_has_no_label_R10(as_, doctor):
    page = paper(as_, doctor, submitted(doctor)).content.decode()

    assert "v1-kind" not in page
    assert "paper-hint" not in page


def test_a_childs_sheet_is_labelled_and_asks_for_green_paper_R10(as_, doctor):
    from django.utils import timezone

    born = timezone.localdate() - timezone.timedelta(days=800)
    page = paper(as_, doctor, submitted(doctor, patient=patient_with(birth_date=born)))

    assert '<div class="v1-kind">儿科</div>' in page.content.decode()
    assert "paper-green" in page.content.decode()


def test_the_allergy_line_is_printed_as_it_was_known_R162(as_, doctor):
    patient = patient_with({**SEVERE_PENICILLIN, "reaction": "皮疹"})
    page = paper(as_, doctor, submitted(doctor, patient=patient)).content.decode()

    line = re.search(r'class="v1-allergy">(.*?)</div>', page, re.DOTALL)[1]
    assert "青霉素" in line and "皮疹" in line


def test_printing_counts_and_reprints_say_so_R162(as_, doctor):
    sheet = submitted(doctor)
    url = reverse("prescription_print", args=[sheet.pk])
    client = as_(doctor)

    first = post_ok(client, url)
    assert "data-autoprint" in client.get(first.url).content.decode()
    second = post_ok(client, url)
    page = client.get(second.url).content.decode()

    sheet.refresh_from_db()
    assert sheet.print_count == 2
    with translation.override("zh-hans"):
        assert translation.gettext("Reprint no. %(count)s") % {"count": 1} in page


def test_looking_at_the_sheet_counts_nothing(as_, doctor):
    sheet = submitted(doctor)
    page = paper(as_, doctor, sheet).content.decode()

    sheet.refresh_from_db()
    assert sheet.print_count == 0
    assert "data-autoprint" not in page


def test_a_double_click_prints_once(as_, doctor):
    sheet = submitted(doctor)
    client, url = as_(doctor), reverse("prescription_print", args=[sheet.pk])
    form = {"once": "7d1f6f3e-3c7e-4a39-9a2e-6b6f1c6f6c11"}

    places = [client.post(url, form).url for _click in range(2)]

    sheet.refresh_from_db()
    assert (sheet.print_count, len(set(places))) == (1, 1)


def test_every_print_is_in_the_audit_log_R144(as_, doctor):
    sheet = submitted(doctor)
    post_ok(as_(doctor), reverse("prescription_print", args=[sheet.pk]))

    entry = AuditEntry.objects.get(event="print", screen="prescription_print")
    assert (entry.subject, entry.actor) == (sheet.patient_id, doctor)


@pytest.mark.parametrize("state", ["draft", "voided"])
def test_drafts_and_voided_sheets_are_not_printed(as_, doctor, state):
    sheet = draft(doctor)
    row(sheet)
    if state == "voided":
        services.void(prescription=sheet, reason="改", by=doctor)

    assert paper(as_, doctor, sheet).status_code == 404


def test_a_renamed_drug_is_printed_under_its_old_name_R122(as_, doctor):
    drug = tablets()
    sheet = submitted(doctor, drug)
    drug.generic_name = "改了名的药"
    drug.save()

    assert "改了名的药" not in paper(as_, doctor, sheet).content.decode()


def test_five_usual_drugs_fit_at_full_size_R162():
    size, pages = lay_out(made_up_rows(5))

    assert (size, len(pages)) == ("", 1)


def test_longer_texts_shrink_first_R162():
    size, pages = lay_out(made_up_rows(5, title="长" * 30, usage="服" * 30))

    assert size in ("rx-smaller", "rx-smallest")
    assert len(pages) == 1


def test_what_still_does_not_fit_goes_on_a_second_page_R162():
    size, pages = lay_out(made_up_rows(5, title="长" * 60, usage="服" * 60))

    assert (size, len(pages)) == ("rx-smallest", 2)
    assert [page.is_last for page in pages] == [False, True]
    assert sum(len(page.rows) for page in pages) == 5


def test_one_endless_row_still_prints():
    _size, pages = lay_out(made_up_rows(1, title="长" * 900))

    assert len(pages) == 1


def test_the_sheet_is_in_the_institutions_language_for_everybody(as_, doctor, settings):
    sheet = submitted(doctor)
    with translation.override("en"):
        context = printing.sheet(sheet)

    assert context["sheet_language"] == settings.LANGUAGE_CODE


@pytest.mark.parametrize(("days", "extra"), [(5, 0), (5, 2), (15, 0), (15, 3)])
def test_the_paper_says_how_long_it_is_valid_and_that_it_is_long_term_R22_R29(doctor, days, extra):
    sheet = draft(doctor)
    row(sheet, days=days)
    Prescription.objects.filter(pk=sheet.pk).update(
        extra_days=extra, valid_until=datetime.date(2026, 12, 1)
    )
    sheet.refresh_from_db()

    said = printing.sheet(sheet)["standing"]

    with translation.override("zh-hans"):
        assert (gettext("Long-term prescription") in said) == (days > 14)
        assert (gettext("Valid on the day of issue") in said) == (extra == 0)
    assert ("2026-12-01" in said) == (extra > 0)
