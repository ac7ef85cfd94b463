"""How long the page of figures takes over a month of ten thousand visits.

    python -m tests.benchmarks.statistics 10000     visits a month

The month before is as large; both are read. Queries, seconds and memory of each page. On MariaDB
with DATABASE_URL set, as the suite.
"""

import json
import sys
import time
import tracemalloc

from tests.benchmarks.ground import scratch_database


def main() -> int:
    visits = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with scratch_database():
        from django.conf import settings

        from tests.benchmarks.statistics_month import fill

        plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
        settings.STORAGES["staticfiles"] = {"BACKEND": plain}
        began = time.monotonic()
        fill(visits)
        print(f"made in {time.monotonic() - began:.0f} s", file=sys.stderr)
        told = {name: _measured(address) for name, address in _addresses().items()}
    print(json.dumps({"visits": visits, **told}, ensure_ascii=False, indent=1))
    return 0 if all(page["queries"] <= 20 for page in told.values()) else 1


def _addresses() -> dict[str, str]:
    from django.urls import reverse

    page = reverse("statistics")
    return {
        "month": page,
        "one doctor": f"{page}?period=month&since=&doctor=1",
        "waiting over time": reverse("statistics_figure", args=["waiting"]),
        "compliance over time": reverse("statistics_figure", args=["compliance"]),
    }


def _measured(address: str) -> dict:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = _client()
    client.get(address)
    seconds = []
    for _n in range(3):
        began = time.monotonic()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        seconds.append(time.monotonic() - began)
        count = len(queries)
    tracemalloc.start()
    client.get(address)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "seconds": round(sorted(seconds)[1], 2),
        "queries": count,
        "peak_mb": round(peak / 2**20, 1),
    }


def _client():
    from security.models import User
    from security.permissions import Role
    from tests.benchmarks.statistics_month import person
    from tests.helpers import SecureClient

    user = User.objects.filter(username="figures").first()
    user = user or person("figures", "周建平", Role.ADMINISTRATOR.value)
    client = SecureClient()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["second_step"] = user.pk
    session.save()
    return client


if __name__ == "__main__":
    sys.exit(main())
