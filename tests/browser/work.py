"""What each of them does at their screen, found by the words that stand on it.

Written for a browser with scripts and for one without: where a list opens by itself with scripts,
a button brings it up without them.
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Locator, expect

from patients.identity import check_digit
from tests.browser.people import Person
from tests.browser.words import named, told, zh


@dataclass
class Someone:
    """A patient who comes to the desk for the first time."""

    name: str
    initials: str
    birth_date: str
    woman: bool
    phone: str
    allergy: tuple[str, str, str] | None = None  # drug, reaction, severity
    area: str = "320582"

    @property
    def id_number(self) -> str:
        first = f"{self.area}{self.birth_date.replace('-', '')}01{4 if self.woman else 5}"
        return first + check_digit(first)


@dataclass
class Row:
    """One row of a prescription as the doctor thinks of it."""

    initials: str
    drug: str
    dose: str
    frequency: str
    days: str
    quantity: str = ""  # only where the system can't compute it
    remark: str = ""


# --- the desk


def search(desk: Person, words: str) -> None:
    """From the desk's own page, as the day goes."""
    desk.open("desk")
    desk.page.locator("#q").fill(words)
    desk.press("Find")


def open_file(desk: Person, patient: Someone) -> None:
    """A new file, beginning with the document's number; leads to the registration."""
    page = desk.page
    desk.fill("Document number", patient.id_number)
    desk.fill("Name", patient.name)
    desk.fill("Own phone", patient.phone)
    desk.fill("Home address", "青溪镇南桥村3组18号")
    page.get_by_label(named("Payment category")).select_option(label=zh("Resident insurance"))
    page.locator("#id_notice_given").check(force=True)
    if patient.allergy is None:
        desk.choose("Denies allergies")
    else:
        desk.choose("Has allergies")
        drug, reaction, severity = patient.allergy
        row = page.get_by_role("group", name=f"{zh('Allergy')} 1")
        row.get_by_label(named("Drug or group")).fill(drug)
        row.get_by_label(named("What happened")).fill(reaction)
        row.get_by_label(named("Severity")).select_option(label=zh(severity))


def register(desk: Person, doctor: str) -> str:
    """Choose the doctor; the slip comes with the number."""
    desk.choose_tile(doctor)
    desk.press("Register and print the slip")
    return desk.page.locator(".slip .big").inner_text()


def expect_allergies(person: Person, patient: Someone) -> None:
    """The allergy line says what the patient said at the desk (R-44)."""
    line = person.page.locator(".allergy").first
    if patient.allergy is None:
        expect(line).to_contain_text(zh("Denies allergies"))
    else:
        for words in patient.allergy[:2]:
            expect(line).to_contain_text(words)


def search_from_list(person: Person, words: str) -> None:
    """On the page of the search itself."""
    person.open("patient_search")
    person.page.locator("#id_q").fill(words)
    person.press("Search")


# --- the waiting room


def see_on_screen(screen: Person, number: str) -> None:
    """The called number appears by itself; without scripts the page reloads itself."""
    called = screen.page.locator("tr.is-called")
    if not screen.has_scripts:
        assert 'http-equiv="refresh"' in screen.page.content()
        screen.page.reload()
    expect(called.filter(has_text=number)).to_be_visible(timeout=20_000)


# --- the doctor


def call(doctor: Person, number: str) -> None:
    """Call the next one, who has to be this one."""
    doctor.open("queue")
    doctor.press("Call the next patient")
    expect(doctor.page.locator("#work")).to_contain_text(number)


def start(doctor: Person) -> None:
    doctor.press("Start the consultation", doctor.page.locator(".actions"))


def write_record(doctor: Person, vitals: dict[str, str], texts: dict[str, str]) -> None:
    """Vital signs and texts, by their labels; not saved yet."""
    for words, value in {**vitals, **texts}.items():
        doctor.fill(words, value)


def add_diagnosis(doctor: Person, initials: str, name: str) -> None:
    """By pinyin initials, from the list that opens or from the one the button brings."""
    if doctor.has_scripts:
        typed_into(doctor, "Diagnosis").press_sequentially(initials)
        with doctor.page.expect_navigation():
            doctor.page.get_by_role("option", name=re.compile(rf"^{name}")).click()
    else:
        typed_into(doctor, "Diagnosis").fill(initials)
        doctor.press("Find diagnosis")
        with doctor.page.expect_navigation():
            doctor.press_button(doctor.page.get_by_role("button", name=re.compile(rf"^{name}")))


def typed_into(person: Person, words: str) -> Locator:
    """The field with this label; a script may have made it the field of a list."""
    role = "combobox" if person.has_scripts else "textbox"
    return person.page.get_by_role(role, name=named(words))


# --- the prescription


def write_prescription(doctor: Person) -> None:
    doctor.press("Write a prescription")


def add_row(doctor: Person, row: Row) -> None:
    """One row: the drug by initials, then what differs from its usual usage."""
    page = doctor.page
    drug = typed_into(doctor, "Drug")
    if doctor.has_scripts:
        drug.press_sequentially(row.initials)
        page.get_by_role("option", name=re.compile(rf"^{row.drug}")).first.click()
    else:
        drug.fill(row.initials)
        doctor.press("Find drug")
        wanted = page.locator("aside li").filter(has_text=row.drug).first
        doctor.press("Take this", wanted)
    entry = page.locator("#row")
    for words, value in [
        ("Each time", row.dose),
        ("Frequency", row.frequency),
        ("Days", row.days),
        ("Quantity", row.quantity),
    ]:
        if value:
            entry.get_by_label(named(words)).fill(value)
    doctor.press("Add row")


def submit(doctor: Person) -> None:
    doctor.press("Submit for review")


def press_or_follow(person: Person, control: Locator) -> None:
    """A button or a link that does the same."""
    with person.page.expect_navigation():
        person.press_button(control)


def submit_in_vain(doctor: Person) -> None:
    """A sheet with something refused on it stays where it is."""
    button = doctor.page.get_by_role("button", name=named("Submit for review"))
    expect(button).to_have_attribute("aria-disabled", "true")
    if doctor.has_scripts:
        button.click(force=True)
        expect(doctor.page.locator("#refusal")).to_be_focused()
    else:
        doctor.insist("Submit for review")
    expect(doctor.page.get_by_role("button", name=named("Submit for review"))).to_be_visible()


def row_of(person: Person, drug: str) -> Locator:
    return person.page.locator(".rx-row").filter(has_text=drug)


def spaced(quantity: str) -> re.Pattern:
    """15片, however it is spaced."""
    return re.compile(re.sub(r"(\d+)", r"\\b\1\\s*", quantity))


def expect_row(doctor: Person, drug: str, quantity: str) -> None:
    """The row stands on the sheet with this quantity."""
    expect(row_of(doctor, drug).locator(".qty b")).to_have_text(spaced(quantity))


def expect_quantity_asked(doctor: Person, row: Row) -> None:
    """Where the drug's facts don't allow to compute it, the number is asked for (R-168)."""
    add_row(doctor, replace(row, quantity=""))
    entry = doctor.page.locator(".rx-work")
    expect(entry.locator(".field-error")).to_contain_text(zh("Quantity"))
    entry.get_by_label(named("Quantity")).fill(row.quantity)
    doctor.press("Add row")
    expect_row(doctor, row.drug, row.quantity)


def change_row(doctor: Person, drug: str, changes: dict[str, str]) -> None:
    """Open the row again, write something else, save it."""
    tools = doctor.page.get_by_role("link", name=re.compile(rf"{zh('Change')}\s*{drug}"))
    press_or_follow(doctor, tools)
    for words, value in changes.items():
        doctor.page.locator("#row").get_by_label(named(words)).fill(value)
    doctor.press("Save row")


def note_skin_test(person: Person, state: str, within: Locator | None = None) -> None:
    """Order it, or write down how it came out."""
    person.choose(state, within)
    person.press("Save skin test", within)


def note_paper_test(person: Person, state: str, within: Locator) -> None:
    """It was put on and read on paper, half an hour ago."""
    put_on = timezone.localtime() - timedelta(minutes=30)
    within.get_by_label(named("On paper: put on at")).fill(f"{put_on:%H:%M}")
    note_skin_test(person, state, within)


# --- the pharmacy


def open_from_queue(person: Person, url_name: str, name: str) -> None:
    person.open(url_name)
    with person.page.expect_navigation():
        person.page.locator(".queue-list a").filter(has_text=name).click()


@dataclass(frozen=True)
class Batch:
    """What a drug's page tells about one batch, in pieces."""

    lot: str
    expires: str
    pieces: int


def batches(person: Person, drug: str) -> list[Batch]:
    """All batches of a drug, as the drug's own page shows them."""
    person.open("drug_list")
    search = person.page.get_by_role("searchbox", name=zh("Find a drug"))
    search.fill(drug)
    with person.page.expect_navigation():
        search.press("Enter")
    person.follow("Details", person.page.get_by_role("row").filter(has_text=drug))
    spec = person.page.locator("header.bar .date").inner_text()
    per_pack = int(re.search(r"×(\d+)", spec)[1])
    rows = person.page.locator("[aria-labelledby=batches] li").all_inner_texts()
    return [_batch(text, per_pack) for text in rows]


def _batch(text: str, per_pack: int) -> Batch:
    first, _, second = text.partition("\n")
    where = told("Lot %(lot)s, good until %(expiry)s, shelf %(shelf)s", second)
    return Batch(where["lot"], where["expiry"], pieces(first, per_pack))


def pieces(words: str, per_pack: int) -> int:
    """3盒+5片 as 65 pieces of a pack of 20."""
    packs = re.search(r"(\d+)(?=盒|瓶)", words)
    single = re.search(r"(\d+)(?=片|粒|支|袋)", words)
    return (int(packs[1]) * per_pack if packs else 0) + (int(single[1]) if single else 0)


def first_expiry_first(shelf: list[Batch], wanted: int) -> dict[str, int]:
    """How many pieces of which lot have to leave the shelf (R-112)."""
    taken = {}
    for batch in sorted(shelf, key=lambda batch: batch.expires):
        part = min(batch.pieces, wanted - sum(taken.values()))
        if part:
            taken[batch.lot] = part
    return taken


def issued(before: list[Batch], after: list[Batch]) -> dict[str, int]:
    """What has left the shelf between two looks."""
    now = {batch.lot: batch.pieces for batch in after}
    return {b.lot: b.pieces - now[b.lot] for b in before if b.pieces != now[b.lot]}


def number_of_prescription(doctor: Person) -> str:
    return re.search(r"RX\d{8}-\d{4}", doctor.text())[0]
