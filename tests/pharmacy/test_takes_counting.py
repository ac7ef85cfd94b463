"""Stock-taking: what is counted, and against which book (R-119)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import stock, takes
from pharmacy.models import ControlClass, DrugCategory, Place, StockCount, StockTake
from pharmacy.takes import pages
from pharmacy.takes.states import MOVES, move
from tests.factories.pharmacy import DrugFactory, in_days, put_on_shelf, stocked_drug
from tests.factories.takes import closed, counted, line_of, started, to_confirm

pytestmark = pytest.mark.django_db
Scope, State = StockTake.Scope, StockTake.State


def sell(drug, quantity, by, reference="RX1"):
    stock.reserve(drug=drug, quantity=quantity, reference=f"{reference}/1", by=by)
    stock.issue(reference=f"{reference}/1", by=by, document_reference=reference)


@pytest.fixture
def batch(amoxicillin):
    return amoxicillin.batches.get()


@pytest.fixture
def take(batch, storekeeper):
    """A take of the one batch of 240 capsules."""
    return started(by=storekeeper)


def lots(take):
    return sorted(take.lines.values_list("batch__lot", flat=True))


# --- the list


def test_starting_writes_a_line_for_every_batch_with_what_the_book_says(storekeeper):
    drug = stocked_drug(240, lot="A", price=12)
    put_on_shelf(drug, 48, lot="B")
    sell(drug, 5, storekeeper)

    take = started(by=storekeeper)

    assert take.number.startswith("PD") and take.state == State.COUNTING
    assert list(take.lines.order_by("book").values_list("book", "price")) == [(48, 12), (235, 12)]


def test_an_empty_batch_is_not_on_the_list(storekeeper, pharmacist):
    drug = stocked_drug(24, lot="EMPTY")
    sell(drug, 24, pharmacist)
    stocked_drug(24, lot="FULL")

    assert lots(started(by=storekeeper)) == ["FULL"]


def shelves():
    for lot, shelf in [("ONE", "A1-01"), ("TWO", "A1-02"), ("OTHER", "B1-01")]:
        stocked_drug(24, lot=lot, shelf=shelf)


def test_a_take_of_shelves_counts_those_whose_name_begins_so(storekeeper):
    shelves()

    take = started(by=storekeeper, scope=Scope.SHELF, scope_text="A1")

    assert lots(take) == ["ONE", "TWO"]


def test_racks_that_differ_in_case_are_apart_and_hold_each_line_once(storekeeper):
    for shelf in ("A1-01", "a1-01", "A1-02", "A1", "a1", "", "A10-01"):
        stocked_drug(24, lot=shelf or "NONE", shelf=shelf)
    take = started(by=storekeeper)

    racks = {bay.name: bay.lines for bay in pages.bays(take)}

    assert racks == {"": 1, "A1": 3, "a1": 2, "A10": 1}
    for name, lines in racks.items():
        there = {line.shelf for line in pages.to_count(take, name)}
        assert len(there) == lines and {pages.bay_of(shelf) for shelf in there} == {name}


def test_a_take_of_a_kind_of_goods_counts_that_kind(storekeeper):
    stocked_drug(24, lot="WEST")
    stocked_drug(24, lot="HERB", category="中药饮片")

    take = started(by=storekeeper, scope=Scope.CATEGORY, scope_text="中药饮片")

    assert lots(take) == ["HERB"]


def test_a_take_of_a_group_counts_the_groups_below_it_too_R54(storekeeper):
    top = DrugCategory.objects.create(name="抗微生物药")
    below = DrugCategory.objects.create(name="青霉素类", parent=top)
    stocked_drug(24, lot="TOP", group=top)
    stocked_drug(24, lot="BELOW", group=below)
    stocked_drug(24, lot="NONE")

    assert lots(started(by=storekeeper, scope=Scope.GROUP, group=top)) == ["BELOW", "TOP"]


def test_a_take_of_controlled_drugs_counts_what_is_under_control_today_R53(storekeeper):
    for lot, classes in [
        ("NOW", [("麻醉药品", -10)]),
        ("NO MORE", [("麻醉药品", -10), ("无", -1)]),
        ("NOT YET", [("第二类精神药品", 10)]),
    ]:
        drug = stocked_drug(24, lot=lot)
        for name, days in classes:
            ControlClass.objects.create(drug=drug, name=name, since=in_days(days))

    assert lots(started(by=storekeeper, scope=Scope.CONTROLLED)) == ["NOW"]


def test_a_take_of_chosen_drugs_counts_those(storekeeper):
    chosen = stocked_drug(24, lot="CHOSEN")
    stocked_drug(24, lot="OTHER")

    assert lots(started(by=storekeeper, scope=Scope.DRUGS, drugs=[chosen])) == ["CHOSEN"]


def test_a_take_counts_one_place(storekeeper, batch):
    store = Place.objects.create(code="CK", name="药库", dispenses=False)

    with pytest.raises(RuleBroken) as refusal:
        takes.start(by=storekeeper, place=store)

    assert refusal.value.field == "scope"


def test_a_batch_is_never_in_two_open_takes(storekeeper, take):
    with pytest.raises(RuleBroken, match=take.number):
        takes.start(by=storekeeper)


def test_a_cancelled_take_gives_its_batches_free(storekeeper, take):
    takes.cancel(take=take, reason="停电", by=storekeeper)

    again = started(by=storekeeper)

    assert again.lines.count() == 1
    assert again.number != take.number


def test_a_list_that_broke_off_is_written_to_its_end(storekeeper, monkeypatch):
    monkeypatch.setattr("pharmacy.takes.starting.PIECE", 2)
    for _n in range(5):
        stocked_drug(24)
    take = takes.start(by=storekeeper)
    takes.starting.prepare_piece(take)

    takes.go_on()

    take.refresh_from_db()
    assert (take.state, take.lines.count()) == (State.COUNTING, 5)


# --- counting while work goes on


def test_what_is_sold_before_the_count_makes_no_difference(take, batch, amoxicillin, pharmacist):
    sell(amoxicillin, 10, pharmacist)

    counted(take, batch, 230, by=pharmacist)

    line = line_of(take, batch)
    assert (line.book, line.first_expected, line.difference) == (240, 230, 0)


def test_what_is_sold_after_the_count_makes_no_difference(take, batch, amoxicillin, pharmacist):
    counted(take, batch, 240, by=pharmacist)

    sell(amoxicillin, 10, pharmacist)

    assert line_of(take, batch).difference == 0


def test_a_paper_count_is_judged_by_the_book_of_its_time_not_of_its_typing(
    take, batch, amoxicillin, pharmacist
):
    sell(amoxicillin, 4, pharmacist, "RX1")
    counted_at = timezone.now()
    sell(amoxicillin, 6, pharmacist, "RX2")

    counted(take, batch, 236, by=pharmacist, at=counted_at)

    line = line_of(take, batch)
    assert (line.first_expected, line.difference, line.first_at) == (236, 0, counted_at)


def test_a_count_lies_between_the_start_and_now(take, batch, pharmacist):
    for at in (take.started_at - timedelta(minutes=1), timezone.now() + timedelta(minutes=1)):
        with pytest.raises(RuleBroken) as refusal:
            counted(take, batch, 240, by=pharmacist, at=at)
        assert refusal.value.field == "at"


def test_a_second_counter_does_not_write_over_the_first(take, batch, pharmacist, other_pharmacist):
    line = line_of(take, batch)
    counted(take, batch, 240, by=pharmacist)

    told = takes.count(
        take=take, entries=[takes.Entry(line.pk, 96, line.version)], by=other_pharmacist
    )

    assert len(told) == 1 and "许文娟" in told[0] and "4盒" in told[0]
    assert line_of(take, batch).first == 240


def test_whoever_saw_the_first_count_may_correct_it_and_both_are_kept(take, batch, pharmacist):
    counted(take, batch, 24, by=pharmacist)

    counted(take, batch, 240, by=pharmacist)

    assert line_of(take, batch).difference == 0
    assert list(StockCount.objects.order_by("pk").values_list("quantity", flat=True)) == [24, 240]


def test_a_round_ends_when_every_line_is_counted(take, batch, pharmacist):
    with pytest.raises(RuleBroken):
        takes.close_count(take=take, by=pharmacist)

    counted(take, batch, 0, by=pharmacist)

    assert closed(take, by=pharmacist).state == State.SECOND


def test_only_differences_are_counted_a_second_time(take, batch, storekeeper, pharmacist):
    other = put_on_shelf(batch.drug, 48, lot="OTHER")
    takes.add_found(
        take=take,
        drug=batch.drug,
        lot="OTHER",
        expires_on=other.expires_on,
        quantity=48,
        by=pharmacist,
    )
    counted(take, batch, 230, by=pharmacist)
    closed(take, by=pharmacist)

    with pytest.raises(RuleBroken):
        counted(take, other, 48, by=storekeeper)
    counted(take, batch, 240, by=storekeeper)

    assert closed(take, by=storekeeper).state == State.TO_CONFIRM
    assert line_of(take, batch).difference == 0


def test_the_second_count_is_judged_by_the_book_of_its_own_time(
    take, batch, amoxicillin, pharmacist, storekeeper
):
    counted(take, batch, 230, by=pharmacist)
    closed(take, by=pharmacist)
    sell(amoxicillin, 20, pharmacist)

    counted(take, batch, 210, by=storekeeper)

    line = line_of(take, batch)
    assert (line.first_expected, line.second_expected, line.difference) == (240, 220, -10)


def test_without_a_difference_there_is_no_second_count(take, batch, pharmacist):
    counted(take, batch, 240, by=pharmacist)

    assert closed(take, by=pharmacist).state == State.TO_CONFIRM


def test_after_the_round_nothing_more_is_written(take, batch, pharmacist):
    to_confirm(take, {batch: 240}, by=pharmacist)

    with pytest.raises(AlreadyDone):
        counted(take, batch, 230, by=pharmacist)


# --- what the list does not name


def found(take, by, drug, **changes):
    facts = {"lot": "FOUND", "expires_on": in_days(300), "quantity": 30, **changes}
    return takes.add_found(take=take, drug=drug, by=by, **facts)


def test_a_batch_the_book_never_heard_of_is_added_with_its_count(take, pharmacist, amoxicillin):
    line = found(take, pharmacist, amoxicillin)

    assert (line.book, line.first, line.difference, line.found) == (0, 30, 30, True)
    assert line.batch.cost == amoxicillin.batches.get(lot="260518").cost
    assert line.batch.on_hand == 0


def test_a_batch_that_came_after_the_start_is_added_and_agrees(take, pharmacist, amoxicillin):
    put_on_shelf(amoxicillin, 48, lot="FOUND", days=300)

    line = found(take, pharmacist, amoxicillin, quantity=48)

    assert (line.difference, amoxicillin.batches.filter(lot="FOUND").count()) == (0, 1)


def test_a_find_of_a_paper_sheet_is_judged_by_the_book_of_its_time(take, pharmacist, amoxicillin):
    put_on_shelf(amoxicillin, 48, lot="FOUND", days=300)
    counted_at = timezone.now()
    known = amoxicillin.batches.get(lot="FOUND")
    stock.write_off(batch=known, quantity=24, reason="破损", by=pharmacist, witness=take.started_by)

    line = found(take, pharmacist, amoxicillin, quantity=48, at=counted_at)

    assert (line.first_expected, line.difference) == (48, 0)


def test_expired_goods_that_are_not_on_the_book_stay_off_it_R109(take, pharmacist, amoxicillin):
    with pytest.raises(RuleBroken) as refusal:
        found(take, pharmacist, amoxicillin, expires_on=in_days(-1))

    assert refusal.value.rule == "R-109"


def test_expired_goods_that_the_book_knows_are_counted(storekeeper, pharmacist):
    drug = stocked_drug(24, days=-5)
    take = started(by=storekeeper)

    counted(take, drug.batches.get(), 24, by=pharmacist)

    assert line_of(take, drug.batches.get()).difference == 0


@pytest.mark.parametrize(
    "changes", [{"lot": " "}, {"quantity": 0}, {"lot": "260518", "expires_on": in_days(700)}]
)
def test_what_is_on_the_list_or_is_nothing_is_not_added(take, pharmacist, amoxicillin, changes):
    with pytest.raises(RuleBroken):
        found(take, pharmacist, amoxicillin, **changes)


def test_what_another_take_counts_is_not_added_here(storekeeper, pharmacist):
    one, other = stocked_drug(24, shelf="A1"), stocked_drug(24, shelf="B1")
    first = started(by=storekeeper, scope=Scope.SHELF, scope_text="A1")
    started(by=storekeeper, scope=Scope.SHELF, scope_text="B1")

    with pytest.raises(RuleBroken, match="PD"):
        found(first, pharmacist, other, lot="260518", expires_on=other.batches.get().expires_on)
    assert one.batches.get().take_lines.count() == 1


# --- states


def test_a_take_moves_as_the_table_says_and_in_no_other_way():
    for old in State.values:
        for new in State.values:
            take = StockTake(state=old)
            if new in MOVES[old]:
                move(take, new)
                assert take.state == new
            else:
                with pytest.raises(ValueError, match="never goes"):
                    move(take, new)


def test_cancelling_needs_a_reason_and_comes_before_the_end(take, batch, storekeeper):
    with pytest.raises(RuleBroken) as refusal:
        takes.cancel(take=take, reason=" ", by=storekeeper)
    assert refusal.value.field == "reason"
    takes.cancel(take=take, reason="停电", by=storekeeper)

    with pytest.raises(RuleBroken):
        takes.cancel(take=take, reason="停电", by=storekeeper)
    with pytest.raises(AlreadyDone):
        counted(take, batch, 1, by=storekeeper)


def test_a_drug_without_stock_gives_nothing_to_count(storekeeper, batch):
    with pytest.raises(RuleBroken) as refusal:
        takes.start(by=storekeeper, scope=Scope.DRUGS, drugs=[DrugFactory()])

    assert refusal.value.field == "scope"
