"""Age in words (R-18)."""

from datetime import date

import pytest
from django.utils.translation import override

from patients.age import age_text, age_years


@pytest.mark.parametrize(
    ("born", "on", "text"),
    [
        ((2026, 11, 22), (2026, 11, 22), "0 d"),
        ((2026, 10, 23), (2026, 11, 22), "30 d"),
        ((2026, 10, 22), (2026, 11, 22), "1 m 0 d"),
        ((2026, 1, 31), (2026, 2, 28), "28 d"),
        ((2026, 1, 31), (2026, 3, 1), "1 m 1 d"),
        ((2025, 11, 23), (2026, 11, 22), "11 m 30 d"),
        ((2025, 11, 22), (2026, 11, 22), "1 y 0 m"),
        ((2021, 3, 5), (2026, 11, 22), "5 y 8 m"),
        ((2020, 11, 23), (2026, 11, 22), "5 y 11 m"),
        ((2020, 11, 22), (2026, 11, 22), "6 y"),
        ((1958, 3, 16), (2026, 11, 22), "68 y"),
        ((2027, 1, 1), (2026, 11, 22), "0 d"),
    ],
)
def test_age_counts_days_then_months_then_years_R18(born, on, text):
    with override("en"):
        assert age_text(date(*born), date(*on)) == text


def test_a_birthday_on_29_february_is_kept_on_1_march():
    assert age_years(date(2012, 2, 29), date(2026, 2, 28)) == 13
    assert age_years(date(2012, 2, 29), date(2026, 3, 1)) == 14
