"""Controlled drugs: two people, a book per drug, handover from shift to shift (R-53, R-120)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import controlled, papers, stock
from pharmacy.deliveries import Acceptance
from pharmacy.handing_over import Counted, Differs, hand_over, to_count
from pharmacy.models import ControlClass, ControlledHandover, Place, StockDocument
from pharmacy.special_book import Book, Period
from tests.factories.pharmacy import SupplierFactory, in_days, put_on_shelf, stocked_drug
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-7"
NARCOTIC = "麻醉药品"


def under_control(name=NARCOTIC, since=date(2020, 1, 1), quantity=100, **facts):
    drug = stocked_drug(quantity, **{"generic_name": "盐酸吗啡注射液", "base_unit": "支", **facts})
    ControlClass.objects.create(drug=drug, name=name, since=since)
    return drug


@pytest.fixture
def morphine(db):
    return under_control()


def hand_out(drug, quantity, by, witness=None, reference="RX1/1"):
    stock.reserve(drug=drug, quantity=quantity, reference=reference, by=by)
    return stock.issue_all(
        references=[reference],
        by=by,
        witness=witness,
        document_reference=reference.partition("/")[0],
    )[reference]


# --- two people ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["麻醉药品", "第一类精神药品", "医疗用毒性药品"])
def test_narcotics_psychotropics_I_and_toxic_drugs_go_out_by_two_people_only_R28_R120(
    name, pharmacist, other_pharmacist
):
    drug = under_control(name)
    stock.reserve(drug=drug, quantity=2, reference="RX1/1", by=pharmacist)
    issue = {"references": ["RX1/1"], "by": pharmacist, "document_reference": "RX1"}

    for nobody in (None, pharmacist):
        with pytest.raises(RuleBroken) as refusal:
            stock.issue_all(witness=nobody, **issue)
        assert refusal.value.rule == "R-120"
    stock.issue_all(witness=other_pharmacist, **issue)

    assert StockDocument.objects.get(kind="dispensing").witness == other_pharmacist


@pytest.mark.parametrize("name", ["第二类精神药品", "无"])
def test_other_classes_go_out_by_one_person(name, pharmacist):
    assert hand_out(under_control(name), 2, pharmacist)


def test_the_class_counts_from_its_date_on_R53(pharmacist):
    tomorrow = timezone.localdate() + timedelta(days=1)
    drug = under_control(since=tomorrow)

    assert hand_out(drug, 2, pharmacist)
    ControlClass.objects.create(drug=drug, name=NARCOTIC, since=timezone.localdate())
    with pytest.raises(RuleBroken):
        hand_out(drug, 2, pharmacist, reference="RX2/1")


def test_the_check_for_receipts_and_write_offs(morphine, amoxicillin, pharmacist, storekeeper):
    check = controlled.require_two_people_if_controlled

    check(drug_ids=[amoxicillin.pk], by=pharmacist, witness=None)
    check(drug_ids=[amoxicillin.pk, morphine.pk], by=pharmacist, witness=storekeeper)
    with pytest.raises(RuleBroken):
        check(drug_ids=[amoxicillin.pk, morphine.pk], by=pharmacist, witness=None)


# --- the book --------------------------------------------------------------------------------


def this_year() -> Period:
    today = timezone.localdate()
    return Period(today - timedelta(days=300), today)


def test_the_book_carries_balances_per_lot_and_in_all(morphine, pharmacist, other_pharmacist):
    put_on_shelf(morphine, 50, days=40, lot="SOON")
    hand_out(morphine, 60, pharmacist, witness=other_pharmacist)

    book = Book(morphine, this_year())
    rows = book.with_totals(list(book.rows))

    lines = [(r.batch.lot, r.quantity, r.balance, r.total) for r in rows]
    assert lines == [
        ("260518", 100, 100, 100),
        ("SOON", 50, 50, 150),
        ("SOON", -50, 0, 100),
        ("260518", -10, 90, 90),
    ]
    assert (book.opening(), book.closing()) == (0, 90)


def test_a_later_period_begins_with_what_was_brought_forward(morphine):
    tomorrow = timezone.localdate() + timedelta(days=1)

    book = Book(morphine, Period(tomorrow, tomorrow))

    assert (list(book.rows), book.opening(), book.closing()) == ([], 100, 100)


def test_the_second_page_goes_on_where_the_first_ended(as_, morphine, pharmacist, other_pharmacist):
    for number in range(55):
        hand_out(morphine, 1, pharmacist, other_pharmacist, reference=f"RX{number}/1")

    url = reverse("controlled_book", args=[morphine.pk])
    page = as_(pharmacist).get(url, {"page": 2}).context["page"]

    assert [row.total for row in page][:2] == [50, 49]


def test_the_page_and_the_paper_name_lot_reference_and_both_people(
    as_, morphine, pharmacist, other_pharmacist
):
    hand_out(morphine, 2, pharmacist, witness=other_pharmacist)
    client = as_(pharmacist)

    for name in ("controlled_book", "controlled_book_print"):
        page = client.get(reverse(name, args=[morphine.pk])).content.decode()

        for word in ("RX1/1", "260518", pharmacist.full_name, other_pharmacist.full_name):
            assert word in page, (name, word)


def test_a_drug_without_class_has_no_book_and_one_that_lost_it_keeps_it(
    as_, morphine, amoxicillin, pharmacist
):
    ControlClass.objects.create(drug=morphine, name="无", since=timezone.localdate())
    client = as_(pharmacist)

    assert client.get(reverse("controlled_book", args=[amoxicillin.pk])).status_code == 404
    assert client.get(reverse("controlled_book", args=[morphine.pk])).status_code == 200
    assert "盐酸吗啡注射液" in client.get(reverse("controlled_list")).content.decode()


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "2026-13-01"},
        {"since": "2020-01-01", "until": "2026-01-01"},
        {"since": "0001-01-01", "until": "0001-02-01"},
        {"lot": "\0"},
    ],
)
def test_a_wrong_period_shows_this_month_and_says_why(as_, morphine, pharmacist, asked):
    url = reverse("controlled_book", args=[morphine.pk])

    page = as_(pharmacist).get(url, asked)

    assert page.context["form"].errors
    assert page.context["period"].since == timezone.localdate().replace(day=1)


# --- handover --------------------------------------------------------------------------------


def counts_of(place, short=0, reason=""):
    batches = to_count(place)
    counts = {batch.pk: Counted(batch.on_hand) for batch in batches}
    first = batches[0]
    counts[first.pk] = Counted(first.on_hand - short, reason)
    return counts


@pytest.fixture
def place(morphine, amoxicillin):
    return Place.objects.get()


def test_both_people_and_every_controlled_batch_stand_on_the_handover(
    place, pharmacist, other_pharmacist
):
    done = hand_over(
        place=place, counts=counts_of(place), to_person=other_pharmacist, by=pharmacist
    )

    assert (done.from_person, done.to_person) == (pharmacist, other_pharmacist)
    lines = [(line.batch.drug.generic_name, line.book, line.counted) for line in done.lines.all()]
    assert lines == [("盐酸吗啡注射液", 100, 100)]
    with pytest.raises(PermissionDenied):
        ControlledHandover.objects.all().delete()


def test_a_difference_is_counted_again_or_explained(place, pharmacist, other_pharmacist):
    with pytest.raises(Differs) as refusal:
        hand_over(
            place=place, counts=counts_of(place, 1), to_person=other_pharmacist, by=pharmacist
        )
    counts = counts_of(place, 1, "破损1支")
    done = hand_over(place=place, counts=counts, to_person=other_pharmacist, by=pharmacist)

    assert list(refusal.value.lines) == list(counts)
    line = done.lines.get()
    assert (line.difference, line.reason) == (-1, "破损1支")
    line.batch.refresh_from_db()
    assert line.batch.on_hand == 100  # the book follows by a stock count


def test_nobody_hands_over_to_oneself_or_an_old_list(place, morphine, pharmacist, other_pharmacist):
    counts = counts_of(place)
    with pytest.raises(RuleBroken):
        hand_over(place=place, counts=counts, to_person=pharmacist, by=pharmacist)
    put_on_shelf(morphine, 10, lot="NEW")

    with pytest.raises(AlreadyDone):
        hand_over(place=place, counts=counts, to_person=other_pharmacist, by=pharmacist)

    assert not ControlledHandover.objects.exists()


def typed(place, counted, who, password=PASSWORD, reason=""):
    (batch,) = to_count(place)
    return {
        "place": place.pk,
        f"b{batch.pk}-counted": counted,
        f"b{batch.pk}-reason": reason,
        "witness_name": who,
        "witness_password": password,
    }


def test_the_page_counts_blind_and_shows_the_book_where_it_differs(
    as_, place, pharmacist, other_pharmacist
):
    client, url = as_(pharmacist), reverse("handover_new")
    name = other_pharmacist.username

    blind = client.get(url).content.decode()
    differs = client.post(url, typed(place, "９９", name)).content.decode()
    post_ok(client, url, typed(place, "99", name, reason="破损1支"))

    assert "4盒+4支" not in blind
    assert "4盒+4支" in differs
    assert PASSWORD not in differs
    assert ControlledHandover.objects.get().to_person == other_pharmacist
    page = client.get(reverse("handover_list")).content.decode()
    assert other_pharmacist.full_name in page


def test_a_reason_in_which_nothing_is_seen_is_asked_for(as_, place, pharmacist, other_pharmacist):
    for reason in ("\u0301", "\u2060\ufeff", " \u200b "):
        sent = typed(place, "99", other_pharmacist.username, reason=reason)
        assert as_(pharmacist).post(reverse("handover_new"), sent).status_code == 200
    assert not ControlledHandover.objects.exists()


@pytest.mark.parametrize(
    ("who", "password"),
    [
        ("pharmacist2", "wrong"),
        ("nobody", PASSWORD),
        ("pharmacist", PASSWORD),
        ("doctor", PASSWORD),
        ("pharmacist2", "x\0y"),
        ("pharmacist2", ""),
    ],
)
def test_who_takes_over_confirms_with_the_own_password(
    as_, place, pharmacist, other_pharmacist, doctor, who, password
):
    client = as_(pharmacist)

    page = client.post(reverse("handover_new"), typed(place, "100", who, password))

    assert page.status_code == 200
    assert page.context["taker"].errors
    assert not ControlledHandover.objects.exists()


def test_the_lists_ask_the_same_for_one_row_and_for_many(as_, place, pharmacist, other_pharmacist):
    client = as_(pharmacist)
    names = ["controlled_list", "handover_list", "handover_new"]

    def asked():
        numbers = []
        for name in names:
            client.get(reverse(name))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(name)).status_code == 200
            numbers.append(len(queries))
        return numbers

    def again():
        counts = counts_of(place)
        hand_over(place=place, counts=counts, to_person=other_pharmacist, by=pharmacist)

    again()
    before = asked()
    for number in range(8):
        under_control(generic_name=f"药{number}")
        again()

    assert asked() == before
    one = reverse("handover_show", args=[ControlledHandover.objects.last().pk])
    with CaptureQueriesContext(connection) as queries:
        client.get(one)
    first = reverse("handover_show", args=[ControlledHandover.objects.first().pk])
    with CaptureQueriesContext(connection) as fewer:
        client.get(first)
    assert len(queries) == len(fewer)


def test_the_book_asks_the_same_for_one_line_and_for_fifty(
    as_, morphine, pharmacist, other_pharmacist
):
    client = as_(pharmacist)
    urls = [reverse(n, args=[morphine.pk]) for n in ("controlled_book", "controlled_book_print")]

    def asked():
        numbers = []
        for url in urls:
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            numbers.append(len(queries))
        return numbers

    before = asked()
    for number in range(20):
        hand_out(morphine, 1, pharmacist, other_pharmacist, reference=f"RX{number}/1")

    assert asked() == before


def delivery_of(drug, by, accepted_by):
    line = {"drug": drug, "lot": "260901", "expires_on": in_days(500), "quantity": 10}
    stock.receive(
        supplier=SupplierFactory(),
        lines=[line],
        acceptance=Acceptance(accepted_by=accepted_by),
        by=by,
    )


def test_narcotics_are_taken_in_by_two_people_R120(morphine, storekeeper, pharmacist):
    for nobody in (None, storekeeper):
        with pytest.raises(RuleBroken) as refusal:
            delivery_of(morphine, storekeeper, nobody)
        assert (refusal.value.rule, refusal.value.field) == ("R-120", "accepted_by")

    delivery_of(morphine, storekeeper, pharmacist)

    assert morphine.batches.filter(lot="260901").exists()


def test_narcotics_are_taken_out_by_paper_only_with_a_second_person_R120(
    morphine, storekeeper, pharmacist
):
    batch = morphine.batches.get()
    head = {"note": "治疗室", "recipient": "治疗室", "place": batch.place}
    rows = [papers.Row(morphine, 2, batch=batch)]
    draft = papers.start(kind="use", head=head, rows=rows, by=storekeeper)

    with pytest.raises(RuleBroken):
        papers.post(document=draft, by=storekeeper)
    papers.post(document=draft, by=pharmacist)

    movement = batch.movements.get(kind="use")
    assert (movement.made_by, movement.document.witness) == (storekeeper, pharmacist)


def test_a_paper_about_narcotics_is_taken_back_by_two_people_too_R120(
    morphine, storekeeper, pharmacist
):
    receipt = morphine.batches.get().movements.get().document

    counter = papers.reverse(document=receipt, reason="录入错误", by=storekeeper)
    with pytest.raises(RuleBroken):
        papers.post(document=counter, by=storekeeper)
    assert morphine.batches.get().on_hand == 100
    papers.post(document=counter, by=pharmacist)

    movement = morphine.batches.get().movements.get(kind="reverse")
    assert (movement.quantity, movement.made_by) == (-100, storekeeper)
    assert movement.document.witness == pharmacist
