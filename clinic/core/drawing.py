"""What the functions call that clinic.core.written_templates writes."""

import builtins
from html import escape
from uuid import UUID

from django.conf import settings
from django.template.base import VariableDoesNotExist, render_value_in_context
from django.template.context import ContextDict
from django.template.loader_tags import IncludeNode
from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeData, SafeString, mark_safe
from django.utils.timezone import template_localtime
from django.utils.translation import get_language

from clinic.core.looking_up import MISSING, UNKNOWN, begun, found, kept, labelled, step


def safe_if(value, made):
    """What a filter that adds nothing dangerous made of a value: as safe as the value was."""
    return mark_safe(made) if isinstance(value, SafeData) else made  # noqa: S308  # nosec B308 B703


def begin_loop(context, parent) -> dict:
    """A scope of its own, with the loop's own words."""
    loop = {"parentloop": {} if parent is MISSING else parent}
    context.dicts[-1]["forloop"] = loop
    return loop


def unpacked(names: tuple[str, ...], item) -> dict:
    """Several names of one item."""
    try:
        many = len(item)
    except TypeError:  # not an iterable
        many = 1
    if many != len(names):
        raise ValueError(f"Need {len(names)} values to unpack in for loop; got {many}. ")
    return dict(zip(names, item, strict=True))


def listed(values):
    if values is None:
        return []
    return values if hasattr(values, "__len__") else list(values)


def included(node: IncludeNode, context):
    """The template with a constant name, found once for each engine."""
    engine = context.template.engine
    if node.__dict__.get("found_by") is not engine:
        node.found_template = engine.get_template(node.template.var)
        node.found_by = engine
    return node.found_template


def draw_included(template, context) -> str:
    """Template.render within a page, without the detours."""
    kept = context.render_context
    before, kept.template = kept.template, template
    kept.dicts.append({})
    try:
        return template._render(context)
    finally:
        kept.template = before
        kept.dicts.pop()


def safe(value):
    """conditional_escape, the usual kinds first."""
    kind = type(value)
    if kind is SafeString:
        return value
    return SafeString(escape(value)) if kind is str else conditional_escape(value)  # nosec B703 # just escaped


def id_text(value) -> str | None:
    """An id as it stands in an address; None for anything else."""
    return str(value) if type(value) is UUID else None


def shown(value, context) -> str:
    """render_value_in_context, the usual kinds first."""
    if context.autoescape:
        kind = type(value)
        if kind is int and not settings.USE_THOUSAND_SEPARATOR:
            return str(value)
        if isinstance(value, Promise):
            return safe(str(value))
    return render_value_in_context(value, context)


class Asked:
    """A condition as Django judges it, where something in it is wrong."""

    def __init__(self, condition):
        self.condition = condition

    def __call__(self, context):
        try:
            return self.condition.eval(context)
        except VariableDoesNotExist:
            return None


# What every such function finds, as other functions find Python's own: one dictionary for all.
BESIDE = vars(builtins) | {
    "MISSING": MISSING,
    "UNKNOWN": UNKNOWN,
    "kept": kept,
    "SafeString": SafeString,
    "Scope": ContextDict,
    "found": found,
    "step": step,
    "id_text": id_text,
    "labelled": labelled,
    "escape": escape,
    "shown": shown,
    "safe": safe,
    "begun": begun,
    "localtime": template_localtime,
    "get_language": get_language,
    "safe_if": safe_if,
    "begin_loop": begin_loop,
    "unpacked": unpacked,
    "listed": listed,
    "included": included,
    "draw_included": draw_included,
}
