"""Whoever presses every button twice does everything once (the issue's "Bad input")."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser import work
from tests.browser.main_job import PENICILLIN, Walk
from tests.browser.words import zh
from tests.browser.work import Someone

pytestmark = pytest.mark.browser

# The same request twice at once, past the script that would spare the second one.
SEND_TWICE = """button => {
  const form = button.form;
  if (!form) { button.click(); return; }
  const fields = new URLSearchParams(new FormData(form, button));
  const address = button.getAttribute('formaction') || form.getAttribute('action') || location.href;
  fetch(address, {method: 'POST', body: fields, keepalive: true, redirect: 'manual'});
  if (button.name) {
    const pressed = document.createElement('input');
    pressed.type = 'hidden';
    pressed.name = button.name;
    pressed.value = button.value;
    form.append(pressed);
  }
  form.action = address;
  HTMLFormElement.prototype.submit.call(form);
}"""


def double_click(button: Locator) -> None:
    """With the mouse; the page's own script notices the second click.

    A form that asks for something and changes nothing may be sent again (data-again): the second
    click only breaks the first one's answer off.
    """
    if button.evaluate("button => Boolean(button.form) && 'again' in button.form.dataset"):
        button.click()
    else:
        button.dblclick()


def send_twice(button: Locator) -> None:
    """Two requests of the same form under way at the same moment."""
    button.evaluate(SEND_TWICE)


PEOPLE = [
    (double_click, Someone("何春燕", "hcy", "1975-09-12", True, "13813250055", PENICILLIN)),
    (send_twice, Someone("尤建明", "yjm", "1969-02-27", False, "13813250062", PENICILLIN)),
]


@pytest.mark.parametrize(("press", "patient"), PEOPLE, ids=["mouse", "both sent"])
def test_every_button_of_the_main_job_pressed_twice(press, patient, staff, quiet_queue, tmp_path):
    walk = Walk(staff, patient, press_button=press)

    walk.arrive()
    work.call(walk.person("doctor"), walk.number)
    walk.be_seen()
    walk.be_prescribed()
    walk.be_reviewed()
    walk.be_given_the_drugs()
    walk.be_on_paper(tmp_path)  # one file, one prescription, each drug once

    visits_of_the_day(walk)
    steps_of_the_prescription(walk)


def visits_of_the_day(walk: Walk) -> None:
    """One number was given out."""
    desk = walk.person("frontdesk")
    work.search_from_list(desk, walk.patient.initials)
    rows = desk.page.get_by_role("row").filter(has_text=walk.patient.name)
    expect(rows).to_have_count(1)
    desk.open("desk")
    rows = desk.page.locator("[aria-labelledby=today] tbody tr")
    expect(rows.filter(has_text=walk.patient.name)).to_have_count(1)


def steps_of_the_prescription(walk: Walk) -> None:
    """Submitted twice because it was returned once; everything else happened once."""
    doctor = walk.person("doctor")
    doctor.open("prescription_list")
    doctor.follow("Look at it", doctor.page.get_by_role("row").filter(has_text=walk.patient.name))
    steps = doctor.page.locator(".timeline li b").all_inner_texts()
    for state, times in [
        ("Returned", 1),
        ("Approved", 1),
        ("Dispensed", 1),
        ("Awaiting review", 2),
    ]:
        assert steps.count(zh(state)) == times, f"{state} stands {steps.count(zh(state))} times"
    drugs = doctor.page.get_by_role("row").filter(has_text="片").all_inner_texts()
    assert len([row for row in drugs if "盐酸氨溴索片" in row]) == 1
