"""`simulate_day`: lives a clinic's day through its pages, then proves that nothing went wrong."""

import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

NEEDED = ("requests", "lxml")  # of the tests' packages; a clinic is installed without them
# Role: how many work there unless the options say otherwise.
STAFF = {
    "frontdesk": 1, "nurse": 1, "doctor": 2, "pharmacist": 2, "technician": 1, "storekeeper": 1,
    "cashier": 1, "admin": 1, "auditor": 1,
}  # fmt: skip


class Command(BaseCommand):
    help = (
        "Live a day in a served practice clinic through HTTPS, as its people do, and prove at the "
        "end that nothing was lost. Exit status 0 only when every proof holds."
    )

    def add_arguments(self, parser):
        port = settings.CLINIC_PORT if hasattr(settings, "CLINIC_PORT") else 8443
        add = parser.add_argument
        add("--url", default=f"https://localhost:{port}", help="where the clinic is served")
        add("--ca", type=Path, help="certificate of its authority; else tls/ca.crt of its data")
        add("--password", default=os.environ.get("CLINIC_DEMO_PASSWORD", ""))
        add("--visits", type=int, default=120, help="patients of the day")
        add("--minutes", type=float, default=60, help="real minutes that the working day takes")
        add("--seed", type=int, default=1)
        add("--screens", type=int, default=2, help="screens of the waiting room")
        for role, count in STAFF.items():
            word = {"frontdesk": "desks", "admin": "admins"}.get(role, f"{role}s")
            add(f"--{word}", dest=role, type=int, default=count)
        add("--prepare", action="store_true", help="first make accounts, hours, files and stock")
        add("--only-prepare", action="store_true", help="make them and end")
        add("--grace", type=float, default=900, help="seconds after closing for the last ones")
        add("--journal", type=Path, help="each deed, before and after its request, as JSON lines")
        add("--json", type=Path, help="plans, deeds, figures and proofs as one file")
        add("--requests", type=Path, help="each request with its time, as CSV in gzip")
        add("--no-proofs", action="store_true", help="only live the day")

    def handle(self, *args, **options):
        missing = [name for name in NEEDED if find_spec(name) is None]
        if missing:
            raise CommandError(
                f"{' and '.join(missing)} missing: the simulated day needs the packages of the "
                "tests. Run it from a checkout with installer/test.sh's environment."
            )
        if not settings.CLINIC_PRACTICE:
            raise CommandError(
                "This is no practice clinic, and the simulated day invents patients. Set one up "
                "beside it: install.sh --demo --data-dir DIR --port N."
            )
        if not options["password"]:
            raise CommandError("The demo accounts' password: --password or CLINIC_DEMO_PASSWORD.")
        running = import_module("clinic.day.running")
        chosen = {role: options[role] for role in STAFF}
        run = running.Run(
            url=options["url"],
            ca=options["ca"] or Path(settings.DATA_DIR) / "tls" / "ca.crt",
            password=options["password"],
            staff=chosen,
            options=options,
            say=self.stdout.write,
        )
        if options["prepare"] or options["only_prepare"]:
            run.prepare()
        if options["only_prepare"]:
            return
        told = run.whole()
        if not told["holds"]:
            raise CommandError("The day did not hold: see above.", returncode=1)
