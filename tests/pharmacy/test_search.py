"""Finding a drug as people type it."""

import pytest

from pharmacy import catalogue, stock
from pharmacy.library import load_drug_library
from tests.factories.pharmacy import DrugFactory, put_on_shelf, stocked_drug

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(db):
    load_drug_library()


def names(text, **options):
    return [drug.generic_name for drug in catalogue.search_drugs(text, **options)]


def test_initials_name_part_of_it_and_code_all_find_the_drug(library):
    for text in (
        *("AMXLJN", "amxlj", "ＡＭＸＬＪＮ", " amxljn ", "阿莫西林胶囊", "莫西林胶"),
        *("D001", "d001"),
    ):
        assert "阿莫西林胶囊" in names(text), text


def test_initials_without_the_salt_find_it_too(library):
    assert "注射用青霉素钠" in names("QMSN")


def test_the_trade_name_finds_it():
    DrugFactory(generic_name="复方氨酚烷胺片", trade_name="感康", initials="FFAFWAP")

    assert names("感康") == names("感") == ["复方氨酚烷胺片"]


def test_what_begins_with_the_words_comes_before_what_contains_them():
    DrugFactory(generic_name="复方甘草片")
    DrugFactory(generic_name="甘草酸苷片")

    assert names("甘草") == ["甘草酸苷片", "复方甘草片"]


def test_initials_that_grow_in_capitals_are_cut_to_their_column():
    assert DrugFactory(initials="ß" * 40).initials == "S" * 40


def test_drugs_no_longer_in_use_are_hidden():
    DrugFactory(generic_name="旧药", initials="JY", active=False)

    assert names("JY") == names("旧药") == []


def test_nonsense_finds_nothing_and_a_percent_sign_is_a_percent_sign(library):
    for text in (
        *("", "   ", "\x00", "阿莫\ud800", "ZZZZZ", "_", "%%", "' OR 1=1 --", "😀"),
        "阿" * 5000,
    ):
        assert names(text) == [], ascii(text[:50])
    assert names("%") == ["0.9%氯化钠注射液", "5%葡萄糖注射液"]


def test_no_more_than_the_limit_come():
    for _n in range(15):
        DrugFactory(initials="ZZ")

    assert len(names("ZZ")) == 12
    assert len(names("ZZ", limit=3)) == 3


def test_what_can_still_be_given_stands_beside_each_hit(pharmacist):
    drug = stocked_drug(77, initials="QQ")
    stock.reserve(drug=drug, quantity=5, reference="RX1/1", by=pharmacist)

    [found] = catalogue.search_drugs("QQ")

    assert (found.available, found.available_text, found.price) == (72, "3盒", drug.price)


def test_the_number_of_queries_is_the_same_for_one_hit_and_many(django_assert_num_queries):
    stocked_drug(24, initials="ONE")
    for _n in range(12):
        put_on_shelf(stocked_drug(24, initials="MANY"), 24, lot="X")

    for text, expected in (("ONE", 1), ("MANY", 12)):
        with django_assert_num_queries(5):  # one asks whether there is a pharmacy
            assert len(catalogue.search_drugs(text)) == expected
