"""The steps of a random sequence: every document of the pharmacy, right and wrong ones alike."""

from collections import Counter
from datetime import timedelta

from pharmacy import freezing, papers, prices, recalling, stock
from pharmacy.deliveries import Acceptance
from pharmacy.models import Recall, StockDocument, StockMovement
from tests.pharmacy.sequences.choices import (
    RECALLED,
    Nothing,
    amounts,
    drugs,
    kinds,
    new_lines,
    notes,
    nth,
    parts,
    people,
    pick,
    places,
    seldom,
    step,
    units_of,
    wishes,
)
from tests.pharmacy.sequences.clinic import DRUGS, Clinic, Clock
from tests.pharmacy.sequences.price_steps import PriceSteps
from tests.pharmacy.sequences.shelf import Key, Paper
from tests.pharmacy.sequences.take_steps import TakeSteps


class Work(TakeSteps, PriceSteps):
    """One clinic's random work from the first delivery on; `done` counts the steps that worked."""

    def __init__(self, clock: Clock, done: Counter):
        self.clock, self.done = clock, done
        self.clinic = Clinic(clock)
        self.first_day = self.clinic.shelf.today
        self.lines = 0
        self.begin()

    def do(self, name: str, choices: dict) -> None:
        """One step, after which everything agrees."""
        before = self.clinic.done
        try:
            getattr(self, name)(**choices)
        except Nothing:
            return
        self.clinic.require_agreement()
        if self.clinic.done > before:
            self.done[name] += 1

    @property
    def shelf(self):
        return self.clinic.shelf

    @property
    def drafts(self):
        return [pk for pk, paper in self.shelf.papers.items() if paper.state == "draft"]

    def who(self, name):
        return self.clinic.people[name]

    def key(self, place, drug, lot, days, cost=7):
        if lot == RECALLED:
            lot = next((name for of, name in sorted(self.shelf.recalled) if of == drug), "A")
        return Key(place, drug, lot, self.first_day + timedelta(days=days), cost)

    def keys(self, place, lines):
        return [
            (self.key(place, drug, lot, days, cost), units_of(drug, amount))
            for drug, lot, days, cost, amount in lines
        ]

    # --- goods come ----------------------------------------------------------------------------

    def begin(self):
        first = [("tablets", "B", 60, 7, 30), ("inhaler", "A", 150, 7, 30)]
        later = [("tablets", "A", 60, 7, 30), ("tablets", "C", 300, 7, 90)]
        for lines in (first, later, [("morphine", "A", 800, 7, 50)]):
            self.receive(lines, "pharmacy", "storekeeper", "colleague", "")

    @step(3, lines=new_lines, place=places, by=people, accepted_by=people, note=notes)
    def receive(self, lines, place, by, accepted_by, note):
        rows = self.keys(place, lines)
        self.clinic.step(
            lambda: stock.receive(
                supplier=self.clinic.supplier,
                lines=[self.clinic.line(*row) for row in rows],
                delivery_note=note,
                place=self.clinic.places[place],
                acceptance=Acceptance(accepted_by=self.who(accepted_by)),
                by=self.who(by),
            ),
            lambda shelf: shelf.receive(rows, by=by, accepted_by=accepted_by, note=note),
            paper=Paper("receipt", by, place=place, note=note),
        )

    @step(1, lines=new_lines, place=places, by=people)
    def draft_opening(self, lines, place, by):
        rows = self.keys(place, lines)
        made = [papers.Row(**self.clinic.line(*row)) for row in rows]
        self.draft(Paper("opening", by, "draft", place, rows=rows), made)

    # --- papers --------------------------------------------------------------------------------

    @step(4, kind=kinds, some=parts, by=people)
    def draft_taking(self, kind, some, by):
        first = pick(self.shelf.units, some[0][0])
        there = [key for key in self.shelf.units if key.place == first.place]
        keys = [(pick(there, n), amount) for n, amount in some]
        rows = [(key, units_of(key.drug, amount)) for key, amount in keys]
        to_place = {"pharmacy": "store", "store": "window", "window": "pharmacy"}[first.place]
        paper = Paper(kind, by, "draft", first.place, to_place if kind == "move" else "", rows)
        found = [(self.clinic.batch(key), units) for key, units in rows]
        self.draft(paper, [papers.Row(batch.drug, n, batch=batch) for batch, n in found])

    def draft(self, paper, rows):
        needs = {
            "move": {"to_place": self.clinic.places.get(paper.to_place)},
            "use": {"recipient": "治疗室"},
            "write_off": {"cause": "broken"},
            "to_supplier": {"supplier": self.clinic.supplier},
        }
        head = {"place": self.clinic.places[paper.place], **needs.get(paper.kind, {})}
        self.clinic.step(
            lambda: papers.start(kind=paper.kind, head=head, rows=rows, by=self.who(paper.by)),
            lambda shelf: shelf.draft(paper),
            paper=paper,
        )

    @step(6, n=nth, by=people)
    def post(self, n, by):
        number = pick(self.drafts, n)
        self.clinic.step(
            lambda: papers.post(document=self.document(number), by=self.who(by)),
            lambda shelf: shelf.post(number, by=by),
        )

    @step(1, n=nth, by=people)
    def discard(self, n, by):
        number = pick(self.drafts, n)
        self.clinic.step(
            lambda: papers.discard(document=self.document(number), by=self.who(by)),
            lambda shelf: shelf.discard(number),
        )

    @step(4, n=nth, by=people)
    def reverse(self, n, by):
        def likely(paper):  # drafts and what was handed out are refused anyway
            return n % 7 == 0 or paper.state == "posted" and paper.kind != "dispensing"

        number = pick([pk for pk, paper in self.shelf.papers.items() if likely(paper)], n)
        two = self.shelf.by_two_back(self.shelf.papers[number])
        counter = self.clinic.step(
            lambda: papers.reverse(
                document=self.document(number), reason="录入错误", by=self.who(by)
            ),
            lambda shelf: shelf.reverse(number),
            paper=Paper("reversal", by, "draft" if two else "posted", reverses=number),
        )
        if counter:
            self.shelf.papers[number].reversed_by = counter.pk

    def document(self, number):
        return StockDocument.objects.get(pk=number)

    # --- patients ------------------------------------------------------------------------------

    @step(2, wants=wishes, by=people)
    def reserve(self, wants, by):
        self.promise(self.wanted(wants), by)

    def wanted(self, wants):
        self.lines += 1
        name = f"RX{self.clinic.supplier.pk}-{self.lines}"
        return {
            f"{name}/{n}": (drug, units_of(drug, amount)) for n, (drug, amount) in enumerate(wants)
        }

    def promise(self, wanted, by):
        rows = [
            stock.Want(self.clinic.drugs[drug], units, reference)
            for reference, (drug, units) in wanted.items()
        ]
        self.clinic.step(
            lambda: stock.reserve_all(wants=rows, by=self.who(by)),
            lambda shelf: shelf.reserve(wanted),
        )

    @step(4, wants=wishes, by=people, witness=people)
    def serve(self, wants, by, witness):
        """Promised and handed out at once, as at the window."""
        wanted = self.wanted(wants)
        self.promise(wanted, by)
        if set(wanted) <= set(self.shelf.promised):
            self.hand_out(list(wanted), by, witness)

    @step(3, n=nth, how_many=range(1, 3), by=people, witness=people)
    def issue(self, n, how_many, by, witness):
        first = pick(self.shelf.promised, n)
        others = [reference for reference in self.shelf.promised if reference != first]
        self.hand_out([first, *others][:how_many], by, witness)

    @step(2, n=nth, what=["lapse", "issue", "reserve"], drug=drugs, by=people)
    def any_line(self, n, what, drug, by):
        """A line that is promised, handed out, lapsed, or never was."""
        reference = f"RX{self.clinic.supplier.pk}-{n % (self.lines + 1) + 1}/0"
        if what == "issue":
            self.hand_out([reference], by, "colleague")
        elif what == "reserve":
            self.promise({reference: (drug, 10)}, by)
        else:
            was_promised = reference in self.shelf.promised
            released = self.clinic.step(
                lambda: stock.release(reference=reference, by=self.who(by)),
                lambda shelf: shelf.release(reference),
            )
            assert released in (None, was_promised)

    @step(2, n=nth, batch=nth, by=people, witness=people)
    def issue_another_batch(self, n, batch, by, witness):
        reference = pick(self.shelf.promised, n)
        drug, _units = self.shelf.promised[reference]
        keys = [key for key in self.shelf.units if key.drug == drug or batch == 0]
        self.hand_out([reference], by, witness, chosen=pick(keys, batch))

    def hand_out(self, references, by, witness, chosen=None):
        choices = {}
        if chosen:
            batch, units = self.clinic.batch(chosen), self.shelf.promised[references[0]][1]
            choices = {references[0]: stock.Choice({batch.pk: units}, "患者要求")}
        self.clinic.step(
            lambda: stock.issue_all(
                references=references,
                by=self.who(by),
                witness=self.who(witness),
                document_reference=references[0].partition("/")[0],
                choices=choices,
            ),
            lambda shelf: shelf.issue(references, by=by, witness=witness, chosen=chosen),
        )

    @step(
        3,
        n=nth,
        packs=range(4),
        pieces=[0, 0, 0, 1],
        intact=[True, False],
        by=people,
    )
    def take_back(self, n, packs, pieces, intact, by):
        reference, key = pick(self.shelf.with_patients, n)
        units = packs * DRUGS[key.drug].pack + pieces
        movement = StockMovement.objects.select_related("document", "batch__place").get(
            kind="issue", reference=reference, batch=self.clinic.batch(key)
        )
        self.clinic.step(
            lambda: papers.take_back(
                document=movement.document,
                rows=[(movement, units, intact)],
                reason="不良反应",
                by=self.who(by),
            )[0],
            lambda shelf: shelf.take_back(reference, key, units, intact=intact),
            paper=Paper("return", by, place=key.place)
            if intact
            else Paper("return", by, "draft", key.place, rows=[(key, units)], harmed=reference),
        )

    # --- the shelf -----------------------------------------------------------------------------

    @step(1, n=nth, everywhere=seldom, by=people)
    def freeze(self, n, everywhere, by):
        self.hold(freezing.freeze, "freeze", pick(self.shelf.units, n), everywhere, by)

    @step(3, n=nth, everywhere=seldom, by=people)
    def unfreeze(self, n, everywhere, by):
        self.hold(freezing.unfreeze, "unfreeze", pick(sorted(self.shelf.frozen), n), everywhere, by)

    def hold(self, verb, name, key, everywhere, by):
        keys = [key]
        if everywhere:
            keys = [row for row in self.shelf.units if (row.drug, row.lot) == (key.drug, key.lot)]
        batch = self.clinic.batch(key)
        self.clinic.step(
            lambda: verb(batch=batch, reason="待检", everywhere=everywhere, by=self.who(by)),
            lambda shelf: getattr(shelf, name)(keys),
        )

    @step(2, drug=drugs, lot="AABBCDZ", by=people)
    def recall(self, drug, lot, by):
        facts = {"reason": "不合格", "source": "maker", "level": "1"}
        self.clinic.step(
            lambda: recalling.recall_lot(
                drug=self.clinic.drugs[drug], lot=lot, by=self.who(by), **facts
            ),
            lambda shelf: shelf.recall(drug, lot),
        )

    @step(3, n=nth, by=people)
    def close_recall(self, n, by):
        drug, lot = pick(sorted(self.shelf.recalled), n)
        recall = Recall.objects.get(drug=self.clinic.drugs[drug], lot=lot, state="open")
        self.clinic.step(
            lambda: recalling.close_recall(recall=recall, outcome="已退回", by=self.who(by)),
            lambda shelf: shelf.close_recall(drug, lot),
        )

    @step(1, n=nth, amount=amounts, by=people, witness=people)
    def write_off(self, n, amount, by, witness):
        key = pick(self.shelf.units, n)
        batch, facts = self.clinic.batch(key), self.by_two(by, witness)
        self.clinic.step(
            lambda: stock.write_off(batch=batch, quantity=amount, reason="破损", **facts),
            lambda shelf: shelf.write_off(key, amount, by=by, witness=witness),
        )

    @step(1, n=nth, counted=range(-1, 71), by=people, witness=people)
    def adjust(self, n, counted, by, witness):
        key = pick(self.shelf.units, n)
        batch, facts = self.clinic.batch(key), self.by_two(by, witness)
        self.clinic.step(
            lambda: stock.adjust(batch=batch, counted=counted, reason="盘点", **facts),
            lambda shelf: shelf.adjust(key, counted, by=by, witness=witness),
        )

    def by_two(self, by, witness):
        return {"by": self.who(by), "witness": self.who(witness)}

    # --- what nobody does ----------------------------------------------------------------------

    @step(1, days=[1, 30, 100])
    def days_pass(self, days):
        """Goods expire by themselves (R-109), and planned prices come into force (R-122)."""
        self.change_prices()
        self.clock.days += days
        self.shelf.today += timedelta(days=days)
        prices.apply_due()
        self.clinic.done += 1

    @step(4, writes=range(1, 13))
    def cut_the_next_step_off(self, writes):
        self.clinic.fuse = writes
        self.clinic.done += 1
