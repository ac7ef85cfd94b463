"""The sheet as a whole, skin tests and rights (R-2 to R-15, R-45 to R-48)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from prescriptions.rules.facts import Prescriber
from tests.prescriptions.plain import TODAY, amoxicillin, drug, keys, line, sheet

HERB = drug("黄芪", 30, tags=frozenset({"饮片"}))


def lines(count, of=None, **usage):
    return [
        line(
            replace(of or drug(), id=n, ingredients=frozenset({str(n)})),
            key=str(n),
            rank=n,
            **usage,
        )
        for n in range(1, count + 1)
    ]


def test_an_empty_sheet_is_not_submitted_R8():
    assert keys(replace(sheet(), lines=())) == ["sheet.empty"]


@pytest.mark.parametrize(("count", "found"), [(5, []), (6, ["sheet.too_many"])])
def test_six_drugs_are_refused_R14(count, found):
    assert keys(sheet(*lines(count))) == found


def test_herbal_pieces_are_not_counted_R14():
    assert keys(sheet(*lines(9, HERB, dose="9g"))) == []


def test_herbal_pieces_stand_on_a_sheet_of_their_own_R15():
    assert keys(sheet(line(HERB, dose="9g"), line(key="b"))) == ["sheet.herbs"]


VALIDITY = [(0, 0, []), (0, 1, ["validity.over"]), (3, 3, []), (3, 4, ["validity.over"])]
VALIDITY += [(4, 0, ["validity.too_long"])]


@pytest.mark.parametrize(("extended", "later", "found"), VALIDITY)
def test_a_sheet_is_valid_on_its_day_and_three_more_at_most_R22_R169(extended, later, found):
    issued = TODAY - timedelta(days=later)
    until = issued + timedelta(days=extended)

    assert keys(sheet(issued_on=issued, valid_until=until)) == found


def test_a_diagnosis_is_needed_R13():
    assert keys(sheet(diagnoses=0)) == ["diagnosis.missing"]


def test_only_the_doctor_of_the_visit_prescribes_R5():
    assert keys(sheet(prescriber=Prescriber(is_own_visit=False))) == ["visit.not_yours"]


def test_a_draft_needs_an_open_visit_R5():
    assert keys(sheet(prescriber=Prescriber(is_visit_open=False))) == ["visit.finished"]


def test_a_returned_sheet_is_corrected_after_the_visit():
    assert keys(sheet(prescriber=Prescriber(is_visit_open=False), is_draft=False)) == []


def test_somebody_without_the_right_prescribes_nothing_R2():
    assert keys(sheet(prescriber=Prescriber(may_prescribe=False))) == ["right.prescribe"]


GRADES = [
    ("非限制使用级", "none", ["right.antibiotic"]),
    ("非限制使用级", "unrestricted", []),
    ("非限制使用级", "restricted", []),
    ("限制使用级", "none", ["right.antibiotic"]),
    ("限制使用级", "unrestricted", ["right.antibiotic"]),
    ("限制使用级", "restricted", []),
    ("限制使用级", "special", []),
    ("特殊使用级", "restricted", ["right.special"]),
    ("特殊使用级", "special", ["right.special"]),  # not for outpatients at all
    ("非抗菌药物", "none", []),
    ("", "none", []),
]


@pytest.mark.parametrize(("grade", "right", "found"), GRADES)
def test_antibiotic_grades_against_the_doctors_right_R47_R48(grade, right, found):
    who = Prescriber(antibiotic_grade=right)

    assert keys(sheet(line(drug(grade=grade)), prescriber=who)) == found


CONTROLLED = [
    ("麻醉药品", {}, ["right.controlled"]),
    ("麻醉药品", {"narcotic": True}, []),
    ("第一类精神药品", {}, ["right.controlled"]),
    ("第一类精神药品", {"narcotic": True}, []),
    ("第二类精神药品", {}, ["right.controlled"]),
    ("第二类精神药品", {"narcotic": True}, ["right.controlled"]),
    ("第二类精神药品", {"psychotropic_2": True}, []),
    ("医疗用毒性药品", {"narcotic": True, "psychotropic_2": True}, ["right.controlled"]),
    ("", {}, []),
]


@pytest.mark.parametrize(("control", "rights", "found"), CONTROLLED)
def test_control_classes_against_the_doctors_rights_R2(control, rights, found):
    who = Prescriber(**rights)

    assert keys(sheet(line(drug(control=control), days=2), prescriber=who)) == found


def test_a_controlled_drug_has_a_sheet_of_its_own_R10():
    who = Prescriber(psychotropic_2=True)
    both = sheet(line(drug("地西泮", 2, control="第二类精神药品")), line(key="b"), prescriber=who)

    assert keys(both) == ["control.separate"]


def test_a_drug_out_of_use_is_refused_R122():
    assert keys(sheet(line(drug(active=False)))) == ["drug.stopped"]


SKIN_TESTS = [
    ("需青霉素皮试", "", ["skin_test.missing"]),
    ("需青霉素皮试", "pending", ["skin_test.pending"]),
    ("需青霉素皮试", "negative", []),
    ("需青霉素皮试", "continued", ["skin_test.unproven"]),
    ("需青霉素皮试", "exempt", ["skin_test.exempt"]),
    ("需青霉素皮试", "positive", ["skin_test.positive"]),
    ("需TAT皮试", "", ["skin_test.missing"]),
    ("按说明书", "", []),
    ("否", "", []),
]


@pytest.mark.parametrize(("needs", "state", "found"), SKIN_TESTS)
def test_the_state_of_a_skin_test_R45_R171(needs, state, found):
    assert keys(sheet(line(amoxicillin(skin_test=needs), skin_test=state))) == found
