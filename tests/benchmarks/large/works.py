"""What people do all day and what runs by itself, in one installation; each work has a name."""

import datetime
import random
import time
import uuid

from django.conf import settings
from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.benchmarks.large import sheet, visits

ROLES = ["frontdesk", "nurse", "doctor", "pharmacist", "technician", "storekeeper", "admin"]
ROLES += ["auditor", "cashier"]
# What reads everything that there is, at night or in the week; their own lines say how long.
WHOLE = ["security.verify", "security.encryption", "security.backup", "registration.records"]
WHOLE += ["prescriptions.verify", "cashier.books"]


class Works:
    """Signed-in browsers of everybody, and some people who came ten times."""

    def __init__(self):
        from patients.models import Patient
        from security.models import User

        settings.ALLOWED_HOSTS = ["*"]
        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
        self.people = {user.username: user for user in User.objects.all()}
        self.clients = {name: self._browser(name) for name in ROLES}
        self.turn = 0
        self.regulars = self._regulars()
        self.files = list(
            Patient.objects.filter(record_no__gte="P00001000", record_no__lt="P00002000").order_by(
                "record_no"
            )[:900]
        )
        self.chosen = self.files[777]
        self.drugs = self._drugs()
        self.session = sheet.doctor()
        self.five = sheet.drugs(self.people["storekeeper"], self.people["pharmacist"])
        self.people[sheet.DOCTOR] = self.session.clinician.user
        self.clients[sheet.DOCTOR] = self._browser(sheet.DOCTOR)
        self.all = {**self.pages(), **self.acts(), **self.nights()}

    def _browser(self, name: str):
        from tests.helpers import SecureClient

        client = SecureClient()
        user = self.people[name]
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["second_step"] = user.pk
        session.save()
        return client

    def _regulars(self) -> list:
        """People of ten visits whom the doctor saw; both installations have at least these."""
        from patients.models import Patient
        from registration.models import Consultation

        numbers = [f"P{1_000 + 1_000 * turn + 1:08d}" for turn in range(10)]
        seen = Consultation.objects.filter(clinician__user=self.people["doctor"])
        return list(
            Patient.objects.filter(record_no__in=numbers, pk__in=seen.values("patient")).order_by(
                "record_no"
            )
        )

    def _drugs(self) -> list:
        from pharmacy.models import Drug

        return list(Drug.objects.filter(code__startswith="B0000").order_by("code")[:100])

    # --- how it is measured --------------------------------------------------------------------

    def measure(self, work: str) -> tuple[float, float, int]:
        """(seconds, those computed here, queries) of one turn; what it needs is made before."""
        self.turn += 1
        ready, run = self.all[work]
        given = ready() if ready else None
        reset_queries()
        with CaptureQueriesContext(connection) as queries:
            began, computed = time.perf_counter(), time.process_time()
            run(given) if ready else run()
            took, computed = time.perf_counter() - began, time.process_time() - computed
        return took, computed, len(queries)

    def get(self, who: str, path: str) -> str:
        response = self.clients[who].get(path, follow=True)
        if response.status_code != 200:
            raise SystemExit(f"{who}: {path} answered {response.status_code}")
        return path

    def page(self, who: str, name: str, *args, asked: str = ""):
        return None, lambda: self.get(who, reverse(name, args=args) + asked)

    # --- pages ---------------------------------------------------------------------------------

    def pages(self) -> dict:
        asked = {
            "common name": "王秀英", "surname": "王", "rare name": "单龄佑", "initials": "wxy",
            "document number": self.chosen.id_number, "end of the phone": "1777",
            "birth date": self.chosen.birth_date.isoformat(),
        }  # fmt: skip
        month_ago = (datetime.date.today() - datetime.timedelta(days=30)).isoformat()
        known, audit = self.chosen.record_no, reverse("audit_list")
        found = {
            f"search, {kind}": (None, lambda typed=typed: self.search(typed))
            for kind, typed in asked.items()
        }
        homes = {f"home of {who}": (None, lambda who=who: self.get(who, "/")) for who in ROLES}
        return {
            "patient search, empty": self.page("frontdesk", "patient_search"),
            **found,
            "chart of ten visits": (self.a_regular, self.chart),
            **homes,
            "prescriptions of a doctor": self.page("doctor", "prescription_list"),
            "archive of prescriptions": self.page("pharmacist", "archive_list"),
            "stock list": self.page("storekeeper", "stock"),
            "warnings": self.page("storekeeper", "stock_warnings"),
            "orders": self.page("storekeeper", "stock_orders"),
            "documents of the stock": self.page("storekeeper", "stock_documents"),
            "ledger of a drug": (self.a_drug, self.ledger),
            "ledger of a batch": (self.a_batch, self.batch),
            "turnover, a month": self.page(
                "storekeeper", "stock_report_of", "turnover", asked=f"?since={month_ago}"
            ),
            "audit log": self.page("auditor", "audit_list"),
            "audit log, page 1000": (None, lambda: self.get("auditor", f"{audit}?page=1000")),
            "audit log of a patient": (
                None,
                lambda: self.get("auditor", f"{audit}?number={known}"),
            ),
            "audit log of a person": (None, lambda: self.get("auditor", f"{audit}?who=nurse")),
            "audit log, refused": (None, lambda: self.get("auditor", f"{audit}?outcome=refused")),
            "audit log of an event": (None, lambda: self.get("auditor", f"{audit}?event=sign_in")),
            "audit log, a month": (None, lambda: self.get("auditor", f"{audit}?since={month_ago}")),
            "week of the audit log": self.page("auditor", "audit_week"),
            "statistics": self.page("admin", "statistics"),
            "statistics, days alike": self.page("admin", "statistics", asked=visits.days_alike()),
            "report of registrations": self.page("frontdesk", "registration_report"),
        }

    def search(self, typed: str) -> None:
        response = self.clients["frontdesk"].post(reverse("patient_search"), {"q": typed})
        if response.status_code != 200:
            raise SystemExit(f"the search answered {response.status_code}")

    def a_regular(self):
        return self.regulars[self.turn % len(self.regulars)]

    def chart(self, patient) -> None:
        self.get("doctor", reverse("patient_chart", args=[patient.pk]))

    def a_drug(self) -> int:
        return self.drugs[self.turn % len(self.drugs)].pk

    def ledger(self, drug: int) -> None:
        self.get("storekeeper", reverse("drug_ledger", args=[drug]))

    def a_batch(self) -> int:
        from pharmacy.models import Batch

        drug = self.drugs[self.turn % len(self.drugs)]
        return Batch.objects.filter(drug=drug).order_by("pk").values_list("pk", flat=True)[0]

    def batch(self, pk: int) -> None:
        self.get("storekeeper", reverse("stock_ledger", args=[pk]))

    # --- verbs ---------------------------------------------------------------------------------

    def acts(self) -> dict:
        return {
            "register a visit": (self.somebody_else, self.register),
            "call the next": (self.one_waits, self.call),
            "dispense five drugs": (self.five_drugs, self.dispense),
        }

    def somebody_else(self):
        """Somebody who is not registered with this doctor today; a number is given but once."""
        from registration.models import Registration

        there = set(
            Registration.objects.filter(session=self.session).values_list("patient_id", flat=True)
        )
        return next(one for one in self.files if one.pk not in there)

    def register(self, patient):
        from registration.booking import register_visit

        desk = self.people["frontdesk"]
        return register_visit(patient=patient, session=self.session, by=desk)

    def one_waits(self):
        """And nobody is called and has not come in."""
        from registration.models import Registration
        from registration.queue import pass_over

        for visit in Registration.objects.filter(session=self.session, state="called"):
            pass_over(registration=visit, by=self.session.clinician.user)
        return self.register(self.somebody_else())

    def call(self, _visit) -> None:
        response = self.clients[sheet.DOCTOR].post(
            reverse("call_next"), {"once": uuid.UUID(int=random.getrandbits(128), version=4)}
        )
        if response.status_code != 302:
            raise SystemExit(f"calling the next answered {response.status_code}")

    def five_drugs(self):
        self.one_waits()
        return sheet.ready(
            self.session,
            self.somebody_else(),
            self.five,
            desk=self.people["frontdesk"],
            reviewer=self.people["pharmacist2"],
        )

    def dispense(self, prescription) -> None:
        from prescriptions import dispensing

        dispensing.dispense(prescription=prescription, by=self.people["pharmacist"])

    # --- by itself -----------------------------------------------------------------------------

    def nights(self) -> dict:
        """What the scheduler runs, by its names; and what reads everything, once."""
        from clinic.core import scheduler
        from security import encryption_check, verdict
        from security.backup.make import make_backup

        return {
            **{
                f"by itself: {name}": (None, task.run)
                for name, task in scheduler._tasks.items()
                if name not in WHOLE
            },
            "everything: the audit log verified": (None, verdict.run_whole),
            "everything: all cells opened": (None, lambda: encryption_check.run(say=print)),
            "everything: a backup": (None, lambda: make_backup(kind="manual")),
        }
