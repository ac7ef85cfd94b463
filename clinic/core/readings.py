"""The library that knows how characters are read; its dictionary takes 7 MB, packed 3."""

import os
from functools import cache
from importlib import import_module
from threading import Lock

_one_loads = Lock()  # nobody reads while it is packed


def library():
    """pypinyin, loaded once for all processes (clinic.core.shared) or by who reads a name first."""
    with _one_loads:
        return _loaded()


@cache
def _loaded():
    # The dictionary of phrases knows words, not names, and costs every process 45 MB.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    read = import_module("pypinyin")
    _pack(import_module("pypinyin.constants").PINYIN_DICT)
    return read


def _pack(known: dict[int, str]) -> None:
    """The same reading is one text for all characters, and no room is kept for what was deleted.

    The library fills its dictionary twice, first with the characters' numbers as text.
    """
    once: dict[str, str] = {}
    packed = {number: once.setdefault(text, text) for number, text in known.items()}
    known.clear()
    known.update(packed)
