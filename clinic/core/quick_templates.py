"""Django's templates, with the commonest nodes drawn a quicker way.

Django asks of each variable on a page, at each rendering, whether it is a dictionary, a list or an
object, catches an exception where it is an object, looks every constant text up in the catalogue
and finds every address anew: more than half of a page's time. After a template was compiled, this
loader gives those nodes classes of their own which do the usual cases directly and leave every
other one to Django's. What they draw is the same (tests/core/test_quick_templates.py).
"""

from html import escape
from uuid import UUID

from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    TextNode,
    Variable,
    VariableNode,
    render_value_in_context,
)
from django.template.defaulttags import URLNode
from django.template.library import SimpleNode
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockContext, BlockNode, ExtendsNode
from django.template.loaders import cached
from django.template.smartif import TokenBase
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from clinic.core.looking_up import MISSING, usual_value
from clinic.core.quick_filters import QUICK
from clinic.core.written_templates import written


class Loader(cached.Loader):
    """Each template once, with quick nodes."""

    def get_template(self, template_name, skip=None):
        template = super().get_template(template_name, skip)
        if not self.engine.debug and not isinstance(template.nodelist, QuickNodeList):
            quicken(template.nodelist)
        return template


class QuickVariable(Variable):
    __slots__ = ()

    def _resolve_lookup(self, context):
        value = usual_value(self.lookups, context)
        return super()._resolve_lookup(context) if value is MISSING else value


class QuickExpression(FilterExpression):
    __slots__ = ()

    def resolve(self, context, ignore_failures=False):
        if self.filters:
            return super().resolve(context, ignore_failures)
        variable = self.var
        if not self.is_var:
            return variable
        if variable.lookups is not None:
            value = usual_value(variable.lookups, context)
            if value is not MISSING and not variable.translate:
                return value
        return super().resolve(context, ignore_failures)


class QuickNodeList(NodeList):
    """Drawn by a function that is written for it at the first time."""

    draw = None

    def render(self, context):
        if self.draw is None:
            self.draw = written(self, KINDS)
        parts: list[str] = []
        self.draw(context, parts.append)
        return SafeString("".join(parts))  # nosec B703 # each node has escaped its own values


class QuickVariableNode(VariableNode):
    def render(self, context):
        value = self.filter_expression.resolve(context)
        if context.autoescape:
            kind = type(value)
            if kind is str:
                return escape(value)
            if kind is SafeString:
                return value
        return render_value_in_context(value, context)


class QuickTranslate(TranslateNode):
    """A constant text: once for each language."""

    def render(self, context):
        key = get_language(), context.autoescape
        text = self.known.get(key)
        if text is None:
            if self.asvar:
                TranslateNode.render(self, context)
                text = context[self.asvar]
            else:
                text = TranslateNode.render(self, context)
            self.known[key] = text
        if self.asvar:
            context[self.asvar] = text
            return ""
        return text


class QuickBlockTranslate(BlockTranslateNode):
    """Its message is put together once."""

    def render_token_list(self, tokens):
        key = id(tokens)  # of one of this node's own two lists, which live as long as the node
        if key not in self.known:
            self.known[key] = super().render_token_list(tokens)
        message, names = self.known[key]
        return message, list(names)


class QuickURL(URLNode):
    """An address without arguments once; with one id, around which everything stays."""

    def render(self, context):
        arguments = [one.resolve(context) for one in self.args]
        if len(arguments) > 1:
            return super().render(context)
        return self.address(context, *arguments)

    def address(self, context, *arguments):
        """What `render` draws, of arguments that are known."""
        request = getattr(context, "request", None)
        is_usual = not arguments or type(arguments[0]) is UUID
        if not is_usual or hasattr(request, "current_app"):  # Django's administration
            return super().render(context)
        around = self._around(request, arguments)
        if around is None:
            return super().render(context)
        first, last, is_plain = around
        url = f"{first}{arguments[0]}{last}" if arguments else first
        if self.asvar:
            context[self.asvar] = url
            return ""
        return url if is_plain or not context.autoescape else conditional_escape(url)

    def around(self, context, argument) -> tuple[str, str] | bool:
        """What stands before and after an id, wherever this address stands in one drawing; False
        where that is not all there is to it, and where the first that asks has no id."""
        request = getattr(context, "request", None)
        if type(argument) is not UUID or hasattr(request, "current_app"):
            return False
        around = self._around(request, (argument,))
        if around is None or not (around[2] or not context.autoescape):
            return False
        return around[:2]

    def _around(self, request, arguments: tuple) -> tuple[str, str, bool] | None:
        """What stands before and after the id, and whether that is HTML as it is."""
        place = _place_of(request)
        key = (self.view_name.var, place, bool(arguments))
        known = _addresses.get(key)
        if known is None:
            try:
                url = reverse(self.view_name.var, args=arguments, current_app=place[0])
            except NoReverseMatch:
                return None
            parts = url.split(str(arguments[0])) if arguments else [url, ""]
            if len(parts) != 2:
                return None
            known = _addresses[key] = (*parts, escape(url) == url)
        return known


_addresses: dict[tuple, tuple[str, str, bool]] = {}


class QuickStatic(StaticNode):
    """The address of a file that was collected; as long as the same storage answers."""

    def render(self, context):
        kept = staticfiles_storage.__dict__.setdefault("addresses", {})
        storage = staticfiles_storage._wrapped
        if kept.get("of") is not storage:
            kept.clear()
            kept["of"] = storage
        key = self.path.var, context.autoescape
        if key not in kept:
            kept[key] = super().render(context)
        return kept[key]


class QuickExtends(ExtendsNode):
    """Looks for the blocks of the page below once, not at each drawing."""

    def render(self, context):
        parent = self.get_parent(context)
        blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
        if blocks is None:
            blocks = context.render_context[BLOCK_CONTEXT_KEY] = BlockContext()
        blocks.add_blocks(self.blocks)
        below = parent.__dict__.get("own_blocks")
        if below is None:
            below = parent.own_blocks = _own_blocks(parent.nodelist)
        blocks.add_blocks(below)
        with context.render_context.push_state(parent, isolated_context=False):
            return parent._render(context)


def _own_blocks(nodelist) -> dict:
    """Those of a page that stands below all others; one that extends another adds its own."""
    first = next((node for node in nodelist if not isinstance(node, TextNode)), None)
    if first is None or isinstance(first, ExtendsNode):
        return {}
    return {node.name: node for node in nodelist.get_nodes_by_type(BlockNode)}


def _place_of(request) -> tuple:
    """What an address depends on beside its name; it is the same all through a request."""
    known = getattr(request, "addresses_begin", None)
    if known is None:
        match = getattr(request, "resolver_match", None)
        known = (match.namespace if match else None, get_urlconf(), get_script_prefix())
        if request is not None:
            request.addresses_begin = known
    return known


class QuickConstant(SimpleNode):
    """A tag that draws the same whenever it is given the same, with constants: once."""

    def render(self, context):
        key = context.autoescape
        if key not in self.known:
            self.known[key] = SimpleNode.render(self, context)
        return self.known[key]


# What is written out as lines of a function, by what it is.
KINDS = {QuickVariableNode: "variable", QuickTranslate: "translate"}
KINDS |= {QuickURL: "address"}
KINDS |= dict.fromkeys([QuickConstant, QuickBlockTranslate, QuickStatic], "tag")


def quicken(thing, seen: set[int] | None = None) -> None:
    """Give what is compiled quick classes, all the way down."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, FilterExpression):
        _quicken_expression(thing, seen)
    elif type(thing) is Variable:
        thing.__class__ = QuickVariable
    elif isinstance(thing, (list, tuple, set)):
        for part in thing:
            quicken(part, seen)
        if type(thing) is NodeList:
            thing.__class__ = QuickNodeList
    elif isinstance(thing, dict):
        for part in thing.values():
            quicken(part, seen)
    elif isinstance(thing, (Node, TokenBase)):
        for part in list(vars(thing).values()):
            quicken(part, seen)
        if isinstance(thing, Node):
            _quicken_node(thing)


def _quicken_expression(expression: FilterExpression, seen: set[int]) -> None:
    quicken(expression.var, seen)
    expression.filters = [(QUICK.get(one, one), given) for one, given in expression.filters]
    for _filter, arguments in expression.filters:
        for _is_variable, argument in arguments:
            quicken(argument, seen)
    if type(expression) is FilterExpression:
        expression.__class__ = QuickExpression


def _quicken_node(node: Node) -> None:
    kind = type(node)
    if kind is VariableNode:
        node.__class__ = QuickVariableNode
    elif kind is TranslateNode and _is_constant_text(node):
        node.known, node.__class__ = {}, QuickTranslate
    elif kind is BlockTranslateNode:
        node.known, node.__class__ = {}, QuickBlockTranslate
    elif kind is URLNode and _is_constant(node.view_name) and not node.kwargs:
        node.__class__ = QuickURL
    elif kind is StaticNode and _is_constant(node.path) and not node.varname:
        node.__class__ = QuickStatic
    elif kind is ExtendsNode:
        node.__class__ = QuickExtends
    elif kind is SimpleNode and _is_same_for_same(node):
        node.known, node.__class__ = {}, QuickConstant


def _is_constant(expression) -> bool:
    return not expression.is_var and not expression.filters


def _is_constant_text(node: TranslateNode) -> bool:
    expression = node.filter_expression
    is_text = isinstance(expression.var, Variable) and expression.var.lookups is None
    return is_text and not expression.filters and node.message_context is None


def _is_same_for_same(node: SimpleNode) -> bool:
    if not getattr(node.func, "same_for_same", False) or node.takes_context or node.target_var:
        return False
    return all(_is_constant(one) for one in [*node.args, *node.kwargs.values()])
