"""The steps of set-up. Each looks first whether its work is done, so that it may run again."""

import os
import secrets
import shutil
from pathlib import Path

from installer.setup import (
    certificates,
    control,
    envfile,
    going_back,
    instances,
    listeners,
    mariadb_private,
    ownership,
    packages,
    service,
    sheet,
    versions,
)
from installer.setup.database import check_connection, database_settings
from installer.setup.fingerprint import fingerprint, static_fingerprint
from installer.setup.machine import allowed_hosts, served_names
from installer.setup.paths import PROGRAM, package, venv_dir
from installer.setup.steps import Step
from installer.setup.way_back import WayBack
from installer.setup.work import Work

EMPTY = PROGRAM / "empty.sqlite3"
COLLECTED = PROGRAM / "collected"  # a package brings them made
LOCK_FILE = "CLINIC_KEYRING_PASSPHRASE_FILE"


# --- before anything is touched that people work with --------------------------------------------


def remember_as_it_is(work: Work) -> None:
    """The small files that later steps may change, for taking back."""
    tls = ("ca.key", "ca.crt", "server.key", "server.crt")
    paths = [work.data.env, work.data.keyring, *(work.data.tls / name for name in tls)]
    for path in [*paths, *filter(None, [work.passphrase_file])]:
        work.was[path] = path.read_bytes() if path.exists() else None


def put_back(work: Work, *paths: Path) -> None:
    for path in paths:
        content = work.was.get(path)
        if path.exists() and content != path.read_bytes():
            mode = path.stat().st_mode & 0o777
            path.chmod(0o600)  # Windows removes nothing that is read-only
            path.unlink()
            if content is not None:
                envfile.replace_file(path, content, mode)


def get_packages(work: Work) -> None:
    with ownership.as_root():
        packages.ensure_venv(work.log)
        packages.ensure_list("runtime", work.log)
        if work.elsewhere or work.own_server:
            packages.ensure_mysql_driver(work.log)


def make_server(work: Work) -> None:
    work.options.database_url = mariadb_private.prepare(work.data, work.log)


def write_settings(work: Work) -> None:
    """The .env file; an option that was given overrides what is stored, hosts only grow."""
    old = work.settings
    hosts = [host for host in old.get("CLINIC_ALLOWED_HOSTS", "").split(",") if host]
    outside = listeners.hosts({**old, **work.public_options})
    new = {
        "CLINIC_SECRET_KEY": old.get("CLINIC_SECRET_KEY") or envfile.new_secret(),
        "CLINIC_INSTANCE": work.name,
        **({"CLINIC_PRACTICE": "True"} if work.is_practice else {}),
        "CLINIC_PORT": str(work.port),
        "CLINIC_ALLOWED_HOSTS": ",".join(
            dict.fromkeys(hosts + allowed_hosts(served_names()) + outside)
        ),
        **work.public_options,
        **database_settings(work.options.database_url, old, work.data),
        **({LOCK_FILE: str(work.passphrase_file)} if work.passphrase_file else {}),
    }
    if not work.own_server and new.get("DATABASE_URL", old.get("DATABASE_URL")) != old.get(
        "DATABASE_URL"
    ):
        new |= check_connection(new["DATABASE_URL"], work.log)
    envfile.write(work.data.env, new)
    instances.remember(work.data)
    work.settings = {**old, **new}


def forget_settings(work: Work) -> None:
    work.app.close()
    put_back(work, work.data.env)
    if not work.data.env.exists():
        instances.forget(work.data)


def make_keys(work: Work) -> None:
    """A package brings a database with all tables and nothing in them: it is copied before the
    application opens one, and saves seconds."""
    database = work.data.root / "db.sqlite3"
    if EMPTY.is_file() and "DATABASE_URL" not in work.settings and not database.exists():
        envfile.replace_file(database, EMPTY.read_bytes())
    failure = "The key ring can't be made or opened."
    if work.passphrase_file and not work.passphrase_file.exists():
        envfile.replace_file(work.passphrase_file, secrets.token_urlsafe(32).encode() + b"\n")
    work.app.manage("keyring", "init", failure=failure)
    if work.passphrase_file and '"wrap": "none"' in work.data.keyring.read_text(encoding="utf-8"):
        given = ("--passphrase-file", str(work.passphrase_file))
        work.app.manage("keyring", "wrap", *given, failure=failure)


def make_certificate(work: Work) -> None:
    def passphrases() -> str:
        failure = "The certificate's keys can't be asked for."
        return work.app.manage("authority_passphrases", failure=failure, secret=True)

    if certificates.ensure(work.data, check_lock=True, passphrases=passphrases):
        work.running = work.running and {**work.running, "fingerprint": "old certificate"}


def changes(work: Work) -> bool:
    """False when it runs already, with this very code and these settings."""
    same = work.running and work.running.get("fingerprint") == fingerprint(work.data)
    return not same or work.wants_demo or work.options.service


# --- the data -----------------------------------------------------------------------------------


def stop(work: Work) -> None:
    instances.halt(work.data)
    work.running = None


def start_again(work: Work) -> None:
    _start(work)


def is_older(work: Work) -> bool:
    """Data of an earlier program, which are kept before they are brought up to date."""
    return (
        not work.fresh
        and (work.elsewhere or work.own_server or (work.data.root / "db.sqlite3").exists())
        and bool(work.app.ask("migrate", "--check")["status"])
    )


def keep_data(work: Work) -> None:
    work.way_back = WayBack(work.data, work.log, was_running=work.was_running)
    work.way_back.begin(work.app)
    work.way_back.backup()
    going_back.keep_program_files(work.data)
    work.way_back.changing()


def put_data_back(work: Work) -> None:
    """As they were before they were brought up to date; nothing else wrote to them meanwhile."""
    work.app.close()
    if going_back.journal(work.data):
        going_back.recover(work.data, work.log)


def bring_database_up_to_date(work: Work) -> None:
    failure = "The database can't be brought up to date."
    command = ("make_tables",) if work.fresh else ("migrate", "--noinput")
    work.app.manage(*command, failure=failure)


def remember_version(work: Work) -> None:
    if work.way_back:
        work.way_back.starting()
    else:
        versions.remember(work.data)


def write_roles(work: Work) -> None:
    work.app.manage("sync_roles", failure="The roles can't be written.")


def load_dictionaries(work: Work) -> None:
    said = work.app.manage("load_reference_data", failure="The dictionaries can't be loaded.")
    for line in said.splitlines():
        name, _, count = line.rpartition(": ")
        if count.isdigit():
            work.loaded[name] = int(count)


def make_demo(work: Work) -> None:
    password = os.environ.get("CLINIC_DEMO_PASSWORD")
    if not password:
        password = work.demo_password = secrets.token_urlsafe(12)
    failure = "The demo clinic can't be made."
    work.app.manage("demo_data", failure=failure, CLINIC_DEMO_PASSWORD=password)
    envfile.write(work.data.env, {"CLINIC_DEMO": "True"})
    work.settings["CLINIC_DEMO"] = "True"


def make_administrator(work: Work) -> None:
    """The password is on the disk before there is the account: no power cut locks people out."""
    stored = work.first / "password"
    if not stored.exists():
        work.first.mkdir(mode=0o700, exist_ok=True)
        envfile.replace_file(stored, secrets.token_urlsafe(9).encode())
    given = ("--password-file", str(stored))
    failure = "The administrator can't be made."
    if work.app.manage("create_first_admin", *given, failure=failure, secret=True).strip():
        work.one_time_password = stored.read_text(encoding="ascii")
    else:  # there is one, and the password is no longer that one
        shutil.rmtree(work.first)


def collect_static(work: Work) -> None:
    """Hash and compress the static files, unless they were made from these very files."""
    if package():
        return  # brings them along
    mark, now = work.data.static / ".made-from", static_fingerprint()
    if mark.is_file() and mark.read_text() == now:
        return
    failure = "The static files can't be collected."
    work.app.manage("collectstatic", "--noinput", failure=failure)
    mark.write_text(now)


def write_sheets(work: Work) -> None:
    sheet.write(work)


# --- at work ------------------------------------------------------------------------------------


def start(work: Work) -> None:
    work.app.close()
    _start(work)


def _start(work: Work) -> None:
    if work.options.service or service.installed(work.data):
        service.start(work.data, work.port, work.log)
    else:
        control.start_in_background(work.data, work.port)


def stop_again(work: Work) -> None:
    if not work.was_running:
        service.remove(work.data)
    control.stop(work.data)


STEPS = [
    Step(
        "packages",
        lambda work: f"Packages in {venv_dir()}",
        get_packages,
        wanted=lambda work: not package(),
    ),
    Step(
        "server",
        "A database server of its own",
        make_server,
        wanted=lambda work: work.options.database == "mariadb",
    ),
    Step(
        "settings",
        lambda work: f"Settings in {work.data.root}",
        write_settings,
        undo=forget_settings,
    ),
    Step("keys", "Keys", make_keys, undo=lambda work: put_back(work, work.data.keyring)),
    Step(
        "certificate",
        "Certificate",
        make_certificate,
        undo=lambda work: put_back(work, *work.data.tls.iterdir()),
    ),
    Step(
        "stop",
        "Stopping the running clinic",
        stop,
        undo=start_again,
        wanted=lambda work: work.running and changes(work),
    ),
    Step(
        "keep",
        "Keeping the data as they are",
        keep_data,
        undo=put_data_back,
        wanted=lambda work: changes(work) and is_older(work),
    ),
    Step("database", "Database", bring_database_up_to_date, wanted=changes),
    Step("roles", "Roles", write_roles, wanted=changes),
    Step("dictionaries", "Drug library, diagnoses and codes", load_dictionaries, wanted=changes),
    Step("demo", "Demo clinic", make_demo, wanted=lambda work: work.wants_demo),
    Step("administrator", "First administrator", make_administrator, wanted=changes),
    Step(
        "static",
        "Static files",
        collect_static,
        wanted=lambda work: changes(work) and not COLLECTED.is_dir(),
    ),
    Step("sheet", "Sheets to print", write_sheets, wanted=lambda work: work.one_time_password),
    Step("version", "Version", remember_version, wanted=changes),
    Step(
        "start",
        "Starting",
        start,
        undo=stop_again,
        wanted=lambda work: changes(work) and not work.options.no_start,
    ),
]
