"""gunicorn behind nginx (started by host.py): one process of many threads, one socket.

Many threads, because a slow view holds one of them; nginx holds the slow clients. One process,
because each that has served its pages keeps some 20 MB of its own: with two, everything together
passes 160 MB (measured: 165 MB against 141 MB). A dead one is replaced by gunicorn at once.
"""

import gc
import logging
import os
import traceback
from pathlib import Path

_volatile = Path(os.environ["CLINIC_VOLATILE_DIR"])

bind = f"unix:{_volatile / 'app.sock'}"
umask = 0o077
workers = 1
worker_class = "installer.setup.worker.Worker"
threads = int(os.environ.get("CLINIC_THREADS", "24"))
preload_app = True
backlog = 256
keepalive = 30
timeout = 30  # seconds without a sign of the worker's loop, which no slow view holds up
graceful_timeout = 10
worker_tmp_dir = str(_volatile)
control_socket_disable = True
accesslog = None  # nginx writes it, without query strings
errorlog = "-"
loglevel = "warning"
proc_name = "clinic"


class NoRequests(logging.Filter):
    """Where a request failed, but not which one: its path and its values tell of patients."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and str(record.msg).startswith("Error handling request"):
            kind, _, frames = record.exc_info
            record.exc_text = "".join(traceback.format_tb(frames)) + kind.__name__
            record.msg, record.args = "Error handling a request", ()
        return True


def when_ready(server):
    """Right before the fork: drop garbage and freeze what is left, so that the collector does
    not touch (and thereby copy) the memory that the workers share."""
    server.log.error_log.addFilter(NoRequests())
    gc.collect()
    gc.freeze()
    # A page makes thousands of objects, few of them in circles; those of many pages are 5 MB.
    gc.set_threshold(10_000, 4, 1)
