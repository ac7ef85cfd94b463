"""Sentences of ours that are kept: in the institution's language, whoever acts."""

from contextlib import AbstractContextManager

from django.conf import settings
from django.utils import translation


def on_record(words) -> str:
    """These lazily translated words as they are kept; colleagues read them for years."""
    with in_the_institutions_language():
        return str(words)


def in_the_institutions_language() -> AbstractContextManager:
    return translation.override(settings.LANGUAGE_CODE)
