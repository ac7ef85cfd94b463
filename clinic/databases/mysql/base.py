"""Django's own backend with clinic.databases.plans; its place is settings.DATABASES["ENGINE"]."""

from django.db.backends.mysql import base


class DatabaseOperations(base.DatabaseWrapper.ops_class):
    compiler_module = "clinic.databases.mysql.compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
