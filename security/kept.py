"""A form that was sent after its session had ended: kept, sealed, for the person who typed it.

It lies on the server as an encrypted draft of that person and never in an address or in the
browser. After signing in, the same person gets it back once, at the place it was sent to, and it
is shown there before anything is saved.
"""

import uuid

from django.urls import reverse
from django.utils import timezone

from clinic.core.drafts import load_draft, save_draft
from clinic.core.models import Draft
from clinic.core.templatetags.ui import is_secret
from clinic.core.transactions import atomic_retry, lock
from security.crypto import CryptoError
from security.models import User

FORM = "kept"
FIELD = "kept"  # names the kept form in a request; such a request only shows it
MOST = 20  # forms kept for one person; older ones give way
HOURS = 24


def keep(request, owner: User, *, stale: bool = False) -> uuid.UUID:
    """Keep what this request sent; passwords, old tokens and files are left out.

    `stale`: the person is signed in, but the form's token is too old; the page says so.
    """
    name = uuid.uuid4()
    posted = {
        field: values
        for field, values in request.POST.lists()
        if not is_secret(field) and field != FIELD and "pin" not in field.split("_")
    }
    content = {
        "address": request.get_full_path(),
        "posted": posted,
        "files": bool(request.FILES),
        "screen": request.resolver_match.view_name or "",
        "stale": stale,
    }
    save_draft(form=FORM, subject=str(name), content=content, by=owner)
    _make_room(owner)
    return name


@atomic_retry
def _make_room(owner: User) -> None:
    mine = Draft.objects.filter(form=FORM, owner=owner)
    late = list(mine.order_by("-saved_at").values_list("pk", flat=True)[MOST:])
    Draft.objects.filter(pk__in=late).delete()


@atomic_retry
def _forget_some(limit) -> int:
    rows = Draft.objects.filter(form=FORM, saved_at__lt=limit).values_list("pk", flat=True)[:50]
    return Draft.objects.filter(pk__in=list(rows)).delete()[0]


def forget_old() -> None:
    """Drop what nobody came back for within a day; called by the scheduler."""
    limit = timezone.now() - timezone.timedelta(hours=HOURS)
    while _forget_some(limit):
        pass


def look_at(name, *, by: User) -> dict | None:
    """What was kept under this name for this person; None for everybody else, and when damaged."""
    try:
        content, saved_at = load_draft(form=FORM, subject=str(name), by=by)
    except (CryptoError, ValueError):
        return None
    return None if content is None else {**content, "saved_at": saved_at}


@atomic_retry
def give_back(*, name: str, address: str, by: User) -> bool:
    """Whether this form was still kept for this person and place; from now on it is not."""
    row = lock(Draft.objects.filter(form=FORM, subject=name[:60], owner=by)).first()
    content = row and look_at(name, by=by)
    if not content or content["address"] != address:
        return False
    row.delete()
    return True


def owner_of(next_address: str) -> User | None:
    """Whose kept form the sign-in page leads to, so that it can say so and fill in the name."""
    prefix = reverse("kept", args=[uuid.UUID(int=0)]).rpartition(str(uuid.UUID(int=0)))[0]
    name = next_address.removeprefix(prefix).strip("/") if next_address.startswith(prefix) else ""
    row = Draft.objects.filter(form=FORM, subject=name[:60]).select_related("owner").first()
    return row.owner if name and row else None
