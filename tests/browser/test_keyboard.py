"""Nobody has to touch the mouse: a known patient is registered in a handful of key presses."""

import pytest
from playwright.sync_api import expect

from tests.browser.words import named, zh

pytestmark = pytest.mark.browser

# Words typed, or keys pressed, from the empty search box to the slip on the screen; the one Enter
# more belongs to the print dialog of a browser that isn't set up to print by itself.
MOST = 4
# Initials, drug, dose, frequency, days; what is not written stays as it is usual. The sixth Enter
# of a row brings the next one.
FIVE = [
    ("ysax", "盐酸氨溴索片", "", "", "5"),
    ("aqms", "阿奇霉素片", "", "", ""),
    ("dyxajf", "对乙酰氨基酚片", "", "tid", "3"),
    ("lltd", "氯雷他定片", "", "", "5"),
    ("wssc", "维生素C片", "0.1g", "bid", "5"),
]
MOST_FOR_FIVE = 61


class Keyboard:
    """Counts what the hands do: a word typed is one, a key pressed is one."""

    def __init__(self, person):
        self.page = person.page
        self.done: list[str] = []
        self.counts: list[int] = []

    @property
    def strokes(self) -> int:
        """Every letter typed is one, and so is every key."""
        return sum(self.counts)

    def type(self, words: str) -> None:
        self.done.append(words)
        self.counts.append(len(words))
        self.page.keyboard.type(words)

    def press(self, key: str) -> None:
        self.done.append(key)
        self.counts.append(1)
        self.page.keyboard.press(key)

    def press_and_go(self, key: str) -> None:
        with self.page.expect_navigation():
            self.press(key)


def test_known_patient_is_registered_with_the_keyboard_alone(staff, scene):
    desk = staff("frontdesk")
    desk.open("desk")
    keys = Keyboard(desk)

    expect(desk.page.locator("main input[type=search]")).to_be_focused()  # without anybody's doing
    keys.type("msf")
    keys.press_and_go("Enter")
    expect(desk.page.get_by_role("link", name=zh("Register a visit")).first).to_be_focused()
    keys.press_and_go("Enter")
    keys.press_and_go("F9")

    expect(desk.page.locator(".slip .big")).to_be_visible()
    expect(desk.page.locator(".slip")).to_contain_text("苗*芬")
    assert len(keys.done) <= MOST, f"it took {len(keys.done)}: {keys.done}"


def above_the_bar(page, field) -> bool:
    """Nothing of the field is hidden by the actions at the foot of the page."""
    box, bar = field.bounding_box(), page.locator(".actions").bounding_box()
    return box["y"] >= 0 and box["y"] + box["height"] <= bar["y"]


def test_a_diagnosis_and_five_drugs_are_written_with_the_keyboard_alone(staff, scene):
    """Initials, Enter, dose, route, frequency, days, Enter, the next drug (R-129)."""
    doctor = staff("doctor")
    doctor.open("consultation", scene["five"])
    keys = Keyboard(doctor)
    doctor.page.get_by_role("combobox", name=zh("Diagnosis")).focus()
    keys.type("jxbtt")
    expect(doctor.page.get_by_role("option").first).to_be_visible()
    keys.press_and_go("Enter")
    expect(doctor.page.locator(".chips .chip", has_text="急性扁桃体炎")).to_have_count(1)
    keys.press_and_go("F2")
    before, drug = keys.strokes, doctor.page.get_by_role("combobox", name=zh("Drug"))

    for number, (initials, name, dose, frequency, days) in enumerate(FIVE, 1):
        expect(drug).to_be_focused()
        assert above_the_bar(doctor.page, drug)
        keys.type(initials)
        expect(doctor.page.get_by_role("option").first).to_contain_text(name)
        keys.press("Enter")
        for label, words in [("Each time", dose), ("Route", ""), ("Frequency", frequency)]:
            expect(doctor.page.locator("#row").get_by_label(named(label))).to_be_focused()
            keys.type(words)
            keys.press("Enter")
        keys.type(days)
        keys.press_and_go("Enter")
        expect(doctor.page.locator(".rx-row .qty")).to_have_count(number)
    written = keys.strokes - before
    keys.press_and_go("F9")

    expect(doctor.page.locator("tbody tr")).to_have_count(5)
    assert written <= MOST_FOR_FIVE, f"it took {written}: {keys.done}"


def test_a_shelf_is_counted_with_the_keyboard_alone(staff, scene):
    pharmacist = staff("pharmacist")
    pharmacist.open("stock_take_count", scene["take"])
    keys = Keyboard(pharmacist)
    here = pharmacist.page.locator("tr.is-here")
    lot = here.locator("td").nth(2).inner_text()

    keys.type("3")  # the first line that is not counted has the focus already
    keys.press("Tab")
    keys.type("2")
    keys.press_and_go("Enter")

    expect(pharmacist.page.get_by_role("row").filter(has_text=lot)).to_contain_text("3盒+2")
    expect(here.locator("input:not([type=hidden])").first).to_be_focused()
    assert here.locator("td").nth(2).inner_text() != lot


def test_an_infusion_and_its_set_are_written_with_the_keyboard_alone(staff, scene):
    """F4 puts the next drug into the same container; a set's initials and Enter bring it all."""
    doctor = staff("doctor")
    doctor.open("consultation", scene["five"])
    keys, page = Keyboard(doctor), doctor.page
    with page.expect_navigation():
        page.keyboard.press("F2")

    keys.type("lhn")
    expect(page.get_by_role("option").first).to_contain_text("氯化钠")
    for _ in range(4):
        keys.press("Enter")
    for words in ("3", "3", "", "", "40"):  # days, quantity, remark, group, drip rate
        keys.type(words)
        keys.press("F4" if words == "40" else "Tab")
    expect(page.locator(".bracket-alone")).to_have_count(1)
    keys.type("dsms")
    expect(page.get_by_role("option").first).to_contain_text("地塞米松")
    for _ in range(4):
        keys.press("Enter")
    keys.press_and_go("Enter")
    expect(page.locator(".bracket-top, .bracket-end")).to_have_count(2)
    expect(page.locator(".rx-row", has_text="地塞米松")).to_contain_text("40滴/分")

    page.locator("summary", has_text=zh("Set prescriptions")).click()
    page.locator("#set-name").fill("平喘输液")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    doctor.open("consultation", scene["five"])
    keys.press_and_go("F2")
    keys.type("pcsy")
    expect(page.get_by_role("option").first).to_contain_text("平喘输液")
    keys.press_and_go("Enter")

    expect(page.locator(".bracket-top, .bracket-end")).to_have_count(2)
    expect(page.get_by_role("combobox", name=zh("Drug"))).to_be_focused()


def type_after_alt(page) -> str:
    """Alt R, and letters while Alt is still down and after it; what stands in the field."""
    page.keyboard.down("Alt")
    for key in ("r", "s", "n"):  # alone these would approve the sheet, and leave it
        page.keyboard.press(key)
    page.keyboard.up("Alt")
    page.keyboard.type("剂量")
    return page.locator("#id_reason").input_value()


def test_what_is_typed_right_after_alt_r_stands_in_the_reason(staff, scene):
    page = staff("pharmacist2").open("review", scene["submitted"])

    assert type_after_alt(page) == "sn剂量"
