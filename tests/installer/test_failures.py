"""Every failure of the scripts ends with one plain sentence and a non-zero status."""

import os
import subprocess
import sys

import pytest

from tests.installer.tools import CHECKOUT, VENV, environment, one_sentence, script

USED = environment(CLINIC_VENV=VENV)


def install(*arguments, checkout=CHECKOUT, **kwargs):
    return script(checkout, "install.sh", *arguments, env=kwargs.pop("env", USED), **kwargs)


@pytest.mark.parametrize("name", ["install.sh", "serve.sh", "test.sh"])
def test_a_machine_without_a_usable_python_is_told_so(name):
    done = script(CHECKOUT, name, env=environment(CLINIC_PYTHON="/bin/false"))

    assert one_sentence(done)
    assert "No Python 3.10 to 3.13" in done.stderr


def test_a_minimal_python_is_passed_over_for_one_that_knows_sqlite(tmp_path):
    minimal = tmp_path / "python3"
    minimal.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "import sys; sys.modules[\'sqlite3\'] = None; $2"\n'
    )
    minimal.chmod(0o755)

    done = subprocess.run(
        ["sh", "-c", '. installer/find-python.sh; echo "$python"'],
        cwd=CHECKOUT,
        env=environment(CLINIC_PYTHON=f"{minimal} {sys.executable}"),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == sys.executable


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--nonsense"], "no such option: --nonsense"),
        (["--port", "clinic"], "clinic is no port"),
        (["--port", "70000"], "70000 is no port"),
        (["--port", "８４４３"], "is no port"),
        (["--instance", "Our Clinic!"], "is no instance name"),
        (["--data-dir", "/tmp/a$b"], "can't name the data directory"),
        (["--data-dir", ""], "can't name the data directory"),
        (["--data-dir", "/"], "can't be the data directory"),
        (["--data-dir", "/etc"], "holds other things"),
        (["--data-dir", "/etc/passwd"], "is a file"),
        (["--data-dir", "/proc/clinic"], "MB free"),
        (["--database", "mariadb", "--database-url", "mysql://a:b@h/c"], "give only one of them"),
        (["--database-url", "postgres://a/b"], "--database-url takes mysql://"),
        (["--database-url", "sqlite:///x"], "--database-url takes mysql://"),
        (["--service", "--no-start"], "give only one of them"),
        (["--uninstall", "--demo"], "goes with --data-dir only"),
    ],
)
def test_a_wrong_option_is_refused_in_one_sentence(arguments, words, tmp_path):
    data = [] if "--data-dir" in arguments else ["--data-dir", str(tmp_path / "data")]

    done = install(*arguments, *data)

    assert one_sentence(done), done.stderr
    assert words in done.stderr
    assert not (tmp_path / "data").exists()


def test_serving_what_is_not_installed_is_refused(tmp_path):
    done = script(CHECKOUT, "serve.sh", "--data-dir", tmp_path / "data", env=USED)

    assert one_sentence(done)
    assert "Nothing is installed" in done.stderr


def test_help_is_help_and_not_a_failure():
    done = install("--help")

    assert done.returncode == 0
    assert "--data-dir" in done.stdout


def test_a_database_that_does_not_answer_is_refused_without_its_password(checkout, tmp_path):
    url = "mysql://clinic:Top-Secret-1@127.0.0.1:1/clinic"

    options = ("--no-start", "--database-url", url, "--data-dir", tmp_path / "data")
    done = install(*options, checkout=checkout)

    assert one_sentence(done), done.stderr
    assert "The database on 127.0.0.1 can't be used" in done.stderr
    written = [p.read_text() for p in (tmp_path / "data").rglob("*") if p.is_file()]
    assert "Top-Secret-1" not in "".join([done.stdout, done.stderr, *written])


def test_an_unfinished_set_up_can_be_run_again(checkout, tmp_path):
    """A refused database leaves a data directory behind; it is not taken for a foreign one."""
    url = "mysql://a:b@127.0.0.1:1/c"
    arguments = ["--no-start", "--data-dir", tmp_path / "data", "--database-url", url]
    first = install(*arguments, checkout=checkout)

    second = install(*arguments, checkout=checkout)

    assert first.stderr == second.stderr


@pytest.mark.installer
def test_no_network_is_said_in_one_sentence(checkout, tmp_path):
    nowhere = environment(
        PIP_CONFIG_FILE=os.devnull, PIP_INDEX_URL="https://127.0.0.1:1/simple", PIP_NO_CACHE_DIR="1"
    )

    done = script(checkout, "install.sh", "--no-start", "--data-dir", tmp_path / "d", env=nowhere)

    assert one_sentence(done), done.stderr
    assert "package index can't be reached" in done.stderr


@pytest.mark.installer
def test_a_full_disk_is_said_in_one_sentence(checkout, tmp_path):
    """On a file system of 4 MB, in a mount namespace of its own."""
    data = tmp_path / "small"
    data.mkdir()
    command = f'mount -t tmpfs -o size=4m tmpfs "{data}" && exec "$@"'

    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", command, "sh",
         str(checkout / "installer" / "install.sh"), "--no-start", "--data-dir", str(data)],
        env=USED, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip

    assert one_sentence(done), done.stderr
    assert "MB free" in done.stderr


@pytest.mark.installer
def test_packages_come_from_a_folder_without_any_network(checkout, tmp_path):
    """The folder is filled once from the index; then the index is out of reach."""
    wheels = tmp_path / "wheels"
    lists = checkout / "installer" / "requirements"
    pip = next((checkout / "installer" / "vendor").glob("pip-*.whl")) / "pip"
    subprocess.run(
        [f"{VENV}/bin/python", pip, "download", "-q", "--require-hashes",
         "-r", lists / "runtime.txt", "-d", wheels],
        check=True, env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )  # fmt: skip
    offline = environment(
        CLINIC_WHEELS=str(wheels),
        HTTPS_PROXY="http://127.0.0.1:1",
        HTTP_PROXY="http://127.0.0.1:1",
    )

    done = script(checkout, "install.sh", "--no-start", "--data-dir", tmp_path / "d", env=offline)

    assert done.returncode == 0, done.stderr
    assert (checkout / ".venv" / "bin" / "gunicorn").exists()
