"""A day at the clinic: one doctor with an open session, and people who come."""

import pytest

from tests.factories.registration import Icd10CodeFactory, open_session


@pytest.fixture
def session(doctor):
    return open_session(doctor)


@pytest.fixture
def other_session(other_doctor):
    return open_session(other_doctor)


@pytest.fixture
def bronchitis(db):
    return Icd10CodeFactory()


@pytest.fixture
def hypertension(db):
    return Icd10CodeFactory(code="I10", name="高血压", initials="GXY")
