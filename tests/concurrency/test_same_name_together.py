"""Two forms give something the same name, or take the same letter, at the same moment."""

import pytest

from registration.models import Clinician, RecordTemplate
from tests.concurrency.together import run_together
from tests.factories.registration import DepartmentFactory, RoomFactory

pytestmark = pytest.mark.django_db(transaction=True)
GIVERS = "tests.concurrency.name_givers"


def test_the_second_of_two_templates_of_one_name_is_refused_in_words(doctor):
    answers = run_together(f"{GIVERS}:keep_template", [{"name": "感冒", "by": doctor.pk}] * 2)

    assert sorted(answer.get("error", "kept") for answer in answers) == ["AlreadyDone", "kept"]
    assert RecordTemplate.objects.get().name == "感冒"


def test_two_doctors_entered_at_once_get_a_letter_each(administrator, doctor, nurse):
    DepartmentFactory(), RoomFactory()
    calls = [{"user": who.pk, "by": administrator.pk} for who in (doctor, nurse)]

    answers = run_together(f"{GIVERS}:add_doctor", calls)

    assert sorted(answer.get("result", "") for answer in answers) == ["A", "B"], answers
    assert Clinician.objects.count() == 2
