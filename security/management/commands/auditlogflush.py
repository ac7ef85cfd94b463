"""Takes the place of django-auditlog's command, whose --truncate empties the log on MySQL."""

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Refused: old entries leave the audit log by archive_audit alone."

    def add_arguments(self, parser):
        for short, long in (("-y", "--yes"), ("-t", "--truncate")):
            parser.add_argument(short, long, action="store_true")
        parser.add_argument("-b", "--before-date")

    def handle(self, *args, **options):
        raise CommandError(
            "Nothing was deleted: entries leave the audit log only into an archive; run: "
            "manage.py archive_audit."
        )
