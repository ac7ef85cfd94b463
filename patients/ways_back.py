"""Where somebody came from, so that a page about a patient leads back there."""

from django.utils.http import url_has_allowed_host_and_scheme

LONGEST_ADDRESS = 200


def way_back(request) -> str:
    """The page that was asked for as `next`, if it is one of ours; else nothing."""
    page = request.POST.get("next") or request.GET.get("next") or ""
    ours = page.startswith("/") and len(page) <= LONGEST_ADDRESS
    return page if ours and url_has_allowed_host_and_scheme(page, allowed_hosts=None) else ""
