"""The one entry for every front (gunicorn, granian); refuses to serve without the right keys."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

application = get_wsgi_application()

from security.checks import verify_keyring_or_refuse  # noqa: E402 - apps must be loaded first

verify_keyring_or_refuse()
