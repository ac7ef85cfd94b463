"""Expiry dates as packs print them (R-109), and the ladder of warnings (R-111)."""

from datetime import date

import pytest

from pharmacy.expiry import add_months, is_near, parse_expiry, rung


@pytest.mark.parametrize(
    ("text", "last_good_day"),
    [
        ("2026-05", date(2026, 5, 31)),
        ("2028-02", date(2028, 2, 29)),
        ("2026-05-20", date(2026, 5, 20)),
        ("2026/5", date(2026, 5, 31)),
        ("2026.05.20", date(2026, 5, 20)),
        ("202605", date(2026, 5, 31)),
        ("20260520", date(2026, 5, 20)),
        ("2026年5月", date(2026, 5, 31)),
        ("2026年5月20日", date(2026, 5, 20)),
        (" ２０２６－０５ ", date(2026, 5, 31)),
    ],
)
def test_a_month_alone_means_its_last_day_R109(text, last_good_day):
    assert parse_expiry(text) == last_good_day


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-13", "2026-00", "2026-02-30", "26-05", "1999-05", "2100-01", "05/2026"]
    + ["2026-05-20-1", "abc", "٢٠٢٦-٠٥", "2026-5-", "9" * 500],
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError):
        parse_expiry(text)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 22), 1, date(2026, 12, 22)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_the_month(day, months, later):
    assert add_months(day, months) == later


@pytest.mark.parametrize(
    ("expires_on", "step"),
    [
        (date(2026, 11, 21), 0),
        (date(2026, 11, 22), 1),
        (date(2026, 12, 22), 1),
        (date(2026, 12, 23), 3),
        (date(2027, 2, 22), 3),
        (date(2027, 5, 22), 6),
        (date(2027, 5, 23), None),
    ],
)
def test_the_ladder_has_rungs_at_six_three_and_one_months_R111(expires_on, step):
    assert rung(expires_on, date(2026, 11, 22)) == step


def test_goods_with_under_six_months_are_near_R174():
    today = date(2026, 11, 22)

    assert is_near(date(2027, 5, 21), today)
    assert not is_near(date(2027, 5, 22), today)
