"""A table as an Excel file that the browser saves."""

import io
from collections.abc import Iterable
from urllib.parse import quote

from django.http import HttpResponse
from django.utils import timezone

from clinic.core.tables.writing import XLSX_TYPE, write_xlsx


def xlsx_response(rows: Iterable[Iterable], *, title: str) -> HttpResponse:
    """One sheet, named after the title and today."""
    file = io.BytesIO()
    write_xlsx(file, rows, sheet=title)
    response = HttpResponse(file.getvalue(), content_type=XLSX_TYPE)
    name = f"{title}-{timezone.localdate().isoformat()}.xlsx"
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
