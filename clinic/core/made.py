"""An object of a row, as Django's Model.from_db makes it, in a third of the time.

Django goes through all fields of a model for each row, also through those that were not asked for.
A row of the database needs no defaults and no checks: its values are put where they belong.
"""

from functools import cache

from django.db.models import Model
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.signals import post_init, pre_init


def made(model, db: str, names: list[str], values):
    """Names that are missing are fetched when somebody asks for them, as ever."""
    if pre_init.receivers or post_init.receivers or model.__init__ is not Model.__init__:
        return Model.from_db.__func__(model, db, names, values)
    new = model.__new__(model)
    data = new.__dict__
    state = data["_state"] = ModelState()
    state.adding, state.db = False, db
    data.update(zip(names, values, strict=True))
    for name in _own_ways(model):
        if name in data:
            setattr(new, name, data[name])
    return new


@cache
def _own_ways(model) -> tuple[str, ...]:
    """Fields that want to know of being set; a key to another row wants it only to forget that
    row, and here is none yet."""
    found = []
    for field in model._meta.concrete_fields:
        way = getattr(model, field.attname)
        if hasattr(way, "__set__") and type(way) is not ForeignKeyDeferredAttribute:
            found.append(field.attname)
    return tuple(found)
