"""A table of cases about the patient: age, pregnancy, lactation, sex, disease (R-37, R-166).

Written from the rules. Each line: who has what on file, and exactly which rule speaks.
"""

from datetime import date
from fractions import Fraction

import pytest

from prescriptions.rules.facts import Condition
from tests.prescriptions.plain import drug, line, on_file, one, sheet, spoken, tagged

# -- age: the library's words, the table by class --

LEVO = {"children": "18岁以下禁用"}
AGES = [
    (LEVO, 17 * 12 + 11, "banned"),
    (LEVO, 18 * 12, ""),
    ({"children": "8岁以下禁用"}, 95, "banned"),
    ({"children": "8岁以下禁用"}, 96, ""),
    ({"children": "2月龄以下禁用"}, 1, "banned"),
    ({"children": "2月龄以下禁用"}, 2, ""),
    ({"children": "6个月以下禁用"}, 5, "banned"),
    ({"children": "12个月以下禁用"}, 12, ""),
    ({"children": "新生儿早产儿禁用"}, 0, "banned"),
    ({"children": "新生儿早产儿禁用"}, 1, ""),
    ({"children": "禁用"}, 17 * 12, "banned"),
    ({"children": "禁用"}, 18 * 12, ""),
    ({"children": "新生儿、<3岁不用缓释片"}, 35, "unsure"),
    ({"children": "新生儿、<3岁不用缓释片"}, 36, ""),
    ({"children": "18岁以下不推荐"}, 12 * 12, "caution"),
    ({"children": "脱水患儿慎用"}, 24, ""),  # only where it is on file
    ({"children": "慎用"}, 13 * 12, "caution"),
    ({"children": "慎用"}, 14 * 12, ""),
    ({"children": "按体重20~40mg/kg/日,分3次"}, 24, ""),
    ({"children": "减量"}, 24, ""),
    ({"children": "新生儿禁与含钙静脉制剂合用"}, 0, ""),
    ({"tags": frozenset({"喹诺酮类"})}, 17 * 12, "banned"),
    ({"tags": frozenset({"四环素类"})}, 7 * 12, "banned"),
    ({"ingredients": frozenset({"曲马多"})}, 11 * 12, "banned"),
    ({"ingredients": frozenset({"曲马多"})}, 12 * 12, ""),
    ({"tags": frozenset({"喹诺酮类", "外用"})}, 12, ""),
]


@pytest.mark.parametrize(("facts", "months", "found"), AGES)
def test_who_is_too_young_R37_R166(facts, months, found):
    young = sheet(line(drug(**facts)), age=months // 12, months=months)

    assert spoken(young, "contra.age") == ([f"contra.age.{found}"] if found else [])


@pytest.mark.parametrize(("codes", "found"), [(["J11.1"], ["contra.age.banned"]), (["I10"], [])])
def test_aspirin_under_16_is_barred_by_a_viral_infection_only_R37(codes, found):
    aspirin = drug(children="16岁以下病毒感染(流感、水痘)禁用(瑞氏综合征)")
    child = sheet(line(aspirin), age=10, conditions=tuple(map(on_file, codes)))

    assert spoken(child, "contra.age") == found


# -- pregnancy and lactation --

BANNED, CAUTION = "禁用", "慎用"
PREGNANCIES = [
    (BANNED, [on_file("O21.9")], "2", "banned"),
    (BANNED, [on_file("Z33")], "2", "banned"),
    (BANNED, [on_file("Z34.0")], "0", "banned"),  # sex not known: the diagnosis tells
    ("禁用(尤其孕晚期)", [on_file("Z33")], "2", "banned"),
    ("禁用(孕晚期)", [on_file("Z33")], "2", "unsure"),
    ("妊娠头3个月禁用", [on_file("Z33")], "2", "unsure"),
    ("禁用(大剂量长期)/慎用", [on_file("Z33")], "2", "unsure"),
    (CAUTION, [on_file("Z33")], "2", "caution"),
    ("不推荐", [on_file("Z33")], "2", "caution"),
    ("可用(遵医嘱)", [on_file("Z33")], "2", ""),
    (BANNED, [on_file("Z32.0")], "2", "unsure"),
    (BANNED, [on_file("O21.9", suspected=True)], "2", "unsure"),
    (BANNED, [on_file("O21.9", days=60)], "2", "unsure"),
    (BANNED, [on_file("O21.9", days=281)], "2", "ask"),
    (BANNED, [on_file("O21.9", days=60), on_file("O03.9", days=20)], "2", ""),
    (BANNED, [on_file("O21.9", days=60), on_file("O80.9", days=20)], "2", ""),
    (BANNED, [on_file("Z33"), on_file("O03.9", days=200)], "2", "banned"),
    (BANNED, [], "2", "ask"),
    (CAUTION, [], "2", ""),
    (BANNED, [], "1", ""),
    (BANNED, [on_file("Z33")], "1", ""),
]


@pytest.mark.parametrize(("words", "conditions", "sex", "found"), PREGNANCIES)
def test_pregnancy_R37_R166(words, conditions, sex, found):
    woman = sheet(line(drug(pregnancy=words)), age=28, sex=sex, conditions=tuple(conditions))

    expected = [f"contra.pregnancy.{found}"] if found else []
    assert spoken(woman, "contra.pregnancy") == expected


@pytest.mark.parametrize(("age", "found"), [(14, 0), (15, 1), (49, 1), (50, 0)])
def test_only_women_of_fertile_age_are_asked_about_pregnancy(age, found):
    woman = sheet(line(drug(pregnancy=BANNED)), age=age, sex="2")

    assert len(spoken(woman, "contra.pregnancy")) == found


def test_the_table_by_class_holds_where_the_library_is_silent():
    statin = tagged("瑞舒伐他汀钙片", "他汀类")
    woman = sheet(line(statin), age=28, sex="2", conditions=(on_file("Z33"),))

    assert spoken(woman, "contra.") == ["contra.pregnancy.banned"]


LACTATION = [
    ({"ingredients": frozenset({"甲硝唑"})}, on_file("O92.4"), "banned"),
    ({"ingredients": frozenset({"甲硝唑"})}, on_file("Z39.1", days=90), "unsure"),
    ({"ingredients": frozenset({"甲硝唑"})}, on_file("Z39.1", days=366), ""),
    ({"ingredients": frozenset({"甲硝唑"})}, on_file("J20.9"), ""),
    ({"tags": frozenset({"苯二氮䓬类"})}, on_file("O91.2"), "unsure"),
    ({"tags": frozenset({"阿片类"})}, on_file("O91.2"), "caution"),
]


@pytest.mark.parametrize(("facts", "condition", "found"), LACTATION)
def test_lactation_R37_R166(facts, condition, found):
    woman = sheet(line(drug(**facts)), age=28, sex="2", conditions=(condition,))

    expected = [f"contra.lactation.{found}"] if found else []
    assert spoken(woman, "contra.lactation") == expected


# -- sex, disease, kidney, liver, old age --

SEXES = [("性别:男", "2", "male"), ("性别:男", "1", ""), ("性别:女", "1", "female")]
SEXES += [("性别:男", "9", ""), ("性别：女", "2", ""), ("", "1", "")]


@pytest.mark.parametrize(("caution", "sex", "found"), SEXES)
def test_for_one_sex_only_R37_R166(caution, sex, found):
    person = sheet(line(drug(caution=caution)), sex=sex)

    assert spoken(person, "contra.") == ([f"contra.sex.{found}"] if found else [])


DISEASES = [
    ("哮喘、Ⅱ~Ⅲ度房室阻滞、心动过缓禁用", "J45.9", "disease.banned"),
    ("哮喘、Ⅱ~Ⅲ度房室阻滞、心动过缓禁用", "I44.2", "disease.banned"),
    ("哮喘、Ⅱ~Ⅲ度房室阻滞、心动过缓禁用", "J20.9", ""),
    ("青光眼、前列腺增生禁用", "N40", "disease.banned"),
    ("活动性溃疡、严重心衰禁用;老年慎用", "I50.9", "disease.unsure"),
    ("高血压、甲亢、前列腺增生慎用", "I10", "disease.caution"),
    ("含糖型糖尿病慎用", "E11.9", "disease.caution"),
    ("肾功能不全减量", "N18.9", "organ.caution"),
    ("严重肾功能不全禁用", "N18.9", "organ.unsure"),
    ("活动性肝病禁用", "K73.9", "organ.banned"),
    ("活动性肝病禁用", "K76.0", ""),  # fatty liver
    ("活动性肝病禁用", "B18.1", "organ.banned"),
    ("肝肾功能不全、G6PD缺乏慎用或禁用", "N19", "organ.unsure"),
    ("eGFR<30禁用,30~45减量", "N18.9", "organ.unsure"),
    ("监测血钾肌酐", "N18.9", ""),
    ("—", "N18.9", ""),
]


@pytest.mark.parametrize(("words", "code", "found"), DISEASES)
def test_a_disease_on_file_R37_R166(words, code, found):
    ill = sheet(line(drug(elderly=words)), conditions=(on_file(code),))

    assert spoken(ill, "contra.") == ([f"contra.{found}"] if found else [])


@pytest.mark.parametrize("doubt", [{"suspected": True}, {"days": 200}])
def test_what_is_only_suspected_or_old_leaves_the_decision_to_the_doctor_R166(doubt):
    ill = sheet(line(drug(elderly="哮喘禁用")), conditions=(on_file("J45.9", **doubt),))

    assert spoken(ill, "contra.") == ["contra.disease.unsure"]


def test_the_name_of_an_earlier_diagnosis_is_not_shown_in_an_alert_R141():
    earlier = Condition("F32.9", "抑郁发作", on=date(2026, 3, 2))
    found = one(
        sheet(line(drug(elderly="抑郁症禁用")), conditions=(earlier,)), "contra.disease.unsure"
    )

    assert "抑郁发作" not in found.title
    assert "2026-03-02" in found.title


@pytest.mark.parametrize(("egfr", "found"), [(29, ["contra.organ.banned"]), (30, [])])
def test_a_known_filtration_rate_decides_by_its_number(egfr, found):
    known = sheet(line(drug(elderly="eGFR<30禁用,30~45减量")), egfr=Fraction(egfr))

    assert spoken(known, "contra.") == found


@pytest.mark.parametrize(("age", "found"), [(64, []), (65, ["contra.elderly.caution"])])
def test_old_age_is_told_and_refuses_nothing_R166(age, found):
    assert spoken(sheet(line(drug(elderly="老年减量,跌倒风险")), age=age), "contra.") == found


def test_of_several_statements_of_one_kind_the_strictest_speaks():
    nsaid = tagged("布洛芬片", "NSAID", elderly="溃疡慎用")
    ill = sheet(line(nsaid), conditions=(on_file("K25.3"),))

    assert spoken(ill, "contra.") == ["contra.disease.banned"]
