"""What a name on a page stands for, in the usual cases; MISSING for every rarer one, which Django's
own Variable decides."""

from collections.abc import Callable
from functools import cache, partial, partialmethod
from inspect import getattr_static

from django.db.models import Model
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
        value = step_to(name)(value, name)
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


def step_to(name: str) -> Callable:
    """The step that fits this name best; both answer the same."""
    return labelled if name.startswith("get_") and name.endswith("_display") else step


def labelled(value, name: str):
    """`step` to the label of a choice, without the method that looks through all choices."""
    known = _labels(type(value), name, get_language())
    if known is None or name in value.__dict__:
        return step(value, name)
    attname, labels = known
    try:
        stored = getattr(value, attname)
    except Exception:  # noqa: BLE001 - Django asks again, and says what it says
        return MISSING
    return labels[stored] if type(stored) in (str, int) and stored in labels else step(value, name)


@cache
def _labels(kind: type, name: str, _language: str | None) -> tuple[str, dict] | None:
    """Of the field whose get_…_display this is: its attribute, and the labels of its values."""
    method = getattr_static(kind, name, None) if issubclass(kind, Model) else None
    if type(method) is not partialmethod or method.func is not Model._get_FIELD_display:
        return None
    field = method.keywords["field"]
    if isinstance(field.choices, CallableChoiceIterator):
        return None
    choices = dict(make_hashable(field.flatchoices))
    return field.attname, {
        one: force_str(label, strings_only=True) for one, label in choices.items()
    }


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
    """What a method without arguments answers."""
    if getattr(value, "do_not_call_in_templates", False):  # the rows of a relation
        return value
    if getattr(value, "alters_data", False):
        return MISSING
    code = getattr(getattr(value, "__func__", None), "__code__", None)
    if type(value) is not partial and (code is None or code.co_argcount != 1):
        return MISSING
    try:
        return value()
    except Exception:  # noqa: BLE001 - Django asks again, and says what it says
        return MISSING
