"""`python installer/build linux|windows|runtime ...`: the entry behind build.sh.

Run by path, so that no PYTHONPATH leaks into the programs that are started from here.
"""

import sys
from pathlib import Path

if sys.path and Path(sys.path[0]).resolve() == Path(__file__).resolve().parent:
    sys.path[0] = str(Path(__file__).resolve().parents[2])
sys.dont_write_bytecode = True  # the checkout stays as it is

from installer.build.command import main  # noqa: E402 - the path comes first

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
