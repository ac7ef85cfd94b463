"""The shift's page, the list of shifts, the sheet, and the daily report (R-165)."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.cashier import reports, shifts
from clinic.cashier.models import Shift
from security.permissions import P, Role
from security.roles import set_roles
from tests.conftest import person
from tests.factories.till import bill_of, given_back, taken

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("paying_site")]


@pytest.fixture
def bill(doctor, frontdesk):
    return bill_of(doctor, frontdesk)


@pytest.fixture
def shift(bill, cashier):
    """100 in change; 20 in cash and 12.50 by phone taken, 10 of cash taken and given back."""
    shift = shifts.begin(floating=Decimal(100), by=cashier)
    taken(bill, by=cashier, cash="20.00", wechat="12.50", lines={"western": 22, "herbal": "10.50"})
    given_back(taken(bill, by=cashier, cash="10.00"), by=cashier)
    return shift


@pytest.fixture
def only_takes(cashier):
    """A cashier of a clinic where the takings are nobody else's business."""
    group = Group.objects.create(name="只收费")
    group.permissions.add(Permission.objects.get(codename=P.TAKE_MONEY.codename))
    other = person("cashier3", "吴收费")
    other.groups.add(group)
    return other


def close(client, shift, to, **typed):
    given = {"do": "close", "seen": shifts.entries(shift), "counted": "120.00", "reason": ""}
    return client.post(reverse("shift"), given | {"handed_to": to.pk} | typed)


def test_the_page_shows_what_was_taken_and_what_should_lie_there(shift, cashier, as_):
    page = as_(cashier).get(reverse("shift"))

    assert page.context["due"] == Decimal("120.00")
    sums = dict(page.context["ways"])
    assert [(s.times_in, s.came, s.times_out, s.went) for s in sums.values()][:2] == [
        (2, Decimal(30), 1, Decimal(-10)),
        (1, Decimal("12.50"), 0, Decimal(0)),
    ]


def test_handing_over_leads_to_the_sheet_that_both_sign(shift, cashier, administrator, as_):
    client = as_(cashier)

    response = close(client, shift, administrator, coin_100="1", coin_20="1", counted="")

    sheet = client.get(response.url).content.decode()
    assert "120.00" in sheet and administrator.full_name in sheet and "T-00003" in sheet
    assert client.get(reverse("shift")).context["shift"] is None


def test_a_second_click_leads_to_the_same_sheet(shift, cashier, administrator, as_):
    client, once = as_(cashier), "5f0c6f4e-3a0b-4f6e-9d55-6c3a58f3c0aa"

    first, second = (close(client, shift, administrator, once=once) for _click in range(2))

    assert first.url == second.url == shift.get_absolute_url()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"counted": "119"}, "reason"),
        ({"counted": ""}, "counted"),
        ({"counted": "-3"}, "counted"),
        ({"coin_100": "2"}, "counted"),
        ({"handed_to": ""}, "handed_to"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    shift, cashier, administrator, as_, typed, field
):
    page = close(as_(cashier), shift, administrator, **typed)

    assert field in page.context["form"].errors
    assert page.context["form"]["counted"].value() == typed.get("counted", "120.00")
    assert Shift.objects.get().closed_at is None


def test_a_handover_from_a_window_that_is_out_of_date_says_so(shift, cashier, administrator, as_):
    client = as_(cashier)
    typed = {"do": "close", "counted": "1", "handed_to": administrator.pk, "seen": "0"}
    Shift.objects.filter(pk=shift.pk).update(
        open_key=None,
        closed_at=timezone.now(),
        counted=0,
        difference=0,
        handed_to=administrator,
        closed_by=cashier,
    )

    page = client.post(reverse("shift"), typed, follow=True)

    assert page.redirect_chain == [(reverse("shift_list"), 302)]
    assert "message-error" in page.content.decode()
    assert Shift.objects.count() == 1


def test_a_payment_meanwhile_shows_the_new_sums_and_a_second_press_closes(
    shift, bill, cashier, administrator, as_
):
    client, seen = as_(cashier), shifts.entries(shift)
    taken(bill, by=cashier, alipay="1.00")

    page = close(client, shift, administrator, seen=seen)

    assert page.context["form"].non_field_errors()
    assert f'name="seen" value="{seen + 1}"' in page.content.decode()
    assert close(client, shift, administrator, seen=seen + 1).status_code == 302


def test_a_shift_left_open_is_said_on_every_page_of_the_cashier_and_closed_by_a_colleague(
    shift, cashier, administrator, as_
):
    Shift.objects.update(opened_at=timezone.now() - timedelta(days=1))
    other = person("cashier2", "孙收费", Role.CASHIER)

    assert shift.number in as_(cashier).get(reverse("takings")).content.decode()

    typed = {"seen": shifts.entries(shift), "counted": "120", "handed_to": administrator.pk}
    as_(other).post(reverse("shift_close", args=[shift.number]), typed)
    assert Shift.objects.get().closed_by == other


def test_who_may_not_read_the_takings_sees_their_own_shifts_and_sums(shift, only_takes, as_):
    client = as_(only_takes)

    assert list(client.get(reverse("shift_list")).context["page"]) == []
    assert client.get(reverse("shift_show", args=[shift.number])).status_code == 404
    assert client.get(reverse("shift_close", args=[shift.number])).status_code == 403
    report = client.get(reverse("takings"), {"cashier": shift.cashier_id})
    assert report.context["table"].rows == []


TOTALS = {
    "": ["20.00", "12.50", "0.00", "0.00", "0.00", "42.50", "-10.00", "32.50", "0.00"],
    "way": ["3", "42.50", "1", "-10.00", "32.50"],
    "kind": ["3", "42.50", "1", "-10.00", "32.50"],
    "item": ["3", "42.50", "1", "-10.00", "32.50"],
    "department": ["0.00", "22.00", "10.50", "32.50"],
    "day": ["20.00", "12.50", "0.00", "0.00", "0.00", "42.50", "-10.00", "32.50"],
}


@pytest.mark.parametrize("group", TOTALS)
def test_the_report_adds_up_whatever_it_is_arranged_by(shift, administrator, as_, group):
    table = as_(administrator).get(reverse("takings"), {"group": group}).context["table"]

    assert [str(cell) for cell in table.total[1:]] == TOTALS[group]
    assert "32.50" in table.notes[0]


def test_refunds_and_differences_are_listed(shift, cashier, administrator, as_):
    close(as_(cashier), shift, administrator, counted="119.50", reason="找错零")
    client = as_(administrator)

    refunds = client.get(reverse("takings"), {"group": "refunds"}).context["table"]
    handed = client.get(reverse("takings"), {"group": "shifts"}).context["table"]

    assert [row.cells[1:3] for row in refunds.rows] == [["T-00003", "T-00002"]]
    assert [str(cell) for cell in handed.rows[0].cells[4:]] == [
        "100.00", "20.00", "119.50", "-0.50", "找错零",
    ]  # fmt: skip


def test_the_report_goes_on_paper_and_into_excel(shift, administrator, as_):
    client, url = as_(administrator), reverse("takings") + "?group=kind"

    paper, excel = client.post(url, {"as": "print"}), client.post(url, {"as": "xlsx"})

    assert "32.50" in paper.content.decode()
    cells = ZipFile(BytesIO(excel.content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<v>32.50</v>" in cells


def test_other_days_are_other_sums(shift, administrator, as_):
    yesterday = timezone.localdate() - timedelta(days=1)

    page = as_(administrator).get(reverse("takings"), {"since": yesterday, "until": yesterday})

    assert page.context["table"].rows == []


def test_every_page_asks_as_often_for_many_as_for_one(shift, bill, cashier, administrator, as_):
    client = as_(administrator)
    urls = [reverse("shift_list"), reverse("shift_show", args=[shift.number])]
    urls += [f"{reverse('takings')}?group={group}" for group in reports.ANSWERS]

    def queries():
        found = []
        for url in urls:
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url).status_code == 200
            found.append(len(asked))
        return found

    close(as_(cashier), shift, administrator)
    queries()
    before = queries()
    for n in range(12):
        who = set_roles(user=person(f"c{n}", f"收{n}"), roles={Role.CASHIER.value}, by=None)
        given_back(taken(bill, by=who, cash="3.00", lines={"other": "3.00"}), by=who)
        more = shifts.running(by=who)
        shifts.hand_over(
            shift=more, seen=2, counted=Decimal(0), coins={}, reason="", by=who,
            handed_to=administrator,
        )  # fmt: skip

    assert queries() == before


@pytest.mark.parametrize("counted", ["120", "no number"])
def test_who_hands_over_what_a_colleague_handed_over_meanwhile_is_told(
    counted, shift, administrator, as_
):
    typed = {"seen": shifts.entries(shift), "counted": "120", "handed_to": administrator.pk}
    place = reverse("shift_close", args=[shift.number])
    as_(person("cashier2", "孙收费", Role.CASHIER)).post(place, typed)

    later = as_(person("cashier3", "钱收费", Role.CASHIER))
    page = later.post(place, typed | {"counted": counted}, follow=True)

    assert "message-error" in page.content.decode()
    assert Shift.objects.get().closed_by.username == "cashier2"
