"""A supplier's list as a file: read by the process without keys while the page waits."""

from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import RuleBroken
from clinic.core.tables import reading
from pharmacy.lists.rows import SupplierRows

MAX_BYTES = 2 * 1024 * 1024
MOST_ROWS = 500
MOST_SHEETS = 3
SECONDS = 40
TOO_BIG = gettext_lazy(
    "The file is bigger than 2 MB. Please keep only the rows of this delivery in it."
)


def read(content: bytes) -> tuple[SupplierRows, reading.Source]:
    """The list of the first sheet that has one; RuleBroken where there is none."""
    if len(content) > MAX_BYTES:
        raise RuleBroken(TOO_BIG, field="file")
    sheet, sheets = 0, 1
    while sheet < min(sheets, MOST_SHEETS):
        source, rows = reading.open_table(content, sheet=sheet, seconds=SECONDS)
        first = list(islice(rows, MOST_ROWS + 1))
        rows.close()
        if len(first) > MOST_ROWS:
            raise RuleBroken(
                _("The list has more than %(most)s rows. Please keep only those of this delivery.")
                % {"most": MOST_ROWS},
                field="file",
            )
        found = SupplierRows(first)
        if found.has_headings and found.rows:
            return found, source
        sheet, sheets = sheet + 1, len(source.sheets) or 1
    raise RuleBroken(
        _(
            "No row of headings was found, or no row below it. The list needs headings such as "
            "品名, 批号, 有效期至, 数量, 单价; rows without them can be pasted."
        ),
        field="file",
    )
