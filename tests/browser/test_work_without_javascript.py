"""What is done beside the main job, with scripts switched off: forms and links carry all of it.

Registration to dispensing: test_without_javascript.py; booking: test_booking_on_a_phone.py; the
cashier: test_charging_site.py.
"""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.words import zh
from tests.factories.supplier_list import as_csv

pytestmark = pytest.mark.browser
PLAIN = {"java_script_enabled": False}
MAIN = "#work [data-key=F9]"
LINE = {"expires_on": "2029-05", "packs": "12", "cost": "7.20"}


def go(person) -> None:
    """The main action of the page."""
    with person.page.expect_navigation():
        person.page.locator(MAIN).click()


def test_a_delivery_is_taken_in_without_scripts(staff):
    keeper = staff.another("storekeeper", **PLAIN)
    page = keeper.open("stock_receive")
    page.locator("[name=supplier]").select_option(index=1)
    for number, (drug, lot) in enumerate([("amxljn", "NJ1"), ("blf", "NJ2")]):
        for name, words in [*LINE.items(), ("drug_text", drug), ("lot", lot)]:
            page.locator(f"[name=line-{number}-{name}]").fill(words)
        with page.expect_navigation():
            page.locator("[name=do][value=add]").last.click()

    go(keeper)

    rows = page.locator("table.grid tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("NJ1")


def test_a_stock_take_is_counted_twice_explained_and_confirmed_without_scripts(staff):
    counter, keeper = (staff.another(name, **PLAIN) for name in ("pharmacist", "storekeeper"))
    page = keeper.open("stock_take_new")
    page.locator("[name=scope][value=drugs]").check(force=True)
    page.locator("[name=drugs]").fill("blf")
    go(keeper)
    here = page.url

    for _count in ("first", "second"):
        counter.page.goto(here)
        while "/count" not in counter.page.url:
            go(counter)
        for box in counter.page.locator("table input:not([type=hidden])").all():
            box.fill("1")
        go(counter)
        counter.page.goto(here)
        go(counter)
    keeper.page.goto(here)
    for reason in keeper.page.locator("table select").all():
        reason.select_option(index=1)
    go(keeper)
    go(keeper)

    expect(page.locator("#work")).to_contain_text(zh("The differences are confirmed."))


def test_a_follow_up_is_opened_and_recorded_without_scripts(staff, scene):
    doctor = staff.another("doctor", **PLAIN)
    page = doctor.open("patient_followups", scene["allergic"])
    page.locator("[name=kind]").select_option("htn")
    go(doctor)
    with page.expect_navigation():
        page.locator(f"a[href^='{reverse('followup_list')}'].row-act").first.click()
    for name, words in (("systolic", "150"), ("diastolic", "95")):
        page.locator(f"[name={name}]").fill(words)

    go(doctor)

    expect(page.locator("#work")).to_contain_text(zh("The follow-up is recorded."))


def test_patients_are_imported_without_scripts(staff):
    desk = staff.another("admin", **PLAIN)
    page = desk.open("patient_import")
    rows = [["姓名", "性别", "出生日期", "联系电话"], ["鲁素芬", "女", "1958-03-16", "13900001234"]]
    file = {"name": "list.csv", "mimeType": "text/csv", "buffer": as_csv(rows)}
    page.locator("[name=file]").set_input_files([file])
    go(desk)  # read
    go(desk)  # columns are known by their headings
    expect(page.locator("#work")).to_contain_text("鲁素芬")

    go(desk)

    expect(page.locator("#work")).to_contain_text(zh("Imported"))
