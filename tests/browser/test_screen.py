"""The waiting-room screen: calls each patient aloud once, and outlives a lost connection (R-98)."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import in_the_clinic
from tests.browser.words import zh

pytestmark = pytest.mark.browser

# A browser with a Chinese voice, and one that tells what it was asked to say.
VOICE = """
window.spoken = [];
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => [{ lang: "en-US" }, { lang: "zh-CN" }],
  speak: said => {
    if (said.text.trim()) spoken.push([said.text, said.rate, said.lang, speaking]);
    speaking += 1;
    setTimeout(() => { speaking -= 1; if (said.onend) said.onend(); }, 200);
  },
} });
window.speaking = 0;
"""
CHIME = """
window.rung = 0;
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () { rung += 1; return play.call(this); };
"""


def call(clinic, name: str, serial: int, doctor: str) -> str:
    """Somebody's number goes up on the screen."""
    return in_the_clinic(clinic, f"called_by_number('{name}', {serial}, '{doctor}')")


@pytest.fixture
def screen(staff, clinic):
    """A television that was switched on and whose sound was started."""

    def switch_on(script: str):
        person = staff.stranger("screen")
        person.context.add_init_script(script)
        person.page.goto("/display/all/")
        person.page.get_by_role("button", name=zh("Start the sound")).click()
        expect(person.page.locator("#sound")).to_be_hidden()
        return person

    yield switch_on
    in_the_clinic(clinic, "send_home('卢志远', '潘秀兰', '潘志明')")


def number_on(person, number: str):
    return person.page.locator(".no", has_text=number)


def said(person) -> list:
    return person.page.evaluate("spoken")


def wait_until_said(person, times: int) -> list:
    person.page.wait_for_function("times => spoken.length >= times", arg=times)
    person.page.wait_for_timeout(600)  # more would be too much
    return said(person)


def test_each_call_is_read_twice_slowly_and_once_only_across_a_lost_connection_R96_R98(
    screen, clinic
):
    tv = screen(VOICE)
    first = call(clinic, "卢志远", 401, "doctor")
    words = tv.page.locator("[data-call]", has_text=first).get_attribute("data-words")
    spoken = wait_until_said(tv, 2)

    tv.context.set_offline(True)
    expect(tv.page.locator("#away")).to_be_visible(timeout=20_000)
    second = call(clinic, "潘秀兰", 402, "doctor2")
    expect(number_on(tv, first)).to_be_visible()  # the last state stays
    expect(number_on(tv, second)).to_have_count(0)
    tv.context.set_offline(False)
    expect(number_on(tv, second)).to_be_visible(timeout=20_000)
    after = wait_until_said(tv, 4)

    assert words.index(first) >= 0 and "卢志远" not in words and "卢某远" in words
    assert spoken == [[words, 0.9, "zh-CN", 0]] * 2  # slowly, and nobody else speaks
    assert after[:2] == spoken and [text for text, *_rest in after[2:]] == [after[2][0]] * 2
    assert second in after[2][0]
    expect(tv.page.locator("#away")).to_be_hidden()
    tv.complaints[:] = [line for line in tv.complaints if "net::ERR_" not in line]


def test_where_nobody_can_speak_a_chime_rings(screen, clinic):
    tv = screen(CHIME)
    tv.page.wait_for_function("rung === 1")  # that the sound is on

    number = call(clinic, "潘志明", 403, "doctor2")

    expect(number_on(tv, number)).to_be_visible(timeout=20_000)
    tv.page.wait_for_function("rung === 2")
