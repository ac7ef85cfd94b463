"""One visit booked on a phone without scripts, then changed and found at the desk (R-99)."""

import json
import re

import pytest
from django.core.signing import b64_decode
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.measure import sideways

pytestmark = pytest.mark.browser
PHONES = [414, 390, 360]


class Phone:
    """A stranger's small screen."""

    def __init__(self, staff):
        self.person = staff.stranger(java_script_enabled=False, has_touch=True)
        self.page = self.person.page
        self.page.set_viewport_size({"width": 390, "height": 844})

    def go_on(self, what) -> None:
        """Tap it; the page that comes fits every phone."""
        with self.page.expect_navigation():
            what.tap()
        wide = []
        for width in PHONES:
            self.page.set_viewport_size({"width": width, "height": 844})
            wide.append(sideways(self.person))
        self.page.set_viewport_size({"width": 390, "height": 844})
        assert not any(wide), wide

    def link(self, name: str, argument: str):
        return self.page.locator(f"main a[href^='{reverse(name, args=[argument])}']").first

    def button(self):
        return self.page.locator("main .btn-primary")


def test_a_visit_is_booked_changed_and_known_at_the_desk(staff, scene):
    phone = Phone(staff)
    page = phone.page
    page.goto(reverse("booking"))
    phone.go_on(phone.link("booking_doctors", scene["online_department"]))
    phone.go_on(page.locator(".taps a").first)
    phone.go_on(phone.link("booking_times", scene["online_session"]))
    page.locator("input[name=time]:not([disabled]) + label").first.tap()
    phone.go_on(phone.button())
    fill_in(page)

    phone.go_on(phone.button())

    code = page.locator(".code").inner_text()
    assert re.fullmatch(r"(\w{3} ){2}\w{3}", code)
    page.goto(reverse("booking_mine"))
    page.locator("[name=code]").fill(code.lower())
    page.locator("[name=last4]").fill("5678")
    phone.go_on(phone.button())
    phone.go_on(page.locator(f"form[action='{reverse('booking_change')}'] button"))
    page.locator("details > summary").last.tap()
    page.locator("input[name=place] + label").last.tap()
    phone.go_on(phone.button())
    assert page.locator(".code").inner_text() == code
    desk = staff("frontdesk")
    desk.open("desk_bookings").locator("#id_q").fill(code)
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("main")).to_contain_text("闵知夏")


def fill_in(page) -> None:
    token = page.locator("[name=question]").get_attribute("value")
    _nonce, first, second, minus = json.loads(b64_decode(token.split(":")[0].encode()))
    typed = {"name": "闵知夏", "id_number": "11010519491231002x", "phone": "138 1234 5678"}
    for name, value in typed.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=answer]").fill(str(first - second if minus else first + second))
