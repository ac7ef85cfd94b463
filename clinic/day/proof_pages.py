"""What the clinic's own pages say of the day, against the day's own count.

Read before the doors open and after the last patient, through HTTPS by the people whose pages they
are; what counts is the difference. The desk's list is asked of every single slip.
"""

import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field

from django.utils import timezone
from lxml import etree

from clinic.day.account import Account, Proof
from clinic.day.browser import Browser
from clinic.day.page import Page, words
from clinic.statistics.figures import FIGURES
from registration.states import VisitState

TICKET = re.compile(r"[A-Z]\d{3,}")
MOST_PAGES = 200
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HOW_MANY = 4  # the column of the workbook in which the size of a figure's group stands
FINISHED, PHARMACY, MISSED = "finished", "pharmacy", "missed"  # filters of the desk's list
# Where the list shows whoever's day ended so.
LISTED = {"seen": FINISHED, "served": FINISHED, "submitted": PHARMACY, "gone": MISSED}
# What the registration report counts, in its columns' order.
REPORTED = ("all", "desk", "online", "paper", "added", "seen", "open", "cancelled", "lapsed")


@dataclass
class Seen:
    """What the pages said at one moment."""

    finished: int = 0
    groups: dict[str, int] = field(default_factory=dict)  # figure: how many it was made of
    reported: dict[str, int] = field(default_factory=dict)
    tickets: dict[str, Counter] = field(default_factory=dict)  # filter: slips on its pages

    def since(self, before: "Seen") -> dict[str, int]:
        """How much everything grew."""
        grown = {"finished": self.finished - before.finished}
        grown |= {f"of {k}": n - before.groups.get(k, 0) for k, n in self.groups.items()}
        grown |= {f"report {k}": n - before.reported.get(k, 0) for k, n in self.reported.items()}
        return grown


class Reader:
    """Signs in as those who read such pages."""

    def __init__(self, day, *, admin: str = "admin", desk: str = "frontdesk"):
        self.day, self.accounts = day, {"admin": admin, "desk": desk}

    def look(self) -> Seen:
        today = timezone.localdate().isoformat()
        span = {"since": today, "until": today}
        admin, desk = self._as("admin"), self._as("desk")
        try:
            page = admin.open("statistics", query=span)
            return Seen(
                finished=_finished(page),
                groups=self._groups(admin, page),
                reported=_reported(desk.open("registration_report", query=span)),
                tickets={at: _tickets(desk, at) for at in ("", FINISHED, PHARMACY, MISSED)},
            )
        finally:
            admin.close()
            desk.close()

    def _as(self, who: str) -> Browser:
        browser = self.day.browser(f"reads-{who}")
        browser.sign_in(self.accounts[who], self.day.password)
        return browser

    def _groups(self, browser: Browser, page: Page) -> dict[str, int]:
        """The size of each figure's group, from the workbook that the page hands out."""
        form = next(one for one in page.forms if one.is_post and _hands_out(one))
        address, data = form.pressed(form.button("as", "xlsx"))
        headers = {"Referer": page.url, "Origin": browser.url}
        answer = browser.session.post(address, data=data, headers=headers, timeout=60)
        rows = list(_rows(answer.content))
        return {
            figure.key: int(float(row[HOW_MANY] or 0))
            for figure, row in zip(FIGURES, rows[2:], strict=False)
            if _is_number(row[HOW_MANY])
        }


def prove(account: Account, before: Seen, after: Seen) -> list[Proof]:
    return [_figures_agree(account, before, after), _list_agrees(account, after)]


def _figures_agree(account: Account, before: Seen, after: Seen) -> Proof:
    proof = Proof("the statistics page and the day's report count what the day counted")
    grown = after.since(before)
    for name, own in own_count(account).items():
        proof.looked += 1
        if grown.get(name) != own:
            proof.faults.append(f"{name}: the page {grown.get(name)}, the day {own}")
    proof.words = ", ".join(f"{name} {n}" for name, n in sorted(own_count(account).items()))
    return proof


def own_count(account: Account) -> dict[str, int]:
    """As the day's book has it; of visits that are nobody's in it, those that the demo clinic had
    waiting already, the audit log tells what became of them."""
    ours = {one["visit"] for one in account.patients if one["visit"]}
    others = {
        pk
        for pk, moves in account.replay.moves.items()
        if pk not in ours and any(new == VisitState.FINISHED for _old, new in moves)
    }
    finished = {one["facts"]["visit"] for one in account.done("finish")} | others
    cancelled = {one["facts"]["visit"] for one in account.done("cancel")}
    called = {
        deed["facts"]["visit"] for verb in ("start", "pass_over") for deed in account.done(verb)
    }
    called = called & ours | account.replay.first_called - ours
    gave = sum(len(account.done(verb)) for verb in ("register", "book", "check_in_online"))
    return {
        "finished": len(finished),
        "of daily": len(finished),
        "of consultation": len(finished),
        "of waiting": len(called - cancelled),
        "of electronic": len(handed_out(account)),
        "report all": gave,
        "report online": len(account.done("check_in_online")),
        "report cancelled": len(cancelled),
    }


def handed_out(account: Account) -> set[str]:
    """Sheets that went out whole: the last hand-over left nothing on the shelf."""
    last: dict[str, bool] = {}
    for deed in account.done("dispense"):
        last[deed["facts"]["rx"]] = bool(deed["facts"].get("part"))
    return {rx for rx, is_part in last.items() if not is_part}


def _list_agrees(account: Account, after: Seen) -> Proof:
    """Every slip stands once on the desk's list, and under what became of its patient."""
    proof = Proof("the desk's list shows every slip once, under what became of its patient")
    for one in account.patients:
        if not one["ticket"]:
            continue
        proof.looked += 1
        times = after.tickets[""][one["ticket"]]
        if times != 1:
            proof.faults.append(f"{one['ticket']} stands {times} times on the desk's list")
        at = LISTED.get(one["end"])
        if at and not after.tickets[at][one["ticket"]]:
            where = [name for name, found in after.tickets.items() if found[one["ticket"]]]
            proof.faults.append(f"{one['ticket']} is {one['end']} and stands at {where}")
    return proof


# --- reading pages --------------------------------------------------------------------------------


def _hands_out(form) -> bool:
    return any(one.get("name") == "as" for one in form.buttons())


def _number(element) -> int:
    digits = re.sub(r"\D", "", words(element))
    return int(digits or 0)


def _finished(page: Page) -> int:
    """Of the whole clinic: the first number of the table's last line."""
    cells = page.find("//tfoot/tr[1]/td[1]")
    return _number(cells[0]) if cells else 0


def _reported(page: Page) -> dict[str, int]:
    cells = page.find("//tfoot/tr[1]/td")
    counted = [_number(one) for one in cells[-len(REPORTED) :]]
    return dict(zip(REPORTED, counted or [0] * len(REPORTED), strict=True))


def _tickets(browser: Browser, at: str) -> Counter:
    """Every slip of this filter, over all pages."""
    found: Counter = Counter()
    for number in range(1, MOST_PAGES):
        page = browser.open("desk", query={"at": at, "page": number})
        rows = page.find("//section[@aria-labelledby='today']//tbody/tr/td[1]")
        shown = [match[0] for row in rows if (match := TICKET.search(words(row)))]
        if number > 1 and (not shown or found[shown[0]]):
            break  # the last page comes again
        found.update(shown)
        if len(shown) < len(rows) or not rows:
            break
    return found


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"\d+(\.0)?", text or ""))


def _rows(book: bytes):
    """The cells of the first sheet, as text."""
    with zipfile.ZipFile(io.BytesIO(book)) as whole:
        sheet = etree.fromstring(whole.read("xl/worksheets/sheet1.xml"))
    for row in sheet.iter(f"{SHEET}row"):
        cells: list[str] = []
        for cell in row.iter(f"{SHEET}c"):
            column = ord(cell.get("r", "A")[0]) - ord("A")
            cells += [""] * (column - len(cells))
            cells.append("".join(cell.itertext()))
        yield cells + [""] * (HOW_MANY + 1 - len(cells))
