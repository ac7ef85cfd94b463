"""`run_scheduled`: what is due now, or with --forever every 20 seconds until SIGTERM."""

import signal
import threading

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from clinic.core import scheduler
from clinic.core.errors import Busy

PAUSE_SECONDS = 20


class Command(BaseCommand):
    help = "Run the periodic work that is due."

    def add_arguments(self, parser):
        parser.add_argument("--forever", action="store_true", help="stay and run what falls due")

    def handle(self, *args, forever: bool, **options):
        stop = threading.Event()
        if forever:
            signal.signal(signal.SIGTERM, lambda *_: stop.set())
            signal.signal(signal.SIGINT, lambda *_: stop.set())
        while True:
            try:
                done = scheduler.run_due()
            except Busy:  # the database is busy; the next round is soon enough
                done = []
            if not forever:
                self.stdout.write("\n".join(done) or "nothing is due")
                return
            close_old_connections()
            if stop.wait(PAUSE_SECONDS):
                return
