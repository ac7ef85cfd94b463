"""Pictures of the herbal pages; run by pytest with the browser fixtures."""

import json, re, os
from decimal import Decimal
import pytest
from tests.browser.conftest import in_the_clinic

OUT = "/tmp/shots-herbs"
os.makedirs(OUT, exist_ok=True)


def test_shots(staff, clinic, scene):
    code = open("/tmp/herbs_seed.py").read()
    said = clinic.manage("manage.py", "shell", "--verbosity", "0", "-c", code)
    ids = json.loads(said.splitlines()[-1])
    print(ids)
    d = staff("doctor")

    def shot(p, name, path, full=False):
        p.page.goto(path)
        p.page.wait_for_load_state("networkidle")
        p.page.screenshot(path=f"{OUT}/{name}.png", full_page=full)

    shot(d, "edit_new", f"/prescriptions/{ids['fresh']}/herbal/")
    pg = d.page

    def enter():
        with pg.expect_navigation():
            pg.keyboard.press("Enter")
        pg.wait_for_load_state("networkidle")

    pg.keyboard.type("7")
    pg.keyboard.press("Enter")
    print("focus", pg.evaluate("document.activeElement.id"))
    pg.keyboard.type("hq")
    pg.wait_for_timeout(700)
    pg.screenshot(path=f"{OUT}/edit_list.png")
    pg.keyboard.press("Enter")
    print("focus", pg.evaluate("document.activeElement.id"))
    pg.keyboard.type("30")
    enter()
    print("focus", pg.evaluate("document.activeElement.id"), pg.url)
    pg.keyboard.type("fp")
    pg.wait_for_timeout(700)
    pg.keyboard.press("Enter")
    pg.keyboard.type("20")
    enter()
    pg.screenshot(path=f"{OUT}/edit_two.png", full_page=True)
    shot(d, "edit_full", f"/prescriptions/{ids['full']}/herbal/")
    shot(d, "edit_item", f"/prescriptions/{ids['full']}/herbal/?item={ids['item']}")
    pg.keyboard.press("Tab")
    shot(d, "edit_alerts", f"/prescriptions/{ids['alerts']}/herbal/", True)
    shot(d, "panel", f"/consultations/{ids['record']}/" if ids.get("x") else ids["panel"], True)
    p = staff("pharmacist")
    shot(p, "review", f"/prescriptions/{ids['sub']}/review/", True)
    shot(p, "dispense", f"/prescriptions/{ids['app']}/dispense/", True)
    shot(d, "show", f"/prescriptions/{ids['app']}/", True)
    for name in ("app", "long", "sub"):
        pg.goto(f"/prescriptions/{ids[name]}/print/")
        pg.emulate_media(media="print")
        pg.pdf(path=f"{OUT}/print_{name}.pdf", prefer_css_page_size=True, print_background=True)
        pg.emulate_media(media="screen")
