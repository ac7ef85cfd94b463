"""`make` one installation, `work` in one (told line by line), `compare` two."""

import argparse
import os
import sys
from pathlib import Path


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m tests.benchmarks.large")
    kinds = words.add_subparsers(dest="kind", required=True)
    one = kinds.add_parser("make")
    one.add_argument("folder", type=Path)
    one.add_argument("patients", type=int)
    one.add_argument("movements", type=int)
    one.add_argument("entries", type=int)
    work = kinds.add_parser("work")
    work.add_argument("folder", type=Path)
    two = kinds.add_parser("compare")
    two.add_argument("small", type=Path)
    two.add_argument("large", type=Path)
    two.add_argument("--rounds", type=int, default=11)
    two.add_argument("--only", default="", help="works whose name has this in it")
    plans = kinds.add_parser("plans")
    plans.add_argument("folder", type=Path)
    asked = words.parse_args()
    if asked.kind == "compare":
        from tests.benchmarks.large import comparing

        return comparing.compare(asked.small, asked.large, asked.rounds, asked.only)
    use(asked.folder)
    if asked.kind != "make":
        from tests.benchmarks.large import comparing

        return comparing.listen() if asked.kind == "work" else comparing.plans()
    from tests.benchmarks.large import making

    making.make(asked.patients, asked.movements, asked.entries)
    return 0


def use(folder: Path) -> None:
    """Django over the installation in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["CLINIC_DATA_DIR"] = str(folder)
    os.environ["CLINIC_PRACTICE"] = "True"
    os.environ["CLINIC_ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
    os.environ.setdefault(
        "CLINIC_SECRET_KEY", "only-for-tests-0123456789-0123456789-0123456789-abcd"
    )
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
