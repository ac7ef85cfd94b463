"""The storekeeper's work without the mouse: a delivery, and a write-off that a colleague posts."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.words import zh

pytestmark = pytest.mark.browser
LINES = [("amxljn", "KB1", "2029-05", "12"), ("blf", "KB2", "2028-11", "3")]


def press_and_go(page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def test_a_delivery_is_typed_line_by_line_with_the_keyboard_alone(staff):
    page = staff("storekeeper").page
    page.goto(reverse("stock_receive"))
    for number, (initials, lot, expiry, packs) in enumerate(LINES):
        expect(page.locator(f"#id_line-{number}-drug_text")).to_be_focused()
        page.keyboard.type(initials)
        expect(page.locator(".suggest [role=option]").first).to_be_visible()
        for words in ("", lot, "", expiry):
            page.keyboard.type(words)
            page.keyboard.press("Enter")
        page.keyboard.type(packs)
        press_and_go(page, "Enter")  # the last cost is there: the line is complete, the next begins
    page.locator("[name=supplier]").focus()
    page.keyboard.press("ArrowDown")

    press_and_go(page, "F9")

    rows = page.locator("table.grid tbody tr")
    expect(rows).to_have_count(len(LINES))
    expect(rows.first).to_contain_text("KB1")
    expect(rows.first).to_contain_text("2029-05-31")


def test_a_write_off_is_written_with_the_keyboard_and_posted_by_a_colleague(staff):
    keeper = staff("storekeeper")
    page = keeper.page
    page.goto(reverse("stock_paper_new", args=["write_off"]))
    page.locator("[name=cause]").first.focus()
    page.keyboard.press("Space")
    press_and_go(page, "F9")
    expect(page.locator("[name=q]")).to_be_focused()

    page.keyboard.type("amxl")
    press_and_go(page, "Enter")
    page.keyboard.type("1")  # beside the first batch to expire, which has the focus
    press_and_go(page, "F2")
    press_and_go(page, "F9")
    expect(page.get_by_role("button", name=zh("Post"))).to_have_count(0)
    here = page.url

    colleague = staff("pharmacist").page
    colleague.goto(here)
    press_and_go(colleague, "F9")

    expect(colleague.locator(".panel-head .tag").first).to_have_text(zh("Posted"))
    assert not keeper.complaints


def test_what_is_typed_after_enter_is_not_counted_with_it(staff):
    page = staff("storekeeper").page
    page.goto(reverse("stock_take_new"))
    page.locator("[name=scope][value=shelf]").check()
    page.locator("[name=shelf]").fill("A3")
    press_and_go(page, "F9")
    press_and_go(page, "F9")
    page.keyboard.type("25")

    with page.expect_navigation():
        page.keyboard.press("Enter")
        page.keyboard.type("5")

    counted = page.locator("main tbody tr").first
    expect(counted).to_contain_text("25盒")
    expect(counted).not_to_contain_text("255")


def test_a_page_takes_the_first_letters_before_it_is_drawn(staff):
    """The browser focuses at its first drawing, which is late on a busy PC: keys were lost."""
    page = staff("storekeeper").page
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { window.ready = document.activeElement.name })"
    )
    page.goto(reverse("stock_take_new"))
    page.locator("[name=scope][value=shelf]").check()
    page.locator("[name=shelf]").fill("A3")
    press_and_go(page, "F9")
    press_and_go(page, "F9")

    assert page.evaluate("window.ready") == page.evaluate("document.activeElement.name") != ""
