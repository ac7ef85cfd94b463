"""The delivery somebody is typing: head and lines as one, kept as a draft until it is taken in."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from clinic.core import drafts
from clinic.core.drafts import drop_draft, load_draft, save_draft
from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from pharmacy import stock
from pharmacy.forms import DeliveryForm, LineForm, as_id
from pharmacy.lists import file
from pharmacy.lists.rows import SupplierRows, pasted_rows
from pharmacy.models import Drug, RefusedGoods, StockDocument

DRAFT = "pharmacy.delivery"
MOST_LINES = 50
HEAD = ["supplier", "new_supplier", "delivery_note", "purchased_on", "conclusion", "place"]
HEAD += ["licence", "licence_until", "accepted_by", "note"]
CELLS = ["drug", "drug_text", "pick", "lot", "made_on", "expires_on", "packs", "pieces"]
CELLS += ["cost", "shelf", "reason", "trace_code", "fate", "doubt"]
SEEN = "seen"  # the tick beside a doubt: somebody compared it
FATES = {"refuse": RefusedGoods.Fate.RETURNED.value, "accept": ""}  # of the buttons at a line
MOST_PASTED = 60_000  # characters
EMPTY = {"head": {}, "lines": [], "open": 0}
LONGEST = 300  # of one typed value in a draft; every field refuses less than that


def line_forms(rows: list[dict], *, opening: bool = False) -> list[LineForm]:
    """One form per typed line; the drugs that they name are read once."""
    cells = {f"line-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}
    chosen = {as_id(row.get(name)) for row in rows for name in ("drug", "pick")}
    drugs = Drug.objects.in_bulk(chosen - {0})
    return [
        LineForm(cells, drugs=drugs, prefix=f"line-{n}", opening=opening) for n in range(len(rows))
    ]


class Delivery:
    """What was typed, and what it amounts to.

    `open_line` is the line that is being written again; complete lines are otherwise shown as text.
    """

    def __init__(self, typed: dict, *, fresh: bool = False, by=None):
        self.typed = typed
        self.fresh = fresh
        self.open_line = typed["open"]
        self.pasted = typed.get("pasted", "")
        typed_head = {name: value for name, value in typed["head"].items() if value}
        self.head = DeliveryForm(None if fresh else typed["head"], initial=typed_head, by=by)
        self.lines = line_forms(typed["lines"])
        for number, form in enumerate(self.lines, 1):
            form.number = number
            form.is_read = form.is_valid() and form.is_complete and number != self.open_line
        if self.focus and not self.head.errors:  # the head stands first
            line = self.lines[self.focus - 1]
            line.focus = next(iter(line.errors), "drug_text")

    def is_valid(self) -> bool:
        """True when it can be offered to the service; an empty delivery is its to refuse."""
        lines = [form.is_valid() for form in self.lines]
        return self.head.is_valid() and all(lines)

    @property
    def ready(self) -> list:
        return [form.line for form in self.lines if form.line]

    @property
    def refused(self) -> list:
        return [form.refused for form in self.lines if form.refused]

    @property
    def total(self) -> Decimal:
        return sum((form.amount for form in self.lines), Decimal(0))

    @property
    def wrong(self) -> list[int]:
        return [form.number for form in self.lines if form.errors]

    @property
    def focus(self) -> int:
        """The number of the line to go on with; 0 when all are complete."""
        if self.open_line:
            return self.open_line
        waiting = self.wrong or [form.number for form in self.lines if not form.is_read]
        return waiting[0] if waiting else 0


def typed_in(data) -> dict:
    """The delivery out of a posted form, without the lines that were left blank."""
    count = min(as_id(data.get("lines")), MOST_LINES)
    rows = [_row(data, n) for n in range(count)]
    return {
        "head": {name: data.get(name, "")[:LONGEST] for name in HEAD},
        "lines": [row for row in rows if any(value.strip() for value in row.values())],
        "open": 0,
        "pasted": data.get("pasted", "")[:MOST_PASTED],
    }


def _row(data, n: int) -> dict:
    row = {name: data.get(f"line-{n}-{name}", "")[:LONGEST] for name in CELLS}
    return row | {"doubt": ""} if data.get(f"line-{n}-{SEEN}") else row


def with_pasted(typed: dict) -> dict:
    """The same with the copied rows as lines; what is too much for one delivery stays as it is."""
    return _with_rows({**typed, "pasted": ""}, SupplierRows(pasted_rows(typed["pasted"])))


@dataclass(frozen=True)
class Brought:
    """What came of a supplier's file: what is typed now, and what there is to say about it."""

    typed: dict
    lines: int
    doubtful: int
    unused: list[str]
    sure: bool  # of the encoding


def with_file(typed: dict, content: bytes) -> Brought:
    """The same with the rows of a supplier's file as lines; what is too much can be pasted later.

    RuleBroken when the file can't be read, or is too much beside rows that wait to be pasted.
    """
    rows, source = file.read(content)
    made = _with_rows(typed, rows)
    rest = made["pasted"]
    if rest != typed["pasted"] and (typed["pasted"].strip() or len(rest) > MOST_PASTED):
        raise RuleBroken(
            _(
                "A delivery holds %(most)s lines, and not all rows fit. Please take in the lines "
                "and rows that are here first, then bring the list."
            )
            % {"most": MOST_LINES},
            field="file",
        )
    new = made["lines"][len(typed["lines"]) :]
    return Brought(made, len(new), sum(bool(r["doubt"]) for r in new), rows.unused, source.sure)


def _with_rows(typed: dict, rows: SupplierRows) -> dict:
    lines = rows.lines(CELLS, MOST_LINES - len(typed["lines"]))
    pasted = rows.rest(len(lines)) or typed["pasted"]
    return {**typed, "lines": typed["lines"] + lines, "pasted": pasted, "open": 0}


def with_blank_line(typed: dict) -> dict:
    """The same with one empty line at its end to write on."""
    blank = dict.fromkeys(CELLS, "")
    full = len(typed["lines"]) >= MOST_LINES
    return {**typed, "lines": typed["lines"] + ([] if full else [blank])}


def with_a_line(typed: dict) -> dict:
    """The same with something to write on, where not one line was typed."""
    return typed if typed["lines"] else with_blank_line(typed)


def after(step: str, typed: dict) -> dict:
    """What the buttons beside a line make of the delivery: "edit:2", "drop:2", "refuse:2",
    "accept:2"; else unchanged."""
    verb, _separator, number = step.partition(":")
    n = as_id(number) if as_id(number) <= len(typed["lines"]) else 0
    if verb == "drop" and n:
        lines = typed["lines"][: n - 1] + typed["lines"][n:]
        return {**typed, "lines": lines, "open": 0}
    if verb == "paste":
        return with_pasted(typed)
    if verb in FATES and n:
        typed["lines"][n - 1] |= {"fate": FATES[verb]}
        return {**typed, "open": n}
    return {**typed, "open": n if verb == "edit" else 0}


def draft_of(user) -> dict | None:
    """The person's unfinished delivery, or None."""
    content, _when = load_draft(form=DRAFT, by=user)
    return content


def keep(typed: dict, *, by) -> None:
    save_draft(form=DRAFT, content=typed, by=by)


@atomic_retry
def take_in(*, delivery: Delivery, by) -> StockDocument:
    """Receive the delivery and forget its draft, together."""
    head = delivery.head.cleaned_data
    document = stock.receive(
        supplier=delivery.head.who,
        lines=delivery.ready,
        refused=delivery.refused,
        delivery_note=head["delivery_note"],
        note=head["note"],
        place=head.get("place"),
        acceptance=delivery.head.acceptance,
        licence=head["licence"],
        licence_until=head["licence_until"],
        by=by,
    )
    drop_draft(form=DRAFT, by=by)
    return document


def discard(*, by) -> bool:
    """Thrown away; `bring_back` is its undo."""
    return drafts.set_aside(form=DRAFT, by=by)


def bring_back(*, by) -> bool:
    """The delivery that was thrown away, unless another one was begun meanwhile."""
    return drafts.bring_back(form=DRAFT, by=by)
