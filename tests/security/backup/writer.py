"""A process that keeps changing two rows together until its input ends; it says what it did."""

import os
import select
import sys


def main(database: str) -> None:
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from django.db import transaction

    from clinic.core.models import Counter

    value = 0
    while not select.select([sys.stdin], [], [], 0.002)[0]:
        value += 1
        with transaction.atomic():
            Counter.objects.filter(name="left").update(value=value)
            Counter.objects.create(name=f"row {value}", value=value)
            Counter.objects.filter(name="right").update(value=value)
        print(value, flush=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    main(sys.argv[1])
