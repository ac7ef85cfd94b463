"""Which database an installation uses, and whether the server is fit for it."""

import json

from installer.setup import packages
from installer.setup.errors import SetupError
from installer.setup.paths import PROGRAM, DataDir, interpreter
from installer.setup.run import Log, run

LOOK = PROGRAM / "clinic" / "databases" / "server.py"


def database_settings(url: str | None, old: dict[str, str], data: DataDir) -> dict[str, str]:
    """DATABASE_URL for .env. An installation never changes its database by this option: its
    data would seem to be gone."""
    if not url or url == old.get("DATABASE_URL"):
        return {}
    in_use = "DATABASE_URL" in old or (data.root / "db.sqlite3").exists()
    if in_use:
        raise SetupError(
            f"{data.root} already has its data in another database; give another --data-dir, or "
            "move the data with migrate_database."
        )
    return {"DATABASE_URL": url}


def check_connection(url: str, log: Log) -> dict[str, str]:
    """Refuse a server that is not fit, with all reasons at once and what mends each; never shows
    the password. Returns what `.env` has to say besides the URL."""
    found = look(url, log)
    if found["plugin"] and packages.ensure_pure_driver(log):
        found = look(url, log)
    if found["faults"]:
        raise SetupError("\n".join(map(_line, found["faults"])))
    for note in found["notes"]:
        log.write(_line(note))
    return {"CLINIC_MYSQL_DRIVER": "PyMySQL"} if found["plugin"] else {}


def _line(fault: dict) -> str:
    return f"{fault['en']} {fault['mend']}".strip()


def look(url: str, log: Log) -> dict:
    """What clinic/databases/server.py says; asked by the Python that has the driver."""
    done = run(
        [interpreter(), LOOK],
        log=Log(log.path.with_name("install.log")),
        env={"CLINIC_PROBE_URL": url, "PATH": "/usr/bin:/bin"},
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SetupError(f"The database can't be looked at: {last}.")
    return json.loads(done.stdout)
