"""The refused rows as a file: corrected there, it can be imported again as it is."""

from django.utils.translation import gettext as _

from clinic.core.models import TableImport
from clinic.core.tables import imports
from clinic.core.tables.kinds import Status
from clinic.core.tables.matching import texts


def rows(table: TableImport):
    """The heading and every refused row as it was, the reason behind it."""
    head = table.read_head()
    width = max(head["width"], len(head["headings"]))
    yield [*_padded(head["headings"], width), _("Reason")]
    for row in imports.rows_of(table, Status.REFUSED, Status.STAYS):
        yield [*_padded(texts(row.cells), width), " ".join(row.words)]


def _padded(cells: list, width: int) -> list:
    return [*cells, *[""] * (width - len(cells))]
