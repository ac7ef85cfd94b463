"""The lab notices what must never be, and leaves nothing behind."""

from urllib.parse import quote

import pytest

from clinic.core.models import Counter
from tests.helpers import SecureClient
from tests.hostile.lab import Lab, Request
from tests.hostile.values import SCRIPT

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab(settings) -> Lab:
    settings.ROOT_URLCONF = "tests.hostile.broken_urls"
    lab = Lab({"": SecureClient(raise_request_exception=False)})
    lab.remember()
    return lab


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("/fault/", "status 500"),
        ("/half/", "half saved"),
        ("/opens/", "carried out"),
        ("/asks/", "carried out"),
        (f"/shows/?q={quote(SCRIPT)}", "carried out"),
    ],
)
def test_what_must_never_be_is_reported(lab, address, what):
    lab.send("", Request("x", "GET", address))

    assert [fault.what for fault in lab.faults.values()] == [what]


def test_a_whole_request_is_no_fault_and_is_taken_back(lab):
    lab.send("", Request("x", "GET", "/harmless/"))

    assert not lab.faults
    assert not Counter.objects.filter(name="whole").exists()
