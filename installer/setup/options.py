"""Command-line options; a wrong one ends with a sentence, not with a usage screen."""

import argparse
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from installer.setup import words
from installer.setup.errors import SetupError
from installer.setup.listeners import MOST_PROXIES, PUBLIC_PORT, proxy_address, public_url
from installer.setup.paths import USUAL_INSTANCE, package, usual_data_dir
from installer.setup.system import WINDOWS

USUAL_PORT = 443  # needs not be typed
DEFAULT_PORT = 8443
FORBIDDEN = set("\"'$;{}%\n\r" + ("" if WINDOWS else "\\"))
INSTANCE = re.compile(r"[a-z][a-z0-9-]{0,23}")  # an account has 32 with "clinic-"


class Parser(argparse.ArgumentParser):
    """argparse that raises SetupError, and helps in both languages."""

    def format_help(self) -> str:
        self.formatter_class = argparse.RawDescriptionHelpFormatter
        self.description = words.both(self.description)
        for action in self._actions:
            if action.help not in (None, argparse.SUPPRESS):
                action.help = words.both(action.help, " / ")
        return super().format_help()

    def error(self, message: str):
        text = message.removeprefix("argument ").replace(
            "unrecognized arguments:", "no such option:"
        )
        raise SetupError(f"{self.prog}: {text} ({self.prog} --help lists the options).")


def install_parser() -> Parser:
    parser = Parser(
        prog="clinic install" if package() else "install.sh",
        description="Set everything up and serve it. Safe to run again.",
    )
    _common(parser)
    parser.add_argument(
        "--demo", action="store_true", help="a practice clinic: made-up people, marked everywhere"
    )
    parser.add_argument(
        "--instance",
        type=instance_name,
        metavar="NAME",
        help="one of several clinics on this machine: its own data, and its name in cookies",
    )
    parser.add_argument(
        "--database-url",
        metavar="URL",
        help="mysql://user:password@host/name; '-' reads it from standard input",
    )
    parser.add_argument(
        "--database",
        choices=["sqlite", "mariadb"],
        help="mariadb: a database server of its own, for more than ten workplaces",
    )
    parser.add_argument(
        "--public-url",
        type=public_url,
        metavar="URL",
        help="serve booking for this https:// address, on a port of its own behind a reverse proxy",
    )
    parser.add_argument(
        "--public-port",
        type=port_number,
        metavar="N",
        help=f"that port, plain HTTP (default {PUBLIC_PORT})",
    )
    parser.add_argument(
        "--public-proxy",
        type=proxy_address,
        metavar="IP",
        help="the reverse proxy's address, when it runs on another machine",
    )
    parser.add_argument(
        "--public-proxies",
        type=proxy_count,
        metavar="N",
        help="how many reverse proxies stand one before the other (default 1)",
    )
    parser.add_argument(
        "--screen-port",
        type=screen_port,
        metavar="N",
        help="serve waiting-room screens alone on this port over plain HTTP; 'none' takes it back",
    )
    parser.add_argument(
        "--wrap-keys",
        type=Path,
        metavar="FILE",
        help="lock the keys under the passphrase in this file, on a USB stick; made if not there",
    )
    parser.add_argument("--quiet", action="store_true", help="ask nothing, open and say nothing")
    parser.add_argument(
        "--open",
        action=argparse.BooleanOptionalAction,
        help="open the browser on the first steps at the end; usual for a package on a desktop",
    )
    parser.add_argument("--no-start", action="store_true", help="set up only, start nothing")
    parser.add_argument("--service", action="store_true", help="start with the machine (systemd)")
    parser.add_argument(
        "--uninstall", action="store_true", help="remove programs and service; keep all data"
    )
    return parser


def serve_parser() -> Parser:
    parser = Parser(prog="serve.sh", description="Serve in the foreground until SIGTERM or Ctrl-C.")
    _common(parser)
    return parser


def _common(parser: Parser) -> None:
    parser.add_argument(
        "--port", type=port_number, metavar="N", help=f"HTTPS port (default {DEFAULT_PORT})"
    )
    parser.add_argument(
        "--data-dir",
        type=data_dir,
        metavar="DIR",
        help="where this installation's data lie (default: see --instance)",
    )


def with_data_dir(options: argparse.Namespace) -> argparse.Namespace:
    """Fill in the data directory that was not given: each instance has one of its own."""
    if options.data_dir is None:
        options.data_dir = usual_data_dir(getattr(options, "instance", None) or USUAL_INSTANCE)
    return options


def port_number(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no port; give a number from 1 to 65535")


def screen_port(text: str) -> str:
    """As `.env` keeps it; empty for none."""
    return "" if text == "none" else str(port_number(text))


def proxy_count(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_PROXIES:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no number from 1 to {MOST_PROXIES}")


def instance_name(text: str) -> str:
    if INSTANCE.fullmatch(text):
        return text
    raise argparse.ArgumentTypeError(
        f"{text} is no instance name; use up to 24 small letters, digits and hyphens"
    )


def data_dir(text: str) -> Path:
    path = Path(text).expanduser().resolve()
    if not text.strip() or set(str(path)) & FORBIDDEN:
        raise argparse.ArgumentTypeError(
            f"{text!r} can't name the data directory; leave quotes, $, ;, %, braces out"
        )
    return path


def _has_port_or_none(url: str) -> bool:
    """A sign in the password that isn't written as %XX hides where the port begins."""
    try:
        return (urlsplit(url).port or 1) > 0
    except ValueError:
        return False


def database_url(text: str) -> str:
    """The URL as settings.py takes it; anything but MySQL or MariaDB is refused."""
    url = sys.stdin.readline().strip() if text == "-" else text
    if url.startswith("mariadb://"):
        url = "mysql" + url.removeprefix("mariadb")
    if not re.fullmatch(r"mysql://[^\s'#]+/[^\s'/#]+", url) or not _has_port_or_none(url):
        raise SetupError(
            "--database-url takes mysql://user:password@host/name "
            "(an installation without this option keeps its data in SQLite)."
        )
    return url
