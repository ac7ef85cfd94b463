"""Who took it out, when and what for: on every copy and in every file (R-151)."""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.site import institution
from patients.models import Export


def number(export: Export) -> str:
    """Short enough to be read aloud; the audit log has the whole one."""
    return export.pk.hex[:8].upper()


def purpose(export: Export) -> str:
    """The purpose by list, with the words that were typed."""
    return "：".join(filter(None, [str(export.get_purpose_display()), export.words]))


def line(export: Export) -> str:
    """The mark in one line."""
    return " · ".join(
        [
            institution().name,
            _("Exported by %(name)s (%(account)s)")
            % {"name": export.made_by.full_name, "account": export.made_by.username},
            f"{timezone.localtime(export.made_at):%Y-%m-%d %H:%M}",
            _("Purpose: %(purpose)s") % {"purpose": purpose(export)},
            _("Export %(number)s") % {"number": number(export)},
            _("Personal data: keep safe, don't pass on, destroy after use"),
        ]
    )


def last(export: Export, rows: int) -> str:
    """Below the last row: whoever cuts the head off has the foot."""
    return _("End, %(rows)s rows") % {"rows": rows} + " · " + line(export)
