"""A doctor's open visit, a harmless drug, and the shipped library where a test needs it."""

import pytest

from patients.reference import load_allergy_groups
from pharmacy.library import load_interactions
from tests.factories.prescriptions import draft, row, tablets, visit_of


@pytest.fixture
def visit(doctor):
    return visit_of(doctor)


@pytest.fixture
def sheet(doctor, visit):
    """An empty draft of the doctor's."""
    return draft(doctor, record=visit)


@pytest.fixture
def item(sheet):
    """Its first row: 15 tablets that nothing speaks against."""
    return row(sheet)


@pytest.fixture
def ambroxol(db):
    return tablets()


@pytest.fixture
def shipped_library(db):
    """The shipped allergy groups; `shipped(code)` brings in a drug."""
    load_allergy_groups()


@pytest.fixture
def shipped_pairs(db):
    """The shipped table of interactions."""
    load_interactions()
