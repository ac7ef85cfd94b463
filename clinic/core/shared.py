"""What every process comes to need, loaded before the web server and the rounds are forked.

Loaded later each of them would hold a copy of its own, and writing it would copy the pages around
it as well: with two workers some 15 MB. Nothing here asks the database.
"""

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import get_hashers
from django.template import engines
from django.template.loader import get_template
from django.urls import get_resolver
from django.utils import translation
from django.utils.formats import get_format
from django.utils.module_loading import import_string

from clinic.core.readings import library

FRAME = "base.html"  # around every page


def load() -> None:
    """Everything that the first pages would load."""
    library()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            translation.gettext(FRAME)  # any text: the catalogue is read
            get_format("DATE_FORMAT")
    for model in apps.get_models(include_auto_created=True):
        _relate(model._meta)
    for engine in engines.all():
        for module in getattr(engine, "template_libraries", {}).values():
            import_string(f"{module}.register")
    get_hashers()
    with translation.override(settings.LANGUAGE_CODE):
        get_resolver().reverse_dict  # noqa: B018 - every address
        get_template(FRAME)


def _relate(meta) -> None:
    """What a model's first query works out, from all models at once."""
    meta.get_fields()
    for name in ("fields_map", "related_objects", "concrete_fields", "default_manager"):
        getattr(meta, name)
