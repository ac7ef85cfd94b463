"""Pinyin is typed in every box without the page taking a key from the input method (section 5)."""

import pytest
from playwright.sync_api import expect

from tests.browser.klm import compose

pytestmark = pytest.mark.browser
# Taken by the input method while it composes: choosing, paging, taking the words over, leaving.
ITS_KEYS = ("Enter", "Digit1", "Digit2", "Space", "ArrowDown", "Escape", "F9", "Tab")
# Who, the page, of what, the box, what is composed, whether a list comes of it.
BOXES = [
    ("frontdesk", "desk", "", "#q", "guoshuzhen", "郭淑珍", True),
    ("frontdesk", "patient_new", "", "#id_name", "fangxiaomei", "方晓梅", False),
    ("doctor", "consultation", "five", "#id_dx", "zhiqiguanyan", "支气管炎", True),
    ("doctor", "consultation", "five", "[name=complaint]", "kesou", "咳嗽", False),
    ("doctor", "prescription_edit", "draft", "#id_drug_text", "buluofen", "布洛芬", True),
    ("storekeeper", "stock_receive", "", "#id_line-0-drug_text", "buluofen", "布洛芬", True),
]
KEEPS = "/drafts/"  # a long form is kept every few seconds, which no key asked for


def _note(url: str, asked: list[str]) -> None:
    if not url.endswith(KEEPS):
        asked.append(url)


@pytest.fixture
def asked() -> list[str]:
    return []


def test_no_key_is_taken_from_an_input_method(staff, scene, asked):
    for who, url_name, of, box, pinyin, words, has_list in BOXES:
        page = staff(who).open(url_name, *([scene[of]] if of else []))
        page.on("request", lambda request: _note(request.url, asked))
        here, field = page.url, page.locator(box)
        field.fill("")
        field.focus()
        asked.clear()

        compose(page, pinyin, "", *ITS_KEYS)

        page.wait_for_timeout(300)  # longer than any list waits for the next letter
        expect(field).to_be_focused()
        assert page.url == here and asked == [], f"{box}: {asked}"
        compose(page, "", words)
        expect(field).to_have_value(words)
        if has_list:
            expect(page.locator(".suggest [role=option]").first).to_be_visible()
