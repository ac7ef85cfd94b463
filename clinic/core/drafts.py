"""Server-side drafts: nothing typed is lost, and the browser's storage holds none of it."""

import json
import uuid

from django.db import IntegrityError, transaction

from clinic.core import sealing
from clinic.core.models import Draft
from clinic.core.transactions import atomic_retry

CONTEXT = "core.draft"
GONE = ".gone"  # at the end of a form's name: thrown away, and can be brought back for a day


@atomic_retry
def save_draft(*, form: str, subject: str = "", content: dict, by) -> Draft:
    """Keep `content` (plain JSON values) as the person's only draft of this form and subject."""
    draft = Draft.objects.filter(owner=by, form=form, subject=subject).first()
    if draft is None:
        draft = Draft(id=uuid.uuid4(), owner=by, form=form, subject=subject)
        try:
            with transaction.atomic():
                return _write(draft, content)
        except IntegrityError:  # another tab made it just now; the later text wins
            draft = Draft.objects.get(owner=by, form=form, subject=subject)
    return _write(draft, content)


def _write(draft: Draft, content: dict) -> Draft:
    draft.content = sealing.seal(CONTEXT, draft.id, json.dumps(content).encode())
    draft.save()
    return draft


def load_draft(*, form: str, subject: str = "", by) -> tuple[dict, object] | tuple[None, None]:
    """The draft's content and the time it was saved, or (None, None)."""
    draft = Draft.objects.filter(owner=by, form=form, subject=subject).first()
    if draft is None:
        return None, None
    content = sealing.unseal(CONTEXT, draft.id, bytes(draft.content))
    return json.loads(content), draft.saved_at


@atomic_retry
def drop_draft(*, form: str, subject: str = "", by) -> None:
    """Forget the draft once its form was carried out."""
    Draft.objects.filter(owner=by, form=form, subject=subject).delete()


@atomic_retry
def set_aside(*, form: str, subject: str = "", by) -> bool:
    """Throw a draft away so that it can be brought back; whether there was one."""
    Draft.objects.filter(owner=by, form=f"{form}{GONE}", subject=subject).delete()
    draft = Draft.objects.filter(owner=by, form=form, subject=subject).first()
    if draft is None:
        return False
    draft.form = f"{form}{GONE}"
    draft.save()
    return True


@atomic_retry
def bring_back(*, form: str, subject: str = "", by) -> bool:
    """Undo of `set_aside`; what was typed anew meanwhile stays and the answer is False."""
    draft = Draft.objects.filter(owner=by, form=f"{form}{GONE}", subject=subject).first()
    if draft is None or Draft.objects.filter(owner=by, form=form, subject=subject).exists():
        return False
    draft.form = form
    draft.save()
    return True
