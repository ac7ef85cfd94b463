"""A list of drugs and the form make new drugs by the same rules: known again, marked, numbered."""

import pytest

from pharmacy import drugs
from pharmacy.models import Drug
from tests.factories.tables import HEADINGS, LINES, csv, imported
from tests.pharmacy.test_import_drugs import counts

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("heading", "cell", "mark"),
    [
        ("基药", "√", "Y"),
        ("是否基药", "是", "Y"),
        ("基本药物", "否", "N"),
        ("基药标识（国家/省）", "国家基药", "Y"),
        ("国家基本药物", "省增补", "省增补"),
        ("基药", "", ""),
    ],
)
def test_the_mark_of_essential_medicines_comes_with_the_drug_R51(storekeeper, heading, cell, mark):
    imported(storekeeper, csv(f"{LINES[0]},{cell}", headings=f"{HEADINGS},{heading}"))

    assert Drug.objects.get().essential == mark


def test_a_list_and_the_form_know_the_same_drug_by_the_same_rule_R122(storekeeper):
    facts = {"generic_name": "头孢拉定胶囊", "category": "西药", "dosage_form": "", "rx": "Rx"}
    facts |= {"strength": "0.25g/粒", "pack_spec": "0.25ｇ*24粒", "units_per_pack": 24}
    facts |= {"pack_unit": "盒", "base_unit": "粒", "routes": "口服", "maker": ""}
    imported(storekeeper, csv(LINES[0].partition(",")[2], headings=HEADINGS.partition(",")[2]))

    with pytest.raises(drugs.Alike) as refused:
        drugs.create_drug(facts=facts, by=storekeeper)
    other = drugs.create_drug(facts={**facts, "units_per_pack": 12}, by=storekeeper)
    again = imported(storekeeper, csv("头孢拉定胶囊,0.25g×12粒/盒,盒", headings="名称,规格,单位"))

    assert [drug.code for drug in refused.value.drugs] == ["D001"]
    assert counts(again) == (0, 0, 1, 0, 0)
    assert list(Drug.objects.order_by("pk").values_list("code", flat=True)) == [
        "D001",
        other.code,
    ]
