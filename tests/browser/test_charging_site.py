"""The whole job at a site where patients pay: bill, receipt, refund and hand-over of the till."""

import re
from dataclasses import dataclass
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, expect

from tests.browser import work
from tests.browser.conftest import in_the_clinic
from tests.browser.main_job import Walk
from tests.browser.people import Person, Staff
from tests.browser.words import named, zh
from tests.browser.work import Row, Someone

pytestmark = pytest.mark.browser
CASHIER, FLOATING = "cashier2", Decimal("200.00")
PLAIN = {"java_script_enabled": False}


@pytest.fixture
def charging(clinic, quiet_queue):
    """Patients pay here; afterwards nobody does, as the other tests know the clinic."""
    in_the_clinic(clinic, f"till_scene.open_till('{CASHIER}', '赵秀兰')")
    try:
        yield
    finally:
        said = in_the_clinic(clinic, "till_scene.close_till()")
    assert said.startswith("The money agrees"), said


@dataclass
class Till(Walk):
    """The same way through a clinic that stops at the cashier."""

    def be_ordered(self) -> None:
        """One drug, approved; the pharmacy sees that it is not paid for (R-34)."""
        doctor, pharmacist = self.person("doctor"), self.person("pharmacist")
        work.write_prescription(doctor)
        work.add_row(doctor, Row("AXS", "盐酸氨溴索片", "30mg", "每日3次", "3"))
        work.submit(doctor)
        doctor.page.goto(self.visit)
        doctor.press("Finish only")
        work.open_from_queue(pharmacist, "review_list", self.patient.name)
        pharmacist.press("Approve")
        second = self.person("pharmacist2")
        second.open("dispense_list")
        row = second.page.locator(".grid tr", has_text=self.patient.name)
        expect(row).to_contain_text(zh("Awaiting payment"))
        expect(second.page.locator(".queue-list")).not_to_contain_text(self.patient.name)
        second.shot("41-not-paid-yet")

    def open_bill(self) -> Decimal:
        """By the queue number; what is asked is the sum of the kinds on the bill."""
        cashier = self.person(CASHIER)
        cashier.open("cashier")
        cashier.page.locator("#id_q").fill(self.patient.name)
        cashier.press("Open the bill")
        expect(cashier.page.locator("#work")).to_contain_text(self.patient.name)
        asked = yuan(cashier.page.locator(".cashier-sum"))
        kinds = cashier.page.locator(".cashier-kind td").all()
        assert asked == sum(map(yuan, kinds)) > 0
        return asked

    def pay(self, given: str) -> Decimal:
        """In cash; the change stands there before and after, and on the paper."""
        cashier, asked = self.person(CASHIER), self.open_bill()
        cashier.fill("Cash received", given)
        if not cashier.has_scripts:
            cashier.press("Work out the change")
        change = Decimal(given) - asked
        expect(cashier.page.locator("#change")).to_have_text(f"¥{change:.2f}")
        cashier.shot("42-bill")
        cashier.press("Take the money")
        expect(cashier.page.locator(".is-change")).to_have_text(f"¥{change:.2f}")
        cashier.shot("43-taken")
        cashier.press("Print the receipt")
        paper = cashier.page.locator("main.receipt")
        for words in (zh("Payment receipt"), self.patient.name, f"¥{asked:.2f}", f"¥{change:.2f}"):
            expect(paper).to_contain_text(words)
        return asked

    def be_handed_the_drugs(self) -> None:
        """Paid for, it stands in the pharmacy's queue."""
        second = self.person("pharmacist2")
        work.open_from_queue(second, "dispense_list", self.patient.name)
        second.press("Hand out")
        second.open("dispense_list")
        expect(second.page.locator(".queue-list")).not_to_contain_text(self.patient.name)

    def give_the_number_back(self) -> None:
        desk = self.person("frontdesk")
        desk.open("desk")
        desk.follow("Cancel number", desk.page.get_by_role("row").filter(has_text=self.number))
        desk.page.get_by_role("radio").first.check(force=True)
        desk.press("Cancel this registration")

    def be_refunded(self, amount: Decimal) -> None:
        """The till says by itself what has to go back; the original receipt stays (R-101)."""
        cashier = self.person(CASHIER)
        cashier.open("cashier")
        back = cashier.page.get_by_role("region", name=named("Money to give back"))
        cashier.shot("44-to-give-back")
        cashier.follow("Refund", back.get_by_role("listitem").filter(has_text=self.patient.name))
        cashier.press("Give the money back")
        expect(cashier.page.locator(".is-change")).to_have_text(f"¥{amount:.2f}")
        cashier.shot("45-refunded")
        cashier.open("cashier")
        expect(back).to_have_count(0)


def yuan(place: Locator) -> Decimal:
    return Decimal(re.search(r"[\d,]+\.\d\d", place.inner_text())[0].replace(",", ""))


def begin_shift(cashier: Person) -> None:
    cashier.open("shift")
    cashier.fill("change money", str(FLOATING))
    cashier.press("Begin the shift")


def hand_over(cashier: Person, taken: Decimal) -> None:
    """What should lie there is the change money and what was kept; it is locked afterwards."""
    cashier.open("shift")
    expect(cashier.page.locator("#close .facts")).to_contain_text(f"¥{FLOATING + taken:.2f}")
    cashier.fill("cash counted", str(FLOATING + taken))
    cashier.page.get_by_label(named("handed to")).select_option(label="钱玉兰")
    cashier.shot("46-handover")
    cashier.press("Hand the till over")
    sheet = cashier.page.locator("main.book")
    expect(sheet).to_contain_text("钱玉兰")
    expect(sheet).to_contain_text(f"{FLOATING + taken:.2f}")
    cashier.shot("47-handover-sheet")
    cashier.open("shift")
    expect(cashier.page.get_by_role("heading", name=zh("No shift is running"))).to_be_visible()


def test_patient_pays_gets_drugs_another_is_refunded_and_the_till_is_handed_over(staff, charging):
    """R-9, R-34, R-101, R-115; the second patient's way is gone with scripts switched off."""
    paying = Till(staff, Someone("孙玉梅", "sym", "1979-04-08", True, "13813250041"))
    plain = Staff(staff.browser, staff.clinic, staff.cookies)  # whom the second one meets
    leaving = Till(
        plain, Someone("蒋国栋", "jgd", "1990-11-25", False, "13813250042"), options=PLAIN
    )

    begin_shift(staff(CASHIER))
    paying.arrive()
    work.call(paying.person("doctor"), paying.number)
    paying.be_seen()
    paying.be_ordered()
    kept = paying.pay("100")
    paying.be_handed_the_drugs()
    leaving.arrive()
    went_back = leaving.pay("50")
    leaving.give_the_number_back()
    leaving.be_refunded(went_back)
    plain.go_home()
    hand_over(staff(CASHIER), kept)
