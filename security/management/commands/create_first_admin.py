"""`create_first_admin`: the account that makes all others; prints its one-time password.

Set-up chooses the password itself (`--password-file`), so that it is stored before the account is
there; then `one-time` is printed as long as that password opens the account and waits for change.
"""

import secrets
from pathlib import Path

from django.core.management.base import BaseCommand
from django.db import transaction

from security import first_password
from security.models import User
from security.permissions import Role
from security.roles import set_roles


class Command(BaseCommand):
    help = "Create the account `admin` with a one-time password, unless an administrator exists."

    def add_arguments(self, parser):
        parser.add_argument(
            "--password-file", type=Path, help="the one-time password is the one in this file"
        )

    def handle(self, *args, password_file, **options):
        given = password_file.read_text(encoding="ascii").strip() if password_file else ""
        if not User.objects.filter(groups__name=Role.ADMINISTRATOR).exists():
            password = given or secrets.token_urlsafe(9)
            make_administrator(password)
            self.stdout.write("one-time" if given else password)
        elif given and first_password.still_opens(given):
            self.stdout.write("one-time")


@transaction.atomic
def make_administrator(password: str) -> None:
    user = User.objects.create_user(first_password.ACCOUNT, password, full_name="admin")
    set_roles(user=user, roles={Role.ADMINISTRATOR}, by=None)
