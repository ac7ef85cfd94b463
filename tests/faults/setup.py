"""Django for a program that looks into one installation's database from outside."""

import os
import sys

import django


def of(data) -> None:
    """From now on this program's models are those of that installation."""
    if "django.conf" in sys.modules and os.environ.get("CLINIC_DATA_DIR") == str(data):
        return
    for name in ("DATABASE_URL", "CLINIC_SECRET_KEY", "CLINIC_INSTANCE"):
        os.environ.pop(name, None)
    os.environ["CLINIC_DATA_DIR"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    django.setup()
