"""What the processes of test_any_work_together.py do. A result must be plain JSON."""

from collections import Counter
from datetime import date
from decimal import Decimal
from random import Random

from clinic.core.errors import Busy, RuleBroken
from pharmacy import freezing, papers, prices, recalling, stock
from pharmacy.models import Batch, Drug, Place, Recall, StockDocument, StockMovement, Supplier
from security.models import User

WEIGHTS = {"receive": 3, "serve": 6, "reserve": 2, "lapse": 2, "paper": 6, "reverse": 3}
WEIGHTS |= {"take_back": 2, "adjust": 1, "freeze": 2, "unfreeze": 2, "recall": 1, "close": 1}
WEIGHTS |= {"reprice": 2}
TRIES = 50  # of somebody who is told that the clinic is busy


def work(seed: int, steps: int, supplier: int, days: list[str]) -> dict:
    """Random documents about anything that is there; what became of them, and what they moved.

    Everybody begins by handing out, which once everything is recalled nobody can any more.
    """
    somebody = Somebody(Random(seed), f"RX{seed}", supplier, days)
    done: Counter[str] = Counter()
    for step in range(steps):
        (what,) = somebody.chance.choices(list(WEIGHTS), weights=WEIGHTS.values())
        what = what if step else "serve"
        done[f"{what} {somebody.insist(what)}"] += 1
    return {"done": done, "moved": somebody.moved}


class Somebody:
    """One person at one desk, who knows only what the database shows."""

    def __init__(self, chance: Random, name: str, supplier: int, days: list[str]):
        self.chance, self.name = chance, name
        self.supplier = Supplier.objects.get(pk=supplier)
        self.days = [date.fromisoformat(day) for day in days]
        self.by, self.other = User.objects.order_by("pk")[:2]
        self.lines = 0
        self.moved: Counter[int] = Counter()  # of each drug, as asked for

    def insist(self, what: str) -> str:
        for _try in range(TRIES):
            before = Counter(self.moved)
            try:
                getattr(self, what)()
            except Busy:
                self.moved = before
            except RuleBroken as refusal:
                self.moved = before
                return type(refusal).__name__
            else:
                return "done"
        return "Busy"

    def any(self, rows):
        found = list(rows.order_by("pk"))
        if not found:
            raise RuleBroken("there is nothing")
        return self.chance.choice(found)

    def batch(self) -> Batch:
        return self.any(Batch.objects.filter(on_hand__gt=0).select_related("drug", "place"))

    def some_drugs(self) -> list[Drug]:
        drugs = list(Drug.objects.all())
        return self.chance.sample(drugs, 2)  # in any order: the locks have their own

    def receive(self):
        lines = [
            {"drug": drug, "lot": self.chance.choice("ABC"), "expires_on": day, "quantity": units}
            for drug in self.some_drugs()
            for day, units in [(self.chance.choice(self.days), self.chance.randint(1, 30))]
        ]
        place = self.any(Place.objects.all())
        stock.receive(supplier=self.supplier, lines=lines, place=place, by=self.by)
        self.moved.update({line["drug"].pk: line["quantity"] for line in lines})

    def reserve(self) -> list[stock.Want]:
        self.lines += 1
        wants = [
            stock.Want(drug, self.chance.randint(1, 12), f"{self.name}-{self.lines}/{n}")
            for n, drug in enumerate(self.some_drugs())
        ]
        stock.reserve_all(wants=wants, by=self.by)
        return wants

    def serve(self):
        wants = self.reserve()
        stock.issue_all(
            references=[want.reference for want in wants],
            document_reference=f"{self.name}-{self.lines}",
            by=self.by,
        )
        self.moved.subtract({want.drug.pk: want.quantity for want in wants})

    def lapse(self):
        number = self.chance.randint(1, self.lines + 1)
        stock.release(reference=f"{self.name}-{number}/{self.chance.randint(0, 1)}", by=self.by)

    def paper(self):
        batch, units = self.batch(), self.chance.randint(1, 12)
        kind = self.chance.choice(["use", "move", "to_supplier", "write_off"])
        heads = {
            "use": {"recipient": "治疗室"},
            "move": {"to_place": self.any(Place.objects.exclude(pk=batch.place_id))},
            "to_supplier": {"supplier": self.supplier},
            "write_off": {"cause": "broken"},
        }
        head, rows = {"place": batch.place, **heads[kind]}, [papers.Row(batch.drug, units, batch)]
        document = papers.start(kind=kind, head=head, rows=rows, by=self.by)
        papers.post(document=document, by=self.other)
        if kind != "move":
            self.moved[batch.drug_id] -= units

    def reverse(self):
        document = self.any(StockDocument.objects.filter(state="posted").exclude(kind="dispensing"))
        counter = papers.reverse(document=document, reason="录入错误", by=self.by)
        if counter.is_draft:
            papers.post(document=counter, by=self.other)
        for drug, units in document.movements.values_list("drug", "quantity"):
            self.moved[drug] -= units

    def take_back(self):
        issue = self.any(StockMovement.objects.filter(kind="issue"))
        document = stock.give_back(
            movement=issue, quantity=1, reason="不良反应", by=self.by, intact=True
        )
        assert document.movements.get().quantity == 1
        self.moved[issue.drug_id] += 1

    def adjust(self):
        facts = {"reason": "盘点", "by": self.by, "witness": self.other}
        movement = stock.adjust(batch=self.batch(), counted=self.chance.randint(0, 30), **facts)
        if movement:
            self.moved[movement.drug_id] += movement.quantity

    def reprice(self):
        drug = self.any(Drug.objects.all())
        line = prices.NewPrice(drug, Decimal(self.chance.randint(100, 9999)) / 100)
        prices.change_prices(lines=[line], reason="调价", by=self.by)

    def freeze(self):
        everywhere = self.chance.random() < 0.3
        freezing.freeze(batch=self.batch(), reason="待检", everywhere=everywhere, by=self.by)

    def unfreeze(self):
        batch = self.any(Batch.objects.filter(frozen=True))
        freezing.unfreeze(batch=batch, reason="合格", everywhere=True, by=self.by)

    def recall(self):
        batch = self.batch()
        letter = {"reason": "不合格", "source": "maker", "level": "1"}
        recalling.recall_lot(drug=batch.drug, lot=batch.lot, by=self.by, **letter)

    def close(self):
        recall = self.any(Recall.objects.filter(state="open"))
        recalling.close_recall(recall=recall, outcome="已退回", by=self.by)
