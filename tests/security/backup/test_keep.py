"""Which backups stay: a pure rule."""

from datetime import datetime, timedelta

from security.backup.keep import to_keep

NOW = datetime(2026, 11, 24, 18)


def every(hours: int, days: int) -> set[datetime]:
    return {NOW - timedelta(hours=hours * n) for n in range(days * 24 // hours)}


def test_every_backup_of_two_days_stays():
    moments = every(1, 30)

    kept = to_keep(moments, NOW)

    assert {m for m in moments if m > NOW - timedelta(hours=48)} <= kept


def test_after_years_seven_days_four_weeks_and_twelve_months_stay():
    moments = {NOW - timedelta(days=n) for n in range(800)}

    kept = to_keep(moments, NOW)

    week = {NOW - timedelta(days=n) for n in range(7)}
    weeks = {NOW, *(datetime(2026, 11, day, 18) for day in (22, 15, 8))}
    months = {NOW, datetime(2026, 10, 31, 18), datetime(2025, 12, 31, 18)}
    assert week | weeks | months <= kept
    assert len({(m.year, m.month) for m in kept}) == 12
    assert datetime(2025, 11, 30, 18) not in kept
    assert len(kept) <= 7 + 3 + 11


def test_of_an_older_day_the_last_backup_stays():
    noon, evening = datetime(2026, 11, 20, 12), datetime(2026, 11, 20, 19)

    assert to_keep({noon, evening, NOW}, NOW) == {evening, NOW}


def test_the_newest_stays_however_old_and_pauses_use_up_nothing():
    moments = {datetime(2020, 3, day, 12) for day in range(2, 10)}

    assert datetime(2020, 3, 9, 12) in to_keep(moments, NOW)
    assert len(to_keep(moments, NOW)) == 7
    assert to_keep(set(), NOW) == set()


def test_backups_of_a_clock_that_ran_ahead_stay():
    future = {NOW + timedelta(days=400 + n) for n in range(5)}

    assert future <= to_keep(future | every(24, 60), NOW)


def test_kept_backups_stay_kept_the_next_day_or_were_replaced():
    stock: set[datetime] = set()
    for hour in range(24 * 120):
        moment = datetime(2026, 1, 1) + timedelta(hours=hour)
        stock = to_keep(stock | {moment}, moment)

    assert 48 <= len(stock) <= 48 + 7 + 4 + 4
    assert len({(m.year, m.month) for m in stock}) >= 4
