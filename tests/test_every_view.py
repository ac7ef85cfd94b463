"""Walks the URLconf: every URL is named and marked, and answers each role as the policy says.

A new URL needs a sample value for its arguments here, or the test fails: no page is forgotten.
"""

import uuid

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from security.access import mark_of
from security.permissions import GRANTS, P, Role
from tests.helpers import SecureClient

PEOPLE = {
    "frontdesk": Role.FRONTDESK,
    "nurse": Role.NURSE,
    "doctor": Role.DOCTOR,
    "pharmacist": Role.PHARMACIST,
    "technician": Role.TECHNICIAN,
    "remote_pharmacist": Role.REMOTE_PHARMACIST,
    "second_checker": Role.SECOND_CHECKER,
    "storekeeper": Role.STOREKEEPER,
    "cashier": Role.CASHIER,
    "administrator": Role.ADMINISTRATOR,
    "auditor": Role.AUDITOR,
    "no_role": None,
}
# Who is refused is decided before a page asks for anything: the same on either database.
_REFUSALS = "sqlite" in settings.DATABASES["default"]["ENGINE"]
SAMPLE_UUID = uuid.UUID("00000000-0000-4000-8000-000000000001")


def patterns(resolver=None, app=""):
    """(pattern, view) of every URL of ours; Django admin's own are judged by view class below."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                yield from patterns(entry, app)
        elif isinstance(entry, URLPattern):
            yield entry


OURS = list(patterns())
NAMES = [pattern.name for pattern in OURS]


def sample_url(pattern) -> str:
    """The URL with a sample value for each argument."""
    kinds = {"UUIDConverter": SAMPLE_UUID, "IntConverter": 1, "StringConverter": "sample"}
    converters = pattern.pattern.converters
    return reverse(pattern.name, kwargs={k: kinds[type(v).__name__] for k, v in converters.items()})


def is_granted(pattern, granted: set) -> bool:
    mark = mark_of(pattern.callback)
    return mark.public or not mark.any_of or bool(set(mark.any_of) & granted)


def test_every_url_has_a_name_of_its_own():
    assert None not in NAMES
    assert sorted(NAMES) == sorted(set(NAMES))


def test_every_view_is_marked():
    unmarked = [pattern.name for pattern in OURS if mark_of(pattern.callback) is None]

    assert unmarked == []


@pytest.mark.django_db
def test_a_stranger_is_sent_to_the_sign_in_page():
    for pattern in OURS:
        response = SecureClient().get(sample_url(pattern))

        if mark_of(pattern.callback).public:
            assert response.status_code in (200, 304, 405), pattern.name
        else:
            assert response.status_code == 302, pattern.name
            assert response["Location"].startswith(reverse(settings.LOGIN_URL)), pattern.name


@pytest.mark.django_db
@pytest.mark.parametrize("who", PEOPLE)
def test_each_role_opens_what_the_policy_grants_and_nothing_else(who, request, as_):
    user = request.getfixturevalue(who)
    client = as_(user)
    role = PEOPLE[who]
    granted = GRANTS[role] if role else set()
    asked = [p for p in OURS if p.name != "logout" and (is_granted(p, granted) or _REFUSALS)]

    answers = {p.name: client.get(sample_url(p)).status_code for p in asked}

    for pattern in asked:
        status = answers[pattern.name]
        if is_granted(pattern, granted):
            assert status in (200, 204, 302, 304, 404, 405), f"{pattern.name} as {who}: {status}"
        else:
            assert status == 403, f"{pattern.name} as {who}: {status}"


@pytest.mark.django_db
def test_a_view_without_a_mark_is_refused_to_everybody(administrator, as_, settings):
    settings.ROOT_URLCONF = "tests.unmarked_urls"

    response = as_(administrator).get("/unmarked/")

    assert response.status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("who", PEOPLE)
def test_only_administrators_open_django_admin(who, request, as_):
    client = as_(request.getfixturevalue(who))

    response = client.get("/admin/")

    assert response.status_code == (200 if who == "administrator" else 403)


@pytest.mark.django_db
def test_an_administrator_sees_no_clinical_record_in_the_admin(administrator, as_):
    page = as_(administrator).get("/admin/").content.decode()

    for word in ("patients/patient/", "consultation/", "prescriptions/prescription/"):
        assert word not in page


@pytest.mark.django_db
def test_writing_needs_the_token_of_our_own_page(doctor):
    client = SecureClient(enforce_csrf_checks=True)
    client.force_login(doctor, backend="django.contrib.auth.backends.ModelBackend")
    for pattern in OURS:
        response = client.post(sample_url(pattern), {})

        assert response.status_code in (403, 405), pattern.name


def test_no_role_holds_what_its_duty_excludes_R142():
    for role, grants in GRANTS.items():
        assert not {P.PRESCRIBE, P.REVIEW_PRESCRIPTION} <= grants, role
        assert not {P.ADMINISTER, P.READ_AUDIT} <= grants, role
    fees = {P.READ_TAKINGS, P.MANAGE_FEES}
    figures = {P.SEE_STATISTICS, P.COMPARE_DOCTORS}
    managed = {P.ADMINISTER, P.MANAGE_DRUGS, P.MANAGE_SCHEDULE}
    assert GRANTS[Role.ADMINISTRATOR] == managed | fees | figures
