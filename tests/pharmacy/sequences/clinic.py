"""A clinic for random sequences: every step is done by the real verb and by the model beside it."""

from contextlib import contextmanager
from datetime import timedelta
from datetime import timezone as zone
from decimal import Decimal
from time import monotonic

from django.apps import apps
from django.db import connection
from django.utils import timezone

from clinic.core.errors import RuleBroken
from clinic.core.models import Counter
from pharmacy import stock
from pharmacy.books import check
from pharmacy.models import (
    Batch,
    ControlClass,
    Place,
    Reservation,
    StockMovement,
)
from security.models import AuditEntry, User
from tests.factories.pharmacy import DrugFactory, SupplierFactory
from tests.pharmacy.sequences.shelf import Key, Kind, No, Paper, Shelf

DRUGS = {
    "tablets": Kind(pack=6),
    "inhaler": Kind(pack=10, divisible=False),
    "morphine": Kind(pack=1, narcotic=True),
}
PLACES = {"pharmacy": True, "window": True, "store": False}
PEOPLE = ["storekeeper", "pharmacist", "colleague"]


class Clock:
    """Django's clock: nine in the morning of a day that a test moves on, going at its own pace."""

    def __init__(self):
        self.nine = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0)
        self.begin = monotonic()
        self.days = 0

    def __call__(self):
        ran = timedelta(days=self.days, seconds=monotonic() - self.begin)
        return (self.nine + ran).astimezone(zone.utc)


class CutOff(Exception):
    """The machine stopped in the middle of a step."""


@contextmanager
def cut_off_after(writes: int | None):
    """Whatever runs inside is cut off right after so many statements that write; None: never."""
    left = writes or 0

    def count(execute, sql, params, many, context):
        nonlocal left
        result = execute(sql, params, many, context)
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            left -= 1
            if left == 0:
                raise CutOff
        return result

    with connection.execute_wrapper(count):
        yield


def picture() -> dict:
    """Everything that the pharmacy's tables, the running numbers and the audit log hold."""
    tables = [m._meta.db_table for m in (*apps.get_app_config("pharmacy").get_models(), Counter)]
    found = {"audit log": AuditEntry.objects.count()}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608
            found[table] = cursor.fetchall()
    return found


class Clinic:
    """Places, drugs and people of its own, so that earlier sequences don't matter."""

    def __init__(self, clock: Clock):
        self.clock = clock
        clock.days = 0
        number = Place.objects.count()
        self.places = {
            name: Place.objects.create(code=f"P{number}{n}", name=name, dispenses=dispenses)
            for n, (name, dispenses) in enumerate(PLACES.items())
        }
        self.drugs = {
            name: DrugFactory(units_per_pack=kind.pack, divisible=kind.divisible)
            for name, kind in DRUGS.items()
        }
        self.people = {name: User.objects.get_or_create(username=name)[0] for name in PEOPLE}
        self.supplier = SupplierFactory()
        since = timezone.localdate() - timedelta(days=900)
        ControlClass.objects.create(drug=self.drugs["morphine"], name="麻醉药品", since=since)
        self.shelf = Shelf(DRUGS, PLACES, timezone.localdate())
        self.fuse: int | None = None
        self.done = 0  # steps that were neither refused nor cut off
        self.seen = 0  # the last movement that was looked at
        self.balances: dict[int, int] = {}

    # --- one step ------------------------------------------------------------------------------

    def step(self, act, plan, *, paper: Paper | None = None):
        """What `act` returns; it must do what `plan` says, or be refused where that is.

        A refused step, and one that was cut off, leaves everything as it was. `paper` is what the
        model knows of the document that comes out of it.
        """
        tried, refused = self.shelf.copy(), False
        try:
            plan(tried)
        except No:
            refused = True
        fuse, self.fuse = self.fuse, None
        before = picture() if refused or fuse else None
        try:
            with cut_off_after(fuse):
                result = act()
        except (CutOff, RuleBroken) as stopped:
            assert refused or isinstance(stopped, CutOff), f"refused: {stopped}"
            assert picture() == before, "a step that was not done has changed something"
            return None
        assert not refused, "done, although a rule refuses it"
        self.shelf, self.done = tried, self.done + 1
        if paper is not None:
            self.shelf.papers[result.pk] = paper
        self._compare_movements()
        return result

    def _compare_movements(self) -> None:
        """The ledger says what the model did, line by line, each with its running balance."""
        rows = StockMovement.objects.filter(pk__gt=self.seen, drug__in=self.drugs.values())
        moved = []
        for row in rows.select_related("batch", "document").order_by("pk"):
            key = self.key_of(row.batch)
            moved.append((key, row.quantity))
            balance = self.balances.get(row.batch_id, 0) + row.quantity
            assert row.balance == balance >= 0
            self.balances[row.batch_id], self.seen = balance, row.pk
            paper = self.shelf.papers.setdefault(
                row.document_id, Paper(row.document.kind, by="", place=key.place)
            )
            paper.moved.append((key, row.quantity, row.reference))
        assert sorted(moved) == sorted(self.shelf.journal)
        self.shelf.journal = []

    def key_of(self, batch: Batch) -> Key:
        place, drug = self._name(self.places, batch.place_id), self._name(self.drugs, batch.drug_id)
        return Key(place, drug, batch.lot, batch.expires_on, int(batch.cost))

    def _name(self, rows: dict, pk: int) -> str:
        return next(name for name, row in rows.items() if row.pk == pk)

    def batch(self, key: Key) -> Batch:
        return Batch.objects.select_related("drug", "place").get(
            place=self.places[key.place],
            drug=self.drugs[key.drug],
            lot=key.lot,
            expires_on=key.expires,
            cost=key.cost,
        )

    def line(self, key: Key, units: int) -> dict:
        """A line of a delivery or of an opening stock."""
        return {
            "drug": self.drugs[key.drug],
            "lot": key.lot,
            "expires_on": key.expires,
            "quantity": units,
            "cost": Decimal(key.cost),
            "reason": "急用",
        }

    # --- what always holds ---------------------------------------------------------------------

    def require_agreement(self) -> None:
        """The database says what the model says, and its own books agree (R-107, R-113)."""
        rows = list(Batch.objects.filter(drug__in=self.drugs.values()).order_by("pk"))
        assert {self.key_of(row): row.on_hand for row in rows} == self.shelf.units
        assert {self.key_of(row) for row in rows if row.frozen} == self.shelf.frozen
        assert all(row.on_hand == self.balances.get(row.pk, 0) >= 0 for row in rows)
        promised = Reservation.objects.filter(drug__in=self.drugs.values(), state="active")
        assert dict(promised.values_list("reference", "quantity")) == {
            reference: units for reference, (_drug, units) in self.shelf.promised.items()
        }
        free = stock.available(drug.pk for drug in self.drugs.values())
        assert free == {drug.pk: self.shelf.free(name) for name, drug in self.drugs.items()}
        assert check() == []
