"""The people of a simulated day say `self.…` of nothing that they don't have.

What they do once in a hundred days, after an answer was lost, no short day would meet.
"""

import ast
import inspect
import pkgutil
from importlib import import_module

import pytest

from clinic.day import people

MODULES = [one.name for one in pkgutil.iter_modules(people.__path__)]


def own_classes(module) -> list[type]:
    found = filter(inspect.isclass, vars(module).values())
    return [one for one in found if one.__module__ == module.__name__]


def of_self(source: str, kind: type) -> set[str]:
    """Names of `self` that are read (ast.Load) or set (ast.Store) here."""
    return {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, kind)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


def had(cls: type) -> set[str]:
    ours = [inspect.getsource(one) for one in cls.__mro__ if one.__module__.startswith("clinic.")]
    annotated = {name for one in cls.__mro__ for name in inspect.get_annotations(one)}
    return {*dir(cls), *annotated, *(name for one in ours for name in of_self(one, ast.Store))}


@pytest.mark.parametrize("name", MODULES)
def test_whatever_they_ask_of_themselves_is_theirs(name):
    for cls in own_classes(import_module(f"clinic.day.people.{name}")):
        assert of_self(inspect.getsource(cls), ast.Load) <= had(cls), cls
