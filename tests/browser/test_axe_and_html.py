"""Readable for everybody: axe finds nothing, the HTML is valid, nothing scrolls sideways."""

import pytest

from tests.browser.measure import axe_violations, html_error, sideways
from tests.browser.pages import ANSWERS, PAGES, TITLES

pytestmark = pytest.mark.browser

# The usable window of a 1366 x 768 screen, the same at 200 % zoom, and the narrowest phone.
WINDOWS = [(1366, 640), (683, 384), (320, 640)]


def faults(person, source: str) -> list[str]:
    """Everything that is wrong with the page in front of this person."""
    found = [html_error(source)]
    for large in (False, True):
        mode = "large type" if large else "normal type"
        person.page.evaluate(f"document.documentElement.classList.toggle('type-large', {large:d})")
        for width, height in WINDOWS:
            person.page.set_viewport_size({"width": width, "height": height})
            wide = sideways(person)
            found.append(wide and f"{mode}, {width} wide scrolls sideways: {wide}")
        person.page.set_viewport_size({"width": 1366, "height": 640})
        found += [f"{mode}, axe: {line}" for line in axe_violations(person)]
    return [line for line in found if line]


@pytest.mark.parametrize("page", PAGES, ids=TITLES)
def test_page_is_readable_for_everybody(page, staff, scene):
    person = page.watcher(staff)

    source = person.page.goto(page.path(scene)).text()

    assert faults(person, source) == []


@pytest.mark.parametrize("answer", ANSWERS)
def test_answer_is_readable_for_everybody(answer, staff, scene):
    who, bring_up = ANSWERS[answer]
    person = staff.another(who) if who else staff.stranger()

    source = bring_up(person, scene)

    assert faults(person, source) == []
