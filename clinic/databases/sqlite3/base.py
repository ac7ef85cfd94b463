"""Django's own backend with clinic.databases.plans; its place is settings.DATABASES["ENGINE"]."""

from functools import lru_cache
from uuid import UUID, SafeUUID

from django.db.backends.sqlite3 import base

KNOWN = 2_000  # ids: some 400 kB in a process that has seen so many

_known: dict[str, UUID] = {}  # an id never changes, and tells nothing


class DatabaseOperations(base.DatabaseWrapper.ops_class):
    compiler_module = "clinic.databases.sqlite3.compiler"

    def convert_uuidfield_value(self, value, expression, connection):
        """A list of fifty patients reads hundreds, most of them several times; UUID() looks for
        every way to spell one, and two that are the same object are compared in no time."""
        made = _known.get(value)
        if made is not None:
            return made
        if value is None or len(value) != 32:
            return super().convert_uuidfield_value(value, expression, connection)
        made = object.__new__(UUID)
        object.__setattr__(made, "int", int(value, 16))
        object.__setattr__(made, "is_safe", SafeUUID.unknown)
        if len(_known) >= KNOWN:
            _known.clear()
        _known[value] = made
        return made


class Cursor(base.SQLiteCursorWrapper):
    def convert_query(self, query, *, param_names=None):
        if param_names is None:
            return _in_its_own_words(query)
        return super().convert_query(query, param_names=param_names)


@lru_cache(maxsize=600)
def _in_its_own_words(query: str) -> str:
    """`?` instead of `%s`: looked for once in a statement of five thousand letters."""
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations

    def create_cursor(self, name=None):
        return self.connection.cursor(factory=Cursor)
