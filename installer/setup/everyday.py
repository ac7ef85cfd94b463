"""`clinic start`, `stop`, `status` and `manage`, and what the other verbs ask about an instance."""

import subprocess
from argparse import Namespace

from installer.setup import (
    control,
    envfile,
    going_back,
    instances,
    mariadb_private,
    ownership,
    service,
    versions,
    words,
)
from installer.setup.errors import SetupError
from installer.setup.fronts import service_environment
from installer.setup.options import DEFAULT_PORT, Parser, data_dir, instance_name
from installer.setup.paths import (
    PROGRAM,
    USUAL_INSTANCE,
    DataDir,
    interpreter,
    usual_data_dir,
)
from installer.setup.run import Log


def parser(verb: str, **settings) -> Parser:
    made = Parser(prog=f"clinic {verb}", **settings)
    made.add_argument("--instance", type=instance_name, metavar="NAME", help="this one alone")
    made.add_argument(
        "--data-dir", type=data_dir, metavar="DIR", help="the one whose data lie here"
    )
    return made


def parse(verb: str, arguments: list[str]) -> Namespace:
    return parser(verb).parse_args(arguments)


def named(options: Namespace) -> list[DataDir]:
    """The instance that was named, or all of them."""
    if options.data_dir:
        return [DataDir(options.data_dir)]
    if options.instance:
        return [instances.find(options.instance).data]
    return all_instances()


def all_instances() -> list[DataDir]:
    return [one.data for one in instances.all_instances()]


def one(options: Namespace) -> DataDir:
    """The instance that was named, or the only one."""
    found = named(options)
    if len(found) > 1 and DataDir(usual_data_dir(USUAL_INSTANCE)) in found:
        return DataDir(usual_data_dir(USUAL_INSTANCE))
    if not found:
        _nothing()
    if len(found) != 1:
        raise SetupError("Say which clinic with --instance NAME; `clinic list` names them.")
    require_installed(found[0])
    return found[0]


def require_installed(data: DataDir) -> None:
    if not data.env.exists():
        raise SetupError(f"Nothing is installed in {data.root}.")


def port(data: DataDir) -> int:
    noted = (control.running(data) or {}).get("port")
    return int(noted or envfile.read(data.env).get("CLINIC_PORT", DEFAULT_PORT))


def is_running(data: DataDir) -> bool:
    return control.running(data) is not None


def start(data: DataDir) -> None:
    """By its service where it has one; returns when it answers."""
    if is_running(data):
        return
    if service.installed(data):
        service.start_unit(data, port(data))
    else:
        control.start_in_background(data, port(data))


def start_anew(data: DataDir, log: Log) -> None:
    """As another version: a service learns how that one is started."""
    if service.installed(data):
        service.start(data, port(data), log)
    else:
        start(data)


def stop(data: DataDir) -> bool:
    """False when it did not run."""
    return instances.halt(data)


def start_verb(arguments: list[str]) -> int:
    for data in named(parse("start", arguments)) or [_nothing()]:
        require_installed(data)
        going_back.settle(data)
        start(data)
        words.say(f"{data.root} is served at https://localhost:{port(data)}.")
    return 0


def stop_verb(arguments: list[str]) -> int:
    for data in named(parse("stop", arguments)) or [_nothing()]:
        require_installed(data)
        words.say(f"{data.root} is stopped." if stop(data) else f"{data.root} was not running.")
    return 0


def status(arguments: list[str]) -> int:
    """One line each; exit status 3 when one of them does not answer, like systemctl's."""
    well = True
    for data in named(parse("status", arguments)) or [_nothing()]:
        require_installed(data)
        sentence, answers = _state(data)
        words.say(sentence)
        well = well and answers
    return 0 if well else 3


def _state(data: DataDir) -> tuple[str, bool]:
    last = versions.remembered(data)
    version = last.version if last else versions.version()
    if going_back.journal(data):
        return f"{data.root}: an upgrade is under way or was broken off; version {version}.", False
    if not is_running(data):
        return f"{data.root}: stopped, version {version}.", False
    where = f"https://localhost:{port(data)}"
    if control.answers(data, port(data)):
        return f"{data.root}: running at {where}, version {version}.", True
    return f"{data.root}: running, but {where} does not answer; version {version}.", False


def _nothing() -> DataDir:
    if instances.hidden():
        raise SetupError("The clinic belongs to the whole machine; put sudo before the command.")
    raise SetupError("Nothing is installed here yet; run `clinic install` first.")


def manage(arguments: list[str]) -> int:
    """`clinic manage [--instance NAME] COMMAND ...`: a management command of an instance."""
    known = parser("manage", add_help=False, allow_abbrev=False)
    options, rest = known.parse_known_args(arguments)
    data = one(options)
    program = versions.folder_of(data)
    if program:
        named = ["--data-dir", str(data.root)]
        command = versions.command(program, "manage", *named, *rest)
        return subprocess.call(command, **ownership.run_as_owner(data))
    versions.refuse_newer(data)
    with ownership.as_owner(data), mariadb_private.awake(data):
        return subprocess.call(
            [str(interpreter()), str(PROGRAM / "manage.py"), *rest],
            env=service_environment(data),
            cwd=PROGRAM,
            **ownership.run_as_owner(data),
        )
