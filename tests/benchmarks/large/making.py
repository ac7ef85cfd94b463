"""Making one installation: a practice clinic first, then its past in bulk."""

import os
import time
from pathlib import Path

from django.core.management import call_command

from tests.benchmarks.large import bulk, entries, goods, people, visits

NAMES = ["admin", "frontdesk", "nurse", "doctor", "doctor2", "pharmacist", "pharmacist2"]
NAMES += ["storekeeper", "auditor", "cashier", "technician"]
PASSWORD = "Bench-2026-million"  # noqa: S105  # nosec B105 # a practice clinic's


def make(patients: int, movements: int, many_entries: int) -> None:
    """Everything, and how long each part took."""
    from django.conf import settings

    from security.keyring_file import create_file
    from security.models import User

    began = time.monotonic()
    create_file(Path(settings.CLINIC_KEYRING))
    os.environ["CLINIC_DEMO_PASSWORD"] = PASSWORD
    call_command("migrate", verbosity=0)
    call_command("load_reference_data", verbosity=0)
    call_command("demo_data", patients=60, days=5, verbosity=0)
    call_command("seal_audit", verbosity=0)
    staff = {user.username: user for user in User.objects.filter(username__in=NAMES)}
    bulk.told("the practice clinic stands")
    with bulk.quick():
        people.fill(patients, staff["frontdesk"])
        bulk.told("patients")
        visits.fill(patients, staff["frontdesk"])
        goods.fill(movements, staff)
        entries.fill(many_entries, staff)
        _tidy()
    bulk.told(f"made in {time.monotonic() - began:.0f} s")


def _tidy() -> None:
    """The tables of this benchmark go; statistics of the database as it keeps them itself."""
    from django.db import connection

    for name in ("visit", "item", "batch", "drug", "line", "turns", "day"):
        bulk.run(f"DROP TABLE bench_{name}")
    if connection.vendor != "sqlite":  # it does so by itself in a while; SQLite never does
        with connection.cursor() as cursor:
            tables = ", ".join(
                map(connection.ops.quote_name, connection.introspection.table_names())
            )
            cursor.execute(f"ANALYZE TABLE {tables}")
