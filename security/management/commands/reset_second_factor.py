"""manage.py reset_second_factor NAME: for an administrator who lost the phone and the paper."""

from django.core.management.base import BaseCommand, CommandError

from security import resets
from security.entries import acting_as
from security.models import User


class Command(BaseCommand):
    help = (
        "Take the one-time codes away from an account; its sessions end, and the person sets up "
        "new codes at the next sign-in. For whoever owns this machine, when nobody else can."
    )

    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, *, username, **options):
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no account named {username}.")
        with acting_as(None):
            resets.reset_codes(user=user, by=None)
        self.stdout.write(f"{username} sets up new one-time codes at the next sign-in.")
