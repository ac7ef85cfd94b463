"""A clinic that charges: where none does, the cashier's pages are closed."""

import pytest

from tests.factories.cash import charging


@pytest.fixture
def paying_site(db):
    charging()
