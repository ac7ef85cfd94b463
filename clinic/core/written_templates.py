"""A list of template nodes as one Python function, written when it is first drawn.

Asking each node, each expression and each condition through methods of its own took more than half
of a page's templates. What a node list does is known once it is compiled: its constant pieces, the
names it looks up, its loops and conditions. They become the lines of a function; every node of
another kind is one line that asks it, and every value that is rare (a missing name, a method with
arguments) is left to Django's own expression. Only the structure of our templates and the names in
them are written down; texts, filters and whatever else a node holds stand beside the function.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from django.template.base import (
    FilterExpression,
    TextNode,
    Variable,
)
from django.template.defaulttags import (
    ForNode,
    IfNode,
    LoadNode,
    TemplateLiteral,
    WithNode,
)
from django.template.library import SimpleNode
from django.template.loader_tags import IncludeNode
from django.template.smartif import OPERATORS
from django.utils.safestring import SafeString

from clinic.core.drawing import BESIDE, Asked
from clinic.core.looking_up import step_to
from clinic.core.template_nodes import is_plain_include, loop_words, sets_nothing

OPERATIONS = {OPERATORS[name]: name for name in ("==", "!=", "in", "not in", "is", "is not")}
OPERATIONS |= {OPERATORS[name]: name for name in (">", ">=", "<", "<=", "and", "or", "not")}


def written(nodes, kinds: dict[type, str]) -> Callable:
    """`draw(context, put)` of these nodes; `kinds`: the quick classes that it may look into."""
    writer = Writer(kinds)
    writer.nodes(nodes, {})
    return writer.function()


@dataclass
class Loop:
    """A loop that is being written: where it begins, and what is looked up before it."""

    nodes: object
    at: int  # among the lines
    depth: int
    found: dict[str, str] = field(default_factory=dict)
    kept: dict[tuple[str, str], str] = field(default_factory=dict)


class Writer:
    """Puts the lines down; `local` says which names of the context are variables of the function,
    None for a name that something else may have set again."""

    def __init__(self, kinds: dict[type, str]):
        self.kinds = kinds
        self.lines: list[str] = []
        self.depth = 1
        self.beside: dict = {"__builtins__": BESIDE}
        self.numbers = count()
        self.text: list[str] = []
        self.loops: list[Loop] = []
        self.addresses: list[str] = []  # variables for what stands around an id
        self.asks_language = False

    def function(self) -> Callable:
        self._flush()
        head = ["def draw(context, put):", "    auto = context.autoescape"]
        if self.asks_language:
            head.append("    here = (get_language(), auto)")
        if self.addresses:
            head.append(f"    {' = '.join(self.addresses)} = seen = text = None")
        source = "\n".join([*head, *self.lines])
        exec(source, self.beside)  # noqa: S102  # nosec B102 # written above, of no values
        return self.beside.pop("draw")

    # -- lines --

    def _line(self, text: str) -> None:
        self._flush()
        self.lines.append("    " * self.depth + text)

    def _flush(self) -> None:
        if self.text:
            whole, self.text = "".join(self.text), []
            self.lines.append("    " * self.depth + f"put({self._constant(whole)})")

    def _constant(self, value) -> str:
        name = self._name("k")
        self.beside[name] = value
        return name

    def _name(self, letter: str) -> str:
        return f"{letter}{next(self.numbers)}"

    def _inside(self, nodes, local: dict) -> None:
        """An indented block of its own."""
        self._flush()
        self.depth += 1
        before = len(self.lines)
        self.nodes(nodes, local)
        self._flush()
        if len(self.lines) == before:
            self._line("pass")
        self.depth -= 1

    # -- nodes --

    def nodes(self, nodes, local: dict) -> None:
        for node in nodes:
            self._node(node, local)

    def _node(self, node, local: dict) -> None:
        kind = type(node)
        if kind is TextNode:
            self.text.append(node.s)
        elif kind is IfNode:
            self._if(node, local)
        elif kind is ForNode:
            self._for(node, local)
        elif kind is WithNode:
            self._with(node, local)
        elif kind is IncludeNode and is_plain_include(node):
            self._include(node, local)
        elif kind is SimpleNode:
            self._simple(node, local)
        elif kind is LoadNode:
            pass
        elif self.kinds.get(kind) == "variable":
            self._variable(node.filter_expression, local)
        elif self.kinds.get(kind) == "address" and len(node.args) < 2 and not node.asvar:
            self._address(node, local)
        elif self.kinds.get(kind) == "translate" and not node.asvar:
            self._translate(node)
        else:
            self._line(f"put({self._constant(node)}.render(context))")

    def _variable(self, expression: FilterExpression, local: dict) -> None:
        value = self._name("v")
        self._line(f"{value} = {self._expression(expression, local)}")
        self._line(
            f"put(({value} if type({value}) is SafeString or type({value}) is str"
            f" and {value}.isalnum() else escape({value}) if type({value}) is str"
            f" else shown({value}, context)) if auto else shown({value}, context))"
        )

    def _translate(self, node) -> None:
        self.asks_language = True
        known, text = self._constant(node.known), self._name("v")
        self._line(f"{text} = {known}.get(here)")
        self._line(f"put({self._constant(node)}.render(context) if {text} is None else {text})")

    def _address(self, node, local: dict) -> None:
        """One with an id is put together here: what stands around the id is asked for once in a
        drawing, and the id of a row becomes text once, however many addresses hold it."""
        asked = self._constant(node)
        if not node.args:
            self._line(f"put({asked}.address(context))")
            return
        around, given = self._name("u"), self._name("v")
        self.addresses.append(around)
        self._line(f"{given} = {self._expression(node.args[0], local)}")
        self._line(f"if {around} is None:")
        self._line(f"    {around} = {asked}.around(context, {given})")
        self._line(f"if {given} is not seen:")
        self._line(f"    seen, text = {given}, id_text({given})")
        self._line(f"if {around} and text:")
        self._line(f"    put({around}[0] + text + {around}[1])")
        self._line("else:")
        self._line(f"    put({asked}.address(context, {given}))")

    def _simple(self, node: SimpleNode, local: dict) -> None:
        given = ["context"] if node.takes_context else []
        given += [self._expression(one, local) for one in node.args]
        named = [f"{key!r}: {self._expression(one, local)}" for key, one in node.kwargs.items()]
        if named:
            given.append(f"**{{{', '.join(named)}}}")
        made = f"{self._constant(node.func)}({', '.join(given)})"
        if node.target_var is not None:
            self._line(f"context.dicts[-1][{node.target_var!r}] = {made}")
            return
        value = self._name("v")
        self._line(f"{value} = {made}")
        self._line(f"put(safe({value}) if auto else {value})")

    def _include(self, node: IncludeNode, local: dict) -> None:
        template = self._name("v")
        named = self._named(node.extra_context, local)
        self._line(f"{template} = included({self._constant(node)}, context)")
        self._scope(named)
        self._line(f"    put(draw_included({template}, context))")
        self._line("finally:")
        self._line("    context.dicts.pop()")

    def _with(self, node: WithNode, local: dict) -> None:
        inner, named = dict(local), []
        for name, expression in node.extra_context.items():
            value = self._name("v")
            self._line(f"{value} = {self._expression(expression, local)}")
            named.append(f"{name!r}: {value}")
            kept = sets_nothing(node.nodelist, name, self.kinds)
            inner[name] = value if kept else None
        self._scope(f"{{{', '.join(named)}}}")
        self._inside(node.nodelist, inner)
        self._line("finally:")
        self._line("    context.dicts.pop()")

    def _named(self, given: dict, local: dict) -> str:
        parts = [f"{key!r}: {self._expression(one, local)}" for key, one in given.items()]
        return f"{{{', '.join(parts)}}}"

    def _scope(self, named: str) -> None:
        self._line(f"Scope(context, {named})")
        self._line("try:")

    def _if(self, node: IfNode, local: dict) -> None:
        depth = self.depth
        for condition, nodes in node.conditions_nodelists:
            if condition is None:
                self._inside_of(nodes, local)
                break
            matches = self._name("v")
            self._line("try:")
            self._line(f"    {matches} = {self._condition(condition, local)}")
            self._line("except Exception:")
            self._line(f"    {matches} = {self._constant(Asked(condition))}(context)")
            self._line(f"if {matches}:")
            self._inside(nodes, local)
            self._line("else:")
            self.depth += 1
        else:
            self._line("pass")
        self._flush()
        self.depth = depth

    def _inside_of(self, nodes, local: dict) -> None:
        before = len(self.lines)
        self.nodes(nodes, local)
        self._flush()
        if len(self.lines) == before:
            self._line("pass")

    def _for(self, node: ForNode, local: dict) -> None:
        values, number, item, loop, many = (self._name(letter) for letter in "viilm")
        single = node.loopvars[0] if len(node.loopvars) == 1 else None
        around = {**local, "forloop": None}
        inner = {**around, **dict.fromkeys(node.loopvars)}
        if single and sets_nothing(node.nodelist_loop, single, self.kinds):
            inner[single] = item
        parent = self._name("v")
        sequence = self._expression(node.sequence, local, ignore=True)
        self._line(f"{values} = listed({sequence})")
        self._line(f"{many} = len({values})")
        begin = self.depth
        if not node.nodelist_empty:
            self._line(f"if {many}:")
            self.depth += 1
        self._line(f"{parent} = found(context, 'forloop')")
        self._scope("{}")
        self.depth += 1
        self._line(f"if {many} < 1:")
        self._inside(node.nodelist_empty, local)
        self._line("else:")
        self.depth += 1
        self._line(f"{loop} = begin_loop(context, {parent})")
        turned = f"reversed({values})" if node.is_reversed else values
        self._flush()
        hoisted = Loop(node.nodelist_loop, len(self.lines), self.depth)
        self.loops.append(hoisted)
        self._line(f"for {number}, {item} in enumerate({turned}):")
        self.depth += 1
        for name, value in loop_words(number, many).items():
            self._line(f"{loop}[{name!r}] = {value}")
        if single:
            self._line(f"context.dicts[-1][{single!r}] = {item}")
            self._inside_of(node.nodelist_loop, inner)
        else:
            names = self._constant(tuple(node.loopvars))
            self._line(f"Scope(context, unpacked({names}, {item}))")
            self._inside_of(node.nodelist_loop, inner)
            self._line("context.dicts.pop()")
        self._flush()
        self.loops.pop()
        indent = "    " * hoisted.depth
        self.lines[hoisted.at : hoisted.at] = [
            f"{indent}{value} = found(context, {name!r})" for name, value in hoisted.found.items()
        ] + [
            f"{indent}{value} = kept({hoisted.found[first]}, {name!r})"
            for (first, name), value in hoisted.kept.items()
        ]
        self.depth -= 3
        self._line("finally:")
        self._line("    context.dicts.pop()")
        self.depth = begin

    # -- values --

    def _condition(self, condition, local: dict) -> str:
        if type(condition) is TemplateLiteral:
            return self._expression(condition.value, local, ignore=True)
        word = OPERATIONS.get(type(condition))
        if word is None:
            return f"{self._constant(condition)}.eval(context)"
        first = self._condition(condition.first, local)
        if word == "not":
            return f"(not {first})"
        return f"({first} {word} {self._condition(condition.second, local)})"

    def _expression(self, expression, local: dict, *, ignore: bool = False) -> str:
        """The value; where it is rare, what Django's own expression says."""
        if not isinstance(expression, FilterExpression):
            return f"{self._constant(expression)}.resolve(context)"
        start, certain = self._start(expression, local)
        if certain:
            return self._filtered(start, expression, local)
        value = self._name("v")
        made = self._filtered(value, expression, local)
        whole = f"{self._constant(expression)}.resolve(context, {ignore})"
        return f"({made} if ({value} := {start}) is not MISSING else {whole})"

    def _start(self, expression: FilterExpression, local: dict) -> tuple[str, bool]:
        """What the filters begin with, and whether it is there for certain."""
        variable = expression.var
        if not expression.is_var or not isinstance(variable, Variable):
            return self._constant(variable), True
        return self._looked_up(variable, local)

    def _looked_up(self, variable: Variable, local: dict) -> tuple[str, bool]:
        if variable.translate:
            return "MISSING", False
        if variable.lookups is None:
            return self._constant(variable.literal), True
        first, *names = variable.lookups
        value = local.get(first) or self._from_outside(first, local)
        if not names:
            return f"begun({value})", False
        kept = self._once(first, names[0], local)
        if kept:
            value, names = kept, names[1:]
        for name in names:
            value = f"{step_to(name).__name__}({value}, {name!r})"
        return value, False

    def _once(self, first: str, name: str, local: dict) -> str | None:
        """What a dictionary from outside the loops holds, looked up before the outermost of them;
        of anything else, which might answer differently each time, it is asked in each turn."""
        value = self._from_outside(first, local) if not local.get(first) else ""
        loop = next((one for one in self.loops if one.found.get(first) == value), None)
        if loop is None:
            return None
        if (first, name) not in loop.kept:
            loop.kept[first, name] = self._name("v")
        kept = loop.kept[first, name]
        return f"({kept} if {kept} is not UNKNOWN else step({value}, {name!r}))"

    def _from_outside(self, name: str, local: dict) -> str:
        """Once before the outermost loop in which nothing gives the name another value."""
        for loop in self.loops if name not in local else ():
            if name not in loop.found and sets_nothing(loop.nodes, name, self.kinds):
                loop.found[name] = self._name("v")
            if name in loop.found:
                return loop.found[name]
        return f"found(context, {name!r})"

    def _filtered(self, value: str, expression: FilterExpression, local: dict) -> str:
        for function, arguments in expression.filters:
            given = [self._argument(*one, local) for one in arguments]
            if getattr(function, "expects_localtime", False):
                value = f"localtime({value}, context.use_tz)"
            if getattr(function, "needs_autoescape", False):
                given.append("autoescape=auto")
            name = self._constant(function)
            if getattr(function, "is_safe", False):
                before = self._name("v")
                made = f"{name}({', '.join([before, *given])})"
                value = f"safe_if(({before} := {value}), {made})"
            else:
                value = f"{name}({', '.join([value, *given])})"
        return value

    def _argument(self, is_variable: bool, argument, local: dict) -> str:
        if not is_variable:
            return self._constant(SafeString(argument))  # nosec B703 # of the template itself
        start, certain = self._looked_up(argument, local)
        if certain:
            return start
        value = self._name("v")
        whole = f"{self._constant(argument)}.resolve(context)"
        return f"({value} if ({value} := {start}) is not MISSING else {whole})"
