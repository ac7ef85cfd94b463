"""The library that knows how characters are read; its dictionary is 10 MB."""

import os
from functools import cache
from importlib import import_module


@cache
def library():
    """pypinyin, loaded by whoever reads the first name: a clinic at rest does without."""
    # The dictionary of phrases knows words, not names, and costs every process 45 MB.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    return import_module("pypinyin")
