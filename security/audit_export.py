"""The auditor's list as a file for spreadsheets: streamed, and harmless when it is opened there."""

from collections.abc import Iterable, Iterator

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from clinic.core.tables.writing import csv_lines
from security.audit_search import with_numbers

PAGE = 500


def lines(entries, *, language: str) -> Iterator[str]:
    """The file line by line, oldest entry first; read by key, a page at a time."""
    return table(_pages(entries), language=language)


def _pages(entries) -> Iterator[list]:
    last = 0
    while True:
        found = list(entries.order_by("pk").filter(pk__gt=last)[:PAGE])
        yield found
        if len(found) < PAGE:
            return
        last = found[-1].pk


def table(pages: Iterable[list], *, language: str) -> Iterator[str]:
    """Heading and lines of these pages of entries."""
    yield from csv_lines(_rows(pages, language))


def _rows(pages: Iterable[list], language: str) -> Iterator[Iterable]:
    with override(language):
        yield _heading()
    for found in pages:
        with override(language):  # the page that asked for the file has long been answered
            page = [_row(entry) for entry in with_numbers(found)]
        yield from page


def _heading() -> list[str]:
    return [
        *(_("Entry number"), _("Time"), _("Who"), _("Roles"), _("Event"), _("Result")),
        *(_("Patient number"), _("What"), _("Changed fields"), _("Reason"), _("Address")),
    ]


def _row(entry) -> tuple:
    return (
        entry.pk,
        f"{localtime(entry.timestamp):%Y-%m-%d %H:%M:%S}",
        entry.actor_name,
        entry.role_words,
        entry.event_word,
        entry.get_outcome_display(),
        entry.patient_number,
        entry.thing,
        entry.field_words,
        (entry.additional_data or {}).get("reason", ""),
        entry.remote_addr,
    )
