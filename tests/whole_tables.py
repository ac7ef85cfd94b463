"""First migrations create each table whole, and many in one step.

makemigrations adds the constraints and indexes of a new table one by one, and Django loads the
models anew after each and after each table: setting up a clinic takes seconds longer, and so does
every run of the tests. After makemigrations, let `write` put them together:
`manage.py shell -c "from tests.whole_tables import write; write()"`.
"""

from itertools import groupby
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.migrations import AddConstraint, AddIndex, CreateModel
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.writer import MigrationWriter

from clinic.core.first_tables import CreateTables

FIRST = "0001_initial"


def first_migrations() -> list[Migration]:
    """Ours."""
    found = MigrationLoader(None).disk_migrations
    ours = [app for app in apps.get_app_configs() if _is_ours(Path(app.path))]
    return [found[app.label, FIRST] for app in ours if (app.label, FIRST) in found]


def _is_ours(app: Path) -> bool:
    """Not what was installed: the environment may lie inside the checkout (.venv)."""
    here = Path(settings.BASE_DIR)
    return app.is_relative_to(here) and "site-packages" not in app.relative_to(here).parts


def whole(operations: list) -> list:
    """The same in as few steps as there can be."""
    return _together(_inside(_one_by_one(operations)))


def _one_by_one(operations: list) -> list:
    steps = (step.tables if isinstance(step, CreateTables) else [step] for step in operations)
    return [operation for step in steps for operation in step]


def _together(operations: list) -> list:
    """Tables that follow each other become one step."""
    kept = []
    for are_tables, some in groupby(operations, lambda step: isinstance(step, CreateModel)):
        run = list(some)
        kept += [CreateTables(run)] if are_tables and len(run) > 1 else run
    return kept


def _inside(operations: list) -> list:
    """Constraints and indexes of tables that are created here stand inside them."""
    kept, places = [], {}
    for operation in operations:
        table = getattr(operation, "model_name_lower", None)
        if isinstance(operation, CreateModel):
            places[operation.name_lower] = len(kept)
        elif isinstance(operation, AddConstraint | AddIndex) and table in places:
            kept[places[table]] = _with(kept[places[table]], operation)
            continue
        else:  # changed later on: what is added then may rest on that
            places.pop(table, None)
        kept.append(operation)
    return kept


def _with(table: CreateModel, addition: AddConstraint | AddIndex) -> CreateModel:
    is_index = isinstance(addition, AddIndex)
    option = "indexes" if is_index else "constraints"
    one = addition.index if is_index else addition.constraint
    options = {**table.options, option: [*table.options.get(option, []), one]}
    return CreateModel(table.name, table.fields, options, table.bases, table.managers)


def write() -> None:
    """Once more into the same files; `ruff check --fix` and `ruff format` give them their shape."""
    for migration in first_migrations():
        operations = whole(migration.operations)
        if len(operations) < len(migration.operations):
            migration.operations = operations
            writer = MigrationWriter(migration)
            Path(writer.path).write_text(writer.as_string(), encoding="utf-8")
