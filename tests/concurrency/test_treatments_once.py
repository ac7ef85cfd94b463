"""Two nurses, a nurse and the doctor, a nurse and the cashier at one treatment (R-40, R-102)."""

import pytest

from prescriptions import charging, treatments
from prescriptions.models import TreatmentService, TreatmentTurn
from prescriptions.treatment_services import load_treatment_services
from security.permissions import Role
from tests.concurrency.together import run_together
from tests.conftest import person
from tests.factories.prescriptions import charges, visit_of

pytestmark = pytest.mark.django_db(transaction=True)
ACT = "tests.concurrency.nurses:act"


@pytest.fixture
def dressing(doctor, cashier):
    """Three turns, paid for."""
    charges()
    load_treatment_services()
    service = TreatmentService.objects.get(code="DR1")
    treatment = treatments.order(consultation=visit_of(doctor), service=service, times=3, by=doctor)
    return charging.settle_treatment(treatment=treatment, how="paid", by=cashier)


def call(verb, treatment, who, **more):
    return {"verb": verb, "treatment": str(treatment.pk), "by": who.pk, **more}


def outcomes(answers):
    return sorted(answer.get("error") or answer["result"] for answer in answers)


def states(treatment):
    return [turn.state for turn in TreatmentTurn.objects.filter(treatment=treatment)]


def test_without_the_lock_one_turn_is_begun_twice(dressing, nurse, doctor):
    answers = run_together(
        ACT,
        [
            call("start", dressing, nurse, locked=False),
            call("start", dressing, doctor, locked=False),
        ],
    )

    assert outcomes(answers) == ["start running"] * 2, answers


def test_of_three_who_begin_one_turn_one_does_R40(dressing, nurse, doctor):
    other = person("nurse2", "吴护士", Role.NURSE)

    answers = run_together(ACT, [call("start", dressing, who) for who in (nurse, doctor, other)])

    assert outcomes(answers) == ["AlreadyDone", "AlreadyDone", "start running"], answers
    assert states(dressing) == ["running", "due", "due"]


def test_begun_or_stopped_but_never_both_of_one_turn(dressing, nurse, doctor):
    answers = run_together(ACT, [call("finish", dressing, nurse), call("stop", dressing, doctor)])

    found = (outcomes(answers), states(dressing))
    assert found in (
        (["finish done", "stop done"], ["done", "cancelled", "cancelled"]),
        (["AlreadyDone", "stop cancelled"], ["cancelled"] * 3),
    ), answers


def test_refunded_or_begun_but_never_both_R102(dressing, nurse, cashier):
    answers = run_together(ACT, [call("start", dressing, nurse), call("refund", dressing, cashier)])

    dressing.refresh_from_db()
    found = (outcomes(answers), states(dressing), dressing.settled)
    assert found in (
        (["AlreadyDone", "start running"], ["running", "due", "due"], "paid"),
        (["RuleBroken", "refund 3"], ["due"] * 3, ""),
    ), answers


def test_two_refunds_give_back_once_R102(dressing, cashier, doctor):
    treatments.stop(treatment=dressing, reason="已愈", by=doctor)

    answers = run_together(ACT, [call("refund", dressing, cashier)] * 2)

    assert outcomes(answers) == ["AlreadyDone", "refund 3"], answers
