from django.core.management.base import BaseCommand, CommandError

from pharmacy.books import check
from pharmacy.models import Batch


class Command(BaseCommand):
    help = "Compares every balance with the ledger and every reservation with what was handed out."

    def handle(self, **options):
        problems = check()
        for problem in problems:
            self.stdout.write(problem)
        if problems:
            raise CommandError(f"The stock does not agree in {len(problems)} places.")
        self.stdout.write(f"The stock agrees: {Batch.objects.count()} batches checked.")
