"""What encryption costs: the same table plain and encrypted, in one interleaved run.

    python -m tests.benchmarks.encryption                       SQLite
    DATABASE_URL=mysql://… python -m tests.benchmarks.encryption MariaDB

The targets are those of the design: a page of 50 rows and saving at most 2.5 times plain fields,
an exact search 2 times, reading everything and bulk insert 4 times. By the clock on the wall; with
--computed by what this process computed, which a busy machine spoils less, and which on SQLite is
nearly all of it.
"""

import sys
import time
import uuid

from tests.benchmarks import ground

ROWS = 5000
PAGE = 50
INSERTED = 200
SAVED = 20
SEARCHES = 40
ROUNDS = 41
TARGETS = {"page of 50 rows": 2.5, "save": 2.5, "exact search": 2.0, "read all": 4.0}
TARGETS["bulk insert"] = 4.0


def value_of(number: int) -> dict:
    return {
        "id_number": f"11010519{number:010d}",
        "phone": f"139{number:08d}",
        "address": f"青溪镇北桥村{number % 40}组{number % 97}号，门前有一棵老槐树",
        "story": "患者三日前受凉后出现咳嗽，咳少量白痰，无发热，无胸痛。" * 4,
    }


def tables():
    """The same columns and indexes twice; the row is named by a UUID in both."""
    from django.db import models

    from security.fields import BlindIndexField, EncryptedModel, EncryptedTextField

    class Plain(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        name = models.CharField(max_length=50, default="王小明")
        id_number = models.CharField(max_length=30, unique=True)
        phone = models.CharField(max_length=20, db_index=True)
        address = models.CharField(max_length=200)
        story = models.TextField()

        class Meta:
            app_label = "core"
            db_table = "bench_plain"

    class Sealed(EncryptedModel):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        name = models.CharField(max_length=50, default="王小明")
        id_number = EncryptedTextField(context="bench.id_number", max_length=30)
        id_number_index = BlindIndexField(
            source="id_number", context="bench.id_number", normalise="id_number", unique=True
        )
        phone = EncryptedTextField(context="bench.phone", max_length=20)
        phone_index = BlindIndexField(source="phone", context="bench.phone", normalise="phone")
        address = EncryptedTextField(context="bench.address", max_length=200)
        story = EncryptedTextField(context="bench.story")

        class Meta:
            app_label = "core"
            db_table = "bench_sealed"

    return Plain, Sealed


class Works:
    """What is measured, for one of the two tables."""

    def __init__(self, model, find):
        self.model, self.find = model, find
        self.numbers = iter(range(ROWS, 10**9))
        model.objects.bulk_create([model(**value_of(n)) for n in range(ROWS)], batch_size=500)
        self.some = list(model.objects.order_by("id")[:SAVED])

    def page(self):
        rows = self.model.objects.order_by("id")[1000 : 1000 + PAGE]
        return [(r.name, r.id_number, r.phone, r.address, r.story) for r in rows]

    def read_all(self):
        rows = self.model.objects.all()
        return sum(len(r.id_number + r.phone + r.address + r.story) for r in rows.iterator())

    def save(self):
        from django.db import transaction

        for row in self.some:
            row.address = f"{row.address[:30]}{next(self.numbers)}"
            with transaction.atomic():
                row.save()

    def search(self):
        for number in range(7, ROWS, ROWS // SEARCHES):
            (found,) = self.find(self.model.objects, f"139{number:08d}")
            assert found.phone == f"139{number:08d}"

    def insert(self):
        from django.db import transaction

        rows = [self.model(**value_of(next(self.numbers))) for _ in range(INSERTED)]
        with transaction.atomic():
            self.model.objects.bulk_create(rows)
            transaction.set_rollback(True)


def main() -> int:
    with ground.scratch_database() as connection:
        models = tables()
        with connection.schema_editor() as editor:
            for model in models:
                editor.create_model(model)
        plain = Works(models[0], lambda objects, phone: objects.filter(phone=phone))
        sealed = Works(models[1], lambda objects, phone: objects.find(phone=phone))
        clock = time.process_time if "--computed" in sys.argv else time.perf_counter
        measured = ground.ratios(
            {
                "page of 50 rows": (plain.page, sealed.page),
                "save": (plain.save, sealed.save),
                "exact search": (plain.search, sealed.search),
                "bulk insert": (plain.insert, sealed.insert),
            },
            ROUNDS,
            clock,
        )
        measured |= ground.ratios({"read all": (plain.read_all, sealed.read_all)}, 7, clock)
        print(f"{connection.vendor}, {ROWS} rows; median of the rounds' ratios")
        print(f"{'':18}{'ratio':>7}{'target':>8}{'plain':>12}{'encrypted':>12}")
        for name, (ratio, first, second) in measured.items():
            print(f"{name:18}{ratio:7.2f}{TARGETS[name]:8.1f}{first:9.2f} ms{second:9.2f} ms")
        missed = [name for name, target in TARGETS.items() if measured[name][0] > target]
        return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
