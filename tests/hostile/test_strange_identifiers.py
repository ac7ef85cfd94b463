"""Identifiers that Python takes, and that MariaDB refuses to write: some whose version is above 7.

The form's token: tests/core/test_once.py. All forms: `python -m tests.hostile --database mysql://…`.
"""

import pytest
from django.urls import reverse

from patients.models import FollowUp
from tests.patients.test_followup_pages import answers, opened

STRANGE = "4d19694a-9ad4-d0af-77f8-0c5721a68480"
pytestmark = pytest.mark.django_db


def test_a_follow_up_is_recorded_without_a_visit_that_cannot_be_one(as_, nurse):
    row = opened(nurse)
    url = reverse("followup_record", args=[row.pk])

    as_(nurse).post(url, answers(row, visit=STRANGE))

    row.refresh_from_db()
    assert (row.state, row.visit) == (FollowUp.State.DONE, None)
