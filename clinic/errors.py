"""What an error page says beyond its sentence: who may, whom to ask, which limit, the way back."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DatabaseError

from security import long_forms
from security.again import mark_for
from security.models import User
from security.permissions import GRANTS, Role

MEGABYTE = 1024 * 1024
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
ASKED = 3  # administrators named on the page


def who_may(request) -> list[str]:
    """The roles that this page is for, in words; nothing where no role decides."""
    match = request.resolver_match
    mark = mark_for(request, match.func) if match else None
    if mark is None or not mark.any_of or mark.allows(request.user):
        return []
    return [str(role.label) for role in Role if GRANTS.get(role, set()) & set(mark.any_of)]


def whom_to_ask() -> list[str]:
    """The names of those who give out roles."""
    people = User.objects.filter(is_active=True, groups__name=Role.ADMINISTRATOR.value)
    try:
        return [user.full_name for user in people.order_by("pk")[:ASKED]]
    except DatabaseError:
        return []


def came_from(request) -> str:
    """The page before this one, when the browser tells and it is one of ours."""
    try:
        told, host = urlsplit(request.headers.get("Referer", "")), request.get_host()
    except (ValueError, DisallowedHost):
        return ""
    here = urlsplit(request.get_full_path())
    if told.netloc != host or told.path in (here.path, ""):
        return ""
    if told.path.startswith(("//", "/\\")):  # as a link it would be another host
        return ""
    return f"{told.path}?{told.query}" if told.query else told.path


def page_again(request) -> str:
    """Where to go on after a fault of ours: the same page, or the one whose form was sent."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    match = request.resolver_match
    if match and long_forms.is_long(match.func):
        page = request.POST.get(long_forms.PAGE, "")
        return page if long_forms.is_page(page) else request.get_full_path()
    return came_from(request)


def limits() -> dict[str, int]:
    """What a request may hold, as the page says it."""
    return {
        "file": settings.FILE_UPLOAD_MAX_MEMORY_SIZE // MEGABYTE,
        "form": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // MEGABYTE,
        "fields": settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
    }
