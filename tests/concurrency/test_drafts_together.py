"""The same form stands open in two tabs, and both keep what was typed for the first time."""

import pytest

from clinic.core.drafts import load_draft
from clinic.core.models import Draft
from tests.concurrency.together import run_together

pytestmark = pytest.mark.django_db(transaction=True)


def test_both_tabs_are_answered_and_one_draft_stands(doctor):
    calls = [{"text": text, "by": doctor.pk} for text in ("咳嗽", "发热")]

    answers = run_together("tests.concurrency.typists:keep", calls)

    assert {answer.get("result") for answer in answers} == {str(Draft.objects.get().pk)}, answers
    assert load_draft(form="f", by=doctor)[0]["text"] in ("咳嗽", "发热")
