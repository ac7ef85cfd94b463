#!/usr/bin/env python3
"""Django's command-line entry; CLINIC_DATA_DIR tells it which installation to use."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    from django.core.management import execute_from_command_line

    from clinic.core.transactions import cannot_write

    try:
        execute_from_command_line(sys.argv)
    except Exception as error:
        if not cannot_write(error) or "--traceback" in sys.argv:
            raise
        sys.exit(
            f"The disk is full, or the database can't be written or reached ({error}). Make room "
            "or bring it back, then run the same command again."
        )


if __name__ == "__main__":
    main()
