"""What clinic.core.written_templates has to know of Django's nodes."""

from django.template.base import FilterExpression, TextNode
from django.template.defaulttags import CsrfTokenNode, ForNode, IfNode, LoadNode, WithNode
from django.template.library import SimpleNode
from django.template.loader_tags import IncludeNode

HARMLESS = {TextNode, IfNode, ForNode, WithNode, IncludeNode, SimpleNode, LoadNode}
HARMLESS |= {CsrfTokenNode}


def is_plain_include(node: IncludeNode) -> bool:
    """One template, by its whole name, that sees what the page sees."""
    name = node.template
    is_constant = isinstance(name, FilterExpression) and not name.is_var and not name.filters
    if not is_constant or node.isolated_context or not isinstance(name.var, str):
        return False
    return not name.var.startswith(("./", "../"))


def sets_nothing(nodes, name: str, kinds: dict[type, str]) -> bool:
    """Whether nothing among these nodes gives this name another value."""
    return all(_leaves(node, name, kinds) for node in nodes)


def _leaves(node, name: str, kinds: dict[type, str]) -> bool:
    kind = type(node)
    if kind not in HARMLESS and kind not in kinds:
        return False
    if getattr(node, "takes_context", False):
        return False
    if name in (getattr(node, "asvar", None), getattr(node, "target_var", None)):
        return False
    if kind is IfNode:
        return all(
            sets_nothing(inner, name, kinds) for _condition, inner in node.conditions_nodelists
        )
    inner = [getattr(node, one, ()) for one in ("nodelist", "nodelist_loop", "nodelist_empty")]
    return all(sets_nothing(one, name, kinds) for one in inner)


def loop_words(number: str, many: str) -> dict[str, str]:
    return {
        "counter0": number,
        "counter": f"{number} + 1",
        "revcounter": f"{many} - {number}",
        "revcounter0": f"{many} - {number} - 1",
        "first": f"{number} == 0",
        "last": f"{number} == {many} - 1",
    }
