#!/usr/bin/env python3
"""Django's command-line entry; CLINIC_DATA_DIR tells it which installation to use."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
