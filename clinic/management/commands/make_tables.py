"""manage.py make_tables: what set-up runs instead of migrate."""

from django.core.management.base import BaseCommand

from clinic.databases import first_time


class Command(BaseCommand):
    help = "Migrate; a first migration that was cut off begins anew."

    def handle(self, *, verbosity, **options):
        first_time.migrate(verbosity=verbosity, stdout=self.stdout, stderr=self.stderr)
