from django.core.management.base import BaseCommand

from security.roles import sync_roles


class Command(BaseCommand):
    help = "Write the policy of security/permissions.py into the groups."

    def handle(self, *args, **options):
        for name in sync_roles():
            self.stdout.write(f"changed: {name}")
        self.stdout.write("roles are up to date")
