"""The delivery somebody is typing: head and lines as one, kept as a draft until it is taken in."""

from decimal import Decimal

from clinic.core.drafts import drop_draft, load_draft, save_draft
from clinic.core.transactions import atomic_retry
from pharmacy import pasting, stock
from pharmacy.forms import DeliveryForm, LineForm, as_id
from pharmacy.models import Drug, RefusedGoods, StockDocument

DRAFT = "pharmacy.delivery"
MOST_LINES = 50
HEAD = ["supplier", "new_supplier", "delivery_note", "purchased_on", "conclusion", "place"]
HEAD += ["licence", "licence_until", "accepted_by", "note"]
CELLS = ["drug", "drug_text", "pick", "lot", "made_on", "expires_on", "packs", "pieces"]
CELLS += ["cost", "shelf", "reason", "trace_code", "fate"]
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
        if self.focus:
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
        if self.open_line and not self.wrong:
            return self.open_line
        waiting = self.wrong or [form.number for form in self.lines if not form.is_read]
        return waiting[0] if waiting else 0


def typed_in(data) -> dict:
    """The delivery out of a posted form, without the lines that were left blank."""
    count = min(as_id(data.get("lines")), MOST_LINES)
    rows = [
        {name: data.get(f"line-{n}-{name}", "")[:LONGEST] for name in CELLS} for n in range(count)
    ]
    return {
        "head": {name: data.get(name, "")[:LONGEST] for name in HEAD},
        "lines": [row for row in rows if any(value.strip() for value in row.values())],
        "open": 0,
        "pasted": data.get("pasted", "")[:MOST_PASTED],
    }


def with_pasted(typed: dict) -> dict:
    """The same with the copied rows as lines; what is too much for one delivery stays as it is."""
    rows = pasting.rows_of(typed["pasted"])
    lines = pasting.lines_of(rows, CELLS)
    room = MOST_LINES - len(typed["lines"])
    head = rows[: len(rows) - len(lines)]
    rest = [*head, *rows[len(head) + room :]] if len(lines) > room else []
    left = "\n".join("\t".join(row) for row in rest)
    return {**typed, "lines": typed["lines"] + lines[:room], "pasted": left, "open": 0}


def with_blank_line(typed: dict) -> dict:
    """The same with one empty line at its end to write on."""
    blank = dict.fromkeys(CELLS, "")
    full = len(typed["lines"]) >= MOST_LINES
    return {**typed, "lines": typed["lines"] + ([] if full else [blank])}


def after(step: str, typed: dict) -> dict:
    """What the buttons beside a line make of the delivery: "edit:2", "drop:2", "refuse:2",
    "accept:2"; else unchanged."""
    verb, _colon, number = step.partition(":")
    n = as_id(number)
    if verb == "drop" and 1 <= n <= len(typed["lines"]):
        lines = typed["lines"][: n - 1] + typed["lines"][n:]
        return {**typed, "lines": lines, "open": 0}
    if verb == "paste":
        return with_pasted(typed)
    if verb in FATES and 1 <= n <= len(typed["lines"]):
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


def discard(*, by) -> None:
    drop_draft(form=DRAFT, by=by)
