"""installer/setup/host.py with the benchmark's application: same loading, fork and server."""

import sys

from installer.setup import host

host.APPLICATION = "tests.benchmarks.inside.wsgi"

if __name__ == "__main__":
    sys.exit(host.main())
