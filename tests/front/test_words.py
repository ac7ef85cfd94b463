"""The words that we say instead of Django's own."""

from pathlib import Path

import django
import pytest

from clinic.core.wording import DJANGO_SAYS

CATALOGUE = Path(django.__file__).parent / "conf" / "locale" / "en" / "LC_MESSAGES" / "django.po"


@pytest.mark.parametrize("words", DJANGO_SAYS)
def test_django_still_says_what_we_replace(words):
    catalogue = CATALOGUE.read_text(encoding="utf-8").replace('"\n"', "")

    assert f'"{words}"' in catalogue
