"""Finding one of 20,000 drugs by whatever is known of it, the most used first."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.core import scheduler
from pharmacy import catalogue, stock, usage, words
from pharmacy.models import Drug, DrugWord
from tests.factories.pharmacy import DrugFactory, stocked_drug

pytestmark = pytest.mark.django_db
MANY = 20_000
# Syllables of drug names: 28³ combinations.
COPY = (
    "INSERT INTO pharmacy_drugword (drug_id, word, tier) SELECT id, {word}, {tier}"
    " FROM pharmacy_drug"
)
PARTS = "头孢克肟阿莫西林布洛芬氨溴索氯雷他定奥美拉唑硝苯地平"


def names(text, **options):
    return [drug.generic_name for drug in catalogue.search_drugs(text, **options)]


def ginseng():
    return DrugFactory(
        code="Y77",
        generic_name="人参健脾丸",
        initials="",
        initials_short="",
        trade_name="福人堂",
        approval_number="国药准字Z11020303",
        barcode="6901234567892",
    )


@pytest.mark.parametrize(
    "text",
    [
        *("人参健脾丸", "参健脾", "丸", "RSJPW", "rsjp", "renshenjianpiwan", "renshen", "福人堂"),
        *("人堂", "frt", "furentang", "国药准字Z11020303", "z11020303", "6901234567892", "y77"),
    ],
)
def test_name_part_pinyin_initials_trade_name_number_barcode_and_code_find_it(text):
    ginseng()

    assert names(text) == ["人参健脾丸"]


def test_pinyin_and_initials_are_computed_with_the_readings_of_pharmacies():
    drug = ginseng()

    assert (drug.pinyin, drug.initials) == ("RENSHENJIANPIWAN", "RSJPW")


def test_initials_that_somebody_wrote_stay():
    assert DrugFactory(generic_name="人参", initials="RENS").initials == "RENS"


def test_a_changed_trade_name_is_found_and_the_old_one_is_not():
    drug = ginseng()

    drug.trade_name = "同安"
    drug.save()

    assert names("同安") == ["人参健脾丸"]
    assert names("福人堂") == []


def test_a_change_of_the_price_writes_no_words():
    drug = ginseng()

    drug.price = 3
    with CaptureQueriesContext(connection) as captured:
        drug.save(update_fields=["price"])

    assert not [query for query in captured if "drugword" in query["sql"]]


def test_a_second_word_narrows_by_the_pack():
    DrugFactory(generic_name="头孢克肟", pack_spec="0.1g×6粒/盒", initials="TBKW")
    DrugFactory(generic_name="头孢克肟分散", pack_spec="50mg×6片/盒", initials="TBKWFS")

    assert names("tbkw 50mg") == ["头孢克肟分散"]
    assert names("tbkw 9mg") == []


def test_the_most_used_come_first_once_the_use_was_counted(pharmacist):
    rare, often = (stocked_drug(240, initials="QQ") for _n in range(2))
    for drug, times in ((rare, 1), (often, 3)):
        for n in range(times):
            reference = f"RX{drug.pk}-{n}"
            stock.reserve(drug=drug, quantity=1, reference=reference, by=pharmacist)
            stock.issue(reference=reference, by=pharmacist, document_reference=reference)

    usage.count_use()

    assert names("qq") == [often.generic_name, rare.generic_name]
    assert dict(Drug.objects.values_list("pk", "used_times")) == {rare.pk: 1, often.pk: 3}


def test_use_of_more_than_90_days_ago_no_longer_counts(pharmacist, monkeypatch):
    drug = stocked_drug(240, used_times=7)
    stock.reserve(drug=drug, quantity=1, reference="RX1", by=pharmacist)
    stock.issue(reference="RX1", by=pharmacist, document_reference="RX1")
    later = timezone.now() + timedelta(days=91)
    monkeypatch.setattr(usage.timezone, "now", lambda: later)

    usage.count_use()

    drug.refresh_from_db()
    assert drug.used_times == 0


def test_the_use_is_counted_by_the_scheduler():
    DrugFactory(used_times=5)

    done = scheduler.run_due(holder="test")

    assert {"pharmacy.used", "pharmacy.words", "pharmacy.prices"} <= set(done)
    assert Drug.objects.get().used_times == 0


def test_drugs_written_in_bulk_are_indexed_by_the_scheduler_at_the_latest():
    Drug.objects.bulk_create(DrugFactory.build(generic_name=f"大黄{n}") for n in range(60))
    assert names("黄5") == []

    assert words.index_missing() == 60

    assert names("黄59") == ["大黄59"]
    assert words.index_missing() == 0


@pytest.fixture
def twenty_thousand(db):
    every = len(PARTS)
    facts = {"units_per_pack": 24, "pack_spec": "0.25g×24粒/盒", "base_unit": "粒"}
    Drug.objects.bulk_create(
        (
            Drug(
                code=f"X{n}",
                generic_name=PARTS[n % every]
                + PARTS[n // every % every]
                + PARTS[n // every**2 % every],
                initials=f"AM{n:05}",
                used_times=n % 97,
                **facts,
            )
            for n in range(MANY)
        ),
        batch_size=1000,
    )
    with connection.cursor() as cursor:
        # What pharmacy.words writes of such drugs, in a tenth of the time.
        for word, tier in (
            ("code", 0),
            ("initials", 0),
            ("generic_name", 0),
            ("SUBSTR(generic_name, 2)", 1),
            ("SUBSTR(generic_name, 3)", 1),
        ):
            cursor.execute(COPY.format(word=word, tier=tier))
        if connection.vendor == "sqlite":
            cursor.execute("ANALYZE")  # elsewhere it would commit the test's rows


def plan_of(text) -> str:
    """How the database reads the words for this search."""
    return catalogue.ranked(catalogue.normalised(text))[:12].explain()


def test_any_part_of_a_name_among_20000_is_a_look_up_in_an_index(twenty_thousand, as_, pharmacist):
    texts = ["AM000", "头孢", "孢克", "克肟", "X199"]
    found = {text: catalogue.search_drugs(text) for text in texts}
    plans = {text: plan_of(text) for text in (*texts, "AM000 0.25g")}
    client = as_(pharmacist)
    with CaptureQueriesContext(connection) as captured:
        page = client.get(reverse("drug_list"), {"q": "孢克"})

    assert {text: len(hits) for text, hits in found.items()} == dict.fromkeys(found, 12)
    used = [drug.used_times for drug in found["AM000"]]
    assert used == sorted(used, reverse=True)
    assert page.context["page"].paginator.count > 12
    for text, plan in plans.items():
        assert "pharmacy_word" in plan, f"{text}: {plan}"
        assert not _reads_all(plan), f"{text}: {plan}"
    by_like = DrugWord.objects.filter(word__contains="孢").values("drug_id").explain()
    assert _reads_all(by_like), "a plan that reads everything would not be noticed"
    assert len(captured) < 20
    assert DrugWord.objects.count() < MANY * 10


def _reads_all(plan: str) -> bool:
    """SQLite says SCAN of a table; MariaDB's fourth column is ALL, or index for a whole index."""
    if connection.vendor == "sqlite":
        return "SCAN pharmacy_drug" in plan
    return any(line.split()[3:4] in (["ALL"], ["index"]) for line in plan.splitlines())
