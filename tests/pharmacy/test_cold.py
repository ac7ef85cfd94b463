"""The cold chain: two readings a day, notes out of range, corrections that hide nothing (R-121)."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import cold, cold_sheet
from pharmacy.models import ColdUnit, TemperatureRecord
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db
COLD = Decimal("4.5")


def clock(monkeypatch, *local):
    """From now on Django's clock shows this moment of Asia/Shanghai."""
    moment = timezone.make_aware(datetime(*local))
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


@pytest.fixture
def morning(monkeypatch):
    clock(monkeypatch, 2026, 5, 20, 8, 30)


@pytest.fixture
def fridge(storekeeper):
    return unit("冷藏箱", storekeeper)


def unit(name, by, **more):
    limits = {"low": Decimal("2.0"), "high": Decimal("8.0")}
    return cold.save_unit(name=name, by=by, **{**limits, **more})


def read(fridge, by, celsius=COLD, slot="am", note=""):
    return cold.read_temperature(unit=fridge, slot=slot, celsius=celsius, note=note, by=by)


def test_each_slot_is_read_once_a_day(morning, fridge, storekeeper, pharmacist):
    first = read(fridge, storekeeper)

    with pytest.raises(AlreadyDone):
        read(fridge, pharmacist, Decimal("5.0"))

    assert (first.day, first.slot, first.made_by) == (date(2026, 5, 20), "am", storekeeper)
    assert TemperatureRecord.objects.count() == 1


@pytest.mark.parametrize("celsius", ["1.9", "8.1", "-3.0"])
def test_out_of_range_asks_what_was_done(morning, fridge, storekeeper, celsius):
    with pytest.raises(RuleBroken) as refusal:
        read(fridge, storekeeper, Decimal(celsius))

    assert refusal.value.field == "note"
    assert not read(fridge, storekeeper, Decimal(celsius), note="已移至备用冰箱").in_range


@pytest.mark.parametrize("celsius", ["2.0", "8.0"])
def test_the_limits_themselves_are_in_range(morning, fridge, storekeeper, celsius):
    assert read(fridge, storekeeper, Decimal(celsius)).in_range


def test_the_afternoon_is_not_read_in_the_morning_and_a_late_morning_says_why(
    monkeypatch, morning, fridge, storekeeper
):
    with pytest.raises(RuleBroken):
        read(fridge, storekeeper, slot="pm")
    clock(monkeypatch, 2026, 5, 20, 12, 0)

    with pytest.raises(RuleBroken):
        read(fridge, storekeeper, slot="am")
    late = read(fridge, storekeeper, slot="am", note="8:30已读，停电未录入")

    assert late.note
    assert read(fridge, storekeeper, slot="pm").slot == "pm"


def test_a_correction_is_a_second_row_and_the_first_stays(
    as_, morning, fridge, storekeeper, pharmacist
):
    wrong = read(fridge, storekeeper, Decimal("5.4"))

    right = cold.correct_temperature(
        reading=wrong, celsius=COLD, note="看错刻度，应为4.5", by=pharmacist
    )

    wrong.refresh_from_db()
    assert (wrong.celsius, right.corrects) == (Decimal("5.4"), wrong)
    page = as_(storekeeper).get(reverse("cold_month", args=[fridge.pk])).content.decode()
    assert "<del>5.4</del> <b>4.5</b>" in page
    assert "看错刻度，应为4.5" in page
    with pytest.raises(AlreadyDone):
        cold.correct_temperature(reading=wrong, celsius=COLD, note="又错了", by=pharmacist)
    with pytest.raises(PermissionDenied):
        wrong.save()


def test_a_correction_says_what_was_wrong(morning, fridge, storekeeper):
    wrong = read(fridge, storekeeper)

    with pytest.raises(RuleBroken):
        cold.correct_temperature(reading=wrong, celsius=COLD, note=" ", by=storekeeper)


def test_new_limits_do_not_change_what_was_in_range(morning, fridge, storekeeper):
    old = read(fridge, storekeeper, Decimal("7.5"))

    unit("冷藏箱", storekeeper, unit=fridge, high=Decimal("7.0"))

    assert TemperatureRecord.objects.get(pk=old.pk).in_range


def test_limits_that_contradict_each_other_and_a_second_name_are_refused(fridge, storekeeper):
    with pytest.raises(RuleBroken):
        unit("另一台", storekeeper, low=Decimal("9.0"))
    with pytest.raises(RuleBroken):
        unit("冷藏箱", storekeeper)

    assert ColdUnit.objects.count() == 1


@pytest.mark.parametrize(
    ("hour", "states"),
    [(8, ["waits", "waits"]), (12, ["missing", "waits"]), (18, ["missing", "missing"])],
)
def test_a_slot_that_was_not_read_in_time_is_missing(monkeypatch, fridge, hour, states):
    clock(monkeypatch, 2026, 5, 20, hour)

    (row,) = cold_sheet.today_of([fridge])

    assert [cell.state for cell in row["cells"]] == states


def test_todays_page_shows_the_missing_slot_and_takes_the_reading(
    as_, monkeypatch, fridge, storekeeper
):
    clock(monkeypatch, 2026, 5, 20, 13)
    client, url = as_(storekeeper), reverse("cold_read", args=[fridge.pk])

    before = client.get(reverse("cold_list")).content.decode()
    post_ok(client, url, {"slot": "pm", "celsius": "４.５"})
    after = client.get(reverse("cold_list")).content.decode()

    assert before.count("tag-harm") == 1  # the morning
    assert "4.5 ℃" in after
    assert TemperatureRecord.objects.get().celsius == COLD


def test_out_of_range_keeps_what_was_typed_and_warns_once_saved(as_, morning, fridge, storekeeper):
    client, url = as_(storekeeper), reverse("cold_read", args=[fridge.pk])

    refused = client.post(url, {"slot": "am", "celsius": "9.4"}).content.decode()
    post_ok(client, url, {"slot": "am", "celsius": "9.4", "note": "已通知维修"})
    page = client.get(reverse("cold_list")).content.decode()

    assert 'value="9.4"' in refused
    assert "message-warn" in page
    assert "已通知维修" in page


@pytest.mark.parametrize("celsius", ["", "四度", "4.55", "1e3", "NaN", "999", "Infinity", "-99.9"])
def test_what_is_no_temperature_is_refused(as_, morning, fridge, storekeeper, celsius):
    url = reverse("cold_read", args=[fridge.pk])

    page = as_(storekeeper).post(url, {"slot": "am", "celsius": celsius, "note": "x"})

    assert page.status_code == 200
    assert not TemperatureRecord.objects.exists()


def test_the_month_counts_missing_days_from_the_first_reading_on(monkeypatch, fridge, storekeeper):
    clock(monkeypatch, 2026, 5, 18, 8)
    read(fridge, storekeeper)
    clock(monkeypatch, 2026, 5, 20, 12, 30)
    read(fridge, storekeeper, Decimal("9.0"), slot="pm", note="复测正常")

    sheet = cold_sheet.month(fridge, date(2026, 5, 1))

    # the 18th's afternoon, the 19th twice, the 20th's morning
    assert (sheet["read"], sheet["outside"], sheet["missing"]) == (2, 1, 4)


def test_the_plot_keeps_its_points_inside_and_marks_those_out_of_range(
    monkeypatch, fridge, storekeeper
):
    clock(monkeypatch, 2026, 5, 18, 8)
    read(fridge, storekeeper, Decimal("-20.0"), note="探头脱落")
    clock(monkeypatch, 2026, 5, 31, 18)
    read(fridge, storekeeper, Decimal("8.0"), slot="pm")

    drawing = cold_sheet.month(fridge, date(2026, 5, 1))["plot"]

    assert [point["inside"] for point in drawing["points"]] == [False, True]
    for point in drawing["points"]:
        assert drawing["left"] <= point["x"] <= drawing["right"]
        assert 0 <= point["y"] <= drawing["bottom"]
    assert drawing["points"][0]["y"] > drawing["points"][1]["y"]  # colder is lower


@pytest.mark.parametrize("month", ["2026-05", "", "2026-13", "9999-12", "0001-01", "x"])
def test_any_month_opens_on_screen_and_paper(as_, morning, fridge, storekeeper, month):
    client = as_(storekeeper)

    for name in ("cold_month", "cold_month_print"):
        assert client.get(reverse(name, args=[fridge.pk]), {"month": month}).status_code == 200


def test_a_refrigerator_is_added_changed_and_stopped(as_, storekeeper):
    client = as_(storekeeper)
    typed = {"name": "二号箱", "low": "2", "high": "8.0", "memo": "乙肝疫苗20支", "active": "1"}

    post_ok(client, reverse("cold_unit_new"), typed)
    added = ColdUnit.objects.get()
    post_ok(client, reverse("cold_unit_edit", args=[added.pk]), {**typed, "active": ""})

    added.refresh_from_db()
    assert (added.memo, added.active) == ("乙肝疫苗20支", False)


def test_the_page_asks_the_same_for_one_refrigerator_and_ten(as_, morning, fridge, storekeeper):
    client = as_(storekeeper)
    urls = [reverse("cold_list"), reverse("cold_month", args=[fridge.pk])]

    def asked():
        numbers = []
        for url in urls:
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
            numbers.append(len(queries))
        return numbers

    wrong = read(fridge, storekeeper)
    before = asked()
    for number in range(9):
        read(unit(f"箱{number}", storekeeper), storekeeper)
        wrong = cold.correct_temperature(reading=wrong, celsius=COLD, note="改", by=storekeeper)

    assert asked() == before
