"""A part that the clinic doesn't use: its pages are closed in words, nothing leads to them, and
every other page answers as before."""

import re
import uuid
from html import unescape

import pytest
from django.urls import Resolver404, resolve, reverse

from clinic.core.models import Setting
from clinic.core.modules import SETTINGS
from clinic.modules import module_of, names
from security.access import mark_of
from security.permissions import Role
from tests.conftest import person
from tests.helpers import SecureClient
from tests.scene import scene_of
from tests.test_every_record import url_of
from tests.test_every_view import OURS

pytestmark = pytest.mark.django_db
LINK = re.compile(r'(?:href|action|formaction|data-[a-z-]*url)="(/[^"#?]*)')
RAIL = re.compile(r'<nav class="rail".*?</nav>', re.S)
CLOSED = {"clinic/module_off.html", "clinic/booking_off.html"}


@pytest.fixture(autouse=True)
def everything_used(db):
    Setting.objects.create(key="site.charges", value="yes")


@pytest.fixture
def people(as_):
    """Somebody with every role but the auditor's, and one who sees the other half of a page."""
    everything = person("all", "全岗", *(set(Role) - {Role.AUDITOR}))
    nurse = person("only_nurse", "只护士", Role.NURSE)
    return [as_(everything), as_(nurse)]


@pytest.fixture
def scene(doctor, frontdesk, pharmacist):
    return scene_of(doctor, frontdesk, pharmacist)


def switch(code: str, on: bool) -> None:
    word = "yes" if on else "no"
    Setting.objects.update_or_create(key=SETTINGS[code], defaults={"value": word})


def links_of(answer, *, rail: bool = False) -> set[str]:
    """The URL names that a page leads to; the rail is the same on every page."""
    found = set()
    if "html" in answer.get("Content-Type", "") and not answer.streaming:
        text = answer.content.decode()
        for path in LINK.findall(text if rail else RAIL.sub("", text)):
            try:
                found.add(resolve(unescape(path)).view_name)
            except Resolver404:
                continue
    return found


def is_closed(answer) -> bool:
    return answer.status_code == 404 and bool(CLOSED & {t.name for t in answer.templates})


def test_a_switched_off_part_is_closed_and_unlinked_and_the_rest_goes_on(scene, people):
    pages = [p for p in OURS if p.name != "logout"]

    def ask(at, pattern):
        return people[at].get(url_of(pattern, scene))

    before = {(at, p): ask(at, p) for at in range(len(people)) for p in pages}
    before = {key: answer for key, answer in before.items() if answer.status_code != 405}
    leads = {key: {module_of(name) for name in links_of(a)} - {""} for key, a in before.items()}
    assert set().union(*leads.values()) == set(SETTINGS), "every part is led to while it is on"

    # One after the other: what led to it leads there no more.
    for code in SETTINGS:
        switch(code, on=False)
        for (at, pattern), found in leads.items():
            if code in found and module_of(pattern.name) != code:
                answer, where = ask(at, pattern), f"{code} off: {pattern.name} as {at}"
                assert answer.status_code == before[at, pattern].status_code, where
                assert code not in {module_of(name) for name in links_of(answer)}, where
        switch(code, on=True)
    # All of them: closed or as before.
    for code in SETTINGS:
        switch(code, on=False)
    for pattern in pages:
        answer = ask(0, pattern)
        if module_of(pattern.name):
            assert is_closed(answer), pattern.name
        elif (0, pattern) in before:
            assert answer.status_code == before[0, pattern].status_code, pattern.name
            assert {n for n in links_of(answer) if module_of(n)} == set(), pattern.name


@pytest.mark.parametrize("role", Role)
def test_no_role_opens_a_closed_page_or_does_anything_there(role, as_):
    for code in SETTINGS:
        switch(code, on=False)
    client = as_(person("one", "某人", role))

    for code, example in (
        ("pharmacy", "stock_warnings_undo"),
        ("pharmacy", "review_list"),
        ("charges", "fee_new"),
        ("treatments", "treatment_list"),
        ("follow_up", "followup_list"),
        ("booking", "booking"),
    ):
        answer = client.post(reverse(example), {"once": uuid.uuid4()})
        assert module_of(example) == code
        assert is_closed(answer) or answer.status_code == 403
    home = client.get("/", follow=True)
    assert home.status_code == 200
    assert {n for n in links_of(home, rail=True) if module_of(n)} == set()


def test_patients_are_told_to_call_where_nobody_books_online(db):
    switch("booking", on=False)

    answers = [SecureClient().get(reverse(name)) for name in ("booking", "booking_mine")]

    assert all(is_closed(answer) and b"phone-head" in answer.content for answer in answers)


def test_every_part_has_addresses_and_none_has_two():
    known = {pattern.name for pattern in OURS}
    for code, found in names().items():
        assert found and found <= known, code
    assert sum(len(found) for found in names().values()) == len(set().union(*names().values()))
    public = {p.name for p in OURS if mark_of(p.callback).public}
    everybodys = {"drug_list", "skin_test_list", "desk_bookings"}
    assert everybodys.isdisjoint(set().union(*names().values()))
    assert names()["booking"] <= public
