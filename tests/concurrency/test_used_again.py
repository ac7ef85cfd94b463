"""Racing processes are used again, each race as if it were the first; in the gap they meet."""

import ast
from pathlib import Path

import pytest

from tests.concurrency.together import run_together

HERE = Path(__file__).parent
RACING = [
    path
    for path in [*HERE.glob("*.py"), HERE.parent / "security" / "rotating.py"]
    if not path.name.startswith("test_") and path.name != "racer.py"
]


@pytest.mark.django_db(transaction=True)
def test_what_a_race_changed_is_put_right_before_the_next():
    [changed] = run_together("tests.concurrency.changers:take_locks_away", [{}])

    [answer] = run_together("tests.concurrency.changers:found", [{}])

    assert answer["result"] == {"process": changed["result"], "changed": [False] * 3}


@pytest.mark.django_db(transaction=True)
def test_nobody_goes_on_before_all_have_looked():
    calls = [{"late": late} for late in (0, 0.1, 0.3)]

    answers = run_together("tests.concurrency.changers:meet", calls)

    came, went = zip(*(answer["result"] for answer in answers), strict=True)
    assert max(came) <= min(went)


def changed_past_the_race(source: str) -> list[str]:
    """Assignments to what was imported: `change` would not know of them."""
    tree = ast.parse(source)
    imported = {
        (name.asname or name.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    targets = [
        target
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in getattr(node, "targets", [getattr(node, "target", None)])
    ]
    owned = [target for target in targets if isinstance(target, ast.Attribute)]
    return [ast.unparse(target) for target in owned if _root(target) in imported]


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def test_no_race_changes_the_program_for_good():
    found = {path.name: changed_past_the_race(path.read_text(encoding="utf-8")) for path in RACING}

    assert {name: targets for name, targets in found.items() if targets} == {}
    assert len(found) > 25


def test_a_change_for_good_is_seen():
    source = "from pharmacy import stock\nstock.lock = lambda rows: rows\nstock.a.b = own = 1"

    assert changed_past_the_race(source) == ["stock.lock", "stock.a.b"]
