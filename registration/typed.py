"""What a doctor has typed and not yet saved, as a draft keeps it."""

from django.core.exceptions import ValidationError

from clinic.core.drafts import load_draft, save_draft
from clinic.core.models import Draft
from clinic.core.text import clean_text
from registration.consultation import DRAFT, subject_of
from registration.measured import as_words, read
from registration.models import Consultation
from registration.part_forms import FIELDS, shown
from registration.vitals import USUAL

LONGEST_TEXT = 4000
LONGEST_NUMBER = 10


def draft_from(post) -> dict:
    """Plain JSON values of a posted record; what can't be stored is left out.

    Of the numbers only those typed here: one that stood there before is not put back later.
    """
    numbers = {key: _kept(post[key], LONGEST_NUMBER) for key in USUAL if post.get(key)}
    opened = read(post.get("shown", ""))
    return {
        "version": int(post["version"]),
        "differs": post.getlist("differs")[: len(FIELDS)],  # a choice that was not made yet
        "base": post.get("base", "")[:LONGEST_TEXT],
        "texts": {name: _kept(post[name], LONGEST_TEXT) for name in FIELDS if name in post},
        "vitals": {key: value for key, value in numbers.items() if opened.get(key, "") != value},
        "opened": as_words(opened),
    }


def keep_typed(record: Consultation, post, *, by) -> Draft | None:
    """Keep what stands in the fields; what another window typed on another version stays beside it.

    None when there is nothing to keep it for: no version was sent, or the record is signed.
    """
    version = post.get("version", "")
    if record.finished_at is not None or not version.isascii() or not version.isdigit():
        return None
    if len(version) > 9 or not 1 <= int(version) <= record.version:
        return None
    is_stale = int(version) != record.version or bool(post.getlist("differs"))
    subject = subject_of(record, is_stale=is_stale)
    return save_draft(form=DRAFT, subject=subject, content=draft_from(post), by=by)


def draft_of(record: Consultation, user) -> tuple[dict, object] | tuple[None, None]:
    """The draft that differs from the record, with its time; a save drops it.

    One that was typed on an older version comes after the one of now; it asks for a choice.
    """
    if record.finished_at is not None:
        return None, None
    for is_stale in (False, True):
        subject = subject_of(record, is_stale=is_stale)
        content, saved_at = load_draft(form=DRAFT, subject=subject, by=user)
        if content is not None and _fits(content, record, is_stale) and _differs(content, record):
            return content, saved_at
    return None, None


def _fits(content: dict, record: Consultation, is_stale: bool) -> bool:
    return is_stale or content["version"] == record.version


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
