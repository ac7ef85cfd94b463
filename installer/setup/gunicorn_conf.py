"""gunicorn behind nginx (started by host.py): two processes of twelve threads, one socket.

Twelve threads each, because a slow view holds one thread; nginx holds the slow clients.
"""

import gc
import os
from pathlib import Path

_volatile = Path(os.environ["CLINIC_VOLATILE_DIR"])

bind = f"unix:{_volatile / 'app.sock'}"
umask = 0o077
workers = 2
worker_class = "gthread"
threads = 12
preload_app = True
backlog = 256
keepalive = 30
timeout = 60
graceful_timeout = 10
worker_tmp_dir = str(_volatile)
control_socket_disable = True
accesslog = None  # nginx writes it, without query strings
errorlog = "-"
loglevel = "warning"
proc_name = "clinic"


def when_ready(server):
    """Right before the fork: drop garbage and freeze what is left, so that the collector does
    not touch (and thereby copy) the memory that the workers share."""
    gc.collect()
    gc.freeze()
