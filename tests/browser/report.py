"""The budget table at the end of the run, whichever worker measured."""

from tests.browser.measure import KB

PROPERTY = "clinic_budget"


def print_budgets(terminalreporter) -> None:
    """One line for each page, the dearest first."""
    rows = [
        value
        for found in terminalreporter.stats.values()
        for item in found
        for name, value in getattr(item, "user_properties", ())
        if name == PROPERTY
    ]
    if not rows:
        return
    terminalreporter.section("bytes and requests of every page")
    terminalreporter.line(f"{'page':<34}{'first visit':>22}{'repeat visit':>20}{'CLS':>8}")
    for title, first, first_requests, repeat, repeat_requests, shift in sorted(
        {tuple(row) for row in rows}, key=lambda row: -row[1]
    ):
        terminalreporter.line(
            f"{title:<34}{first / KB:>10.1f} KB {first_requests:>3} req"
            f"{repeat / KB:>11.1f} KB {repeat_requests:>2} req{shift:>8.3f}"
        )
