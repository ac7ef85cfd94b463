"""One run of a simulated day, from the first look at the clinic to its proofs and its report."""

import json
import time
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from clinic.day import prepare, report
from clinic.day.account import Account
from clinic.day.book import Book
from clinic.day.browser import Browser, Meter, NoAnswer
from clinic.day.clock import Clock
from clinic.day.engine import Day
from clinic.day.judging import Judge
from clinic.day.plan import KNOWN, Plans, draw
from clinic.day.serving import Watch

SETTLES = 25.0  # seconds in which the scheduler and the seals of the log come to rest


class Run:
    """What the command does; also called by the program that lives several clinics at once."""

    def __init__(self, *, url: str, ca: Path, password: str, staff: dict, options: dict, say):
        self.url, self.ca, self.password = url, ca, password
        self.staff, self.options, self.say = staff, options, say
        self.today = timezone.localdate()
        plans = draw(options["visits"], seed=options["seed"], today=self.today)
        self.day = Day(
            url=url,
            ca=ca,
            password=password,
            seed=options["seed"],
            clock=Clock(minutes=options["minutes"]),
            plans=Plans(plans),
            book=Book(options.get("journal")),
            meter=Meter(),
            options=options,
            cast=prepare.cast_of(staff),
            grace=options.get("grace", 900),
        )

    def prepare(self) -> None:
        known = [plan.who for plan in self.day.plans.all if plan.file == KNOWN]
        for line in prepare.prepare(
            counts=self.staff,
            password=self.password,
            people=known,
            visits=self.options["visits"],
        ):
            self.say(line)

    def look(self) -> None:
        """The clinic answers over TLS and says that it is a practice one; else nothing is done."""
        browser = Browser(self.url, ca=self.ca, who="look")
        try:
            page = browser.look("login")
        except NoAnswer as error:
            raise CommandError(f"No answer from {self.url}: {error}") from error
        finally:
            browser.close()
        if not page.is_practice:
            raise CommandError(f"{self.url} is no practice clinic; nothing was done there.")

    def whole(self) -> dict:
        """The day and what it proves; printed, and written where the options say."""
        self.look()
        judge = Judge(self.day)
        if not self.options.get("no_proofs"):
            judge.before()
        told = self.live()
        told["first_screens"] = judge.first_screens()
        told["counts"] = self.day.book.counts()
        told["complaints"] = self.day.book.complaints
        told["remarks"] = self.day.book.remarks
        proofs = [] if self.options.get("no_proofs") else judge.proofs(self.account)
        told["proofs"] = [one.told() for one in proofs]
        told["holds"] = not told["complaints"] and not any(p["faults"] for p in told["proofs"])
        self.tell(told)
        self.day.book.shut()
        return told

    def live(self) -> dict:
        watch = self.watched()
        self.since = timezone.now()
        begun = time.monotonic()
        self.day.live()
        seconds = time.monotonic() - begun
        usage = watch.end() if watch else None
        if self.options.get("requests"):
            report.save(self.options["requests"], self.day.meter.measures)
        told = report.summary(self.day.meter.measures, visits=self.visits, seconds=seconds)
        if usage:
            told = report.with_usage(told, usage)
        return told

    def watched(self) -> Watch | None:
        """The served programs, where they run on this machine."""
        try:
            watch = Watch(Path(settings.DATA_DIR))
        except OSError:
            return None
        watch.start()
        return watch

    @property
    def visits(self) -> int:
        """Patients whom a doctor saw."""
        return sum(one.end in ("seen", "submitted", "served") for one in self.day.plans.all)

    @property
    def account(self) -> Account:
        return Account.of(self.since, self.day.plans, self.day.book)

    def tell(self, told: dict) -> None:
        self.say(report.text(told, told["proofs"]))
        for verb, ends in told["counts"].items():
            self.say(f"  {verb:20} " + ", ".join(f"{end} {n}" for end, n in ends.items()))
        for line in told["remarks"][:20]:
            self.say(f"  remark: {line}")
        for line in told["complaints"][:40]:
            self.say(f"  WRONG: {line}")
        if self.options.get("json"):
            account = asdict(self.account)
            whole = {"seed": self.options["seed"], "url": self.url, **told, "account": account}
            text = json.dumps(whole, ensure_ascii=False, indent=1, default=str)
            self.options["json"].write_text(text, encoding="utf-8")
