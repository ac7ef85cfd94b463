"""How the tests are spread over pytest's workers and the two databases.

The longest work begins first, so that no worker waits for another at the end. What shares
something dear stays on one worker: the tests of a file, all tests of the served clinic, of the
installer, of backups. What asks for no database gives the same answer on both and is asked once,
on SQLite.
"""

import os

import pytest
from django.conf import settings
from xdist.scheduler import LoadFileScheduling

from installer.setup.proven import TRIALS

TOGETHER = ("tests/browser/", "tests/installer/", "tests/security/backup/")
# Of the installer's, those that ask for nothing of the one installed clinic: each brings its own
# machine, server or package, which would hold the others up for minutes.
ALONE = tuple(
    f"tests/installer/test_{name}.py"
    for name in ("linux_package", "systemd", "moving", "own_mariadb", "mysql", "first_tables")
)
FIRST = (*TOGETHER, "tests/concurrency/", "tests/test_every_record.py")
DATABASE = {"db", "transactional_db"}
# What these prove is no matter of the database: the order of the queue, which is a pure function,
# what the rules say of a sheet that was read, the letters of the key sheet, how much fits on paper,
# what the help says, what a demo clinic is made of, where home pages lead, what a switch closes,
# what a file looks like that leaves the house, and to whom a record's pages open, as the
# judge of hostile input knows it, too; each page is opened on both by test_every_view, and what
# comes in is written on both. Any order of the verbs: each verb is asked on both, alone and beside
# others. Who is refused, what a form finds wrong, and how a field or the screen of the waiting room
# is drawn is decided outside of the database.
ON_SQLITE = (
    "tests/cashier/test_any_money.py",
    "tests/clinic/test_error_pages.py",
    "tests/clinic/test_day_",
    "tests/clinic/test_demo",
    "tests/clinic/test_help.py",
    "tests/clinic/test_homes.py",
    "tests/clinic/test_statistics_pages.py",
    "tests/faults/test_judge.py",  # MariaDB's look at its tables would end the test's transaction
    "tests/front/",
    "tests/patients/test_whose_file.py",
    "tests/prescriptions/test_access.py",
    "tests/prescriptions/test_any_review.py",
    "tests/prescriptions/test_child_doses.py",
    "tests/prescriptions/test_papers_with_drugs.py",
    "tests/prescriptions/test_parts.py::test_no_sequence",
    "tests/registration/test_display.py",
    "tests/security/test_clumsy_administrator.py",
    "tests/security/test_kept.py",
    "tests/security/test_kept_stale.py",
    "tests/security/test_language.py",
    "tests/security/test_own_sessions.py",
    "tests/security/test_shortcuts.py",
    "tests/guide/",
    "tests/hostile/test_whose.py",
    "tests/printing/",
    "tests/test_switched_off.py",
    "tests/registration/test_busy_session.py",
    "tests/test_every_record.py",
    "tests/pharmacy/test_any_sequence.py",  # one after another; both are asked side by side
    "tests/prescriptions/test_doses.py",
    "tests/prescriptions/test_evaluation_judging.py",
    "tests/patients/test_export",
    "tests/patients/test_fhir_hostile.py",
    "tests/prescriptions/test_fhir",
    "tests/prescriptions/test_fitting_on_paper.py",
    "tests/prescriptions/test_rules_",
    "tests/prescriptions/test_paper_layout.py",
    "tests/registration/test_fhir.py",
    "tests/security/test_key_sheet.py",
)
# How often a page asks, and what it or a paper shows: every page is opened on both by
# test_every_view, and the verbs below and what is typed wrongly are asked on both.
PAGES = ("_page.py", "_pages.py", "/test_query_counts.py")
PAPERS = ("_print.py", "_prints.py", "_print_herbal.py", "_who_is_on_paper.py")
APPS = ("tests/registration/", "tests/pharmacy/", "tests/prescriptions/", "tests/patients/")
APPS += ("tests/cashier/",)
# CI leaves these out, too, while what they look at is proven (installer.setup.proven): failures
# and ends of a set-up. Backups look at more than that digest covers, so they always run.
PROVEN = TRIALS + (
    *("tests/installer/test_failures.py", "tests/installer/test_life.py"),
    *("tests/installer/test_closing.py", "tests/installer/test_screen_port.py"),
    *("tests/installer/test_listeners.py", "tests/installer/test_reload.py"),
    *("tests/installer/test_own_mariadb.py", "tests/installer/test_going_on.py"),
    # How the supervisor and the fronts go on; that all of it is installed, served and small is
    # asked each time, and every test in a browser begins with such an installation.
    "tests/installer/test_install.py::test_it_starts_in_the_background",
    "tests/installer/test_install.py::test_an_application_that_can_not_start",
    "tests/installer/test_install.py::test_a_run_beside_the_running_clinic",
    "tests/installer/test_install.py::test_a_second_",
    "tests/installer/test_install.py::test_a_killed_application",
    "tests/installer/test_install.py::test_what_",
    "tests/installer/test_front.py::test_silent_and_slow",
    "tests/installer/test_front.py::test_a_request_in_flight",
    "tests/installer/test_front.py::test_a_new_certificate",
)
# What somebody sees in a browser CI asks on SQLite alone; what is typed wrongly, on both.
WRONG = "/test_bad_input.py"
# Tests that count queries: Django asks as often on either, and SQLite's shorter lists of
# parameters make it the stricter of the two. What an index answers is asked of both (EXPLAIN).
COUNTED = (
    *("asks_as_", "asks_the_same", "asks_the_database_as_often", "asks_no_more", "asks_little"),
    *("asks_not_by", "same_queries", "as_many_queries", "no_more_queries", "few_queries"),
    *("fixed_number_of_queries", "queries_does_not_grow", "queries_is_the_same"),
    *("queries_whatever", "stay_in_their_budgets"),
)


class Units(LoadFileScheduling):
    """`--dist loadfile`, where some folders are one file."""

    def _split_scope(self, nodeid: str) -> str:
        alone = super()._split_scope(nodeid)
        if nodeid.startswith(ALONE):
            return alone
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), alone)


def pytest_xdist_make_scheduler(config, log):
    return Units(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_ignore_collect(collection_path, config):
    """What the stage leaves out anyway is not imported either: seconds of every worker."""
    if not collection_path.is_relative_to(config.rootpath / "tests"):
        return None
    path, chosen = collection_path.relative_to(config.rootpath), config.option.markexpr
    part = path.parts[1] if len(path.parts) > 1 else ""
    if chosen == "day":
        return True if part not in ("", "day") else None
    return True if part in ("browser", "installer") and f"not {part}" in chosen else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    items.sort(key=_turn)
    if os.environ.get("CLINIC_TEST_LEAVE_OUT") == "proven":
        _leave_out(config, items, lambda item: item.nodeid.startswith(PROVEN))
        if _on_mysql():
            _leave_out(config, items, _looks_at_a_page)
    if _on_mysql():
        _leave_out(config, items, lambda item: not _asks_the_database(item))


def _on_mysql() -> bool:
    return "mysql" in settings.DATABASES["default"]["ENGINE"]


def _looks_at_a_page(item) -> bool:
    file = item.nodeid.partition("::")[0]
    by_hand = "as_" in getattr(item, "fixturenames", ())
    return by_hand and file.startswith(APPS) and not file.endswith(WRONG)


def _leave_out(config, items, is_left_out) -> None:
    config.hook.pytest_deselected(items=[item for item in items if is_left_out(item)])
    items[:] = [item for item in items if not is_left_out(item)]


def _turn(item) -> int:
    """Those of FIRST in their order, then everybody else as they stand."""
    turns = (turn for turn, place in enumerate(FIRST) if item.nodeid.startswith(place))
    return next(turns, len(FIRST))


def _asks_the_database(item) -> bool:
    file = item.nodeid.partition("::")[0]
    if item.nodeid.startswith(ON_SQLITE) or (
        file.startswith(APPS) and file.endswith(PAGES + PAPERS)
    ):
        return False
    if any(words in item.name for words in COUNTED):
        return False
    named = DATABASE.intersection(getattr(item, "fixturenames", ()))
    return bool(named) or item.get_closest_marker("django_db") is not None
