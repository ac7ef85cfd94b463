"""Nothing typed is lost: drafts of every long form, kept on the server, sealed, for their person.

A view that takes a long form says `@keeps_typed`; its template puts `{% keeps_typed %}` into the
form. From then on what is typed is kept as typing goes on (static/js/keep.js), and at each press
that did not carry the form out (security.typing), with or without scripts. The page offers it the
next time it is opened. It is taken up by the way of security.kept: shown in the form itself, by
the view itself with its own checks, and never saved by that.

A draft belongs to a page (where it is offered), an address (where its form is sent) and the moment
the page was opened, so that whoever begins anew overwrites nothing. It goes when its form is
carried out, when its person throws it away, or after 30 days.
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.apps import apps
from django.db.models import Q
from django.http import QueryDict
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from clinic.core import drafts
from clinic.core.drafts import load_draft, save_draft
from clinic.core.models import Draft
from clinic.core.templatetags.ui import is_secret
from clinic.core.transactions import atomic_retry
from security.access import mark_of
from security.crypto import CryptoError
from security.models import AuditEntry, User

FORM = "typed"
SINCE = "typed_since"  # when the page was opened, in milliseconds; marks a form that is kept
PAGE = "typed_page"  # where the form stands
TECHNICAL = {SINCE, PAGE, "typed_of", "once", "kept"}
SECRET = {"pin", "otp", "secret", "token"}
LONGEST = 200_000  # characters of one form; the longest of ours has 20,000
SHOWN = 3  # offers on one page; the others come when these are gone
MOST = 200  # drafts of one person; the oldest give way
DAYS = 30


def keeps_typed(view: Callable | str) -> Callable:
    """Marks the view of a long form. `@keeps_typed("app.Model")`: of which record its address
    tells, where the address holds no UUID; so that a change meanwhile is noticed."""
    if isinstance(view, str):
        return lambda marked: _mark(marked, view)
    return _mark(view, "")


def _mark(view: Callable, model: str) -> Callable:
    view.clinic_keeps = model
    return view


def is_long(view: Callable) -> bool:
    return hasattr(view, "clinic_keeps")


@dataclass(frozen=True)
class Offer:
    """A draft as its page offers it."""

    id: uuid.UUID
    address: str
    saved_at: datetime
    about: str  # the name that was typed, where the page is not one record's
    changed: AuditEntry | None  # what somebody did to the record after this form was opened

    @property
    def changed_by(self) -> str:
        """The name alone; an entry writes the account before it."""
        return self.changed.actor_name.partition(" ")[2] if self.changed else ""


def target_of(address: str) -> ResolverMatch | None:
    """The long form that is sent to this address of ours, or None."""
    if len(address) > 500 or not url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return None
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return None
    return match if is_long(match.func) else None


def is_page(address: str) -> bool:
    """Whether this is the path of a long form's page; nobody is sent anywhere else."""
    return target_of(address) is not None


def may_send(match: ResolverMatch, user: User) -> bool:
    """The form's own access mark; whose patient it is, its view asks when the text comes back."""
    mark = mark_of(match.func)
    return mark is not None and not mark.public and mark.allows(user)


def fields_of(post) -> dict[str, list[str]]:
    """What was typed, without passwords, PINs, codes and what belongs to one sending only."""
    return {
        name: values
        for name, values in post.lists()
        if name not in TECHNICAL and not is_secret(name) and not SECRET & set(name.split("_"))
    }


def keep(*, page: str, address: str, post, by: User) -> Draft | None:
    """Keep what stands in this form; None when it is more than a draft can hold."""
    page, fields = page if is_page(page) else address, fields_of(post)
    since = _opened(post)
    content = {"address": address, "page": page, "posted": fields, "since": since}
    if len(json.dumps(content)) > LONGEST:
        return None
    place = f"{_digest(page)}.{_digest(address)}.{since}"
    draft = save_draft(form=FORM, subject=place, content=content, by=by)
    _make_room(by)
    return draft


def _opened(post) -> int:
    """When the form's page was opened; one that doesn't tell was opened now."""
    text, now = post.get(SINCE, ""), int(timezone.now().timestamp() * 1000)
    return min(int(text), now) if text.isascii() and text.isdigit() and len(text) < 15 else now


def _digest(address: str) -> str:
    return hashlib.sha256(urlsplit(address).path.encode()).hexdigest()[:20]


@atomic_retry
def _make_room(owner: User) -> None:
    mine = Draft.objects.filter(form=FORM, owner=owner)
    late = list(mine.order_by("-saved_at").values_list("pk", flat=True)[MOST:])
    if late:
        Draft.objects.filter(pk__in=late).delete()


@atomic_retry
def carried_out(*, address: str, post, by: User) -> None:
    """The form was sent to this address and did its work: its draft is only old now."""
    place = f".{_digest(address)}.{_opened(post)}"
    Draft.objects.filter(form=FORM, owner=by, subject__endswith=place).delete()


def look_at(draft, *, by: User) -> dict | None:
    """What this draft holds for its owner; None for everybody else, and when damaged."""
    row = Draft.objects.filter(pk=draft, form=FORM, owner=by).first()
    if row is None:
        return None
    try:
        content, saved_at = load_draft(form=FORM, subject=row.subject, by=by)
    except (CryptoError, ValueError):
        return None
    return None if content is None else {**content, "saved_at": saved_at}


def as_posted(content: dict) -> QueryDict:
    """The same as if its form had been sent now."""
    posted = QueryDict(mutable=True)
    for name, values in content["posted"].items():
        posted.setlist(name, values)
    posted[SINCE] = str(content["since"])
    posted[PAGE] = content["page"]
    posted._mutable = False
    return posted


def offers(page: str, *, by: User) -> list[Offer]:
    """This person's drafts of the forms on this page, the newest first."""
    rows = Draft.objects.filter(form=FORM, owner=by, subject__startswith=f"{_digest(page)}.")
    found = [(row.pk, look_at(row.pk, by=by)) for row in rows.order_by("-saved_at")[:SHOWN]]
    return [
        Offer(pk, content["address"], content["saved_at"], _about(content), _changed(content))
        for pk, content in found
        if content is not None and target_of(content["address"])
    ]


def _about(content: dict) -> str:
    """Tells several drafts of a new record apart; only their own person ever reads it."""
    match = target_of(content["address"])
    names = content["posted"].get("name", []) if match and not match.kwargs else []
    return " ".join(names).strip()[:40]


def _changed(content: dict) -> AuditEntry | None:
    """The last change of the form's record, by anybody, after the form was opened."""
    match = target_of(content["address"])
    asked = {str(value) for value in match.kwargs.values()} if match else set()
    patients = [value for value in match.kwargs.values() if isinstance(value, uuid.UUID)]
    model = match.func.clinic_keeps
    if model and match.kwargs:
        rows = apps.get_model(model).objects.filter(**match.kwargs)
        asked = {str(pk) for pk in rows.values_list("pk", flat=True)}
    elif not patients:
        return None
    since = datetime.fromtimestamp(content["since"] / 1000, tz=timezone.get_default_timezone())
    app = apps.get_containing_app_config(match.func.__module__)
    entries = AuditEntry.objects.filter(
        Q(object_pk__in=asked) | Q(subject__in=patients),
        timestamp__gt=since,
        action__lt=AuditEntry.Action.ACCESS,
        content_type__app_label=app.label if app else "",
    )
    if model:
        name = model.rpartition(".")[2].lower()
        entries = entries.filter(content_type__model=name)
    return entries.order_by("-timestamp").first()


def throw_away(*, draft, by: User) -> bool:
    """Out of sight at once, and for good a day later."""
    row = Draft.objects.filter(pk=draft, form=FORM, owner=by).first()
    return row is not None and drafts.set_aside(form=FORM, subject=row.subject, by=by)


def bring_back(*, draft, by: User) -> bool:
    """Undo of `throw_away`."""
    row = Draft.objects.filter(pk=draft, form=FORM + drafts.GONE, owner=by).first()
    return row is not None and drafts.bring_back(form=FORM, subject=row.subject, by=by)


@atomic_retry
def _forget_some(rows) -> int:
    ids = list(rows.values_list("pk", flat=True)[:50])
    return Draft.objects.filter(pk__in=ids).delete()[0]


def forget_old() -> None:
    """Drop drafts that nobody went on with for 30 days, of every form there is."""
    now = timezone.now()
    old = Q(saved_at__lt=now - timedelta(days=DAYS))
    old |= Q(form__endswith=drafts.GONE, saved_at__lt=now - timedelta(days=1))
    while _forget_some(Draft.objects.filter(old)):
        pass
