"""After an error the focus stands in the first wrong field, whatever the form (section 5)."""

import pytest

from tests.browser import keymap
from tests.browser.shown import Shown

pytestmark = pytest.mark.browser
# The main forms, and what is emptied or written so that each comes back; then F9.
FORMS = [
    (Shown("frontdesk", "patient_new"), {}),
    (Shown("frontdesk", "patient_edit", "allergic"), {"#id_name": ""}),
    (Shown("nurse", "vitals", "waiting"), {"#id_temperature": "高"}),
    (Shown("nurse", "followup_record", "follow_up"), {}),
    (Shown("storekeeper", "stock_receive"), {"#id_line-0-lot": "A1"}),
    (Shown("storekeeper", "drug_new"), {}),
    (Shown("storekeeper", "recall_new"), {}),
    (Shown("storekeeper", "cold_unit_new"), {}),
    (Shown("pharmacist", "stock_take_found", "take"), {}),
    (Shown("doctor2", "break_glass", "allergic"), {}),
    (Shown("frontdesk", "password_change"), {}),
    (Shown("frontdesk", "pin_set"), {}),
    (Shown("", "booking_mine"), {}),
]


def test_focus_stands_in_the_first_wrong_field(staff, scene):
    lost = []
    for form, values in FORMS:
        page = (staff(form.who) if form.who else staff("screen")).page
        page.goto(form.path(scene))
        for field, value in values.items():
            page.locator(field).fill(value)

        with page.expect_navigation():
            page.keyboard.press("F9")

        if not page.locator("[aria-invalid=true]").count():
            lost.append(f"{form.title}: nothing is marked as wrong")
        lost += [f"{form.title}: {line}" for line in page.evaluate(keymap.BROKEN)]
    assert not lost, "\n".join(lost)
