"""The virtual environment and the packages in it, hash-checked, with the pip that is shipped."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from installer.setup.errors import SetupError
from installer.setup.paths import PROGRAM, interpreter, package, venv_dir, wheel_dir
from installer.setup.run import Log, must_run, reason_for, run

LISTS = PROGRAM / "installer" / "requirements"
VERSION_CODE = "import sys; print('%d.%d' % sys.version_info[:2])"
HEADERS_CODE = """
import pathlib, sysconfig
raise SystemExit(not pathlib.Path(sysconfig.get_paths()["include"], "Python.h").exists())
"""
NETWORK_SIGNS = (
    "NewConnectionError",
    "Failed to establish a new connection",
    "Temporary failure in name resolution",
    "ProxyError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "Network is unreachable",
    "Connection refused",
)


def ensure_venv(log: Log) -> None:
    """A virtual environment with a working Python of a supported version."""
    if package() and not os.environ.get("CLINIC_VENV"):
        return  # brings its own Python with all packages
    if os.environ.get("CLINIC_VENV"):
        if not python_version():
            raise SetupError(f"CLINIC_VENV names {venv_dir()}, which has no working Python.")
        return
    if python_version():
        return
    if venv_dir().exists():  # its Python is gone: the system was upgraded
        shutil.rmtree(venv_dir())
    must_run(
        [sys.executable, "-m", "venv", "--without-pip", venv_dir()],
        failure="The virtual environment can't be made.",
        log=log,
    )


def python_version() -> str | None:
    """The version of the environment's Python, None when it doesn't run."""
    if not interpreter().exists():
        return None
    done = subprocess.run(
        [interpreter(), "-I", "-c", VERSION_CODE], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None


def ensure_list(name: str, log: Log) -> bool:
    """Install `name`.txt unless exactly this list was installed here before; False when it was."""
    if package() or os.environ.get("CLINIC_VENV"):
        return False  # a package's own, or somebody else's: used as it is
    installed, wanted = _marker(), _digest(name)
    if installed.get(name) == wanted:
        return False
    _note({**installed, name: "unfinished"})
    done = run(_pip_command(name), log=log, env=_pip_environment())
    if done.returncode:
        raise SetupError(_failure(name, done.stdout + done.stderr, log))
    _note({**installed, name: wanted})
    return True


def ensure_mysql_driver(log: Log) -> str:
    """The C driver where it can be built, else the pure Python one; returns its name."""
    if not package() and not os.environ.get("CLINIC_VENV"):
        if not can_build_c_driver():
            ensure_list("mysql-pure", log)
            return "PyMySQL"
        ensure_list("mysql", log)
    return "mysqlclient" if _imports("MySQLdb") else "PyMySQL"


def ensure_pure_driver(log: Log) -> bool:
    """PyMySQL beside the C driver; False where neither is it there nor may it be installed."""
    ensure_list("mysql-pure", log)
    return _imports("pymysql")


def can_build_c_driver() -> bool:
    """Whether compiler, pkg-config, client library and Python's headers are there."""
    if not (shutil.which("pkg-config") and (shutil.which("gcc") or shutil.which("cc"))):
        return False
    if not any(_quiet(["pkg-config", "--exists", lib]) for lib in ("libmariadb", "mysqlclient")):
        return False
    return _quiet([str(interpreter()), "-I", "-c", HEADERS_CODE])


def _imports(module: str) -> bool:
    return _quiet([str(interpreter()), "-c", f"import {module}"])


def _quiet(argv: list[str]) -> bool:
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


def _pip_command(name: str) -> list:
    wheel = next((PROGRAM / "installer" / "vendor").glob("pip-*.whl"))
    command = [interpreter(), wheel / "pip"]
    folder = wheel_dir()
    if folder:
        command += ["--isolated", "install", "--no-index", "--find-links", folder]
    else:
        command += ["install", "--retries", "2"]
    command += ["--build-constraint", LISTS / "build.txt"]
    return [
        *command,
        "--disable-pip-version-check",
        "--no-input",
        "--require-hashes",
        "--progress-bar",
        "off",
        "-r",
        LISTS / f"{name}.txt",
    ]


def _pip_environment() -> dict[str, str]:
    return {**os.environ, "PIP_ROOT_USER_ACTION": "ignore", "LC_ALL": "C.UTF-8"}


def _failure(name: str, output: str, log: Log) -> str:
    if "DO NOT MATCH THE HASHES" in output:
        return (
            "A downloaded package is not the one this version was made with; nothing was installed."
        )
    if any(sign in output for sign in NETWORK_SIGNS):
        return (
            "The package index can't be reached; connect this machine to the network, "
            "or put the packages into installer/wheels, and run this again."
        )
    if wheel_dir() and "No matching distribution" in output:
        return (
            f"A package of {name}.txt is missing in {wheel_dir()}. The details are in {log.path}."
        )
    return reason_for(output, f"The packages of {name}.txt can't be installed.", log)


def _digest(name: str) -> str:
    text = (LISTS / f"{name}.txt").read_bytes() + (python_version() or "").encode()
    return hashlib.sha256(text).hexdigest()


def _marker_file() -> Path:
    return venv_dir() / "clinic-packages.json"


def _marker() -> dict[str, str]:
    try:
        return json.loads(_marker_file().read_text())
    except (FileNotFoundError, ValueError):
        return {}


def _note(installed: dict[str, str]) -> None:
    _marker_file().write_text(json.dumps(installed, indent=1))
