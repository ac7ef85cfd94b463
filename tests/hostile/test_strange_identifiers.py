"""Identifiers that are well-formed and that MariaDB's type refuses: an answer, never a fault.

Its UUID takes no value whose variant is not that of RFC 4122 while its version is none of 1 to 7;
Python, the addresses and SQLite take any 128 bits. Compared, such a value is only found nowhere;
written, the statement fails.
"""

import uuid

import pytest
from django.urls import reverse

from patients.models import FollowUp
from security.permissions import GRANTS
from tests.patients.test_followup_pages import answers, opened
from tests.test_every_view import OURS, PEOPLE, is_granted

STRANGE = uuid.UUID("4d19694a-9ad4-d0af-77f8-0c5721a68480")
pytestmark = pytest.mark.django_db


def address(pattern) -> str | None:
    """With the strange identifier; None where the address holds none."""
    kinds = {"UUIDConverter": STRANGE, "IntConverter": 1, "StringConverter": "sample"}
    named = {key: type(one).__name__ for key, one in pattern.pattern.converters.items()}
    if "UUIDConverter" not in named.values():
        return None
    return reverse(pattern.name, kwargs={key: kinds[kind] for key, kind in named.items()})


@pytest.mark.parametrize("who", [who for who, role in PEOPLE.items() if role])
def test_an_address_with_one_leads_nowhere(who, request, as_):
    client = as_(request.getfixturevalue(who))
    granted = GRANTS[PEOPLE[who]]
    addresses = [address(one) for one in OURS if is_granted(one, granted)]
    sent = {"once": STRANGE, "patient": STRANGE, "visit": STRANGE, "version": 1}

    for one in filter(None, addresses):
        assert client.get(one).status_code < 500, one
        assert client.post(one, sent).status_code < 500, one


def test_a_visit_that_we_never_gave_is_not_written_down(as_, nurse):
    row = opened(nurse)
    url = reverse("followup_record", args=[row.pk])

    as_(nurse).post(url, answers(row, visit=STRANGE))

    row.refresh_from_db()
    assert (row.state, row.visit) == (FollowUp.State.DONE, None)
