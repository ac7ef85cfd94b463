"""Takes the place of django-auditlog's command, whose --truncate empties the log on MySQL."""

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Refused: entries of the audit log are never deleted."

    def add_arguments(self, parser):
        for short, long in (("-y", "--yes"), ("-t", "--truncate")):
            parser.add_argument(short, long, action="store_true")
        parser.add_argument("-b", "--before-date")

    def handle(self, *args, **options):
        raise CommandError("Nothing was deleted: entries of the audit log are kept for ever.")
