"""Clinical data: source and state of checking beside an alert, versions, import (R-157)."""

import uuid
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.translation import gettext

from clinic.core import clinical
from clinic.core.models import ClinicalChange
from pharmacy import drugs
from pharmacy.models import Interaction
from prescriptions.alerts import opinion
from prescriptions.rules.sources import of_library, of_list, of_pair, told
from tests.factories.prescriptions import draft, row, tablets
from tests.factories.tables import driven, imported, taken_back
from tests.prescriptions import plain

pytestmark = pytest.mark.django_db
HEADINGS = "编号,甲方类型,甲方,乙方类型,乙方,严重程度,后果,处理,来源"
NEW = "X2,类别,ACEI,成分,钾,慎用,高钾,监测血钾,说明书"


def listed(*lines: str) -> bytes:
    return "\n".join([HEADINGS, *lines]).encode()


def pair(by, **values) -> Interaction:
    facts = {"a_type": "ingredient", "a_value": "甲", "b_type": "ingredient", "b_value": "乙"}
    facts |= {"severity": "严重", "effect": "某作用", "source": "药典", **values}
    return clinical.change(row=Interaction(number="X1"), key="X1", values=facts, by=by)


@pytest.mark.parametrize("checked", [True, False])
def test_an_alert_names_its_source_and_whether_it_was_checked(checked, doctor, pharmacist):
    pair(pharmacist, checked=checked)
    sheet = draft(doctor)
    row(sheet, tablets(generic_name="甲片", ingredients="甲"))
    row(sheet, tablets(generic_name="乙片", ingredients="乙"))

    (found,) = [f for f in opinion(sheet).findings if f.rule.key == "interaction.serious"]

    assert found.source == of_pair("X1", checked=checked) != of_pair("X1", checked=not checked)


def test_a_pharmacist_corrects_a_pair_and_everybody_sees_who_did_it(pharmacist, as_):
    kept = pair(pharmacist, checked=True)
    client, url = as_(pharmacist), reverse("clinical_edit", args=["pairs", kept.pk])
    facts = {"a_type": "ingredient", "a_value": "甲", "b_type": "ingredient", "b_value": "乙"}
    facts |= {"severity": "禁忌", "effect": "某作用", "source": "药典"}

    wrong = client.post(url, {**facts, "effect": ""})
    client.post(url, facts)

    kept.refresh_from_db()
    page = client.get(url).content.decode()
    assert (wrong.status_code, kept.severity, kept.checked) == (200, "禁忌", False)
    assert "严重 → <b>禁忌</b>" in page
    assert pharmacist.full_name in page
    assert "禁忌" in client.get(reverse("clinical_list"), {"tab": "changes"}).content.decode()


def test_what_a_colleague_changed_meanwhile_is_not_written_over_R157(
    pharmacist, other_pharmacist, as_
):
    kept = pair(pharmacist)
    client, url = as_(other_pharmacist), reverse("clinical_edit", args=["pairs", kept.pk])
    opened = client.get(url).context
    facts = {**opened["form"].initial, "advice": "慎用", "seen": opened["seen"]}
    clinical.change(row=kept, key="X1", values={"severity": "禁忌"}, by=pharmacist)

    page = client.post(url, facts)
    kept.refresh_from_db()
    said = (kept.severity, kept.advice)
    client.post(url, {**facts, "severity": "禁忌", "seen": page.context["seen"]})

    kept.refresh_from_db()
    assert page.context["form"].non_field_errors()
    assert 'value="慎用"' in page.content.decode()
    assert (said, kept.severity, kept.advice) == (("禁忌", ""), "禁忌", "慎用")


def test_a_double_click_makes_one_pair_and_says_nothing_of_a_number_in_use(pharmacist, as_):
    client, url = as_(pharmacist), reverse("clinical_edit", args=["pairs", 0])
    facts = {"number": "X9", "a_type": "ingredient", "a_value": "甲", "severity": "禁忌"}
    facts |= {"b_type": "ingredient", "b_value": "乙", "effect": "某作用", "once": uuid.uuid4()}

    answers = [client.post(url, facts).status_code for _click in range(2)]

    assert answers == [302, 302]
    assert Interaction.objects.filter(number="X9").count() == 1


def test_nothing_changed_is_no_version(pharmacist):
    kept = pair(pharmacist)

    clinical.change(row=kept, key="X1", values={"effect": "某作用"}, by=pharmacist)

    assert clinical.version() == 1


def test_what_the_rules_read_of_a_drug_is_a_version_and_its_shelf_is_not(pharmacist):
    drug = tablets()
    drugs.change_drug(drug=drug, facts={"shelf": "B2"}, seen=None, by=pharmacist)
    drugs.change_drug(drug=drug, facts={"caution": "驾车慎用"}, seen=None, by=pharmacist)

    change = ClinicalChange.objects.get()

    assert (change.area, change.key) == ("pharmacy.drug", drug.code)
    assert change.changes == [["caution", "", "驾车慎用"]]


def test_an_import_makes_changes_leaves_and_refuses_and_is_taken_back(pharmacist):
    pair(pharmacist, checked=True)
    same = "X1,成分,甲,成分,乙,严重,某作用,,药典"
    changed = "X1,成分,甲,成分,乙,禁忌,某作用,,药典"
    assert imported(pharmacist, listed(same), kind="interactions").unchanged == 1

    lines = listed(changed, NEW, NEW, "X3,?,甲,成分,乙,严重,某作用,,")
    table = imported(pharmacist, lines, kind="interactions")

    assert (table.changed, table.created, table.refused) == (1, 1, 2)
    assert Interaction.objects.get(number="X1").severity == "禁忌"
    new = Interaction.objects.get(number="X2")
    assert (new.a_type, new.severity, new.checked) == ("class_tag", "注意", False)
    taken_back(table, pharmacist)
    assert Interaction.objects.get().severity == "严重"


def test_what_was_changed_after_the_import_stays(pharmacist):
    table = imported(pharmacist, listed(NEW), kind="interactions")
    new = Interaction.objects.get()
    clinical.change(row=new, key="X2", values={"advice": "避免"}, by=pharmacist)

    driven(taken_back(table, pharmacist))

    assert Interaction.objects.get().advice == "避免"


def test_the_import_page_shows_what_will_happen_before_it_does(pharmacist, as_):
    client = as_(pharmacist)
    file = SimpleUploadedFile("相互作用.csv", listed(NEW))

    came = client.post(reverse("clinical_import"), {"file": file}, follow=True)

    assert came.status_code == 200
    assert "ACEI" in came.content.decode()
    assert not Interaction.objects.exists()


SINGLE = {"max_single": Fraction(60), "max_single_unit": "mg"}
TOLD = [
    ({**SINGLE, "checked": True}, "dose.single", of_library, True),
    (SINGLE, "dose.single", of_library, False),
    ({"elderly": "活动性肝病禁用", "checked": True}, "contra.organ.banned", of_library, True),
    ({"tags": frozenset({"喹诺酮类"})}, "contra.age.banned", of_list, False),
    ({"children": "18岁以下禁用"}, "contra.age.banned", of_library, False),
]


@pytest.mark.parametrize(("facts", "key", "source", "checked"), TOLD)
def test_an_alert_tells_its_source_and_whether_a_pharmacist_has_checked_it_R157(
    facts, key, source, checked
):
    drug_of = plain.drug("某药", 3, **facts)
    row_of = plain.line(drug_of, dose="90mg")

    found = plain.one(plain.sheet(row_of, age=12, conditions=(plain.on_file("K73.9"),)), key)

    assert found.source == (source() if source is of_list else source(drug_of))
    assert gettext("checked" if checked else "from memory, not checked") in found.source


def test_the_source_stands_beside_the_alert_on_the_doctors_page_R157(as_, doctor, sheet):
    drug_of = tablets(max_single=Decimal(30), max_single_unit="mg")
    row(sheet, drug_of, dose=Decimal(60))

    page = as_(doctor).get(reverse("prescription_edit", args=[sheet.pk])).content.decode()

    assert told(gettext("drug library"), checked=False) in page


def test_a_name_that_no_drug_has_is_told_when_saved_and_when_imported_R157(pharmacist, as_):
    tablets(ingredients="乙")
    kept = pair(pharmacist)
    client, url = as_(pharmacist), reverse("clinical_edit", args=["pairs", kept.pk])
    facts = {"a_type": "ingredient", "a_value": "甲片", "b_type": "ingredient", "b_value": "乙"}
    facts |= {"severity": "禁忌", "effect": "某作用", "source": "药典"}

    client.post(url, facts)
    page = client.get(reverse("clinical_list"))
    lines = listed("X9,成分,=1+1,成分,乙,严重,出血,避免,说明书")
    table = imported(pharmacist, lines, kind="interactions")

    (told,) = [str(message) for message in page.context["messages"] if "甲片" in str(message)]
    assert "乙" not in told
    assert (table.created, table.doubtful) == (1, 1)
