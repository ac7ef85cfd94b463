"""install.sh: from a checkout and a bare Python to a clinic that answers over HTTPS."""

import contextlib
import os
import secrets
import time
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass, field

from installer.setup import certificates, control, envfile, listeners, packages, service, words
from installer.setup.database import check_connection, database_settings
from installer.setup.errors import SetupError
from installer.setup.fingerprint import fingerprint
from installer.setup.fronts import service_environment
from installer.setup.machine import (
    DATA_MB,
    VENV_MB,
    allowed_hosts,
    lan_addresses,
    require_disk,
    require_port,
    served_names,
)
from installer.setup.options import DEFAULT_PORT, database_url, install_parser, with_data_dir
from installer.setup.paths import PROGRAM, DataDir, interpreter, venv_dir
from installer.setup.run import Log, must_run
from installer.setup.system import is_root, take_lock
from installer.setup.uninstall import uninstall


@dataclass
class Work:
    """One run of install.sh."""

    options: Namespace
    data: DataDir
    log: Log
    settings: dict[str, str]
    running: dict | None
    secrets_to_print: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        stored = self.settings.get("CLINIC_PORT", DEFAULT_PORT)
        return self.options.port or int((self.running or {}).get("port") or stored)

    @property
    def is_practice(self) -> bool:
        """Invented people from its first day on; a real clinic never becomes one."""
        flags = (self.settings.get(name) for name in ("CLINIC_PRACTICE", "CLINIC_DEMO"))
        empty = not self.settings and not (self.data.root / "db.sqlite3").exists()
        return "True" in flags or (self.options.demo and empty)

    @property
    def wants_demo(self) -> bool:
        return self.options.demo and "CLINIC_DEMO" not in self.settings


def install(arguments: list[str]) -> int:
    """Every step looks first whether its work is done already, so that it may be run again."""
    options = with_data_dir(install_parser().parse_args(arguments))
    data = DataDir(options.data_dir)
    refuse_contradictions(options)
    if options.uninstall:
        return uninstall(data)
    os.umask(0o077)
    if options.database_url:
        options.database_url = database_url(options.database_url)
    work = look_around(options, data)
    with one_at_a_time(data):
        prepare(work)
        if nothing_to_do(work):
            words.say(f"The clinic is installed and running at https://localhost:{work.port}.")
            return 0
        if work.running:
            with step("Stopping the running clinic"):
                control.stop(data)
        set_up(work)
        start(work)
    return 0


def refuse_contradictions(options: Namespace) -> None:
    if options.database == "mariadb":
        raise SetupError(
            "--database mariadb is not offered yet; set a MariaDB server up yourself and give "
            "its address as --database-url mysql://user:password@host/name."
        )
    if options.service and options.no_start:
        raise SetupError("--service starts the clinic, --no-start doesn't; give only one of them.")
    if options.service:
        service.require_systemd()
    changing = (options.demo, options.port, options.instance, options.database_url,
                options.no_start, options.service, *public_options(options).values())  # fmt: skip
    if options.uninstall and any(changing):
        raise SetupError("--uninstall goes with --data-dir only.")


def public_options(options: Namespace) -> dict[str, str]:
    """What was said this time about the pages on ports of their own, as `.env` keeps it."""
    given = {
        "CLINIC_PUBLIC_URL": options.public_url,
        "CLINIC_PUBLIC_PORT": options.public_port,
        "CLINIC_PUBLIC_PROXY": options.public_proxy,
        "CLINIC_PUBLIC_PROXIES": options.public_proxies,
        "CLINIC_SCREEN_PORT": options.screen_port,
    }
    return {name: str(value) for name, value in given.items() if value is not None}


def look_around(options: Namespace, data: DataDir) -> Work:
    """Refuse what can't work before anything is changed."""
    data.refuse_foreign()
    settings = envfile.read(data.env)
    work = Work(options, data, Log(data.logs / "install.log"), settings, control.running(data))
    if options.demo and not work.is_practice:
        raise SetupError(
            f"{data.root} holds a real clinic; practise beside it, for instance with --demo "
            f"--data-dir {data.root}-practice --port {work.port + 1}."
        )
    with step("Checking disk and port"):
        require_disk(venv_dir(), 20 if interpreter().exists() else VENV_MB)
        require_disk(data.root, DATA_MB)
        if not options.no_start and (work.running or {}).get("port") != work.port:
            require_port(work.port)
        require_own_port(work)
    data.create()
    return work


def require_own_port(work: Work) -> None:
    """The pages for patients and screens need ports that nobody else has."""
    taken = {work.port}
    for one in listeners.wanted({**work.settings, **public_options(work.options)}):
        if one.port in taken:
            raise SetupError(
                f"Port {one.port} is the clinic's own; choose another one with --{one.name}-port."
            )
        taken.add(one.port)
        if not work.options.no_start and not work.running:
            require_port(one.port, option=f"--{one.name}-port")


@contextlib.contextmanager
def one_at_a_time(data: DataDir) -> Iterator[None]:
    lock = os.open(data.run / "install.lock", os.O_RDWR | os.O_CREAT, 0o600)
    if not take_lock(lock):
        os.close(lock)
        raise SetupError(f"Another set-up is at work in {data.root}; wait for it.")
    try:
        yield
    finally:
        os.close(lock)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """One line per step, with its time, so that a person sees that something happens."""
    words.say(title, end=" ... ")
    began = time.monotonic()
    try:
        yield
    except BaseException:
        words.finish("failed")
        raise
    words.finish(f"done ({time.monotonic() - began:.1f} s)")


def prepare(work: Work) -> None:
    """Packages, settings, keys and certificate: what is there already stays as it is."""
    with step(f"Packages in {venv_dir()}"):
        packages.ensure_venv(work.log)
        packages.ensure_list("runtime", work.log)
        if work.options.database_url or "DATABASE_URL" in work.settings:
            packages.ensure_mysql_driver(work.log)
    with step(f"Settings in {work.data.root}"):
        write_settings(work)
    with step("Keys and certificate"):
        manage(work, "keyring", "init", failure="The key ring can't be made or opened.")
        if certificates.ensure(work.data, check_lock=True):
            work.running = work.running and {**work.running, "fingerprint": "old certificate"}


def write_settings(work: Work) -> None:
    """The .env file; an option that was given overrides what is stored, hosts only grow."""
    old = work.settings
    hosts = [host for host in old.get("CLINIC_ALLOWED_HOSTS", "").split(",") if host]
    outside = listeners.hosts({**old, **public_options(work.options)})
    new = {
        "CLINIC_SECRET_KEY": old.get("CLINIC_SECRET_KEY") or envfile.new_secret(),
        "CLINIC_INSTANCE": work.options.instance or old.get("CLINIC_INSTANCE", usual_name(work)),
        **({"CLINIC_PRACTICE": "True"} if work.is_practice else {}),
        "CLINIC_PORT": str(work.port),
        "CLINIC_ALLOWED_HOSTS": ",".join(
            dict.fromkeys(hosts + allowed_hosts(served_names()) + outside)
        ),
        **public_options(work.options),
        **database_settings(work.options.database_url, old, work.data),
    }
    if new.get("DATABASE_URL") and new.get("DATABASE_URL") != old.get("DATABASE_URL"):
        check_connection(new["DATABASE_URL"], work.log)
    envfile.write(work.data.env, new)
    work.settings = {**old, **new}


def usual_name(work: Work) -> str:
    """Cookies know no ports: beside a real clinic on the same machine a name of its own is due."""
    return "practice" if work.is_practice else "clinic"


def nothing_to_do(work: Work) -> bool:
    """Running, with this very code and these settings."""
    same = work.running and work.running.get("fingerprint") == fingerprint(work.data)
    return bool(same and not work.wants_demo and not work.options.service)


def set_up(work: Work) -> None:
    """Database, roles, people, static files."""
    with step("Database"):
        manage(work, "migrate", "--noinput", failure="The database can't be brought up to date.")
        manage(work, "sync_roles", failure="The roles can't be written.")
        manage(work, "load_reference_data", failure="The dictionaries can't be loaded.")
    if work.wants_demo:
        with step("Demo clinic"):
            demo_data(work)
    with step("First administrator"):
        password = manage(
            work, "create_first_admin", failure="The administrator can't be made.", secret=True
        ).strip()
        if password:  # nothing is printed when there is an administrator already
            work.secrets_to_print.append(f"Administrator: admin, one-time password: {password}")
    with step("Static files"):
        collect_static(work)
    print_secrets(work)


def manage(work: Work, *command: str, failure: str, secret=False, **extra: str) -> str:
    """Run a management command of the installation."""
    return must_run(
        [interpreter(), PROGRAM / "manage.py", *command],
        failure=failure,
        log=work.log,
        secret=secret,
        env={**service_environment(work.data), **extra},
        cwd=PROGRAM,
    )


def demo_data(work: Work) -> None:
    password = os.environ.get("CLINIC_DEMO_PASSWORD")
    if not password:
        password = secrets.token_urlsafe(12)
        work.secrets_to_print.append(f"Password of all demo accounts: {password}")
    manage(
        work, "demo_data", failure="The demo clinic can't be made.", CLINIC_DEMO_PASSWORD=password
    )
    envfile.write(work.data.env, {"CLINIC_DEMO": "True"})


def collect_static(work: Work) -> None:
    """Hash and compress the static files, unless they were made from this very code."""
    mark, now = work.data.static / ".made-from", fingerprint(work.data)
    if mark.is_file() and mark.read_text() == now:
        return
    manage(work, "collectstatic", "--noinput", failure="The static files can't be collected.")
    mark.write_text(now)


def print_secrets(work: Work) -> None:
    """Shown once, on the terminal only; said before starting, so that they are never lost."""
    for line in work.secrets_to_print:
        words.say(f"  {line}")


def start(work: Work) -> None:
    """As a service, in the background, or not at all; and say where it is."""
    where = f"https://localhost:{work.port}"
    if work.options.no_start:
        words.say(f"Installed. Start it with ./installer/serve.sh --data-dir {work.data.root}")
        warn_about_root(work)
        return
    with step("Starting"):
        if work.options.service or service.installed(work.data):
            service.start(work.data, work.port, work.log)
        else:
            control.start_in_background(work.data, work.port)
    words.say(f"The clinic is at {where}")
    for address in lan_addresses():
        words.say(f"  for other computers: https://{allowed_hosts([address])[0]}:{work.port}")
    words.say(f"  browsers trust it once they know {work.data.tls / 'ca.crt'}")
    for address in listeners.screen_addresses(work.settings):
        words.say(f"  for screens in the waiting room: {address}/display/")
    for one in listeners.public(work.settings):
        words.say(
            f"  for the reverse proxy of {one.host}: http://{one.address}:{one.port}/booking/"
        )
    if not service.installed(work.data):
        words.say("  nothing starts it again after a restart of this machine (--service does)")
    warn_about_root(work)


def warn_about_root(work: Work) -> None:
    """A service has an account of its own; everything else runs as whoever starts it."""
    if is_root() and not service.installed(work.data):
        words.say("  it runs as root: an intruder would own this machine; --service changes that")
