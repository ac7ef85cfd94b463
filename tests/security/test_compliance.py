"""COMPLIANCE.md names tests; a name that no longer exists would be an empty promise."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "security" / "COMPLIANCE.md").read_text(encoding="utf-8")
NAMED = re.findall(r"(\(merge\) )?`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and "State" not in line]
STATES = re.compile(r"\| (met|partly|not met)\b")


@pytest.mark.parametrize(
    ("planned", "file", "name"), sorted(set(NAMED)), ids=lambda part: part.split("/")[-1] or "is"
)
def test_every_test_that_is_named_exists(planned, file, name):
    path = ROOT / file
    if planned and not path.exists():  # built elsewhere at this time
        return

    assert path.is_file(), f"{file} is gone"
    assert not name or re.search(rf"^def {name}\(", path.read_text("utf-8"), re.MULTILINE), name


def test_every_row_says_whether_it_is_met_and_a_met_one_is_shown():
    assert len(ROWS) > 60
    for row in ROWS:
        state = STATES.search(row)
        assert state, row
        if state[1] == "met" and " as section" not in row:
            assert "`tests/" in row, row
