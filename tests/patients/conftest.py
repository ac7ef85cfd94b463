import pytest
from django.utils import translation


@pytest.fixture
def english(settings):
    """What is asked of the words on a page is asked of the source texts."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield
