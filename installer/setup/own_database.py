"""`clinic own-database`: an installation on SQLite moves into a MariaDB of its own; and
`clinic sql-scripts`: the schema for an administrator who makes the database beforehand."""

import subprocess
import tempfile
from pathlib import Path

from installer.setup import (
    envfile,
    everyday,
    going_back,
    mariadb_private,
    ownership,
    packages,
    words,
)
from installer.setup.errors import SetupError
from installer.setup.fronts import service_environment
from installer.setup.options import Parser
from installer.setup.paths import PROGRAM, DataDir, interpreter
from installer.setup.run import Log, must_run
from installer.setup.steps import step


def own_database(arguments: list[str]) -> int:
    """Closed meanwhile; what breaks off leaves the old database in use."""
    data = everyday.one(everyday.parse("own-database", arguments))
    if mariadb_private.is_used(data):
        words.say(f"{data.root} has a database server of its own already.")
        return 0
    log = Log(data.logs / "install.log")
    with going_back.alone(data):
        with ownership.as_root():
            packages.ensure_mysql_driver(log)
        with step("A database server of its own"):
            url = mariadb_private.prepare(data, log)
        was_running = everyday.stop(data)
        try:
            with mariadb_private.running(data, mariadb_private.require_server(data)):
                _move(data, url)
        finally:
            if was_running:
                everyday.start(data)
    return 0


def _move(data, url: str) -> None:
    """The address goes by the pipe: it holds a password, which everybody could read in a list of
    processes."""
    done = subprocess.run(
        [str(interpreter()), str(PROGRAM / "manage.py"), "migrate_database", "-"],
        env=service_environment(data),
        cwd=PROGRAM,
        input=url + "\n",
        text=True,
        check=False,
        **ownership.run_as_owner(data),
    )
    if done.returncode:
        raise SetupError("The data could not be moved; the old database is in use as before.")


def sql_scripts(arguments: list[str]) -> int:
    """Needs no installation: the commands run in a data directory that is gone afterwards."""
    parser = Parser(prog="clinic sql-scripts", description="The schema as SQL scripts.")
    parser.add_argument("folder", type=Path, help="where they are written")
    folder = parser.parse_args(arguments).folder.expanduser().resolve()
    if not interpreter().exists():
        raise SetupError("Nothing is installed here yet; run `clinic install` first.")
    with tempfile.TemporaryDirectory(prefix="clinic-sql-") as passing:
        data = DataDir(Path(passing))
        env = {**service_environment(data), "CLINIC_SECRET_KEY": envfile.new_secret()}
        log, failure = Log(data.root / "log"), "The scripts can't be written."
        for command in (["keyring", "init"], ["sql_scripts", str(folder)]):
            said = must_run([interpreter(), PROGRAM / "manage.py", *command],
                            failure=failure, log=log, env=env, cwd=PROGRAM)  # fmt: skip
    print(said, end="")
    return 0
