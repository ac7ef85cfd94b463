"""A form that was sent after the session had ended, in a real browser, with and without scripts."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser import console
from tests.browser.installation import NAME, PASSWORD
from tests.browser.people import Person
from tests.browser.words import zh

pytestmark = pytest.mark.browser
PIN = "507183"


def type_a_file(person: Person, name: str, phone: str) -> None:
    page = person.open("patient_new")
    page.locator("[name=id_type]").select_option("98")
    page.locator("[name=no_id_reason]").fill("忘带证件")
    person.page.locator("main [name=name]").fill(name)
    page.locator("[name=birth_date]").fill("1963-04-19")
    page.locator("[name=phone]").fill(phone)
    for field in ("[name=sex][value='1']", "[name=allergy_status][value=denied]"):
        page.locator(field).check(force=True)
    notice = page.locator("[name=notice_given]")
    if notice.count():
        notice.check(force=True)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_form_sent_too_late_comes_back_after_signing_in(staff, clinic, scripts):
    name, phone = ("贺建国", "13813250101") if scripts else ("贺建军", "13813250102")
    person = staff.stranger("frontdesk", java_script_enabled=scripts).sign_in()
    page = person.page
    type_a_file(person, name, phone)
    person.context.clear_cookies(name=f"__Host-{NAME}-session")

    page.locator("main form button[type=submit].btn-primary").first.click()
    expect(page).to_have_url(re.compile(reverse("login")))
    person.shot(f"again-{scripts}")
    expect(page.locator("#id_username")).to_have_value("frontdesk")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"^[^?]*/kept/"))
    person.shot(f"kept-{scripts}")
    page.locator("main form button").click()

    expect(page).to_have_url(re.compile(reverse("patient_new")))
    expect(page.locator("main [name=name]")).to_have_value(name)
    expect(page.locator("[name=phone]")).to_have_value(phone)
    person.shot(f"shown-{scripts}")
    page.locator("main form button[type=submit].btn-primary").first.click()
    expect(page).not_to_have_url(re.compile(reverse("patient_new")))
    assert name in person.text()


def test_two_people_switch_by_pin_at_one_pc(staff, clinic):
    person = staff.stranger("nurse").sign_in()
    page = person.page
    person.open("pin_set")
    person.shot("pin")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_pin").fill(PIN)
    page.locator("#id_pin_again").fill(PIN)
    page.keyboard.press("F9")
    expect(page.locator(".message-ok")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("button", name=zh("Sign out")).click()
    person.name = "frontdesk"
    person.sign_in()

    page.locator(".who a[accesskey=u]").click()
    page.locator(".switch-name").first.wait_for()
    names = page.locator(".switch-name")
    assert names.count() == 2
    person.shot("switch")
    nurse = next(i for i in range(2) if zh("Nurse") in names.nth(i).inner_text())
    names.nth(nurse).click()
    page.locator("#id_pin").wait_for()
    person.shot("switch-pin")
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")

    expect(page).not_to_have_url(re.compile(reverse("switch")))
    expect(page.locator(".who .name")).to_contain_text(zh("Nurse"))
    person.shot("switched")


def sign_in_in_a_second_window(person: Person) -> None:
    """The first window's page keeps its old token."""
    first, person.page = person.page, person.context.new_page()
    person.page.goto("/")
    person.page.get_by_role("button", name=zh("Sign out")).click()
    expect(person.page).to_have_url(re.compile(reverse("login")))
    person.sign_in()
    person.page.close()
    person.page = first


def test_a_form_of_before_the_last_sign_in_comes_back_at_once(staff, clinic):
    person = staff.stranger("frontdesk").sign_in()
    page = person.page
    type_a_file(person, "贺建民", "13813250103")
    sign_in_in_a_second_window(person)

    page.locator("main form button[type=submit].btn-primary").first.click()
    expect(page).to_have_url(re.compile(r"^[^?]*/kept/"))
    person.shot("stale")
    page.locator("main form button").click()

    expect(page.locator("main [name=name]")).to_have_value("贺建民")
    person.shot("stale-shown")
    page.locator("main form button[type=submit].btn-primary").first.click()
    expect(page).not_to_have_url(re.compile(reverse("patient_new")))
    assert "贺建民" in person.text()


LEAVE_ALONE = """
from django.contrib.sessions.models import Session
from security.sessions import SessionStore
for key in Session.objects.values_list("session_key", flat=True):
    session = SessionStore(key)
    session["seen"] = 1
    session.save()
"""


def _a_poll_is_refused(response) -> bool:
    """One that was on its way before the time was over is still answered."""
    return reverse("queue_fragment") in response.url and response.status == 401


def test_a_page_that_polls_after_the_time_is_over_loses_nothing_typed(staff, clinic, scene):
    person = staff.stranger("doctor").sign_in()
    page = person.open("consultation", scene["record"])
    console.tell(clinic, LEAVE_ALONE)
    staff.cookies.clear()  # everybody's session is over
    with page.expect_response(_a_poll_is_refused, timeout=30_000):
        page.locator("main [name=complaint]").fill("咳嗽三天，夜间加重")

    page.keyboard.press("F9")
    expect(page).to_have_url(re.compile(reverse("login")))
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"^[^?]*/kept/"))
    page.locator("main form button").click()

    expect(page.locator("main [name=complaint]")).to_have_value("咳嗽三天，夜间加重")
    person.shot("polled-shown")
