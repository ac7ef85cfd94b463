"""Prescriptions and the stock's ledger: what was received, promised and handed out in the years.

Each of 301 drugs in turn, two units at a time, in batches of 400 takings; the last batch of each
drug is still there. All of it follows from the number of the prescription and its line.
"""

from datetime import datetime, time, timedelta, timezone
from decimal import Decimal

from django.db import connection, transaction

from tests.benchmarks import stock_year
from tests.benchmarks.large import bulk

DRUGS, LINES, TAKINGS, UNITS = 301, 4, 400, 2
REST = 2_400  # of each drug lies there at the end
ID = "char(32)"


def fill(movements: int, people: dict) -> None:
    from clinic.core.models import Counter
    from pharmacy.models import Batch, Supplier
    from pharmacy.places import dispensary

    sheets = movements // LINES
    each = -(-sheets * LINES // DRUGS)
    place, supplier = dispensary(), Supplier.objects.order_by("pk").first()
    drugs = stock_year.write_drugs(DRUGS)[-DRUGS:]
    _known_drugs(drugs)
    first = (Batch.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    _batches(drugs, -(-each // TAKINGS), first, place, supplier)
    _sheets(sheets, people)
    bulk.told("prescriptions")
    _received(people, place, each)
    _handed_out(people, place, each)
    _shelf(first)
    days = set(_rows("SELECT DISTINCT day FROM bench_visit"))
    Counter.objects.bulk_create(
        [Counter(name=f"rx.{str(day).replace('-', '')}", value=9_999) for day in days],
        batch_size=500,
        ignore_conflicts=True,
    )


def _rows(sql: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


def _known_drugs(drugs: list[int]) -> None:
    bulk.run("CREATE TABLE bench_drug (n INTEGER PRIMARY KEY, id INTEGER)")
    bulk.run("CREATE TABLE bench_line (k INTEGER PRIMARY KEY)")
    with transaction.atomic():
        bulk.write("bench_drug", ["n", "id"], list(enumerate(drugs)))
        bulk.write("bench_line", ["k"], [(line,) for line in range(LINES)])


def _batches(drugs: list[int], turns: int, first: int, place, supplier) -> None:
    """`bench_batch` says which batch a drug has in which turn."""
    from pharmacy.models import Batch

    today = datetime.now(timezone.utc).date()
    rows = [
        Batch(
            pk=first + turn * len(drugs) + number, place=place, drug_id=drug, supplier=supplier,
            lot=f"L{turn}", cost=Decimal(number % 900 + 100) / 50,
            expires_on=today + timedelta(days=200 + (number * 37 + turn) % 500),
        )
        for turn in range(turns)
        for number, drug in enumerate(drugs)
    ]  # fmt: skip
    Batch.objects.bulk_create(rows, batch_size=1_000)
    bulk.run(
        "CREATE TABLE bench_batch (turn INTEGER, n INTEGER, id INTEGER, PRIMARY KEY (turn, n))"
    )
    with transaction.atomic():
        bulk.write(
            "bench_batch",
            ["turn", "n", "id"],
            [(turn, n, first + turn * DRUGS + n) for turn in range(turns) for n in range(DRUGS)],
        )
    bulk.run("CREATE TABLE bench_turns (last INTEGER)")
    bulk.run("INSERT INTO bench_turns VALUES (%s)", [turns - 1])


def _number() -> str:
    """RX20240101-0001 of a visit's prescription, counted over the day."""
    from_day = "REPLACE(v.day, '-', '')"
    serial = "v.s - d.first + 1"
    if connection.vendor == "sqlite":
        return f"'RX' || {from_day} || '-' || printf('%%04d', {serial})"
    return f"CONCAT('RX', {from_day}, '-', LPAD({serial}, 4, '0'))"


def _sheets(sheets: int, people: dict) -> None:
    from prescriptions.models import Evaluation, Prescription, PrescriptionEvent, PrescriptionItem

    bulk.run("CREATE TABLE bench_day (day date PRIMARY KEY, first INTEGER)")
    bulk.run("INSERT INTO bench_day SELECT day, MIN(s) FROM bench_visit GROUP BY day")
    source = (
        "FROM bench_visit v JOIN bench_day d ON d.day = v.day WHERE v.s IS NOT NULL AND v.s < %s"
    )
    reviewer, dispenser = people["pharmacist"], people["pharmacist2"]
    with bulk.indexed_at_the_end(Prescription, PrescriptionItem, Evaluation, PrescriptionEvent):
        given = {
            "id": "v.sheet", "number": _number(), "consultation_id": "v.consultation",
            "patient_id": "v.patient", "prescriber_id": "v.doctor", "valid_until": "v.day",
            "created_at": "v.started", "submitted_at": "v.ended", "approved_at": "v.ended",
            "dispensed_at": "v.ended",
        }  # fmt: skip
        usual = {"state": "archived", "version": 10, "reviewer": reviewer, "picker": dispenser}
        usual |= {"checker": dispenser, "dispenser": dispenser}
        bulk.copy(Prescription, given, source, [sheets], **usual)
        _items(sheets)
        given = {"row_uid": bulk.new_id(), "prescription_id": "v.sheet", "judged_at": "v.ended"}
        where = "FROM bench_visit v WHERE v.s IS NOT NULL AND v.s < %s"
        told = {"result": "reasonable", "drugs": LINES, "amount": Decimal("18.40")}
        bulk.copy(Evaluation, given, where, [sheets], **told)
        moves = (
            ("draft", "submitted", 6),
            ("submitted", "approved", 7),
            ("picking", "dispensed", 10),
        )
        for old, new, version in moves:
            given = {"row_uid": bulk.new_id(), "prescription_id": "v.sheet", "made_at": "v.ended"}
            told = {"old": old, "new": new, "version": version, "made_by": dispenser}
            bulk.copy(PrescriptionEvent, given, where, [sheets], **told)


LINE = "(v.s * 4 + k.k)"  # the number of a line; the n-th taking of its drug is that by DRUGS
EACH = (
    "FROM bench_visit v CROSS JOIN bench_line k "
    f"JOIN bench_drug g ON g.n = {LINE} %% {DRUGS} "
)  # fmt: skip


def _items(sheets: int) -> None:
    from prescriptions.models import PrescriptionItem

    kind = "char(32)" if connection.vendor == "sqlite" else "uuid"
    bulk.run(f"CREATE TABLE bench_item (g INTEGER PRIMARY KEY, id {kind})")
    where = "WHERE v.s IS NOT NULL AND v.s < %s"
    bulk.run(
        f"INSERT INTO bench_item SELECT v.s * 4 + k.k, {bulk.new_id()} FROM bench_visit v "  # noqa: S608
        f"CROSS JOIN bench_line k {where}",
        [sheets],
    )
    given = {
        "id": "i.id", "prescription_id": "v.sheet", "rank": "k.k + 1", "drug_id": "d.id",
        "drug_name": "d.generic_name", "dosage_form": "d.dosage_form", "strength": "d.strength",
        "pack_spec": "d.pack_spec", "base_unit": "d.base_unit", "price": "d.price",
        "units_per_pack": "d.units_per_pack", "amount": "d.price",
    }  # fmt: skip
    usual = {"dose": Decimal(1), "dose_unit": "片", "route": "1", "frequency": "qd", "days": 2}
    usual |= {"quantity": UNITS, "computed": UNITS, "dispensed": UNITS}
    source = f"{EACH} JOIN pharmacy_drug d ON d.id = g.id JOIN bench_item i ON i.g = {LINE} {where}"
    bulk.copy(PrescriptionItem, given, source, [sheets], **usual)


def _received(people: dict, place, each: int) -> None:
    """One delivery for each turn, all drugs in it, before the first of them is handed out."""
    from pharmacy.models import StockDocument, StockMovement

    keeper, turns = people["storekeeper"], -(-each // TAKINGS)
    first = bulk.one("SELECT MAX(id) FROM pharmacy_stockdocument") + 1
    begin = datetime.combine(bulk_first_day(), time(0), timezone.utc)
    StockDocument.objects.bulk_create(
        [
            StockDocument(
                pk=first + turn, number=f"RKB{turn:06d}", kind="receipt", state="posted",
                made_by=keeper, posted_by=keeper, posted_at=begin + _after(turn, turns),
            )
            for turn in range(turns)
        ],
        batch_size=500,
    )  # fmt: skip
    bulk.run("UPDATE pharmacy_stockdocument SET made_at = posted_at WHERE id >= %s", [first])
    given = {
        "document_id": "s.id", "batch_id": "b.id", "drug_id": "g.id", "made_at": "s.made_at",
        "quantity": _holds("b.turn"), "balance": _holds("b.turn"),
    }  # fmt: skip
    bulk.copy(
        StockMovement,
        given,
        "FROM bench_batch b JOIN bench_drug g ON g.n = b.n JOIN pharmacy_stockdocument s "
        "ON s.id = b.turn + %s ORDER BY b.turn, b.n",
        [first],
        kind="receive",
        place=place,
        made_by=keeper,
    )


def bulk_first_day():
    day = bulk.one("SELECT MIN(day) FROM bench_visit")
    return datetime.fromisoformat(str(day)).date()


def _after(turn: int, turns: int) -> timedelta:
    from tests.benchmarks.large.visits import DAYS

    return timedelta(days=DAYS * turn / turns)


def _holds(turn: str) -> str:
    """What came in of a batch: of the last one so much more than is ever taken."""
    last = f"CASE WHEN {turn} = (SELECT last FROM bench_turns) THEN {REST} ELSE 0 END"  # noqa: S608
    return f"({TAKINGS * UNITS} + {last})"


def _handed_out(people: dict, place, each: int) -> None:
    from pharmacy.models import Reservation, StockDocument, StockMovement
    from prescriptions.models import DispenseLine

    reviewer, dispenser = people["pharmacist"], people["pharmacist2"]
    paper = bulk.one("SELECT MAX(id) FROM pharmacy_stockdocument") + 1
    movement = bulk.one("SELECT MAX(id) FROM pharmacy_stockmovement") + 1
    with bulk.indexed_at_the_end(StockDocument, Reservation, StockMovement, DispenseLine):
        of_sheet = "FROM bench_visit v JOIN prescriptions_prescription p ON p.id = v.sheet "
        given = {
            "id": f"v.s + {paper}", "number": _joined("'FYB'", f"v.s + {paper}"),
            "reference": "p.number", "made_at": "v.ended", "posted_at": "v.ended",
        }  # fmt: skip
        usual = {"kind": "dispensing", "state": "posted", "made_by": dispenser}
        bulk.copy(StockDocument, given, of_sheet, posted_by=dispenser, **usual)
        bulk.told("papers of the stock")
        lines = (
            f"{EACH} JOIN prescriptions_prescription p ON p.id = v.sheet "
            f"JOIN bench_batch b ON b.turn = {LINE} / {DRUGS} / {TAKINGS} AND b.n = g.n "
        )
        if connection.vendor != "sqlite":
            lines = lines.replace(" / ", " DIV ")
        reference = _joined("p.number", "'/'", "k.k + 1")
        taking = f"({LINE} / {DRUGS} %% {TAKINGS})"
        if connection.vendor != "sqlite":
            taking = taking.replace(" / ", " DIV ")
        given = {
            "id": f"{LINE} + {movement}", "document_id": f"v.s + {paper}", "batch_id": "b.id",
            "drug_id": "g.id", "made_at": "v.ended", "reference": reference,
            "balance": f"{_holds('b.turn')} - {UNITS} * ({taking} + 1)",
        }  # fmt: skip
        usual = {"kind": "issue", "quantity": -UNITS, "place": place, "made_by": dispenser}
        bulk.copy(StockMovement, given, lines, **usual)
        bulk.told("movements")
        bulk.copy(
            DispenseLine,
            {"item_id": "i.id", "movement_id": f"i.g + {movement}"},
            "FROM bench_item i ORDER BY i.g",
            quantity=UNITS,
        )
        bulk.told("lines handed out")
        given = {
            "drug_id": "drug_id", "reference": "reference", "in_force": "reference",
            "made_at": "made_at", "ended_at": "made_at",
        }  # fmt: skip
        usual = {"state": "issued", "quantity": UNITS, "issued": UNITS}
        bulk.copy(
            Reservation,
            given,
            "FROM pharmacy_stockmovement WHERE id >= %s ORDER BY id",
            [movement],
            made_by=reviewer,
            ended_by=dispenser,
            **usual,
        )
        bulk.told("promises")


def _joined(*parts: str) -> str:
    if connection.vendor == "sqlite":
        return " || ".join(f"({part})" for part in parts)
    return f"CONCAT({', '.join(parts)})"


def _shelf(first: int) -> None:
    """What lies there is the ledger's sum, and then what the nights would have done."""
    from pharmacy import mending, usage
    from pharmacy.reports import days
    from pharmacy.watch import keeping

    summed = "(SELECT SUM(quantity) FROM pharmacy_stockmovement WHERE batch_id = pharmacy_batch.id)"
    last = "(SELECT MAX(made_at) FROM pharmacy_stockmovement WHERE batch_id = pharmacy_batch.id)"
    bulk.run(
        f"UPDATE pharmacy_batch SET on_hand = {summed}, "  # noqa: S608
        f"emptied_at = CASE WHEN {summed} = 0 THEN {last} END WHERE id >= %s",
        [first],
    )
    for task in (
        mending.mend_worth, days.close_past, usage.count_use, keeping.refresh,
        keeping.refresh_daily,
    ):  # fmt: skip
        bulk.told(task.__name__)
        task()
