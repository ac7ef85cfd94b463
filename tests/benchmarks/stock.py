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

from tests.benchmarks import stock_year

TARGET = 2.0
ROUNDS = 15


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
            stock_year.fill(connection, drugs, movements)
            works = Works(connection)
        print(json.dumps(list(works.names)), flush=True)
        for line in sys.stdin:
            print(json.dumps(works.measure(line.strip())), flush=True)
    return 0


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
        self.drugs = stock_year.well_stocked(300)
        self.names = {
            "drug by initials": lambda: self.search("AM"),
            "drug by part of the name": lambda: self.search("地平"),
            "drug list, part of the name": lambda: self.get("/pharmacy/drugs/?q=地平"),
            "stock list": lambda: self.get("/pharmacy/"),
            "stock list, part of the name": lambda: self.get("/pharmacy/?q=地平"),
            "stock list, low": lambda: self.get("/pharmacy/?show=low"),
            "warnings": lambda: self.get("/pharmacy/warnings/"),
            "order list": lambda: self.get("/pharmacy/orders/"),
            "documents": lambda: self.get("/pharmacy/documents/"),
            "ledger of a batch": lambda: self.get(f"/pharmacy/batches/{self.batch}/"),
            "ledger of a drug": lambda: self.get(f"/pharmacy/drugs/{self.drug}/ledger/"),
            "in, out and balance, a year": lambda: self.report("turnover", 365),
            "by drug, a month": lambda: self.report("drugs", 30),
            "by batch, a month": lambda: self.report("batches", 30),
            "consumption": lambda: self.report("use", 30),
            "losses, a month": lambda: self.report("losses", 30),
            "near expiry": lambda: self.get("/pharmacy/reports/near/"),
            "value of the stock": lambda: self.get("/pharmacy/reports/value/"),
            "reserve and hand out": self.hand_out,
            "delivery of 40 lines": self.deliver,
        }

    @property
    def drug(self) -> int:
        return self.drugs[self.turn % len(self.drugs)]

    @property
    def batch(self) -> int:
        return 1 + self.turn % (300 * stock_year.BATCHES)

    def measure(self, work: str) -> tuple[float, int]:
        """(seconds, queries) of one turn."""
        import time

        from django.db import reset_queries
        from django.test.utils import CaptureQueriesContext

        self.turn += 1
        reset_queries()  # a full log of them counts no more
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
