"""Django's own backend with clinic.databases.plans; its place is settings.DATABASES["ENGINE"]."""

from uuid import UUID, SafeUUID

from django.db.backends.sqlite3 import base


class DatabaseOperations(base.DatabaseWrapper.ops_class):
    compiler_module = "clinic.databases.sqlite3.compiler"

    def convert_uuidfield_value(self, value, expression, connection):
        """A list of fifty patients reads hundreds; UUID() looks for every way to spell one."""
        if value is None or len(value) != 32:
            return super().convert_uuidfield_value(value, expression, connection)
        made = object.__new__(UUID)
        object.__setattr__(made, "int", int(value, 16))
        object.__setattr__(made, "is_safe", SafeUUID.unknown)
        return made


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
