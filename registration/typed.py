"""What a doctor has typed and not yet saved, as a draft keeps it."""

from django.core.exceptions import ValidationError

from clinic.core.drafts import load_draft
from clinic.core.text import clean_text
from registration.consultation import DRAFT
from registration.models import Consultation
from registration.part_forms import FIELDS, shown
from registration.vitals import USUAL

LONGEST_TEXT = 4000
LONGEST_NUMBER = 10


def draft_from(post) -> dict:
    """Plain JSON values of a posted record; what can't be stored is left out."""
    return {
        "version": int(post["version"]),
        "texts": {name: _kept(post[name], LONGEST_TEXT) for name in FIELDS if name in post},
        "vitals": {key: _kept(post[key], LONGEST_NUMBER) for key in USUAL if post.get(key)},
    }


def draft_of(record: Consultation, user) -> tuple[dict, object] | tuple[None, None]:
    """The draft that is newer than the record, with its time; a save drops it."""
    if record.finished_at is not None:
        return None, None
    content, saved_at = load_draft(form=DRAFT, subject=str(record.pk), by=user)
    if content is None or content["version"] != record.version or not _differs(content, record):
        return None, None
    return content, saved_at


def _differs(content: dict, record: Consultation) -> bool:
    saved = shown(record)
    texts = any(text != saved.get(name, text) for name, text in content["texts"].items())
    known = record.vitals or {}
    return texts or any(known.get(key) != value for key, value in content["vitals"].items())


def _kept(text: str, longest: int) -> str:
    try:
        return clean_text(text[:longest])
    except ValidationError:
        return ""
