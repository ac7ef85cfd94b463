"""The six tasks of a clinic's day, from somebody's home page, with both hands counted."""

from playwright.sync_api import expect

from tests.browser.klm import Hands
from tests.browser.people import Person
from tests.browser.work import Someone

# Initials, drug, dose, frequency, days; what is not written stays as it is usual.
FIVE = [
    ("ysax", "盐酸氨溴索片", "", "", "5"),
    ("aqms", "阿奇霉素片", "", "", ""),
    ("dyxajf", "对乙酰氨基酚片", "", "tid", "3"),
    ("lltd", "氯雷他定片", "", "", "5"),
    ("wssc", "维生素C片", "0.1g", "bid", "5"),
]
# Initials, lot, expiry, packs.
TEN = [
    ("amxljn", "26030112", "202902", "20"),
    ("blfhxy", "26021807", "202801", "12"),
    ("ysax", "26011509", "202812", "30"),
    ("aqms", "25120311", "202811", "15"),
    ("dyxajf", "26022204", "202901", "40"),
    ("lltd", "26010605", "202812", "25"),
    ("wssc", "26030908", "202802", "50"),
    ("ejsg", "26020102", "202901", "60"),
    ("aldp", "25112610", "202810", "30"),
    ("mts", "26011903", "202812", "20"),
]


def home(person: Person) -> Hands:
    person.page.goto("/")
    return Hands(person.page)


def find_a_patient(doctor: Person, initials: str, name: str) -> Hands:
    """From the doctor's queue to the chart."""
    hands = home(doctor)
    hands.command("Alt+q")
    hands.letters(initials)
    expect(doctor.page.get_by_role("option").first).to_contain_text(name)
    hands.go(hands.command, "Enter")
    expect(doctor.page.locator("main")).to_contain_text(name)
    return hands


def register_known(desk: Person, initials: str, masked: str) -> Hands:
    """The search has the focus; the one patient found, the doctor who is offered, the slip."""
    hands = home(desk)
    hands.letters(initials)
    expect(desk.page.get_by_role("option").first).to_be_visible()
    hands.go(hands.command, "Enter")
    hands.go(hands.command, "F9")
    expect(desk.page.locator(".slip")).to_contain_text(masked)
    return hands


def open_new_file(desk: Person, someone: Someone, pinyin: str) -> Hands:
    """Document number, name, phone; sex and birth date come out of the number."""
    hands = home(desk)
    hands.go(hands.command, "F2")
    hands.value(someone.id_number, "Enter")
    hands.chinese(pinyin, someone.name, "Enter")
    hands.value(someone.phone)
    hands.command("Alt+2")
    hands.command("ArrowDown")  # denies allergies
    hands.go(hands.command, "F9")
    expect(desk.page.locator("main")).to_contain_text(someone.name)
    return hands


def prescribe_five(doctor: Person) -> Hands:
    """Call, start, diagnosis, five drugs, submitted."""
    page, hands = doctor.page, home(doctor)
    is_alone = page.locator("button[accesskey=n]").count() == 0
    hands.go(hands.command, "F9" if is_alone else "Alt+n")  # calls
    hands.go(hands.command, "F9")  # starts
    hands.command("Alt+2")
    hands.letters("jxbtt")
    expect(page.get_by_role("option").first).to_be_visible()
    hands.go(hands.command, "Enter")
    hands.go(hands.command, "F2")
    for initials, name, dose, frequency, days in FIVE:
        hands.letters(initials)
        expect(page.get_by_role("option").first).to_contain_text(name)
        hands.command("Enter")
        waiting = 0
        for words in (dose, "", frequency):
            if not words:
                waiting += 1
                continue
            _pass(hands, waiting)
            waiting = 0
            hands.value(words, "Enter")
        if days:
            _pass(hands, waiting)
            hands.go(hands.value, days, "Enter")
        else:
            hands.go(hands.past, waiting + 1)
    expect(page.locator(".rx-row .qty")).to_have_count(len(FIVE))
    hands.go(hands.command, "F9")
    return hands


def _pass(hands: Hands, fields: int) -> None:
    if fields:
        hands.past(fields)


def take_in_ten(keeper: Person, note: str) -> Hands:
    """From the stock page: ten lines, the supplier, the number of its delivery note."""
    page, hands = keeper.page, home(keeper)
    hands.go(hands.command, "F9")
    for number, (initials, lot, expiry, packs) in enumerate(TEN):
        expect(page.locator(f"#id_line-{number}-drug_text")).to_be_focused()
        hands.letters(initials)
        expect(page.locator(".suggest [role=option]").first).to_be_visible()
        hands.command("Enter")
        hands.value(lot, "Enter", "Enter")  # past the production date
        hands.value(expiry, "Enter")
        hands.go(hands.value, packs, "Enter")  # the last cost is there; the line is complete
        expect(page.locator("tr.is-read")).to_have_count(number + 1)
    hands.command("Alt+1")
    hands.command("ArrowDown")  # the supplier
    hands.on("Tab")
    hands.value(note)
    hands.go(hands.command, "F9")
    expect(page.locator("table.grid tbody tr")).to_have_count(len(TEN))
    return hands


def who_got_a_lot(pharmacist: Person, lot: str) -> Hands:
    """From the pharmacist's queue: the lot in the search box, the one line that it brings."""
    page, hands = pharmacist.page, home(pharmacist)
    hands.command("Alt+q")
    hands.letters(lot)
    expect(page.get_by_role("option").first).to_contain_text(lot)
    hands.go(hands.command, "Enter")
    expect(page.locator("main tbody tr").first).to_be_visible()
    return hands
