"""What the shelf asks for: begun, made worse and ended by itself, dealt with by people."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.core.errors import RuleBroken
from clinic.core.models import Setting
from pharmacy import stock
from pharmacy.models import Place, StockWarning
from pharmacy.watch import handling, keeping, reading
from security.models import User
from tests.factories.pharmacy import DrugFactory, in_days, put_on_shelf, stocked_drug

pytestmark = pytest.mark.django_db


def open_kinds():
    return sorted(StockWarning.objects.filter(is_open=True).values_list("kind", "level"))


def aged(batch, days):
    """The same batch, so many days before its expiry."""
    batch.expires_on = in_days(days)
    batch.save()
    keeping.refresh()


def lower_limit(drug, units):
    drug.lower_limit = units
    drug.save()
    keeping.refresh()


def test_a_shelf_in_order_says_nothing():
    stocked_drug(240)

    assert keeping.refresh() == 0


def test_a_warning_that_can_not_be_written_leaves_the_stock_as_it_is(
    django_capture_on_commit_callbacks, monkeypatch
):
    def fail(*args, **kwargs):
        raise RuntimeError("the database went away")

    monkeypatch.setattr(keeping, "refresh_of", fail)

    with django_capture_on_commit_callbacks(execute=True) as hooks:
        batch = stocked_drug(24).batches.get()

    assert len(hooks) == 1
    assert batch.on_hand == 24


def test_a_drug_that_never_lay_here_is_no_warning():
    DrugFactory(lower_limit=480)

    assert keeping.refresh() == 0


def test_below_the_lower_limit_is_low_and_nothing_is_out_R114():
    stocked_drug(24)
    batch = stocked_drug(240).batches.get()
    aged(batch, -1)

    assert open_kinds() == [("expired", 0), ("low", 1), ("out", 0)]


def test_above_the_upper_limit_is_over():
    stocked_drug(960)

    keeping.refresh()

    assert open_kinds() == [("over", 0)]


def test_what_lies_in_the_store_counts_and_the_pharmacy_is_to_be_filled_up_R114():
    drug = stocked_drug(24)
    put_in_store(drug, 240)

    keeping.refresh()

    assert open_kinds() == [("refill", 0)]


def put_in_store(drug, quantity):
    store = Place.objects.create(code="YK", name="药库", dispenses=False)
    batch = put_on_shelf(drug, quantity, lot="STORE")
    batch.place = store
    batch.save()


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-1, [("expired", 0), ("out", 0)]),
        (0, [("near", 1)]),
        (25, [("near", 1)]),
        (80, [("near", 3)]),
        (170, [("near", 6)]),
        (200, []),
    ],
)
def test_the_rungs_of_the_expiry_ladder_R111(days, expected):
    aged(stocked_drug(240).batches.get(), days)

    assert open_kinds() == expected


def test_a_drug_may_have_a_line_of_its_own_R111():
    early = stocked_drug(240, near_months=12)
    late = stocked_drug(240, near_months=2)
    aged(early.batches.get(), 300)
    aged(late.batches.get(), 75)

    assert open_kinds() == [("near", 12)]


def test_a_second_look_changes_nothing():
    stocked_drug(24)
    keeping.refresh()

    assert keeping.refresh() == 0
    assert StockWarning.objects.count() == 1


def test_what_is_filled_up_goes_by_itself():
    drug = stocked_drug(24)
    keeping.refresh()
    put_on_shelf(drug, 240)

    keeping.refresh()

    row = StockWarning.objects.get()
    assert (row.is_open, row.in_force) == (False, None)
    assert row.gone_at is not None
    assert reading.open_count() == 0


def test_dealt_with_is_off_the_bell_and_stays_off(storekeeper):
    stocked_drug(24)
    keeping.refresh()

    handling.handle(ids=ids(), how="ordered", note="周五到货", by=storekeeper)
    keeping.refresh()

    row = StockWarning.objects.get()
    assert reading.open_count() == 0
    assert (row.handled_by, row.note, row.in_force) == (storekeeper, "周五到货", row.in_force)


def ids():
    return list(StockWarning.objects.values_list("pk", flat=True))


def test_what_gets_worse_is_open_again(storekeeper):
    batch = stocked_drug(240).batches.get()
    aged(batch, 170)
    handling.handle(ids=ids(), how="known", by=storekeeper)

    aged(batch, 80)

    assert open_kinds() == [("near", 3)]
    assert StockWarning.objects.count() == 1


def test_what_gets_better_stays_dealt_with(storekeeper):
    drug = stocked_drug(24)
    keeping.refresh()
    drug.batches.update(frozen=True)
    keeping.refresh()
    handling.handle(ids=ids(), how="ordered", by=storekeeper)

    drug.batches.update(frozen=False)
    keeping.refresh()

    assert reading.open_count() == 0
    assert StockWarning.objects.get().kind == "low"


def test_what_is_still_true_after_the_quiet_days_comes_back(storekeeper):
    stocked_drug(24)
    keeping.refresh()
    handling.handle(ids=ids(), how="ordered", by=storekeeper)
    StockWarning.objects.update(quiet_until=in_days(-1))

    keeping.refresh()

    assert open_kinds() == [("low", 1)]


@pytest.mark.django_db(transaction=True)
def test_the_warning_goes_with_the_delivery_that_fills_the_shelf_up():
    drug = stocked_drug(24)
    assert open_kinds() == [("low", 1)]

    put_on_shelf(drug, 240)

    assert open_kinds() == []


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_taken_back_warns_of_nothing():
    drug = stocked_drug(240)

    with pytest.raises(RuleBroken), transaction.atomic():
        stock_ledger_is_emptied(drug)
        raise RuleBroken("no")

    assert open_kinds() == []


def stock_ledger_is_emptied(drug):
    batch = drug.batches.get()
    people = [User.objects.create_user(name, full_name=name) for name in ("甲", "乙")]
    stock.adjust(batch=batch, counted=0, reason="盘点", by=people[0], witness=people[1])


def test_undo_puts_it_back(storekeeper):
    stocked_drug(24)
    keeping.refresh()
    handling.handle(ids=ids(), how="known", by=storekeeper)

    handling.open_again(ids=ids(), by=storekeeper)

    assert reading.open_count() == 1


def test_nothing_ticked_is_refused(storekeeper):
    with pytest.raises(RuleBroken, match="勾选"):
        handling.handle(ids=[], how="known", by=storekeeper)


def test_what_nobody_wanted_for_ninety_days_is_a_slow_mover():
    old, new = stocked_drug(240), stocked_drug(240)
    past = timezone.now() - timedelta(days=120)
    old.batches.update(received_at=past)

    keeping.refresh_daily()

    assert list(StockWarning.objects.values_list("kind", "drug")) == [("slow", old.pk)]
    assert new.pk != old.pk


def test_what_was_handed_out_lately_is_none(pharmacist):
    drug = stocked_drug(240)
    drug.batches.update(received_at=timezone.now() - timedelta(days=120))
    stock.reserve(drug=drug, quantity=6, reference="RX1/1", by=pharmacist)
    stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    assert keeping.refresh_daily() == 0


def test_the_days_are_the_clinics_own():
    drug = stocked_drug(240)
    drug.batches.update(received_at=timezone.now() - timedelta(days=40))
    Setting.objects.create(key="pharmacy.slow_days", value="30")

    assert keeping.refresh_daily() == 1


def test_the_database_holds_one_warning_of_a_condition():
    drug = stocked_drug(24)
    keeping.refresh()
    facts = {"kind": "low", "drug": drug, "began_at": timezone.now()}

    with pytest.raises(IntegrityError), transaction.atomic():
        StockWarning.objects.create(in_force=f"short:{drug.pk}", **facts)


def test_the_same_queries_for_one_drug_and_for_many():
    stocked_drug(240)
    with CaptureQueriesContext(connection) as few:
        keeping.refresh()
    for _ in range(20):
        stocked_drug(240)

    with CaptureQueriesContext(connection) as many:
        keeping.refresh()

    assert len(few) == len(many) <= 6


# --- the page --------------------------------------------------------------------------------


def test_the_page_lists_them_with_the_next_step(as_, storekeeper):
    drug = stocked_drug(24, generic_name="阿莫西林胶囊")
    aged(stocked_drug(240, generic_name="布洛芬片").batches.get(), 20)

    text = as_(storekeeper).get(reverse("stock_warnings")).content.decode()

    assert drug.generic_name in text
    assert "布洛芬片" in text
    assert reverse("stock_orders") in text


def test_ticked_lines_are_dealt_with_and_leave_the_rail(as_, storekeeper):
    stocked_drug(24)
    keeping.refresh()
    client = as_(storekeeper)
    assert "rail-count" in client.get(reverse("stock")).content.decode()

    client.post(reverse("stock_warnings"), {"chosen": ids(), "how": "ordered", "note": ""})

    assert "rail-count" not in client.get(reverse("stock")).content.decode()


def test_what_is_most_pressing_stands_first(as_, storekeeper):
    aged(stocked_drug(240).batches.get(), 80)
    stocked_drug(24)
    aged(stocked_drug(240).batches.get(), -1)

    rows = as_(storekeeper).get(reverse("stock_warnings")).context["page"]

    assert [row.kind for row in rows] == ["out", "expired", "low", "near"]


def test_too_much_of_something_rings_no_bell(as_, storekeeper):
    stocked_drug(960)
    keeping.refresh()

    page = as_(storekeeper).get(reverse("stock_warnings")).content.decode()

    assert "rail-count" not in page
    assert 'name="chosen"' in page


def test_without_a_choice_the_page_says_so_and_keeps_the_ticks(as_, storekeeper):
    stocked_drug(24)
    keeping.refresh()

    response = as_(storekeeper).post(reverse("stock_warnings"), {"chosen": ids(), "note": "周五"})

    text = response.content.decode()
    assert "checked" in text
    assert "周五" in text
    assert response.context["form"].errors["how"]


def test_a_doctor_reads_and_changes_nothing(as_, doctor):
    stocked_drug(24)
    keeping.refresh()

    answer = as_(doctor).post(reverse("stock_warnings"), {"chosen": ids(), "how": "ordered"})

    assert "只能查看库存" in answer.content.decode()
    assert reading.open_count() == 1


@pytest.mark.parametrize("chosen", ["9" * 5000, "9" * 30, "x", ""])
def test_nonsense_opens_nothing_again(as_, storekeeper, chosen):
    answer = as_(storekeeper).post(reverse("stock_warnings_undo"), {"chosen": chosen})

    assert answer.status_code == 302


def test_the_page_costs_the_same_with_one_and_with_fifty(as_, storekeeper):
    client = as_(storekeeper)
    stocked_drug(24)
    keeping.refresh()
    client.get(reverse("stock_warnings"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("stock_warnings"))
    for _ in range(12):
        stocked_drug(24)
    keeping.refresh()

    with CaptureQueriesContext(connection) as many:
        client.get(reverse("stock_warnings"))

    assert len(few) == len(many)


# --- the order list --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "kind"), [(-1, "write_off"), (80, "to_supplier")], ids=["expired", "near expiry"]
)
def test_each_warning_leads_to_the_paper_that_deals_with_it(as_, storekeeper, days, kind):
    batch = stocked_drug(240).batches.get()
    aged(batch, days)
    client = as_(storekeeper)

    page = client.get(reverse("stock_warnings")).content.decode()

    link = f"{reverse('stock_paper_new', args=[kind])}?batch={batch.pk}"
    assert link in page
    assert client.get(link).status_code == 200
