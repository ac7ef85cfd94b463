"""What a clinic does beside its visits: goods come and are counted, papers are entered, judged.

All of it by the verbs that the screens call, at the moment of its day (clinic.demo.clock). Each
step looks first whether it was done, so that an interrupted run goes on where it was.
"""

import secrets
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone

from clinic.core.days import moment
from clinic.core.errors import AlreadyDone
from clinic.core.models import Opinion
from clinic.core.transactions import atomic_retry
from clinic.demo.clock import at
from clinic.demo.past.plan import chance_of
from pharmacy import cold, stock, takes
from pharmacy.deliveries import Acceptance
from pharmacy.models import (
    Batch,
    ColdUnit,
    Drug,
    StockDocument,
    StockMovement,
    StockTake,
    Supplier,
    TemperatureRecord,
)
from prescriptions import archive
from prescriptions.evaluation import paper, verbs
from prescriptions.models import Evaluation, PaperPrescription
from security import seals

PIECE = 10  # lines of a delivery
USED_IN = 10  # days by whose use is ordered
DELIVERED = (0, 3)  # Mondays and Thursdays
COLD = ("疫苗冰箱", "2.0", "8.0")
EXPIRED_FOR = 10  # days that expired goods lie before somebody writes them off
WRONG = 0.007  # of all lines counted
PAPERS = 0.045  # handwritten sheets for each electronic one
FAULTY = 0.22  # of the handwritten ones
ANSWERED = 0.14  # of all patients
SCORES = ((5, 62), (4, 32), (3, 4), (2, 1), (1, 1))
STAFF_SCORES = ((5, 50), (4, 42), (3, 6), (2, 2))
REVIEWED = 7  # days after which a pharmacist decides what the evaluation points at
UNREASONABLE = 0.16


def clock(day, hour: int, minute: int = 0) -> datetime:
    return moment(day, time(hour, minute))


class Upkeep:
    """The days' other work; `end` is the day on which the demo is made."""

    def __init__(self, known, seed: int, first, end):
        self.known, self.seed, self.first, self.end = known, seed, first, end
        self.people = known.people

    def by_night(self, day) -> None:
        """In the night before this day."""
        with at(clock(day, 0, 30)):
            settle()

    def before(self, day) -> None:
        """Before the first patient."""
        self.by_night(day)
        with at(clock(day, 7, 5)):
            self._temperature(day, "am")
            if day.weekday() in DELIVERED:
                self._delivery(day)

    def after(self, day, visits: int) -> None:
        """After the last one."""
        with at(clock(day, 17, 40)):
            self._temperature(day, "pm")
            self._papers(day)
        with at(clock(day, 19, 30)):
            self._write_off(day)
            self._count(day)
            self._decide(day)
        self._asked(day, visits)

    # -- goods --

    def _delivery(self, day) -> None:
        lines = self._lines(day)
        chance = chance_of(self.seed, "delivery", day)
        supplier = Supplier.objects.order_by("pk").first()
        for start in range(0, len(lines), PIECE):
            note = f"SH{day:%y%m%d}{start // PIECE + 1:02d}{chance.randrange(100):02d}"
            try:
                stock.receive(
                    supplier=supplier,
                    lines=lines[start : start + PIECE],
                    acceptance=Acceptance(accepted_by=self.people["pharmacist"]),
                    delivery_note=note,
                    by=self.people["storekeeper"],
                )
            except AlreadyDone:
                continue
        if lines:
            self.known.read_shelf()

    def _lines(self, day) -> list[dict]:
        """What has fallen below what is used in ten days, or below the limit."""
        done = StockDocument.objects.filter(
            kind=StockDocument.Kind.RECEIPT, purchased_on=day, delivery_note__isnull=False
        )
        if done.exists():
            return []
        since = timezone.now() - timedelta(days=USED_IN)
        rows = StockMovement.objects.filter(kind=StockMovement.Kind.ISSUE, made_at__gte=since)
        used = dict(rows.values_list("drug").annotate(total=-Sum("quantity")).order_by())
        drugs = Drug.objects.filter(active=True).order_by("pk")
        held = stock.available([drug.pk for drug in drugs])
        return [
            _line(drug, day, used.get(drug.pk, 0))
            for drug in drugs
            if drug.pk % 29 and held[drug.pk] < max(drug.lower_limit, used.get(drug.pk, 0))
        ]

    def _write_off(self, day) -> None:
        """Expired goods leave the shelf with two signatures, some days late (R-118)."""
        gone = day - timedelta(days=EXPIRED_FOR)
        for batch in Batch.objects.filter(on_hand__gt=0, expires_on__lt=gone)[:5]:
            stock.write_off(
                batch=batch,
                quantity=batch.on_hand,
                reason="过期",
                cause=StockDocument.Cause.EXPIRED,
                witness=self.people["pharmacist"],
                by=self.people["storekeeper"],
            )

    def _count(self, day) -> None:
        """The whole shelf every four weeks; of a short history a part of it once (R-119)."""
        number, length = (day - self.first).days, (self.end - self.first).days
        is_long = length >= 28
        if number % 28 != 20 if is_long else number != length // 2:
            return
        if StockTake.objects.filter(started_at__gte=clock(day, 0)).exists():
            return
        count_shelf(self.people, "" if is_long else "A1", chance_of(self.seed, "count", day))
        self.known.read_shelf()

    def _temperature(self, day, slot: str) -> None:
        unit = ColdUnit.objects.filter(name=COLD[0]).first() or cold.save_unit(
            name=COLD[0],
            low=Decimal(COLD[1]),
            high=Decimal(COLD[2]),
            by=self.people["storekeeper"],
        )
        if TemperatureRecord.objects.filter(unit=unit, day=day, slot=slot).exists():
            return
        chance = chance_of(self.seed, "cold", day, slot)
        celsius = Decimal(chance.randrange(32, 66)) / 10
        note = ""
        if chance.random() < 0.012:
            celsius, note = Decimal("8.6"), "开门存货时间较长，半小时后复测5.2℃"
        cold.read_temperature(
            unit=unit, slot=slot, celsius=celsius, note=note, by=self.people["storekeeper"]
        )

    # -- papers --

    def _papers(self, day) -> None:
        """Sheets written by hand while the network was down or on a house call (R-41)."""
        if PaperPrescription.objects.filter(day=day).exists():
            return
        chance = chance_of(self.seed, "paper", day)
        sheets = Evaluation.objects.filter(
            prescription__submitted_at__gte=clock(day, 0), prescription__valid_until=day
        ).count()
        for _sheet in range(sheets):
            if chance.random() < PAPERS:
                code = chance.choice(("1-8", "1-10", "1-7", "2-5", "1-12"))
                paper.register_paper(
                    day=day,
                    clinician=chance.choice(self.known.clinicians),
                    kind=PaperPrescription.Kind.ORDINARY,
                    drugs=chance.randint(1, 4),
                    codes=[code] if chance.random() < FAULTY else [],
                    by=self.people["pharmacist"],
                )

    def _decide(self, day) -> None:
        """Once a week a pharmacist decides the points that are a week old (R-41)."""
        if day.weekday() != 4:
            return
        until = clock(day, 0) - timedelta(days=REVIEWED)
        rows = Evaluation.objects.filter(open__gt=0, prescription__submitted_at__lt=until)
        for row in rows.order_by("pk"):
            chance = chance_of(self.seed, "decide", row.prescription.number)
            said = [
                _said(finding, chance) for finding in row.findings.all() if finding.fault is None
            ]
            verbs.confirm(evaluation=row, said=said, by=self.people["pharmacist"])

    def _asked(self, day, visits: int) -> None:
        """Some patients answer the question on their slip, the staff once a month."""
        ask(Opinion.Asked.PATIENT, day, visits, ANSWERED, SCORES, self.seed)
        if day.day == 20:
            ask(Opinion.Asked.STAFF, day, len(self.people), 0.9, STAFF_SCORES, self.seed)


def _line(drug: Drug, day, used: int) -> dict:
    packs = max(
        6, drug.upper_limit * 6 // 10 // drug.units_per_pack, used * 2 // drug.units_per_pack
    )
    return {
        "drug": drug,
        "lot": f"{day - timedelta(days=40 + drug.pk % 50):%y%m%d}{drug.pk % 10}",
        "expires_on": day + timedelta(days=400 + drug.pk * 7 % 330),
        "quantity": packs * drug.units_per_pack,
        "cost": drug.price,
        "shelf": drug.shelf,
    }


def _said(finding, chance) -> verbs.Said:
    bad = chance.random() < UNREASONABLE
    words = "" if bad else chance.choice(("结合病情用药合理", "已有理由，监测中", "诊断支持用药"))
    return verbs.Said(finding.pk, bad, words)


def count_shelf(people: dict, shelf: str, chance) -> StockTake:
    """One stock-take: counted, differences counted again, confirmed by another, posted."""
    scope = StockTake.Scope.SHELF if shelf else StockTake.Scope.ALL
    counter, other = people["storekeeper"], people["pharmacist"]
    take = takes.start(by=counter, scope=scope, scope_text=shelf, note="月度盘点")
    takes.go_on()
    lines = list(take.lines.select_related("batch").order_by("pk"))
    seen = {line.pk: _counted(line, chance) for line in lines}
    for start in range(0, len(lines), 40):
        entries = [
            takes.Entry(line.pk, seen[line.pk], line.version) for line in lines[start : start + 40]
        ]
        takes.count(take=take, entries=entries, by=counter)
    take = takes.close_count(take=take, by=counter)
    wrong = list(take.lines.exclude(difference=0).order_by("pk"))
    if wrong:
        takes.count(
            take=take,
            entries=[takes.Entry(line.pk, seen[line.pk], line.version) for line in wrong],
            by=counter,
        )
        take = takes.close_count(take=take, by=counter)
    reasons = {line.pk: (chance.choice(("split", "missing", "typed_wrong")), "") for line in wrong}
    takes.confirm(take=take, reasons=reasons, by=other)
    takes.go_on()
    return take


def _counted(line, chance) -> int:
    if chance.random() >= WRONG:
        return line.book
    return max(0, line.book + chance.choice((-2, -1, -1, 1)))


@atomic_retry
def ask(asked: str, day, of: int, part: float, scores, seed: int) -> None:
    """Anonymous answers; what gave the right to them leads back to nobody."""
    if Opinion.objects.filter(asked=asked, day=day).exists():
        return
    chance = chance_of(seed, asked, day)
    values, weights = zip(*scores, strict=True)
    count = sum(chance.random() < part for _one in range(of))
    if asked == Opinion.Asked.STAFF:  # a few, so that one more or less would be a tenth
        drawn = [one for one, share in scores for _one in range(round(share * count / 100))]
    else:
        drawn = chance.choices(values, weights, k=count)
    Opinion.objects.bulk_create(
        Opinion(asked=asked, score=score, day=day, once=secrets.token_hex(32)) for score in drawn
    )


def settle() -> None:
    """What the scheduler does by night: sheets are judged and archived, the audit log sealed."""
    while verbs.judge_waiting():
        pass
    while archive.archive_finished():
        pass
    seals.seal_new()
