"""What a name on a page stands for, in the usual cases; MISSING for every rarer one, which Django's
own Variable decides."""

from functools import cache, partial

from django.db.models import Field, Model
from django.utils.choices import CallableChoiceIterator
from django.utils.encoding import force_str
from django.utils.hashable import make_hashable
from django.utils.translation import get_language

MISSING = object()
UNKNOWN = object()


def usual_value(lookups: tuple[str, ...], context):
    """A name of the context, then keys of dictionaries and attributes of objects."""
    first, *names = lookups
    value = begun(found(context, first))
    for name in names:
        value = step(value, name)
    return value


def found(context, name: str):
    """The innermost value of this name."""
    for scope in reversed(context.dicts):
        if name in scope:
            return scope[name]
    return MISSING


def begun(value):
    """A name's own value, where that needs no call."""
    return MISSING if callable(value) else value


def step(value, name: str):
    """From a value on to what it holds under this name."""
    kind = type(value)
    if kind is dict:
        if name not in value:
            return MISSING
        value = value[name]
    elif not _has_attributes_only(kind):
        return MISSING
    else:
        try:
            value = getattr(value, name)
        except Exception:  # noqa: BLE001 - Django asks again, and says what it says
            return MISSING
    if type(value) is str or not callable(value):
        return value
    return _called(value)


def kept(value, name: str):
    """What a dictionary holds under this name, where that is the same in each turn of a loop;
    UNKNOWN if it has to be asked in each."""
    if type(value) is not dict or name not in value or callable(value[name]):
        return UNKNOWN
    return value[name]


@cache
def _has_attributes_only(kind: type) -> bool:
    """Neither keys nor a call come before the attributes of such values."""
    is_callable = any("__call__" in vars(one) for one in kind.__mro__)
    return not (is_callable or hasattr(kind, "__getitem__"))


def _called(value):
    """What a method without arguments answers, as `get_sex_display`."""
    if getattr(value, "do_not_call_in_templates", False):  # the rows of a relation
        return value
    if getattr(value, "alters_data", False):
        return MISSING
    field = _field_of(value)
    if field is not None:
        return _label(field, value.func.__self__)
    code = getattr(getattr(value, "__func__", None), "__code__", None)
    if type(value) is not partial and (code is None or code.co_argcount != 1):
        return MISSING
    try:
        return value()
    except Exception:  # noqa: BLE001 - Django asks again, and says what it says
        return MISSING


def _field_of(method) -> Field | None:
    """The field whose get_…_display this is."""
    if type(method) is not partial:
        return None
    if getattr(method.func, "__func__", None) is not Model._get_FIELD_display:
        return None
    field = method.keywords["field"]
    return None if isinstance(field.choices, CallableChoiceIterator) else field


def _label(field: Field, instance: Model):
    """Model._get_FIELD_display, which makes the dictionary of all labels anew at each call."""
    key = field, get_language()
    if key not in _labels:
        labels = dict(make_hashable(field.flatchoices))
        _labels[key] = {one: force_str(label, strings_only=True) for one, label in labels.items()}
    value = getattr(instance, field.attname)
    value = value if type(value) is str else make_hashable(value)
    return _labels[key][value] if value in _labels[key] else force_str(value, strings_only=True)


_labels: dict[tuple[Field, str | None], dict] = {}
