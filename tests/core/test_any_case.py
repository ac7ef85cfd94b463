"""What is typed in small letters finds what is written in capitals, on either database."""

import pytest
from django.db.models import F
from django.utils import timezone

from clinic.cashier import fee_items, lists
from clinic.cashier.models import FeeItem
from patients.models import Patient
from pharmacy import paper_list, refusals, stock
from pharmacy.models import RefusedGoods, StockTake
from prescriptions import archive, archive_search, sets
from security.audit_find import search
from security.audit_search import AuditFilterForm
from security.models import AuditEntry
from security.permissions import Role
from tests.conftest import person
from tests.factories.patients import PatientFactory
from tests.factories.pharmacy import DrugFactory, SupplierFactory, in_days, stocked_drug
from tests.factories.prescriptions import dispensed, draft, patient_with, row, tablets
from tests.factories.registration import open_session, waiting_visit
from tests.factories.takes import started
from tests.factories.till import fee

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"name__icontains": "SMI"}, ["John Smith"]),
        ({"name__istartswith": "john S"}, ["John Smith"]),
        ({"name__iendswith": "SMITH"}, ["John Smith"]),
        ({"name__iexact": "john smith"}, ["John Smith"]),
        ({"name__iexact": F("name")}, ["John Smith", "Jöhn 5%", "𠮷田"]),
        ({"name__icontains": "5%"}, ["Jöhn 5%"]),
        ({"name__icontains": "%"}, ["Jöhn 5%"]),
        ({"name__icontains": "john"}, ["John Smith"]),  # an accent makes another letter
        ({"name__icontains": "𠮷"}, ["𠮷田"]),  # and so do code points that few fonts hold
        ({"name__icontains": "𠮶"}, []),
    ],
)
def test_exact_columns_are_searched_in_any_case(asked, names):
    for name in ("John Smith", "Jöhn 5%", "𠮷田"):
        PatientFactory(name=name)

    found = Patient.objects.filter(**asked).order_by("pk").values_list("name", flat=True)

    assert sorted(found) == names
    assert Patient.objects.exclude(**asked).count() == 3 - len(found)


def test_a_queue_number_is_found_in_small_letters(doctor, frontdesk):
    visit = waiting_visit(open_session(doctor), frontdesk)

    assert lists.find(visit.number.lower()) == lists.find(visit.number) == ([visit], None)


def test_fee_items_are_found_by_their_codes_in_small_letters(db):
    item = fee("CT 平扫", code="Z01A", kind="other")

    for text in ("z01a", "ct"):
        assert list(fee_items.matching(FeeItem.objects.all(), text)) == [item], text


def test_a_set_is_found_by_a_word_in_small_letters(doctor):
    sheet = draft(doctor)
    row(sheet)
    saved = sets.save_sheet(prescription=sheet, name="COPD一号", by=doctor)

    assert sets.find(doctor, "copd一") == [saved]


def test_an_archived_sheet_is_found_by_foreign_names_in_small_letters(pharmacist):
    doctor = person("doctor9", "John Watson", Role.DOCTOR)
    sheet = dispensed(doctor, pharmacist, tablets(), patient=patient_with(name="Mary Smith"))
    document = archive.archive(prescription=sheet, by=pharmacist)
    day = timezone.localdate()

    for asked in ({"q": "mary"}, {"doctor": "john w"}):
        found = archive_search.found(pharmacist, {"since": day, "until": day} | asked)
        assert list(found) == [document], asked


def test_papers_and_refused_goods_are_found_in_small_letters(storekeeper):
    storekeeper.full_name = "Tom库管"
    storekeeper.save()
    line = {"drug": DrugFactory(), "lot": "A1", "expires_on": in_days(700), "quantity": 24}
    refused = {"name": "ABC注射液", "quantity": 3, "reason": "破损", "fate": "kept"}
    document = stock.receive(
        supplier=SupplierFactory(), lines=[line], refused=[refused], by=storekeeper
    )

    assert RefusedGoods.objects.filter(refusals.naming("abc注")).count() == 1
    assert list(paper_list.found({"who": "tom"})) == [document]


def test_a_take_counts_shelves_in_any_case(storekeeper):
    batches = {stocked_drug(24, lot=name, shelf=name).batches.get() for name in ("A1-01", "a1-02")}

    take = started(by=storekeeper, scope=StockTake.Scope.SHELF, scope_text="a1")

    assert {line.batch for line in take.lines.all()} == batches


def test_who_has_no_account_is_found_in_the_log_in_small_letters(db):
    entry = AuditEntry(event="read", actor_name="Demo_Data", action=2, timestamp=timezone.now())
    entry.save()

    assert entry in search(AuditFilterForm({"who": "demo_"}))
