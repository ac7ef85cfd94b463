"""`import_patients FILE --by USER`: a list of patients, the same way as on the screen."""

from django.core.management.base import CommandError

from clinic.core.tables.command import ImportCommand
from patients.exchange.importing import NAME
from security.models import User
from security.permissions import P


class Command(ImportCommand):
    help = (
        "Import patients from a spreadsheet (xls, xlsx, CSV, tab text). Whoever is on file already "
        "is not opened twice, and nothing there is overwritten. --take-back undoes an import."
    )
    kind = NAME

    def person(self, name: str):
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None or not user.has_perm(P.IMPORT_PATIENTS):
            raise CommandError(f"{name} is nobody who imports patients here.")
        return user
