"""The cast: one person per role, whose name tells the reader what to expect."""

import gc
import os
import sys
from pathlib import Path

import pytest
from django.conf import settings

from security import keyring
from security.keyring_file import create_file
from security.permissions import STAFF_ROLES, Role
from tests.databases import django_db_setup  # noqa: F401
from tests.helpers import SecureClient

create_file(Path(os.environ["CLINIC_KEYRING"]))
Path(settings.STATIC_ROOT).mkdir(exist_ok=True)


def pytest_configure(config):
    if not settings.configured:
        raise pytest.UsageError("Django's settings are not loaded: run pytest from the checkout.")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }


def pytest_collection_finish():
    """What is loaded by now stays: Python need not look through it for garbage time and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def the_suites_own_ring():
    """No test leaves the keys of its own behind: child processes read the suite's file."""
    yield
    loaded = keyring._ring
    if loaded is not None and loaded.path != keyring.keyring_path():
        keyring.reset()


@pytest.fixture(autouse=True, scope="module")
def nobody_races_on():
    """What raced in a file's tests holds the database open no longer than these last."""
    yield
    if "tests.concurrency.together" in sys.modules:
        sys.modules["tests.concurrency.together"].send_home()


def person(username: str, full_name: str, *roles: Role):
    """An account with these roles that need not change its password.

    Written as `set_roles` leaves it, without its questions: almost every test begins here.
    """
    from django.contrib.auth.models import Group

    from security.models import User

    user = User.objects.create_user(
        username,
        "correct-horse-7",
        full_name=full_name,
        must_change_password=False,
        is_staff=bool(STAFF_ROLES & set(roles)),
    )
    holds = User.groups.through
    groups = Group.objects.filter(name__in=[role.value for role in roles]) if roles else []
    holds.objects.bulk_create(holds(user=user, group=group) for group in groups)
    return user


@pytest.fixture
def frontdesk(db):
    return person("frontdesk", "马丽", Role.FRONTDESK)


@pytest.fixture
def nurse(db):
    return person("nurse", "周护士", Role.NURSE)


@pytest.fixture
def doctor(db):
    return person("doctor", "林海生", Role.DOCTOR)


@pytest.fixture
def other_doctor(db):
    return person("doctor2", "苏晓雯", Role.DOCTOR)


@pytest.fixture
def pharmacist(db):
    return person("pharmacist", "许文娟", Role.PHARMACIST)


@pytest.fixture
def other_pharmacist(db):
    return person("pharmacist2", "高峰", Role.PHARMACIST)


@pytest.fixture
def technician(db):
    return person("technician", "吕药士", Role.TECHNICIAN)


@pytest.fixture
def remote_pharmacist(db):
    return person("remote", "唐远程", Role.REMOTE_PHARMACIST)


@pytest.fixture
def second_checker(db):
    return person("second", "方复核", Role.SECOND_CHECKER)


@pytest.fixture
def storekeeper(db):
    return person("storekeeper", "郑库管", Role.STOREKEEPER)


@pytest.fixture
def cashier(db):
    return person("cashier", "钱会计", Role.CASHIER)


@pytest.fixture
def administrator(db):
    return person("admin", "管理员", Role.ADMINISTRATOR)


@pytest.fixture
def auditor(db):
    return person("auditor", "审计员", Role.AUDITOR)


@pytest.fixture
def no_role(db):
    return person("norole", "新来的")


@pytest.fixture
def as_():
    """`as_(user)`: a browser in which this person is signed in, over HTTPS."""

    def sign_in(user) -> SecureClient:
        client = SecureClient()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["second_step"] = user.pk  # the code is typed in tests/security/test_second_factor
        session.save()
        return client

    return sign_in
