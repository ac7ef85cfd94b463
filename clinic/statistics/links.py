"""From a figure to the list behind it, where this person may open that list."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.statistics.asked import Asked
from clinic.statistics.shown import Card
from registration.reports.catalogue import READERS
from security.permissions import P


def behind(card: Card, asked: Asked) -> tuple[str, str] | None:
    """(address, words), or nothing."""
    find = {
        "files": _files,
        "waiting": _times,
        "consultation": _times,
        "daily": _visits,
        "compliance": _faults,
        "electronic": _handwritten,
        "stock": _takes,
    }.get(card.figure.key)
    return find(card, asked) if find and not card.now.is_empty else None


def _may(asked: Asked, *any_of: P) -> bool:
    return any(asked.user.has_perm(permission) for permission in any_of)


def _address(name: str, asked: Asked, **more) -> str:
    query = {"since": asked.span.since, "until": asked.span.until, **more}
    return f"{reverse(name)}?{urlencode({key: value for key, value in query.items() if value})}"


def _files(card: Card, asked: Asked):
    if not card.lacking or not asked.user.has_perm(P.WRITE_PATIENT):
        return None
    words = ngettext("%(count)s to complete", "%(count)s to complete", card.lacking)
    address = f"{reverse('statistics_files')}?{urlencode(asked.query)}"
    return address, words % {"count": card.lacking}


def _times(card: Card, asked: Asked):
    if not _may(asked, *READERS["waiting_times"]):
        return None
    return _address("waiting_times", asked, group="both"), _("By hour")


def _visits(card: Card, asked: Asked):
    if not _may(asked, *READERS["registration_report"]):
        return None
    return _address("registration_report", asked), _("All numbers")


def _faults(card: Card, asked: Asked):
    if not card.lacking:
        return None
    words = ngettext("See %(count)s sheet", "See %(count)s sheets", card.lacking)
    words %= {"count": card.lacking}
    if asked.user.has_perm(P.REVIEW_PRESCRIPTION):
        return _address("evaluation_list", asked, show="faults", doctor=asked.doctor), words
    if asked.user.has_perm(P.PRESCRIBE):
        return reverse("evaluation_own"), _("My own")
    return None


def _handwritten(card: Card, asked: Asked):
    if not card.lacking or not asked.user.has_perm(P.REVIEW_PRESCRIPTION):
        return None
    words = ngettext("%(count)s handwritten", "%(count)s handwritten", card.lacking)
    return reverse("paper_sheets"), words % {"count": card.lacking}


def _takes(card: Card, asked: Asked):
    if not _may(asked, P.RECEIVE_STOCK, P.MANAGE_STOCK):
        return None
    return reverse("stock_takes"), _("Stock-takes")
