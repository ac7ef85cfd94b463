"""The one entry for every front (gunicorn, granian); refuses to serve without the right keys."""

import os
import sys
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

application = get_wsgi_application()

from security.checks import verify_keyring_or_refuse  # noqa: E402 - apps must be loaded first

verify_keyring_or_refuse()

if os.environ.get("CLINIC_SCHEDULER") == "here":
    # A server of one process (granian): a second one for the scheduler would cost 78 MB more. With
    # the usual 5 ms a task that computes would hold up every query of a request for so long.
    from clinic.core.scheduler import run_forever

    sys.setswitchinterval(0.0005)
    threading.Thread(target=run_forever, args=[threading.Event()], daemon=True).start()

if os.environ.get("CLINIC_HEARTBEAT"):
    from clinic.core.heartbeat import beat_forever

    threading.Thread(
        target=beat_forever, args=[os.environ["CLINIC_HEARTBEAT"]], daemon=True
    ).start()
