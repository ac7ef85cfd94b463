"""A nurse takes a slip back; what a doctor stopped meanwhile stays stopped (R-40)."""

import pytest

from prescriptions import treatments, turns
from tests.factories.treatments import injections

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("slip", ["left out", "begun", "done"])
def test_a_slip_taken_back_after_the_doctor_stopped_the_course_is_not_due_again_R40(
    doctor, pharmacist, nurse, slip
):
    course = injections(doctor, pharmacist, days=1)
    turn = course.turns.get()
    if slip == "begun":
        turns.start(turn=turn, by=nurse)
        treatments.stop(treatment=course, reason="过敏", by=doctor)
    else:
        second = injections(doctor, pharmacist)
        course, turn = second, second.turns.get(number=1)
        act = {"left out": turns.leave_out, "done": turns.finish}[slip]
        act(turn=turn, by=nurse, **({"reason": "未到"} if slip == "left out" else {}))
        treatments.stop(treatment=course, reason="过敏", by=doctor)

    turns.undo(turn=turn, by=nurse)

    course.refresh_from_db()
    assert course.state == "cancelled"
    assert {row.state for row in course.turns.all()} == {"cancelled"}
