"""A small clinic at work: people who do the same few things again and again, and note each one.

Its own load, beside the simulated day: every deed is known by a word of its own that no other has,
so that a judge can count it in the database.
"""

import itertools
import random
import threading

from django.urls import reverse

from clinic.day.browser import SignedOut
from clinic.day.page import key_of
from tests.faults.person import Broken, Over, Person

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
GIVEN = "安邦诚德恩芳刚海佳康兰敏宁平琴荣善涛伟欣雅珍"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
NOWHERE = "329901"  # an area that does not exist
DRUG = "盐酸氨溴索片"


class Work:
    """All people of the small clinic, each in a thread."""

    def __init__(self, clinic, book, password: str, seed: int, pause: float = 0.2):
        self.clinic, self.book, self.pause = clinic, book, pause
        self.password = password
        self.chance = random.Random(seed)
        self.numbers = itertools.count(self.chance.randrange(10**6) * 100)
        self.failed: list[str] = []
        self.closing = threading.Event()
        self.ended = threading.Event()
        jobs = {
            "frontdesk": self.desk,
            "doctor": self.doctor,
            "doctor2": self.doctor,
            "pharmacist": self.review,
            "pharmacist2": self.hand_out,
            "storekeeper": self.receive,
        }
        self.people = [Person(clinic, name, n, self.ended) for n, name in enumerate(jobs)]
        for person in self.people:
            person.sign_in(person.who, password)
        self.threads = [
            threading.Thread(target=self._again_and_again, args=(person, job), daemon=True)
            for person, job in zip(self.people, jobs.values(), strict=True)
        ]

    def begin(self) -> None:
        for thread in self.threads:
            thread.start()

    def end(self, seconds: float = 200) -> None:
        """Everybody finishes what they are at."""
        self.closing.set()
        for thread in self.threads:
            thread.join(seconds)
        self.ended.set()
        for thread, person in zip(self.threads, self.people, strict=True):
            if thread.is_alive():
                self.failed.append(f"{person.who} still waits after {seconds} s")

    def stop(self) -> None:
        """Nobody waits for an answer any more."""
        self.closing.set()
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def _again_and_again(self, person: Person, job) -> None:
        try:
            while not self.closing.wait(self.pause * random.uniform(0.5, 1.5)):  # noqa: S311
                self._once(person, job)
        except Over:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the trial has failed
            self.failed.append(f"{person.who}: {type(error).__name__}: {error}")
            self.book.complain(person.who, str(error))

    def _once(self, person: Person, job) -> None:
        try:
            job(person)
        except SignedOut:
            person.sign_in(person.who, self.password)

    # the desk

    def desk(self, person: Person) -> None:
        """A file for somebody new, and a number."""
        number = next(self.numbers)
        identity = _identity(number)
        form = person.get("/patients/new/").form("patient_new", has="allergy_status")
        form.fill(
            name=_name(number),
            id_number=identity,
            phone=f"139{number % 10**8:08d}",
            address=f"青溪镇{number}号",
            notice_given="on",
            allergy_status="denied",
        )
        with self.book.doing(person.who, "open_file", identity=identity) as deed:
            page = person.submit(form, form.button("then", "register"))
            if page.name != "registration_new":
                deed.refused(*page.errors)
                raise Broken(f"no file was opened: {page.errors}")
            deed.done(patient=page.key)
        patient = page.key
        form = page.form(has="session")
        form.fill(session=self.chance.choice(form.choices("session"))[0], because="")
        if "added" in form:
            form.fill(added="on")
        with self.book.doing(person.who, "register", patient=patient) as deed:
            page = person.submit(form)
            if page.name != "slip":
                deed.refused(*page.errors)
                return
            deed.done(visit=page.key, number=page.said("big"))

    # the doctor

    def doctor(self, person: Person) -> None:
        """Whoever is next, from the call to the end of the visit."""
        page = person.get("/registration/queue/")
        if not page.has_form("start_consultation"):
            if not page.has_form("call_next"):
                return
            with self.book.doing(person.who, "call") as deed:
                page = person.submit(page.form("call_next"))
                if not page.has_form("start_consultation"):
                    deed.refused("nobody waits")
                    return
                deed.done(visit=key_of(page.form("start_consultation").address))
        form = page.form("start_consultation")
        with self.book.doing(person.who, "start", visit=key_of(form.address)) as deed:
            page = person.submit(form)
            if page.name != "consultation":
                deed.refused(*page.errors)
                return
            deed.done(record=page.key)
        self._see(person, page)

    def _see(self, person: Person, page) -> None:
        record, word = page.key, f"咳嗽{next(self.numbers)}"
        self._keep_draft(person, page, f"{word}稿")
        form = page.form("consultation", has="complaint")
        form.fill(complaint=word, present_illness="受凉后咳嗽三天", examination="咽部充血")
        with self.book.doing(person.who, "record", record=record, complaint=word) as deed:
            page = person.submit(form, form.button("save"))
            deed.done() if not page.errors else deed.refused(*page.errors)
        form = page.form("consultation", has="complaint")
        form.fill(dx="急性支气管炎", code="J20.9")
        with self.book.doing(person.who, "diagnosis", record=record) as deed:
            page = person.submit(form, form.button("save"))
            deed.done() if not page.errors else deed.refused(*page.errors)
        self._prescribe(person, page, record)
        page = person.get(f"/registration/consultations/{record}/")
        form = page.form("consultation", has="complaint")
        with self.book.doing(person.who, "finish", record=record) as deed:
            page = person.submit(form, form.button("only"))
            deed.done() if page.name == "queue" else deed.refused(page.path, *page.errors)

    def _keep_draft(self, person: Person, page, word: str) -> None:
        """As the page's script does every five seconds; the page offers it when it is opened."""
        form = page.form("consultation", has="complaint").fill(complaint=word)
        address = reverse("consultation_draft", args=[page.key])
        with self.book.doing(person.who, "draft", record=page.key) as deed:
            said = person._ask(
                "POST", person._absolute(address), form.pressed()[1], referer=page.url
            )
            deed.done() if said.status == 200 else deed.refused(str(said.status))
        self._is_offered(person.get(page.url), word)

    def _is_offered(self, page, word: str) -> None:
        if word not in page.text:
            raise Broken(f"the draft {word} is not offered at {page.path}")

    def _prescribe(self, person: Person, page, record: str) -> None:
        with self.book.doing(person.who, "prescribe", record=record) as deed:
            form = page.form("consultation", has="complaint")
            if "prescription" not in [one.get("value") for one in form.buttons()]:
                deed.refused("nothing is prescribed before allergies are asked")
                return
            page = person.submit(form, form.button("panel", "prescription"))
            if page.name != "prescription_edit":
                deed.refused(page.path, *page.errors)
                return
            deed.done(sheet=page.key)
        sheet = page.key
        form = page.form("prescription_edit", has="drug_text").fill(drug_text=DRUG)
        page = person.submit(form, form.button("find"))
        form = page.form("prescription_edit", has="drug_text")
        page = person.submit(form, form.button("choose"))
        form = page.form("prescription_edit", has="drug_text")
        form.fill(dose="30mg", frequency="每日3次", days="3")
        with self.book.doing(person.who, "row", sheet=sheet) as deed:
            page = person.submit(form)
            deed.done() if not page.errors else deed.refused(*page.errors)
        with self.book.doing(person.who, "submit", sheet=sheet) as deed:
            page = person.submit(page.form("prescription_submit"))
            done = page.name != "prescription_edit"
            deed.done() if done else deed.refused(page.path, *page.errors)

    # the pharmacy

    def review(self, person: Person) -> None:
        for address in person.get("/prescriptions/review/").links("review")[:1]:
            page = person.get(address)
            if not page.has_form("review_approve"):
                return
            with self.book.doing(person.who, "approve", sheet=page.key) as deed:
                page = person.submit(page.form("review_approve"))
                deed.done() if not page.errors else deed.refused(*page.errors)

    def hand_out(self, person: Person) -> None:
        for address in person.get("/prescriptions/dispensing/").links("dispense")[:1]:
            page = person.get(address)
            form = next((one for one in page.forms if one.element.get("id") == "hand-out"), None)
            if form is None:
                return
            with self.book.doing(person.who, "dispense", sheet=page.key) as deed:
                page = person.submit(form)
                deed.done() if not page.errors else deed.refused(*page.errors)

    def receive(self, person: Person) -> None:
        note = f"SH{next(self.numbers)}"
        form = person.get("/pharmacy/receive/").form(has="delivery_note")
        lot = f"L{note[-6:]}"
        form.fill(supplier=form.choices("supplier")[1][0], delivery_note=note)
        form.fill({"line-0-drug_text": DRUG, "line-0-lot": lot, "line-0-expires_on": "2028-05"})
        form.fill({"line-0-packs": "5", "line-0-cost": "7.20"})
        with self.book.doing(person.who, "receive", note=note, lot=lot) as deed:
            page = person.submit(form, form.button("do", "save"))
            if page.name != "stock_document":
                deed.refused(*page.errors)
                raise Broken(f"nothing was received: {page.errors}")
            deed.done(document=page.path.rstrip("/").rpartition("/")[2])


def _identity(number: int) -> str:
    """A number of a person that nobody has."""
    year, month, day = 1940 + number % 70, 1 + number // 70 % 12, 1 + number // 840 % 28
    first = f"{NOWHERE}{year}{month:02d}{day:02d}{number // 23520 % 1000:03d}"
    total = sum(int(one) * weight for one, weight in zip(first, WEIGHTS, strict=True))
    return first + "10X98765432"[total % 11]


def _name(number: int) -> str:
    given = GIVEN[number // 20 % len(GIVEN)] + GIVEN[number // 440 % len(GIVEN)]
    return SURNAMES[number % 20] + given
