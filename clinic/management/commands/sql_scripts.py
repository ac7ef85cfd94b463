"""manage.py sql_scripts DIR: the schema as SQL scripts, for making the database by hand."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from clinic.databases import scripts


class Command(BaseCommand):
    help = "Write the schema as SQL scripts for SQLite, MySQL and MariaDB; asks no database."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder, **options):
        try:
            written = scripts.write(folder)
        except OSError as error:
            raise CommandError(f"{folder} can't be written: {error.strerror}.") from None
        except (ImportError, ImproperlyConfigured) as error:
            raise CommandError(f"The driver for MySQL is not installed here: {error}.") from None
        for path in written:
            self.stdout.write(str(path))
