import pytest
from django.utils import translation

from tests.factories.pharmacy import stocked_drug


@pytest.fixture
def amoxicillin(db):
    """Ten boxes of 24 capsules on the shelf."""
    return stocked_drug(240, code="D001", generic_name="阿莫西林胶囊")


@pytest.fixture
def in_english():
    """Refusals are matched by the words of the source, whatever they are called in Chinese."""
    with translation.override("en"):
        yield
