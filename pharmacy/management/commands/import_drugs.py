"""`import_drugs FILE --by USER`: a clinic's own list of drugs, the same way as on the screen."""

from django.core.management.base import CommandError

from clinic.core.tables.command import ImportCommand
from pharmacy.importing.drugs import NAME
from security.models import User
from security.permissions import P


class Command(ImportCommand):
    help = (
        "Import drugs from a spreadsheet (xls, xlsx, CSV). A drug that is there already is not "
        "imported twice, and what a used drug is never changes. --take-back undoes an import."
    )
    kind = NAME

    def person(self, name: str):
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None or not user.has_perm(P.MANAGE_DRUGS):
            raise CommandError(f"{name} is nobody who manages drugs here.")
        return user
