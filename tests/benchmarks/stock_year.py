"""A year of a clinic's pharmacy for the benchmark of the stock, filled in minutes."""

import contextlib
from datetime import timedelta
from decimal import Decimal
from itertools import islice

BATCHES = 6  # of each drug in a year
PIECE = 20_000  # rows of one INSERT run
CATEGORIES = ["西药", "中成药", "中药饮片"]
START = 2_000_000  # numbers that no other document has


def fill(connection, drugs: int, movements: int) -> None:
    """A year: each drug in some batches, each batch delivered once and handed out bit by bit."""
    from django.db import transaction
    from django.utils import timezone

    from clinic.core.models import Institution
    from pharmacy import mending, usage
    from pharmacy.models import Batch, StockDocument, Supplier
    from pharmacy.places import dispensary
    from pharmacy.reports import days
    from pharmacy.watch import keeping
    from security.management.commands.sync_roles import Command
    from security.models import User

    Command().handle()
    Institution.objects.create(name="青溪社区卫生服务站", short_name="青溪")
    person = User.objects.create_user("bench", full_name="郑库管")
    place, supplier = dispensary(), Supplier.objects.create(name="江南医药", licence="苏AA")
    with transaction.atomic():
        ids = write_drugs(drugs)
        Batch.objects.bulk_create(batches_of(ids, place, supplier), batch_size=1000)
    document = StockDocument.objects.create(
        number="RK1", kind="receipt", made_by=person, posted_by=person, posted_at=timezone.now()
    )
    write_ledger(connection, movements, document.pk, place.pk, person.pk)
    for task in (
        mending.mend_worth,
        days.close_past,
        usage.count_use,
        keeping.refresh,
        keeping.refresh_daily,
    ):
        task()
    if connection.vendor != "sqlite":  # it would do so by itself in a while; SQLite never does
        with connection.cursor() as cursor:
            cursor.execute(ANALYZE)


def pieces(rows, size: int):
    rows = iter(rows)
    while piece := list(islice(rows, size)):
        yield piece


def write_drugs(number: int) -> list[int]:
    """The drugs and the words by which they are found."""
    from pharmacy import words
    from pharmacy.models import Drug

    for piece in pieces(range(number), 1000):
        drugs = [drug(n) for n in piece]
        for each in drugs:
            words.fill(each)
        Drug.objects.bulk_create(drugs)
        words.index(list(Drug.objects.order_by("-pk")[: len(piece)]), new=True)
    return list(Drug.objects.order_by("pk").values_list("pk", flat=True))


def batches_of(drugs: list[int], place, supplier):
    """One after the other, each used up but the last, which expires within two years."""
    from django.utils import timezone

    from pharmacy.models import Batch

    today = timezone.localdate()
    for number, pk in enumerate(drugs):
        for turn in range(BATCHES):
            yield Batch(
                place=place,
                drug_id=pk,
                lot=f"L{turn}",
                expires_on=today + timedelta(days=20 + (number * 37 + turn) % 700),
                cost=Decimal(number % 900 + 100) / 50,
                supplier=supplier,
            )


def drug(number: int):
    from pharmacy.models import Drug

    return Drug(
        code=f"B{number:06d}",
        generic_name=f"{name_of(number)}片{number}",
        initials=f"{letters(number)}P",
        initials_short=letters(number),
        category=CATEGORIES[number % 3],
        dosage_form="片剂",
        strength="0.25g/片",
        content=Decimal("0.25"),
        content_unit="g",
        pack_spec="0.25g×24片/盒",
        pack_unit="盒",
        base_unit="片",
        units_per_pack=24,
        routes="口服",
        rx="Rx",
        ingredients="阿莫西林",
        price=Decimal(number % 900 + 100) / 20,
        lower_limit=240,
        upper_limit=200_000,
        shelf=f"A{number % 40}",
    )


def name_of(number: int) -> str:
    """Some two hundred names, as drugs have them: many begin alike, many end alike."""
    first = "阿莫 布洛 硝苯 缬沙 奥美 头孢 氨氯 厄贝 辛伐 格列 二甲 左氧 罗红 甲硝 氯雷"
    last = "西林 芬缓 地平 坦胶 拉唑 克肟 朵平 列酮 他汀 本脲 双胍 氟沙 霉素 硝唑 他定"
    first, last = first.split(), last.split()
    return first[number % 15] + last[number // 15 % 15]


def letters(number: int) -> str:
    return "".join(chr(65 + number // 26**k % 26) for k in range(4))


TABLE = "pharmacy_stockmovement"
ANALYZE = f"ANALYZE TABLE {TABLE}, pharmacy_batch, pharmacy_drug, pharmacy_drugword, "
ANALYZE += "pharmacy_shelfworth, pharmacy_stockwarning"
COLUMNS = ["document_id", "batch_id", "drug_id", "place_id", "kind", "quantity", "balance"]
COLUMNS += ["reference", "reason", "made_at", "made_by_id"]


def write_ledger(connection, movements: int, document: int, place: int, person: int) -> None:
    """The movements straight into the table in the order of time, and the balances."""
    from django.db import transaction

    from pharmacy.models import Batch

    batches = list(Batch.objects.order_by("pk").values_list("pk", "drug_id"))
    drugs = [batches[at : at + BATCHES] for at in range(0, len(batches), BATCHES)]
    moments = moments_of_a_year(connection, movements)
    rows = (
        (document, batch, drug_id, place, kind, quantity, balance, reference, "", moment, person)
        for moment, (batch, drug_id, kind, quantity, balance, reference) in zip(
            moments, ledger(drugs, movements // len(drugs)), strict=False
        )
    )
    places = ", ".join(["%s"] * len(COLUMNS))
    sql = f"INSERT INTO {TABLE} ({', '.join(COLUMNS)}) VALUES ({places})"  # noqa: S608
    with connection.cursor() as cursor, indexed_at_the_end(cursor, connection.vendor):
        with transaction.atomic():
            for piece in pieces(rows, PIECE):
                cursor.executemany(sql, piece)
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":  # it would read the whole ledger for each batch
            cursor.execute(ANALYZE)
        cursor.execute(
            "UPDATE pharmacy_batch SET on_hand = (SELECT SUM(quantity) FROM pharmacy_stockmovement "
            "WHERE batch_id = pharmacy_batch.id), emptied_at = (SELECT CASE WHEN SUM(quantity) = 0 "
            "THEN MAX(made_at) END FROM pharmacy_stockmovement WHERE batch_id = pharmacy_batch.id)"
        )


@contextlib.contextmanager
def indexed_at_the_end(cursor, vendor: str):
    """Indexes sorted once instead of kept with each of millions of rows."""
    if vendor != "sqlite":
        # MariaDB does it by itself for the first transaction of an empty table, with these off.
        cursor.execute("SET unique_checks = 0, foreign_key_checks = 0")
        yield
        cursor.execute("SET unique_checks = 1, foreign_key_checks = 1")
        return
    cursor.execute(
        "SELECT name, sql FROM sqlite_master WHERE tbl_name = %s AND type = 'index'", [TABLE]
    )
    indexes = [(name, sql) for name, sql in cursor.fetchall() if sql]
    for name, _sql in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _name, sql in indexes:
        cursor.execute(sql)


def moments_of_a_year(connection, movements: int):
    from django.utils import timezone

    begin, step = timezone.now() - timedelta(days=365), timedelta(days=364.99) / movements
    for number in range(movements):
        yield connection.ops.adapt_datetimefield_value(begin + step * number)


def ledger(drugs: list[list[tuple[int, int]]], each: int):
    """So many movements of each drug by turns: a batch comes, is handed out, the next one comes."""
    share = each // BATCHES
    for turn in range(each):
        which = min(turn // share, BATCHES - 1)
        step, steps = turn - which * share, share
        if which == BATCHES - 1:
            steps = each - which * share
        for number, batches in enumerate(drugs):
            batch, drug_id = batches[which]
            rest = left_of(number) if which == BATCHES - 1 else 0
            balance = rest + 2 * (steps - 1 - step)
            if not step:
                yield batch, drug_id, "receive", balance, balance, ""
            elif (
                turn == each - 1 and number % 6 == 5
            ):  # a page full of losses in the small one, too
                yield batch, drug_id, "write_off", -2, balance, ""
            else:
                reference = f"RX{START + turn * len(drugs) + number}/1"
                yield batch, drug_id, "issue", -2, balance, reference


def left_of(number: int) -> int:
    """What lies there of a drug at the end of the year: some are out, some are low.

    Of 300 drugs sixty, so that the small clinic's lists of them fill a page as the large one's do.
    """
    return {0: 0, 1: 24}.get(number % 10, 2400)


def well_stocked(drugs: int) -> list[int]:
    """The first keys of drugs of which enough lies there."""
    return [1 + number for number in range(drugs) if left_of(number) > 240]
