"""build.sh's options, and the one place where failures become sentences."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from installer.build import linux, profile
from installer.build.stamps import digest
from installer.setup.errors import SetupError
from installer.setup.paths import PROGRAM

DIST = PROGRAM / "dist"


class Parser(argparse.ArgumentParser):
    """argparse that raises SetupError."""

    def error(self, message: str):
        raise SetupError(f"{message} (build.sh --help lists the options).")


def parser() -> Parser:
    said = Parser(prog="build.sh", description="Build what installs without network.")
    said.add_argument(
        "target",
        choices=sorted(TARGETS),
        help="which package; runtime: its Python; profile: what that is compiled by",
    )
    said.add_argument("--version", metavar="V", help="instead of the one in clinic/VERSION")
    said.add_argument("--dist", type=Path, default=DIST, metavar="DIR", help="where it is written")
    said.add_argument(
        "--runtime",
        default="own",
        metavar="R",
        help="linux: own (Python built for old systems) or debian (this machine's, not for "
        "release); windows: the file python-3.12.N-embed-amd64.zip from python.org",
    )
    said.add_argument("--sha256", metavar="S", help="windows: what python.org says of that file")
    return said


def main(arguments: list[str]) -> int:
    try:
        options = parser().parse_args(arguments)
        began = time.monotonic()
        options.dist = options.dist.absolute()
        options.dist.mkdir(parents=True, exist_ok=True)
        for path in TARGETS[options.target](options):
            print(f"{digest(path)}  {path.stat().st_size:>10}  {path}")
        print(f"Built in {time.monotonic() - began:.0f} s.")
        return 0
    except SetupError as error:
        print(f"clinic: {error}", file=sys.stderr)
    except subprocess.CalledProcessError as error:
        print(f"clinic: {Path(str(error.cmd[0])).name} failed.", file=sys.stderr)
    except OSError as error:
        print(f"clinic: {error.filename or 'The disk'}: {error.strerror}.", file=sys.stderr)
    return 1


def windows(options: argparse.Namespace) -> list[Path]:
    from installer.build.windows import build  # its tools are asked for only here

    return build(options)


def count(options: argparse.Namespace) -> list[Path]:
    return [profile.count()]


TARGETS = {
    "linux": linux.build,
    "runtime": linux.build_runtime,
    "profile": count,
    "windows": windows,
}
