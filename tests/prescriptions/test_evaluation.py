"""From the finished sheet to a confirmed result (R-32, R-41, R-147, R-157)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.core import clinical
from clinic.core.errors import RuleBroken
from pharmacy.models import Interaction
from prescriptions import dispensing, review, services, signing
from prescriptions.alerts import opinion
from prescriptions.evaluation import paper, verbs
from prescriptions.evaluation.verbs import Added, Said
from prescriptions.models import Evaluation, EvaluationEntry, PaperPrescription
from registration.models import Clinician
from tests.factories.prescriptions import (
    approved,
    colleague,
    dispensed,
    draft,
    row,
    shipped,
    submitted,
    tablets,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def doubtful(doctor, pharmacist):
    """A sheet that went out with an unlisted route that its doctor signed for: 2-3 to judge."""
    sheet = draft(doctor)
    row(sheet, tablets(routes="口服"), route="10")
    finding = opinion(sheet).open[0]
    signing.override(
        prescription=sheet, fingerprint=finding.fingerprint, reason="specialist", by=doctor
    )
    sheet.refresh_from_db()
    sheet = services.submit(prescription=sheet, by=doctor)
    review.approve(prescription=sheet, by=colleague(pharmacist))
    dispensing.dispense(prescription=sheet, by=pharmacist)
    verbs.judge_waiting()
    return Evaluation.objects.get()


def test_finished_sheets_are_judged_once_and_others_not_at_all_R41(doctor, pharmacist):
    done, waiting = dispensed(doctor, pharmacist), approved(doctor, pharmacist)

    counts = [verbs.judge_waiting(), verbs.judge_waiting()]

    assert counts == [1, 0]
    assert (done.evaluation.result, done.evaluation.drugs) == ("reasonable", 1)
    assert waiting.evaluation.judged_at is None
    assert verbs.judge_now(waiting) is None


def test_a_sheet_costs_few_queries_and_more_sheets_no_more_to_load(doctor, pharmacist):
    counts = []
    for sheets in (1, 5):
        for _n in range(sheets):
            dispensed(doctor, pharmacist)
        with CaptureQueriesContext(connection) as queries:
            assert verbs.judge_waiting() == sheets
        counts.append(len(queries))

    assert (counts[1] - counts[0]) / 4 <= 8


def test_what_the_rules_said_at_submission_counts_whatever_the_file_learns_later(doubtful):
    finding = doubtful.findings.get()

    assert (finding.code, finding.how, finding.fault) == ("2-3", "candidate", None)
    assert (doubtful.open, doubtful.result) == (1, "reasonable")


def test_a_person_decides_and_a_correction_keeps_the_original_R147(doubtful, pharmacist):
    finding = doubtful.findings.get()
    verbs.confirm(evaluation=doubtful, said=[Said(finding.pk, True, "无此用法")], by=pharmacist)

    again = verbs.confirm(
        evaluation=doubtful, said=[Said(finding.pk, False, "专科医嘱")], by=pharmacist
    )

    kinds = list(EvaluationEntry.objects.values_list("kind", flat=True))
    assert (again.result, again.open, kinds) == ("reasonable", 0, ["fault", "sound"])
    assert again.confirmed_by == pharmacist


def test_items_that_no_rule_sees_are_added_by_hand_and_the_gravest_decides(doubtful, pharmacist):
    finding = doubtful.findings.get()

    done = verbs.confirm(
        evaluation=doubtful,
        said=[Said(finding.pk, True)],
        added=[Added("3-2", "同类便宜药可用")],
        by=pharmacist,
    )

    assert done.result == "extraordinary"
    assert set(done.findings.values_list("code", "fault")) == {("2-3", True), ("3-2", True)}


@pytest.mark.parametrize(
    ("said", "added"),
    [
        ([], []),
        ([False, ""], []),
        ([True, ""], [Added("9-9", "x")]),
        ([True, ""], [Added("2-9", "")]),
    ],
    ids=["undecided", "reasonable without reason", "no such item", "added without words"],
)
def test_half_a_decision_is_refused_and_nothing_is_kept(doubtful, pharmacist, said, added):
    finding = doubtful.findings.get()

    with pytest.raises(RuleBroken):
        verbs.confirm(
            evaluation=doubtful,
            said=[Said(finding.pk, *said)] if said else [],
            added=added,
            by=pharmacist,
        )

    doubtful.refresh_from_db()
    assert (doubtful.confirmed_at, EvaluationEntry.objects.count()) == (None, 0)


def test_nobody_judges_ones_own_sheet_and_only_its_doctor_answers_R32(doubtful, doctor, pharmacist):
    finding = doubtful.findings.get()
    with pytest.raises(RuleBroken):
        verbs.confirm(evaluation=doubtful, said=[Said(finding.pk, True)], by=doctor)
    with pytest.raises(RuleBroken):
        verbs.answer(finding=finding, words="有会诊", by=pharmacist)

    entry = verbs.answer(finding=finding, words="有会诊意见", by=doctor)

    assert (entry.kind, entry.made_by, entry.words) == ("answer", doctor, "有会诊意见")


def test_a_handwritten_sheet_counts_until_it_is_withdrawn(doctor, pharmacist):
    submitted(doctor)
    facts = {
        "day": timezone.localdate(),
        "clinician": Clinician.objects.get(),
        "kind": "ordinary",
        "drugs": 3,
        "by": pharmacist,
    }
    with pytest.raises(RuleBroken):
        paper.register_paper(**facts | {"day": facts["day"] + timedelta(days=1)}, codes=[])
    with pytest.raises(RuleBroken):
        paper.register_paper(**facts, codes=["4-1"])

    sheet = paper.register_paper(**facts, codes=["2-5", "1-1", "2-5"])
    paper.withdraw_paper(sheet=sheet, by=pharmacist)

    assert sheet.codes == "1-1;2-5"
    assert PaperPrescription.objects.get().withdrawn_by == pharmacist


def test_the_version_of_the_clinical_data_stays_with_the_sheet_R157(doctor, pharmacist):
    pair = Interaction(number="X1")
    facts = {"a_type": "ingredient", "a_value": "甲", "b_type": "ingredient", "b_value": "乙"}
    facts |= {"severity": "注意", "effect": "某作用", "source": "药典", "checked": True}
    clinical.change(row=pair, key="X1", values=facts, by=pharmacist)
    first = submitted(doctor, shipped("D033"))
    clinical.change(row=pair, key="X1", values={"severity": "严重"}, by=pharmacist)

    second = submitted(doctor, tablets())

    assert [first.evaluation.data_version, second.evaluation.data_version] == [1, 2]
    pair.refresh_from_db()
    assert (pair.checked, pair.checked_by) == (False, None)
    latest, made = clinical.history(pair, "X1")
    assert ["severity", "注意", "严重"] in latest.changes
    assert (latest.made_by, made.number) == (pharmacist, 1)


def test_what_the_doctor_insisted_on_is_held_against_the_items_of_the_return_R38(
    doctor, pharmacist
):
    sheet = submitted(doctor)
    back = review.return_(prescription=sheet, codes=["2-5"], reason="剂量偏大", by=pharmacist)
    sheet = services.submit(prescription=back, insist="病情需要", by=doctor)
    review.approve(prescription=sheet, by=colleague(pharmacist))
    dispensing.dispense(prescription=sheet, by=pharmacist)

    verbs.judge_waiting()

    assert "2-5" in Evaluation.objects.get().findings.values_list("code", flat=True)
