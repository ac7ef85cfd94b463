"""What the log costs a page: whole requests with their reading on record, and without."""

import itertools
import time
from datetime import timedelta

from django.conf import settings
from django.urls import reverse

from security import audit
from security.models import User
from security.permissions import Role
from security.roles import set_roles
from tests.benchmarks import ground
from tests.factories.patients import PatientFactory
from tests.factories.registration import open_session, waiting_visit
from tests.helpers import SecureClient

ROWS = 50


def measure(rounds: int) -> dict:
    """Of each page: the ratio with to without, and both in milliseconds.

    By the clock on the wall, and by what this process computed, which a busy machine spoils less.
    """
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    doctor, desk = _person("reader1", Role.DOCTOR), _person("reader2", Role.FRONTDESK)
    session = open_session(doctor, quota=1000)
    visits = [waiting_visit(session, desk, patient=PatientFactory()) for _row in range(ROWS)]
    files = itertools.cycle([reverse("patient_chart", args=[v.patient_id]) for v in visits])
    at_doctor, at_desk = _browser(doctor), _browser(desk)

    def chart():
        assert at_doctor.get(next(files)).status_code == 200

    def today():
        assert at_desk.get(reverse("desk")).status_code == 200

    works = {
        "a patient's file": (_unrecorded(chart), _anew(chart)),
        f"the desk with {ROWS} patients": (_unrecorded(today), _anew(today)),
        "the desk again within five minutes": (_unrecorded(today), today),
    }
    told = {}
    for kind, clock in (("waited", time.perf_counter), ("computed", time.process_time)):
        for name, (ratio, without, with_entry) in ground.ratios(works, rounds, clock).items():
            told.setdefault(name, {})[kind] = (
                f"{ratio:.2f} ({without:.1f} ms without, {with_entry:.1f} ms with)"
            )
    return told


def _person(name: str, role: Role) -> User:
    user = User.objects.create_user(name, full_name="林海生", must_change_password=False)
    return set_roles(user=user, roles={role.value}, by=None)


def _browser(user: User) -> SecureClient:
    client = SecureClient()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _unrecorded(work):
    """The same page, and nobody notes who saw it."""

    def run():
        real = audit.record_read
        audit.record_read = lambda **kwargs: None
        try:
            work()
        finally:
            audit.record_read = real

    return run


def _anew(work):
    """The same page with an entry each time, not one for all views within five minutes."""

    def run():
        usual = audit.SAME_READ
        audit.SAME_READ = timedelta(0)
        try:
            work()
        finally:
            audit.SAME_READ = usual

    return run
