"""manage.py doctor: what is in order, what isn't, and what to do; changes nothing.

Exit status: 0 all is well, 1 something needs care soon, 2 something is wrong now.
"""

import json
import sys
from dataclasses import asdict

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import override

from clinic.doctor import inside, whole
from clinic.doctor.findings import status

CODES = {"zh": "zh-hans", "en": "en"}


class Command(BaseCommand):
    help = "Look at this installation: 0 all is well, 1 care soon, 2 wrong now."
    requires_system_checks = []  # what they would say is one of the findings

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument("--language", choices=sorted(CODES))
        parser.add_argument("--inside", action="store_true", help="what the application knows")

    def handle(self, *args, language, **options):
        with override(CODES.get(language, settings.LANGUAGE_CODE)):
            found = inside.look() if options["inside"] else whole.examine()
            if options["json"]:
                data = {"status": status(found), "findings": [asdict(one) for one in found]}
                self.stdout.write(json.dumps(data, indent=1))
            else:
                for one in found:
                    do = f" → {one.do}" if one.do else ""
                    self.stdout.write(f"[{one.level_words}] {one.title}: {one.said}{do}")
        if status(found):
            sys.exit(status(found))
