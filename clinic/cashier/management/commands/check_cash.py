from django.core.management.base import BaseCommand, CommandError

from clinic.cashier import books
from clinic.cashier.models import Receipt, Shift


class Command(BaseCommand):
    help = "Compares every sum of bills, receipts, the till and its shifts with what makes it up."

    def handle(self, **options):
        problems = books.check()
        for problem in problems:
            self.stdout.write(problem)
        if problems:
            raise CommandError(f"The money does not agree in {len(problems)} places.")
        receipts, shifts = Receipt.objects.count(), Shift.objects.count()
        self.stdout.write(f"The money agrees: {receipts} receipts in {shifts} shifts checked.")
