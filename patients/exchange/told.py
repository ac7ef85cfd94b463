"""What an entry of the audit log says of an export: why, how much, what in full (R-151)."""

from django.utils.translation import gettext as _

from patients.exchange.lists import COLUMNS
from patients.models.exports import Purpose


def words(entry) -> str:
    data = entry.additional_data or {}
    parts = [str(dict(Purpose.choices).get(data.get("reason"), ""))]
    if "rows" in data:
        parts.append(_("Rows: %(number)s") % {"number": data["rows"]})
    full = [str(COLUMNS[name].label) for name in data.get("full", ()) if name in COLUMNS]
    if full:
        parts.append(_("In full: %(columns)s") % {"columns": "、".join(full)})
    return "；".join(filter(None, parts))
