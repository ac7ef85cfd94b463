"""Many new tables in one step of a migration.

Django draws all models known so far anew after each table: with a hundred tables that was most of
the time of setting up a clinic. Here they are drawn once for all of the step.
"""

from django.db.migrations.operations.base import Operation, OperationCategory


class CreateTables(Operation):
    """Some `CreateModel` in a row; what they create is the same as without this."""

    category = OperationCategory.ADDITION
    serialization_expand_args = ["tables"]

    def __init__(self, tables: list):
        self.tables = tables

    def state_forwards(self, app_label, state):
        state.__dict__.pop("apps", None)  # drawn when the first table asks for it
        for table in self.tables:
            table.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for table in self.tables:
            table.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for table in reversed(self.tables):
            table.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return f"Create {', '.join(table.name for table in self.tables)}"
