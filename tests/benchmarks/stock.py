"""A year of a busy clinic beside a year of a very large one: the same pages and verbs.

    python -m tests.benchmarks.stock                            SQLite
    DATABASE_URL=mysql://… python -m tests.benchmarks.stock     MariaDB
    python -m tests.benchmarks.stock --small 300 20000 --large 3000 200000    quicker

Each clinic lives in a process and a database of its own; both take turns, in changing order, and
the ratio is the median of the rounds' own ratios. The design asks for the same query counts and
at most 2 times the time.
"""

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal

TARGET = 2.0
ROUNDS = 15
BATCHES = 6  # of each drug in a year
PIECE = 20_000  # rows of one INSERT run
CATEGORIES = ["西药", "中成药", "中药饮片"]
START = 2_000_000  # numbers that no other document has


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--small", nargs=2, type=int, default=[300, 100_000])
    words.add_argument("--large", nargs=2, type=int, default=[20_000, 5_000_000])
    words.add_argument("--rounds", type=int, default=ROUNDS)
    words.add_argument("--clinic", nargs=2, type=int, help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.clinic:
        return clinic(*asked.clinic)
    return compare(asked)


# --- the two clinics, side by side -----------------------------------------------------------


class Clinic:
    """One of the two: a process that does a work when told and says what it cost."""

    def __init__(self, drugs: int, movements: int):
        command = [sys.executable, "-m", "tests.benchmarks.stock", "--clinic"]
        self.process = subprocess.Popen(
            [*command, str(drugs), str(movements)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("one of the two clinics has stopped")
        return json.loads(line)

    def does(self, work: str) -> tuple[float, int]:
        print(work, file=self.process.stdin, flush=True)
        return tuple(self.hear())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(asked) -> int:
    pair = [Clinic(*asked.small)]
    works = pair[0].hear()
    pair.append(Clinic(*asked.large))
    pair[1].hear()
    failed = False
    print(f"{'work':34}{'small ms':>10}{'large ms':>10}{'ratio':>8}{'queries':>12}")
    for work in works:
        times, queries = [], set()
        for number in range(asked.rounds + 1):
            took = [0.0, 0.0]
            for which in (0, 1) if number % 2 else (1, 0):
                took[which], count = pair[which].does(work)
                queries.add((which, count))
            if number:
                times.append(took)
        ratio = statistics.median(large / small for small, large in times)
        small, large = (1000 * statistics.median(t[n] for t in times) for n in (0, 1))
        counts = [sorted({c for w, c in queries if w == which}) for which in (0, 1)]
        same = counts[0] == counts[1]
        failed |= ratio > TARGET or not same
        said = "/".join(",".join(map(str, each)) for each in counts)
        print(f"{work:34}{small:10.1f}{large:10.1f}{ratio:8.2f}{said:>12}", flush=True)
    for each in pair:
        each.close()
    return int(failed)


# --- one clinic ------------------------------------------------------------------------------


def clinic(drugs: int, movements: int) -> int:
    from tests.benchmarks import ground

    with ground.scratch_database() as connection:
        with contextlib.redirect_stdout(sys.stderr):
            fill(connection, drugs, movements)
            works = Works(connection)
        print(json.dumps(list(works.names)), flush=True)
        for line in sys.stdin:
            print(json.dumps(works.measure(line.strip())), flush=True)
    return 0


def fill(connection, drugs: int, movements: int) -> None:
    """A year: each drug in some batches, each batch delivered once and handed out bit by bit."""
    from django.utils import timezone

    from clinic.core.models import Institution
    from pharmacy.models import Batch, Drug, StockDocument, Supplier
    from pharmacy.places import dispensary
    from pharmacy.reports import days
    from pharmacy.watch import keeping
    from security.management.commands.sync_roles import Command
    from security.models import User

    Command().handle()
    Institution.objects.create(name="青溪社区卫生服务站", short_name="青溪")
    person = User.objects.create_user("bench", full_name="郑库管")
    place, supplier = dispensary(), Supplier.objects.create(name="江南医药", licence="苏AA")
    today = timezone.localdate()
    Drug.objects.bulk_create((drug(n) for n in range(drugs)), batch_size=1000)
    ids = list(Drug.objects.order_by("pk").values_list("pk", flat=True))
    Batch.objects.bulk_create(
        (
            Batch(
                place=place,
                drug_id=pk,
                lot=f"L{n}",
                expires_on=today + timedelta(days=120 + 90 * n),
                cost=Decimal("7.20"),
                supplier=supplier,
            )
            for pk in ids
            for n in range(BATCHES)
        ),
        batch_size=1000,
    )
    document = StockDocument.objects.create(
        number="RK1", kind="receipt", made_by=person, posted_by=person, posted_at=timezone.now()
    )
    write_ledger(connection, movements, document.pk, place.pk, person.pk)
    days.close_past()
    keeping.refresh()


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
        price=Decimal("9.60"),
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


COLUMNS = ["document_id", "batch_id", "drug_id", "place_id", "kind", "quantity", "balance"]
COLUMNS += ["reference", "reason", "made_at", "made_by_id"]


def write_ledger(connection, movements: int, document: int, place: int, person: int) -> None:
    """The movements straight into the table in the order of time, and the balances."""
    from pharmacy.models import Batch

    batches = list(Batch.objects.order_by("pk").values_list("pk", "drug_id"))
    rows = ledger(batches, movements, document, place, person, connection)
    places = ", ".join(["%s"] * len(COLUMNS))
    sql = f"INSERT INTO pharmacy_stockmovement ({', '.join(COLUMNS)}) VALUES ({places})"  # noqa: S608
    piece = []
    with connection.cursor() as cursor:
        for row in rows:
            piece.append(row)
            if len(piece) == PIECE:
                cursor.executemany(sql, piece)
                piece = []
        cursor.executemany(sql, piece)
        cursor.execute(
            "UPDATE pharmacy_batch SET on_hand = (SELECT SUM(quantity) "
            "FROM pharmacy_stockmovement WHERE batch_id = pharmacy_batch.id)"
        )
        if connection.vendor == "sqlite":
            cursor.execute("ANALYZE")


def ledger(batches, movements, document, place, person, connection):
    from django.utils import timezone

    adapt = connection.ops.adapt_datetimefield_value
    each = movements // len(batches)
    begin = timezone.now() - timedelta(days=365)
    step = timedelta(days=364) / each
    for turn in range(each):
        moment = begin + step * turn
        for number, (batch, drug_id) in enumerate(batches):
            made_at = adapt(moment + step * number / len(batches))
            kind, quantity = ("issue", -2) if turn else ("receive", 24 * each)
            reference = f"RX{START + turn * len(batches) + number}/1" if turn else ""
            balance = 24 * each - 2 * turn
            yield (
                *(document, batch, drug_id, place, kind, quantity, balance),
                *(reference, "", made_at, person),
            )


class Works:
    """What people do all day, each a method; its name is what is printed."""

    def __init__(self, connection):
        from django.conf import settings

        from security.models import User
        from security.permissions import Role
        from security.roles import set_roles
        from tests.helpers import SecureClient

        settings.ALLOWED_HOSTS = ["*"]
        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
        self.connection = connection
        self.person = User.objects.get(username="bench")
        set_roles(user=self.person, roles=[Role.STOREKEEPER, Role.PHARMACIST], by=None)
        self.person.refresh_from_db()
        self.person.must_change_password = False
        self.person.save()
        self.client = SecureClient()
        self.client.force_login(self.person, backend="django.contrib.auth.backends.ModelBackend")
        self.turn = 0
        self.names = {
            "drug by initials": lambda: self.search("AB"),
            "drug by part of the name": lambda: self.search("地平"),
            "stock list": lambda: self.get("/pharmacy/"),
            "stock list, low": lambda: self.get("/pharmacy/?show=low"),
            "warnings": lambda: self.get("/pharmacy/warnings/"),
            "ledger of a batch": lambda: self.get(f"/pharmacy/batches/{self.batch}/"),
            "ledger of a drug": lambda: self.get(f"/pharmacy/drugs/{self.drug}/ledger/"),
            "in, out and balance, a year": lambda: self.report("turnover", 365),
            "by drug, a month": lambda: self.report("drugs", 30),
            "by batch, a month": lambda: self.report("batches", 30),
            "consumption": lambda: self.report("use", 30),
            "losses, a month": lambda: self.report("losses", 30),
            "reserve and hand out": self.hand_out,
            "delivery of 40 lines": self.deliver,
        }

    @property
    def drug(self) -> int:
        return 1 + self.turn % 300

    @property
    def batch(self) -> int:
        return 1 + self.turn % (300 * BATCHES)

    def measure(self, work: str) -> tuple[float, int]:
        """(seconds, queries) of one turn."""
        import time

        from django.test.utils import CaptureQueriesContext

        self.turn += 1
        with CaptureQueriesContext(self.connection) as queries:
            began = time.perf_counter()
            self.names[work]()
            took = time.perf_counter() - began
        return took, len(queries)

    def get(self, path: str) -> None:
        response = self.client.get(path)
        if response.status_code != 200:
            raise SystemExit(f"{path} answered {response.status_code}")

    def report(self, slug: str, length: int) -> None:
        since = (date.today() - timedelta(days=length)).isoformat()
        self.get(f"/pharmacy/reports/{slug}/?since={since}")

    def search(self, text: str) -> None:
        from pharmacy.catalogue import search_drugs

        if not search_drugs(text):
            raise SystemExit(f"nothing found for {text}")

    def hand_out(self) -> None:
        from pharmacy import stock
        from pharmacy.models import Drug

        chosen = Drug.objects.get(pk=self.drug)
        reference = f"RXB{self.turn}/1"
        stock.reserve(drug=chosen, quantity=2, reference=reference, by=self.person)
        stock.issue(reference=reference, by=self.person, document_reference=f"RXB{self.turn}")

    def deliver(self) -> None:
        from pharmacy import stock
        from pharmacy.models import Drug, Supplier

        lines = [
            {
                "drug": chosen,
                "lot": f"N{self.turn}",
                "expires_on": date.today() + timedelta(days=700),
                "quantity": 240,
                "cost": Decimal("7.20"),
            }
            for chosen in Drug.objects.order_by("pk")[:40]
        ]
        supplier = Supplier.objects.get(name="江南医药")
        stock.receive(supplier=supplier, lines=lines, by=self.person)


if __name__ == "__main__":
    sys.exit(main())
