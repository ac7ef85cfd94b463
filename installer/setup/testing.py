"""test.sh: what the tests need, then every check there is, on both databases.

With arguments only pytest runs, on SQLite and then on MariaDB, and gets them. With
CLINIC_TEST_LEAVE_OUT=proven (CI) the longest trials of the set-up are left out while what they
look at is as it was when they passed (installer.setup.proven).
"""

import os
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from installer.setup import mariadb, needs, packages, proven
from installer.setup.envfile import new_secret
from installer.setup.paths import PROGRAM, interpreter, venv_dir
from installer.setup.run import Log
from installer.setup.steps import step

NO_TESTS = 5  # pytest's status when nothing was selected
SCANNED = [
    "manage.py",
    "clinic",
    "installer",
    "security",
    "patients",
    "pharmacy",
    "registration",
    "prescriptions",
]  # all code that runs in a clinic; the tests run nowhere else
LEFT_OUT = "CLINIC_TEST_LEAVE_OUT"
# See tests/spread.py. One more than the two cores we promise our time for: browsers, servers and
# installers are waited for, and with two workers a quarter of the processors' time went unused.
WORKERS = ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]


@dataclass(frozen=True)
class Stage:
    """One check: a command and the environment it runs in."""

    name: str
    argv: list
    env: dict[str, str]
    may_be_empty: bool = False


def test(arguments: list[str]) -> int:
    """Run all stages, the later ones too when one fails; non-zero when any failed."""
    needs.ensure()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clinic-test-")))
        with step(f"Packages in {venv_dir()}"):
            log = Log(folder / "packages.log")
            driver = install_packages(log)
        with step("A private MariaDB"):
            url = stack.enter_context(mariadb.private_server())
        environment = test_environment(folder, url)
        rounds = [] if arguments else [lint_lanes(environment)]
        rounds += pytest_rounds(environment, url, driver, arguments)
        status = summary([result for lanes in rounds for result in beside_each_other(lanes)])
    if LEFT_OUT in environment:
        print("left out, as proven:", " ".join(proven.TRIALS))
    elif not arguments and status == 0:
        proven.write_down()
    return status


def install_packages(log: Log) -> str:
    """Everything that the tests import; returns the MySQL driver."""
    packages.ensure_venv(log)
    packages.ensure_list("runtime", log)
    packages.ensure_list("test", log)
    return packages.ensure_mysql_driver(log)


def test_environment(folder: Path, mysql_url: str) -> dict[str, str]:
    """A data directory for this run alone; nothing of the caller's own installation counts."""
    data = folder / "data"
    for room in ("", "keys", "files", "logs", "static", "run", "tls"):
        (data / room).mkdir(mode=0o700)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CLINIC_")}
    kept.pop("DATABASE_URL", None)
    if os.environ.get(LEFT_OUT) == "proven" and proven.is_proven():
        kept[LEFT_OUT] = "proven"
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes would compile everything
    return {
        **kept,
        "CLINIC_DATA_DIR": str(data),
        "CLINIC_SECRET_KEY": new_secret(),
        "CLINIC_TEST_MYSQL_URL": mysql_url,
        "CLINIC_VENV": str(venv_dir()),
        "PATH": f"{venv_dir() / 'bin'}:{os.environ.get('PATH', '')}",
    }


def lint_lanes(env: dict[str, str]) -> list[list[Stage]]:
    """Each asks one processor alone, so they run beside one another; a lane's in turn.

    Beside them the tests are read once: pytest keeps what it makes of a file, and the three
    processes that begin next would each make it of all at once.
    """
    tool = venv_dir() / "bin"
    manage = [interpreter(), "manage.py"]
    read = [interpreter(), "-m", "pytest", "--collect-only", "-qqq"]
    return [
        [
            Stage("ruff check", [tool / "ruff", "check", "."], env),
            Stage("ruff format", [tool / "ruff", "format", "--check", "."], env),
            Stage("bandit", [tool / "bandit", "-c", "pyproject.toml", "-q", "-r", *SCANNED], env),
        ],
        [
            Stage("key ring", [*manage, "keyring", "init"], env),
            Stage("check --deploy", [*manage, "check", "--deploy", "--fail-level", "WARNING"], env),
            Stage("migrations", [*manage, "makemigrations", "--check", "--dry-run"], env),
            Stage("djlint", [tool / "djlint", "--lint", "--quiet", "templates"], env),
            Stage("contracts", [tool / "lint-imports", "--no-cache"], env),
        ],
        [Stage("the tests are read", read, env)],
    ]


def pytest_rounds(env: dict, url: str, driver: str, arguments: list[str]) -> list[list]:
    """SQLite with everything; MariaDB with all that touches the database (tests/spread.py)."""
    run = [interpreter(), "-m", "pytest"]
    choice = ["-m", "not browser and not installer and not day"]
    maria, on_mysql = f"pytest, MariaDB ({driver})", {**env, "DATABASE_URL": url}
    if arguments:
        first = Stage("pytest, SQLite", [*run, *arguments], env)
        then = Stage(maria, [*run, *choice, *arguments], on_mysql, may_be_empty=True)
        return [[[first]], [[then]]]
    # Forty people at work at once: beside them, browsers would wait for seconds. They leave a
    # third of the processors; MariaDB's tests take that, and no more of it than is left.
    day = Stage("a day of 120, SQLite", [*run, "-m", "day"], env)
    run += WORKERS
    first = Stage("pytest, SQLite", [*run, "-m", "not day"], env)
    return [[[first]], [[day], [Stage(maria, ["nice", "-n", "19", *run, *choice], on_mysql)]]]


def beside_each_other(lanes: list[list[Stage]]) -> list[tuple[Stage, int, float]]:
    """The last lane speaks as it goes; what the others said is told when a stage is over."""
    with ThreadPoolExecutor(len(lanes)) as pool:
        jobs = [
            pool.submit(
                lambda lane=lane: [(stage, *timed(stage, lane is lanes[-1])) for stage in lane]
            )
            for lane in lanes
        ]
    return [result for job in jobs for result in job.result()]


def timed(stage: Stage, aloud: bool = True) -> tuple[int, float]:
    """Exit status and seconds of one stage; aloud its output goes straight to the terminal."""
    began = time.monotonic()
    if aloud:
        print(f"\n===== {stage.name}", flush=True)
    done = subprocess.run(
        [str(part) for part in stage.argv],
        env=stage.env,
        cwd=PROGRAM,
        check=False,
        stdout=None if aloud else subprocess.PIPE,
        stderr=None if aloud else subprocess.STDOUT,
    )
    if not aloud:
        print(f"\n===== {stage.name}\n{done.stdout.decode(errors='replace')}", end="", flush=True)
    if stage.may_be_empty and done.returncode == NO_TESTS:
        return 0, time.monotonic() - began
    return done.returncode, time.monotonic() - began


def summary(results: list[tuple[Stage, int, float]]) -> int:
    """A line for each stage; the exit status of the whole run."""
    print("\n===== Summary")
    for stage, status, seconds in results:
        print(f"{'ok    ' if status == 0 else 'FAILED'} {seconds:7.1f} s  {stage.name}")
    return 1 if any(status for _, status, _ in results) else 0
