"""manage.py seal_audit: put a seal on every entry of the audit log that has none yet."""

from django.core.management.base import BaseCommand

from security import seals


class Command(BaseCommand):
    help = "Seal the audit entries that have no seal yet (the scheduler does it by itself)."

    def handle(self, **options):
        sealed = seals.seal_all()
        seal = seals.latest()
        where = f"; seal {seal.seq}: {seal.mark}" if seal else ""
        self.stdout.write(f"{sealed} entries sealed{where}")
