"""Mutation testing by hand: does a test fail for every small change of a security module?

    pip install cosmic-ray
    python -m tests.security.mutation                          security/crypto.py, 5 minutes
    python -m tests.security.mutation security/normalise.py

It works on a copy of the checkout, because the module is changed in place. Operators that only
turn one number into another far-fetched one (`+` into `<<`) are left out: they die with those
that stay. Not in CI: it takes as long as the whole suite and changes with every line.

Survivors that stay, each looked at; none changes anything that can be observed (crypto.py):

- `<` for `<=` SHORT_LIMIT in padded_length, or 255 for 256: at exactly 256 both steps give 256.
- header[2:4] as [2:5]: the header has four bytes.
- `type(row) == uuid.UUID` for `is`: the same for a class.
- `<=` or `!=` for `< SHORTEST` in unseal: the cipher is found the slower way, by the same checks.
- `& 0xFF` as `& 254` in _index_value: the shift before it has cleared the last bit already.
- `len(mac) < 34` for `!=`: a longer MAC is refused by the comparison that follows.

And of merkle.py: sizes that begin at 2 or are tripled, and `<=` for `==`: they only tell the levels
of the tree apart, and a smaller one never lies below.
"""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TESTS = {
    "security/crypto.py": "test_crypto_frozen test_crypto test_blind_index",
    "security/normalise.py": "test_crypto_frozen test_blind_index test_fields_find",
    "security/merkle.py": "test_merkle",
    "security/fields/values.py": "test_fields_queries test_fields_copies test_fields_saving",
}
CONFIG = """
[cosmic-ray]
module-path = "{module}"
timeout = 30.0
excluded-modules = []
test-command = "{python} -m pytest -q -x -p no:cacheprovider {tests}"

[cosmic-ray.distributor]
name = "local"

[cosmic-ray.filters.operators-filter]
exclude-operators = [
    "core/ReplaceBinaryOperator_.*_(Pow|LShift|RShift|Mod|Div|BitAnd|BitXor|BitOr)",
    "core/ReplaceComparisonOperator_.*_(Is|IsNot)",
]
"""


def main(module: str = "security/crypto.py") -> int:
    with tempfile.TemporaryDirectory(prefix="clinic-mutants-") as place:
        copy, session = Path(place) / "checkout", Path(place) / "session.sqlite"
        shutil.copytree(CHECKOUT, copy, ignore=shutil.ignore_patterns(".git", "var", ".venv"))
        tests = " ".join(f"tests/security/{name}.py" for name in TESTS[module].split())
        config = Path(place) / "config.toml"
        config.write_text(CONFIG.format(module=module, python=sys.executable, tests=tests))
        for step in (
            ["cosmic-ray", "init", config, session],
            ["cr-filter-operators", session, config],
            ["cosmic-ray", "exec", config, session],
        ):
            program = Path(sys.executable).parent / step[0]
            subprocess.run([program, *step[1:]], cwd=copy, check=True)
        return report(session)


def report(session: Path) -> int:
    """Every survivor with its change, and the score."""
    with sqlite3.connect(session) as database:
        counts = dict(
            database.execute(
                "SELECT test_outcome, COUNT(*) FROM work_results"
                " WHERE worker_outcome <> 'SKIPPED' GROUP BY 1"
            )
        )
        survivors = database.execute(
            "SELECT start_pos_row, diff FROM work_results JOIN mutation_specs USING (job_id)"
            " WHERE test_outcome = 'SURVIVED' ORDER BY 1"
        )
        for line, diff in survivors:
            changed = [x for x in diff.splitlines() if x[:1] == "+" and x[:3] != "+++"]
            print(f"survived: line {line}: {' '.join(changed)}")
    print(counts)
    return 1 if counts.get("SURVIVED") else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
