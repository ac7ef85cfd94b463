"""Nothing typed is lost: the network drops, the server goes away, somebody signs out or goes back.

The words stay on the page or on the server; the browser's storage holds none of them.
"""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser import installation
from tests.browser.people import Person
from tests.browser.test_kept import type_a_file
from tests.browser.words import zh

pytestmark = pytest.mark.browser
STORAGE = """async () => ({
  local: localStorage.length,
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
MOST_SHOWN = 3
NO_NETWORK = "net::ERR_"


def nothing_in_the_browser(person: Person) -> bool:
    return not any(person.page.evaluate(STORAGE).values())


def draft_is_saved(person: Person) -> None:
    expect(person.page.locator("form [role=status]").last).to_contain_text(
        zh("Draft saved %(time)s").partition("%")[0].strip()
    )


def save(person: Person) -> None:
    person.page.locator("main form button[type=submit].btn-primary").first.click()


def hush(person: Person) -> None:
    """Chromium's own lines about a network that this test took away."""
    person.complaints[:] = [line for line in person.complaints if NO_NETWORK not in line]


def test_a_draft_survives_leaving_signing_out_and_is_thrown_away_with_undo(staff, clinic):
    person = staff.stranger("frontdesk").sign_in()
    page = person.page
    name = "贺建新"
    type_a_file(person, name, "13813250111")
    draft_is_saved(person)
    page.locator("[name=address]").fill("青溪镇北桥村")  # not kept yet when the session ends
    page.get_by_role("button", name=zh("Sign out")).click()
    expect(page).to_have_url(re.compile(reverse("login")))

    person.sign_in()
    person.open("patient_new")
    offers = page.locator(".message-draft")
    there = offers.count()  # others of this desk may stand below the newest
    person.shot("draft-offered")
    offers.first.get_by_role("button").last.click()
    expect(page.locator(".message .undo")).to_be_visible()
    assert offers.count() == there - 1 or there == MOST_SHOWN
    person.shot("draft-thrown-away")
    page.locator(".message .undo").click()
    expect(page.locator(".message .undo")).to_have_count(0)
    offers.first.get_by_role("button").first.click()

    expect(page.locator("main [name=name]")).to_have_value(name)
    expect(page.locator("[name=address]")).to_have_value("青溪镇北桥村")
    person.shot("draft-taken-up")
    save(person)
    expect(page).not_to_have_url(re.compile(reverse("patient_new")))
    assert name in person.text()
    assert nothing_in_the_browser(person)


def test_the_server_goes_away_in_the_middle_and_work_goes_on_when_it_is_back(staff, clinic):
    person = staff.stranger("frontdesk").sign_in()
    page = person.page
    type_a_file(person, "贺建平", "13813250112")
    installation.stop(clinic)
    try:
        save(person)
        expect(page.locator(".connection .message")).to_be_visible()
        person.shot("server-away")
        page.locator(".rail-item").first.click()  # a link leads nobody to the browser's error page

        expect(page).to_have_url(re.compile(reverse("patient_new")))
        expect(page.locator("main [name=name]")).to_have_value("贺建平")
        assert nothing_in_the_browser(person)
    finally:
        installation.serve(clinic)
    expect(page).not_to_have_url(re.compile(reverse("patient_new")), timeout=30_000)
    assert "贺建平" in person.text(), "the press was carried out when the server was back"
    hush(person)


def test_the_network_drops_and_the_draft_is_kept_when_it_is_back(staff, scene):
    person = staff.stranger("doctor").sign_in()
    page = person.open("consultation", scene["record"])
    person.context.set_offline(True)
    page.locator("main [name=complaint]").fill("头晕两天，站起时加重")
    expect(page.locator(".connection .message")).to_be_visible()
    person.shot("offline-consultation")

    person.context.set_offline(False)

    expect(page.locator("[data-draft-state]")).not_to_be_empty()
    person.shot("online-again")
    page.reload()
    expect(page.locator("main [name=complaint]")).to_have_value("头晕两天，站起时加重")
    assert nothing_in_the_browser(person)
    hush(person)


def test_without_scripts_what_came_back_wrong_is_offered_after_a_reload(staff, clinic):
    person = staff.stranger("frontdesk", java_script_enabled=False).sign_in()
    page = person.page
    type_a_file(person, "贺建安", "138")
    save(person)

    person.open("patient_new")
    page.locator(".message-draft button").first.click()

    expect(page.locator("main [name=name]")).to_have_value("贺建安")
    person.shot("draft-without-scripts")
