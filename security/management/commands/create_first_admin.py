"""`create_first_admin`: the account that makes all others; prints its one-time password."""

import secrets

from django.core.management.base import BaseCommand

from security.models import User
from security.permissions import Role
from security.roles import set_roles


class Command(BaseCommand):
    help = "Create the account `admin` with a one-time password, unless an administrator exists."

    def handle(self, *args, **options):
        if User.objects.filter(groups__name=Role.ADMINISTRATOR).exists():
            return
        password = secrets.token_urlsafe(9)
        user = User.objects.create_user("admin", password, full_name="admin")
        set_roles(user=user, roles={Role.ADMINISTRATOR}, by=None)
        self.stdout.write(password)
