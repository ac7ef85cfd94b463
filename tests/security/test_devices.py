"""Computers that know a person: their person and the administrator can make them forget."""

import pytest
from django.urls import reverse

from security.models import AuditEntry, Device, DeviceUnlock, Pin
from tests.helpers import SecureClient
from tests.security.test_switching import PIN, come_by_pin, set_pin, sign_in, who_is_at

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/security/user/"
COMPUTERS = "/admin/security/device/"
PC = {"HTTP_USER_AGENT": "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36"}


@pytest.fixture
def two_pcs(nurse, frontdesk):
    """The nurse set a PIN and gave the password at two computers, the first one last."""
    first, second = SecureClient(**PC), SecureClient()
    sign_in(first, nurse)
    set_pin(first)
    sign_in(second, nurse)
    first.post(reverse("logout"))
    sign_in(first, nurse)
    return first, second


def rows(client):
    return client.get(reverse("my_sessions")).context["computers"]


def forget(client, which):
    return client.post(reverse("forget_computer"), {"computer": which})


def test_the_page_tells_ones_own_computers_apart(two_pcs, frontdesk):
    first, _second = two_pcs
    other = SecureClient()
    sign_in(other, frontdesk)

    page = first.get(reverse("my_sessions")).content.decode()

    assert "Chrome Windows" in page and "127.0.0.1" in page
    assert [(row.here, row.open) for row in rows(first)] == [(True, True), (False, True)]
    assert rows(other) == []  # without a PIN nothing could be done there


def test_a_pin_that_was_changed_or_is_void_is_not_called_enough(two_pcs, nurse):
    first, _second = two_pcs
    set_pin(first, pin="904713")
    assert [(row.here, row.open) for row in rows(first)] == [(True, True), (False, False)]

    Pin.objects.update(key_id=77)

    assert not any(row.open for row in rows(first))


def test_at_a_forgotten_computer_the_pin_is_worth_nothing_until_the_password_is_given(
    two_pcs, nurse, frontdesk
):
    first, second = two_pcs
    there = next(row.pk for row in rows(first) if not row.here)

    forget(first, there)

    for client in two_pcs:
        client.post(reverse("logout"))
        come_by_pin(client, nurse)
    assert [who_is_at(client) for client in (first, second)] == [nurse.pk, None]
    sign_in(second, nurse)
    second.post(reverse("logout"))
    come_by_pin(second, nurse, PIN)
    assert who_is_at(second) == nurse.pk
    entry = AuditEntry.objects.get(event="device_forgotten")
    assert (entry.actor, entry.object_pk) == (nurse, str(nurse.pk))


def test_all_computers_are_forgotten_at_once(two_pcs, nurse):
    forget(two_pcs[0], "all")

    assert not DeviceUnlock.objects.filter(user=nurse).exists()


@pytest.mark.parametrize("which", ["", "x", "-1", "９", "9" * 40, "😀"])
def test_a_senseless_number_forgets_nothing(two_pcs, which):
    assert forget(two_pcs[0], which).status_code == 302
    assert DeviceUnlock.objects.count() == 2


def test_nobody_makes_a_computer_forget_somebody_else(two_pcs, nurse, frontdesk):
    other = SecureClient()
    sign_in(other, frontdesk)

    forget(other, DeviceUnlock.objects.filter(user=nurse).first().pk)

    assert DeviceUnlock.objects.filter(user=nurse).count() == 2


def test_the_administrator_makes_all_computers_forget_a_person(two_pcs, nurse, administrator, as_):
    chosen = {"action": "forget_computers", "_selected_action": [nurse.pk]}

    as_(administrator).post(PEOPLE, chosen)

    assert not DeviceUnlock.objects.exists()


def test_a_lost_computer_is_forgotten_with_everybody_it_knew(
    two_pcs, nurse, frontdesk, administrator, as_
):
    first, _second = two_pcs
    first.post(reverse("logout"))
    sign_in(first, frontdesk)
    lost = next(d for d in Device.objects.all() if d.unlocks.count() == 2)
    browser = as_(administrator)
    assert "Chrome Windows" in browser.get(COMPUTERS).content.decode()

    browser.post(COMPUTERS, {"action": "forget", "_selected_action": [lost.pk]})

    come_by_pin(first, nurse)
    assert who_is_at(first) == frontdesk.pk
    assert [device.unlocks.count() for device in Device.objects.all()] == [1]
    entry = AuditEntry.objects.get(event="device_forgotten")
    assert (entry.actor, entry.additional_data["people"]) == (administrator, 2)


def test_the_administrator_neither_makes_nor_changes_a_computer(two_pcs, administrator, as_):
    device = Device.objects.first()

    as_(administrator).post(f"{COMPUTERS}{device.pk}/change/", {"browser": "forged"})

    assert as_(administrator).get(f"{COMPUTERS}add/").status_code == 403
    assert Device.objects.get(pk=device.pk).browser == device.browser


def test_the_page_asks_the_same_with_one_and_with_fifty_rows(
    two_pcs, nurse, django_assert_num_queries, django_assert_max_num_queries
):
    first, _second = two_pcs
    first.get(reverse("my_sessions"))
    with django_assert_max_num_queries(20) as few:
        first.get(reverse("my_sessions"))
    for number in range(50):
        device = Device.objects.create(token_hash=str(number), last_user=nurse)
        DeviceUnlock.objects.create(device=device, user=nurse, until="2030-01-01T00:00Z")

    with django_assert_num_queries(len(few)):
        assert len(rows(first)) == 50
