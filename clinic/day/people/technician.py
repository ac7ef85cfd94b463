"""The technician: takes drugs from the shelf for the pharmacist, counts a second time."""

from clinic.day.page import key_of
from clinic.day.people.pharmacist import NUMBER
from clinic.day.takes import Counting
from clinic.day.worker import Worker

COUNTS = 15.0  # minutes between two looks at the stock-takes
SHARE = 0.5  # of the sheets, left to the pharmacist who is free anyway


def people(day) -> list:
    return [Technician(day, name) for name in day.cast.get("technician", ())]


class Technician(Counting, Worker):
    """Picks; never hands out."""

    role = "technician"
    rounds = ("second",)

    def __init__(self, day, account: str):
        super().__init__(day, account)
        self.seen: set[str] = set()
        self.next_count = COUNTS

    def step(self) -> None:
        if self.day.clock.now >= self.next_count:
            self.next_count = self.day.clock.now + COUNTS
            self.go_on_with_takes()
            return
        page = self.browser.open("dispense_list")
        sheets = [one for one in page.links("dispense") if key_of(one) not in self.seen]
        for address in dict.fromkeys(sheets):
            self.seen.add(key_of(address))
            if self.chance.random() < SHARE:
                self.pick(address)
                return
        self.watch(page, self.soon())

    def pick(self, address: str) -> None:
        page = self.browser.get(address)
        if page.name != "dispense":
            return
        form = page.form("dispense", has="version")
        buttons = [one for one in form.buttons() if one.get("value") == "pick"]
        if not buttons:
            return
        number = NUMBER.search(page.said("rx-type"))
        self.busy("walk_in")
        with self.doing("pick", sheet=number[0] if number else "", rx=page.key) as deed:
            answer = self.press(form, buttons[0], twice=self.is_double())
            self.settled(deed, answer, answer.page.name == "dispense_list")
