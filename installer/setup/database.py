"""Which database an installation uses, and whether it can be reached."""

from urllib.parse import urlsplit

from installer.setup.errors import SetupError
from installer.setup.paths import DataDir, interpreter
from installer.setup.run import Log, run

# The driver's own words are wanted, so this asks it directly; the URL comes by the environment.
PROBE = """
import os, environ
url = environ.Env.db_url_config(os.environ["PROBE_URL"])
try:
    import MySQLdb as driver
except ImportError:
    import pymysql as driver
options = {k: v for k, v in url.get("OPTIONS", {}).items() if k in ("unix_socket", "charset")}
if url["PORT"]:
    options["port"] = int(url["PORT"])
try:
    driver.connect(host=url["HOST"] or "localhost", user=url["USER"], password=url["PASSWORD"],
                   database=url["NAME"], connect_timeout=10, **options).close()
except Exception as error:
    raise SystemExit(str(error.args[-1] if error.args else error))
"""


def database_settings(url: str | None, old: dict[str, str], data: DataDir) -> dict[str, str]:
    """DATABASE_URL for .env. An installation never changes its database by this option: its
    data would seem to be gone."""
    if not url or url == old.get("DATABASE_URL"):
        return {}
    in_use = "DATABASE_URL" in old or (data.root / "db.sqlite3").exists()
    if in_use:
        raise SetupError(
            f"{data.root} already has its data in another database; give another --data-dir."
        )
    return {"DATABASE_URL": url}


def check_connection(url: str, log: Log) -> None:
    """Refuse an address, account or name that the server doesn't take; never shows the password."""
    done = run(
        [interpreter(), "-c", PROBE],
        log=Log(log.path.with_name("install.log")),
        env={"PROBE_URL": url, "PATH": "/usr/bin:/bin"},
    )
    if done.returncode:
        host = urlsplit(url).hostname or "localhost"
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SetupError(f"The database on {host} can't be used: {reason}.")
