"""Papers that go with the drugs: bag labels, infusion card, the day's register (R-161, R-130)."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from clinic.core.models import Institution, Setting
from prescriptions import archive, archive_search, dispensing, printing_bags, services
from prescriptions.models import ArchivedSheet, Prescription, PrescriptionItem
from prescriptions.printing_infusion import DRIP
from prescriptions.views import papers
from security.models import AuditEntry
from tests import paper
from tests.factories.prescriptions import (
    approved,
    dispensed,
    draft,
    patient_with,
    row,
    submitted,
    tablets,
)

pytestmark = pytest.mark.django_db


def test_a_label_says_in_plain_words_how_to_take_the_drug_R161(doctor, pharmacist):
    drug = tablets(storage="遮光，冷藏", caution="服药期间禁酒，勿驾驶", class_tags="")
    sheet = draft(doctor)
    row(sheet, drug, remark="饭后")
    sheet = services.submit(prescription=sheet, by=doctor)

    (label,) = printing_bags.labels(sheet)

    assert label["usage"] == "每日3次，每次1片，饭后口服"
    assert label["quantity"] == "15 片"
    said = ["Keep refrigerated", "Keep from light", "No alcohol", "No driving"]
    assert label["cautions"] == [gettext(words) for words in said]


def test_lot_and_expiry_stand_on_the_bag_of_a_split_pack_only_R161(doctor, pharmacist):
    split = dispensed(doctor, pharmacist)
    PrescriptionItem.objects.filter(prescription=split).update(units_per_pack=20)
    whole = dispensed(doctor, pharmacist)
    PrescriptionItem.objects.filter(prescription=whole).update(units_per_pack=5)
    waiting = approved(doctor, pharmacist)

    lots = [printing_bags.labels(sheet)[0]["lots"] for sheet in (split, whole, waiting)]

    batch = split.items.get().lines.get().movement.batch
    assert lots[0] == [{"lot": batch.lot, "expires_on": batch.expires_on}]
    assert lots[1] == []
    assert lots[2][0]["lot"].startswith("L")  # of what will be taken from the shelf


def test_a_lot_handed_out_in_two_parts_stands_on_the_bag_once_R161(doctor, pharmacist):
    sheet = approved(doctor, pharmacist)
    item = sheet.items.get()
    PrescriptionItem.objects.filter(pk=item.pk).update(units_per_pack=20)
    again = {"signed_again": True, "by": pharmacist}
    part = dispensing.dispense(prescription=sheet, parts={item.pk: 5}, **again)
    under_way = printing_bags.labels(part)[0]["lots"]
    whole = dispensing.dispense(prescription=part, **again)

    lots = printing_bags.labels(whole)[0]["lots"]

    assert len(lots) == len(under_way) == 1


def test_the_label_of_a_part_tells_the_part_and_that_of_the_rest_what_is_left_R123(
    as_, doctor, pharmacist
):
    sheet = approved(doctor, pharmacist, tablets(), tablets(generic_name="乙", ingredients="乙"))
    first, second = sheet.items.order_by("rank")
    parts = {first.pk: 5, second.pk: 0}
    again = {"signed_again": True, "by": pharmacist}
    part = dispensing.dispense(prescription=sheet, parts=parts, **again)
    client = as_(pharmacist)
    window = client.get(reverse("dispense", args=[sheet.pk])).content.decode()
    url = reverse("bag_labels", args=[sheet.pk])
    printed = [printing_bags.labels(part), client.get(f"{url}?of=rest").context["labels"]]
    whole = dispensing.dispense(prescription=part, **again)

    printed.append(printing_bags.labels(whole))

    told = [[(label["drug"], label["quantity"]) for label in labels] for labels in printed]
    left = [(first.drug_name, "10 片"), ("乙", "15 片")]
    assert told == [[(first.drug_name, "5 片")], left, left]
    assert f"{url}?of=rest" in window


@pytest.mark.parametrize("size", ["70x50", "60x40"])
def test_each_label_is_one_piece_of_paper_with_all_its_words_R161(
    as_, doctor, pharmacist, tmp_path, size
):
    Setting.objects.create(key="prescription.label_paper", value=size)
    Institution.objects.create(name="青溪镇社区卫生服务中心北桥村卫生服务站", phone="0512-12345678")
    drugs = [
        tablets(
            generic_name=f"阿莫西林克拉维酸钾分散片{n}",
            ingredients=f"成分{n}",
            storage="遮光，冷藏",
            caution="禁酒，勿驾驶",
        )
        for n in range(2)
    ]
    sheet = dispensed(doctor, pharmacist, *drugs)

    page = as_(pharmacist).get(reverse("bag_labels", args=[sheet.pk])).content.decode()

    printed = paper.texts(paper.pdf(page, tmp_path))
    assert len(printed) == 2
    for drug, text in zip(drugs, printed, strict=True):
        said = [sheet.patient.name, drug.generic_name, "每日3次", "0512-12345678"]
        said += [gettext("No driving"), drug.batches.get().lot]
        assert all("".join(words.split()) in text for words in said), text


def infusion(doctor, pharmacist) -> Prescription:
    """Two drugs in one container and a third by itself."""
    drugs = [tablets(generic_name=f"注射液{n}", ingredients=f"成分{n}") for n in range(3)]
    sheet = dispensed(doctor, pharmacist, *drugs)
    items = list(sheet.items.order_by("rank"))
    for item, group in zip(items, (1, 1, None), strict=True):
        item.group, item.route, item.drip = group, DRIP, "40滴/分"
        item.save()
    return sheet


def test_the_infusion_card_shows_groups_drip_and_lines_to_sign(as_, doctor, pharmacist, nurse):
    sheet = infusion(doctor, pharmacist)

    pages = [
        as_(who).get(reverse("infusion_card", args=[sheet.pk])).content.decode()
        for who in (pharmacist, nurse)
    ]

    for page in pages:
        assert page.count("<section>") == 2  # what is mixed, and the one alone
        assert page.count("40滴/分") == 2
        assert page.count("<tr><td>08:00</td>") == 2
        assert sheet.patient.name in page
    assert AuditEntry.objects.filter(screen="infusion_card", subject=sheet.patient_id).count() == 2


def test_a_doctor_sees_the_infusion_card_of_open_files_only_R143(
    as_, doctor, other_doctor, pharmacist
):
    url = reverse("infusion_card", args=[infusion(doctor, pharmacist).pk])

    own, others = as_(doctor).get(url), as_(other_doctor).get(url)

    assert (own.status_code, others.status_code == 200) == (200, False)


def test_a_sheet_without_infusion_has_no_card(as_, doctor, nurse):
    answer = as_(nurse).get(reverse("infusion_card", args=[submitted(doctor).pk]))

    assert answer.status_code == 302


def test_the_register_lists_the_day_and_asks_as_much_for_one_as_for_many(
    as_, doctor, pharmacist, django_assert_num_queries
):
    first = dispensed(doctor, pharmacist)
    client, url = as_(pharmacist), reverse("prescription_register")
    client.get(url)
    one = queries(client, url)
    others = [dispensed(doctor, pharmacist, tablets()) for _n in range(3)]

    page = client.get(url).content.decode()

    assert all(sheet.number in page for sheet in (first, *others))
    assert f"¥{4 * Decimal('7.20')}<" in page
    assert queries(client, url) == one
    assert first.number not in client.get(f"{url}?day=2020-01-01").content.decode()


def queries(client, url: str, **typed) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.post(url, typed) if typed else client.get(url)
    return len([q for q in asked if "auditentry" not in q["sql"]])


def test_the_archive_is_searched_by_number_patient_doctor_day_and_class(
    as_, doctor, other_doctor, pharmacist
):
    mine, other = dispensed(doctor, pharmacist), dispensed(other_doctor, pharmacist)
    for sheet in (mine, other):
        archive.archive(prescription=sheet, by=None)
    client, url = as_(pharmacist), reverse("archive_list")
    client.get(url)
    one = queries(client, url, q=mine.number)

    def found(**asked) -> set[str]:
        rows = client.post(url, asked).context["rows"]
        return {row["document"].prescription.number for row in rows}

    today = timezone.localdate()
    assert found() == {mine.number, other.number}
    assert found(q=mine.number.lower()) == {mine.number}
    assert found(q=other.patient.record_no) == {other.number}
    assert found(q=mine.patient.name) >= {mine.number}
    assert found(doctor="苏晓雯") == {other.number}
    assert found(kind="narcotic") == found(until="2020-01-01") == found(only="over") == set()
    assert found(since=today.isoformat()) == {mine.number, other.number}
    assert queries(client, url) == one
    assert len(client.get(url, {"q": mine.number}).context["rows"]) == 2  # nothing in an address
    theirs = as_(doctor).get(url).context["rows"]
    assert [row["document"].prescription_id for row in theirs] == [mine.pk]


def test_the_pages_of_the_archive_keep_what_was_asked_out_of_the_address(
    as_, doctor, pharmacist, monkeypatch
):
    monkeypatch.setattr(papers, "PAGE", 1)
    for _sheet in range(2):
        sheet = dispensed(doctor, pharmacist, patient=patient_with(name="林多次"))
        archive.archive(prescription=sheet, by=None)
    client, url = as_(pharmacist), reverse("archive_list")

    first = client.post(url, {"q": "林多次"})
    second = client.post(url, {"q": "林多次", "page": "2"})

    assert 'name="page" value="2"' in first.content.decode()
    assert '<input type="hidden" name="q" value="林多次"' in first.content.decode()
    assert "?q=" not in first.content.decode()
    assert first.context["rows"] != second.context["rows"]


def test_after_its_years_a_sheet_may_be_destroyed_and_is_still_there_R30(doctor, pharmacist):
    document = archive.archive(prescription=dispensed(doctor, pharmacist), by=None)
    document.keep_until = timezone.localdate() - timezone.timedelta(days=1)

    assert archive_search.as_row(document)["is_over"]
    assert ArchivedSheet.objects.count() == 1
