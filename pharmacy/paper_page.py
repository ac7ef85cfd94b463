"""The page on which a draft is written: its head, its lines, and the batches found to take from."""

from django.db.models import Q
from django.utils import timezone

from clinic.core.errors import RuleBroken
from pharmacy import catalogue, receiving, scanning
from pharmacy.forms import as_id
from pharmacy.lists.form import ListForm, said_of
from pharmacy.models import Batch, Drug, StockDocument
from pharmacy.paper_forms import HeadForm, TakeForm
from pharmacy.papers import PAPERS, Row
from pharmacy.papers.lines import rows_of

MOST_BATCHES = 40
EXPIRED = "expired"  # asks for every expired batch, with all of it to be taken


class TakingPage:
    """A document that takes from batches: they are found by drug or lot, quantities beside them."""

    def __init__(self, document: StockDocument, *, data=None, asked=None):
        self.document = document
        self.head = HeadForm(data, kind=document.kind, document=document)
        self.saved = rows_of(document)
        asked = asked or {}
        self.query = (data or asked).get("q", "")[:100]
        units = {row.batch.pk: row.quantity for row in self.saved}
        if data is None:
            batches = self._found(asked)
            if asked.get("only") == EXPIRED:
                units = {batch.pk: batch.on_hand for batch in batches} | units
        else:
            batches = self._of_place().filter(pk__in=_ids(data.get("shown", "")))
        self.takes = [
            TakeForm(data, batch=batch, units=units.get(batch.pk, 0), focus=not n)
            for n, batch in enumerate(batches)
        ]
        self.remove = as_id((data or {}).get("do", "").removeprefix("remove:"))

    def is_valid(self) -> bool:
        takes = [form.is_valid() for form in self.takes]
        return self.head.is_valid() and all(takes)

    @property
    def has_more(self) -> bool:
        return len(self.takes) >= MOST_BATCHES

    @property
    def shown(self) -> str:
        """The batches on the page, for the form to send back."""
        return ",".join(str(form.batch.pk) for form in self.takes)

    @property
    def rows(self) -> list[Row]:
        """The lines with what was typed beside the batches; nothing typed takes the line away."""
        typed = {form.batch.pk: form for form in self.takes}
        rows = []
        for number, row in enumerate(self.saved, 1):
            form = typed.pop(row.batch.pk, None)
            units = form.units if form else row.quantity
            if units and number != self.remove:
                rows.append(Row(row.drug, units, batch=row.batch, reason=row.reason))
        fresh = [form for form in typed.values() if form.units]
        return rows + [Row(form.batch.drug, form.units, batch=form.batch) for form in fresh]

    def _of_place(self):
        rows = Batch.objects.filter(Batch.THERE, place=self.document.place)
        return rows.select_related("drug", "place").order_by(
            "drug__generic_name", "drug_id", "expires_on", "received_at", "pk"
        )

    def _found(self, asked) -> list[Batch]:
        rows = self._of_place()
        if PAPERS[self.document.kind].good_only:
            rows = rows.filter(frozen=False, expires_on__gte=timezone.localdate())
        if asked.get("only") == EXPIRED:
            return list(rows.filter(expires_on__lt=timezone.localdate())[:MOST_BATCHES])
        if as_id(asked.get("batch")):
            return list(rows.filter(pk=as_id(asked["batch"])))
        words = catalogue.normalised(self.query)
        if not words:
            return []
        scanned = scanning.find(words)
        drugs = catalogue.matching(Drug.objects.all(), words)
        which = Q(drug__in=scanned or drugs.order_by().values("pk"))
        return list(rows.filter(which | Q(lot=self.query.strip()))[:MOST_BATCHES])


class OpeningPage:
    """An opening stock: each line makes its batch; typed like a delivery's, pasted or in a file."""

    query, takes, shown, has_more, said = "", (), "", False, ""

    def __init__(self, document: StockDocument, *, data=None, files=None, asked=None):
        self.document = document
        self.head = HeadForm(data, kind=document.kind, document=document)
        self.saved = rows_of(document)
        step = (data or {}).get("do", "")
        self.remove = as_id(step.removeprefix("remove:"))
        typed = receiving.typed_in(data) if data else receiving.EMPTY
        self.list_form = ListForm()
        if step == "file" or files:  # a chosen file is never passed over
            typed = self._with_file(typed, files)
        elif step == "paste":
            typed = receiving.with_pasted(typed)
        typed = receiving.after(step, typed) if step.startswith("drop:") else typed
        self.pasted = typed.get("pasted", "")  # what was too much for one go
        self.entries = receiving.line_forms(typed["lines"], opening=True)
        for form in self.entries:
            form.is_read = False
            form.is_valid()
        self.waiting = [form for form in self.entries if form.line is None]

    def _with_file(self, typed: dict, files) -> dict:
        """The rows of a spreadsheet become lines; where it can't be read all stays as it was."""
        self.list_form = ListForm(files=files)
        if not self.list_form.is_valid():
            return typed
        try:
            brought = receiving.with_file(typed, self.list_form.cleaned_data["file"].read())
        except RuleBroken as error:
            self.list_form.add_error("file", error.message)
            return typed
        self.said = said_of(brought)
        return brought.typed

    def is_valid(self) -> bool:
        return self.head.is_valid() and not self.list_form.errors

    @property
    def rows(self) -> list[Row]:
        saved = [row for number, row in enumerate(self.saved, 1) if number != self.remove]
        lines = [form.line for form in self.entries if form.line]
        names = ["drug", "quantity", "lot", "expires_on", "made_on", "cost", "shelf", "reason"]
        return saved + [Row(**{name: getattr(line, name) for name in names}) for line in lines]

    @property
    def blanks(self) -> list:
        """What is still to be corrected, or one empty line to write on."""
        forms = self.waiting or receiving.line_forms([dict.fromkeys(receiving.CELLS, "")])
        cells = receiving.line_forms([_typed(form) for form in forms], opening=True)
        for number, form in enumerate(cells, 1):
            form.number, form.is_read = number, False
            form.is_valid()
            if number == 1:
                form.focus = next(iter(form.errors), "drug_text")
        return cells


def _typed(form) -> dict:
    return {name: form.data.get(form.add_prefix(name), "") for name in receiving.CELLS}


def page_of(document: StockDocument, *, data=None, files=None, asked=None):
    if document.kind == StockDocument.Kind.OPENING:
        return OpeningPage(document, data=data, files=files, asked=asked)
    return TakingPage(document, data=data, asked=asked)


def _ids(text: str) -> list[int]:
    return [as_id(part) for part in text.split(",")[:MOST_BATCHES] if as_id(part)]
