"""Django's own backend with clinic.databases.plans; its place is settings.DATABASES["ENGINE"]."""

from django.db.backends.sqlite3 import base


class DatabaseOperations(base.DatabaseWrapper.ops_class):
    compiler_module = "clinic.databases.sqlite3.compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
