"""The one drug that typed or scanned words mean, the same on every page that asks for it."""

import pytest

from pharmacy import catalogue
from tests.factories.pharmacy import DrugFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def two():
    """A drug whose name is the beginning of another's."""
    return (
        DrugFactory(generic_name="布洛芬", code="B1", barcode="6901234567892"),
        DrugFactory(generic_name="布洛芬缓释胶囊", code="B12"),
    )


@pytest.mark.parametrize("words", ["布洛芬", "B1", "6901234567892", "81234560000000000001"])
def test_whole_words_and_scanned_codes_mean_one_drug_though_others_begin_alike(two, words):
    two[0].barcode = words if words.isdigit() else two[0].barcode
    two[0].save()

    assert catalogue.one_drug(words) == two[0]


def test_what_fits_several_drugs_or_none_is_refused_with_what_fits(two):
    with pytest.raises(catalogue.NotOneDrug, match="Several drugs fit “buluo”") as several:
        catalogue.one_drug("buluo")
    with pytest.raises(catalogue.NotOneDrug, match="No drug in the library fits “阿司”") as none:
        catalogue.one_drug("阿司")

    assert set(several.value.candidates) == set(two)
    assert none.value.candidates == []


def test_a_choice_counts_only_while_its_own_words_stand_beside_it(two):
    first, second = two

    assert catalogue.one_drug(second.label, chosen=second) == second
    assert catalogue.one_drug("B1", chosen=second) == first
