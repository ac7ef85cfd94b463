"""A verb of a version folder that is killed, as by a power cut, at the point that is named:
`python dying.py APP POINT VERB ...`."""

import os
import signal
import sys

sys.path.insert(0, sys.argv[1])

from installer.setup import control, going_back, verbs, versions  # noqa: E402
from installer.setup.application import Application  # noqa: E402


def die_after(owner, name: str, wanted=lambda *args, **kwargs: True) -> None:
    """The next call of `owner.name` that is `wanted` is the last thing that happens."""
    original = getattr(owner, name)

    def deadly(*args, **kwargs):
        result = original(*args, **kwargs)
        if wanted(*args, **kwargs):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, deadly)


def is_command(name: str):
    return lambda _app, *command, **_kwargs: command[0] == name


def is_state(name: str):
    return lambda _note, _data, **changes: changes.get("state") == name


POINTS = {
    "begun": lambda: die_after(going_back.Journal, "note"),
    "backup": lambda: die_after(Application, "manage", is_command("backup")),
    "copied": lambda: die_after(going_back, "keep_data"),
    "changing": lambda: die_after(going_back.Journal, "note", is_state(going_back.CHANGING)),
    "migrated": lambda: die_after(Application, "manage", is_command("migrate")),
    "remembered": lambda: die_after(versions, "remember"),
    "starting": lambda: die_after(going_back.Journal, "note", is_state(going_back.STARTING)),
    "started": lambda: die_after(control, "answers", is_served),
    "put back": lambda: die_after(going_back, "put_back"),
    "half put back": lambda: die_after(going_back.shutil, "rmtree", is_checkpoints),
}


def is_checkpoints(path, **_kwargs) -> bool:
    return str(path).endswith("/" + going_back.CHECKPOINTS)


def is_served(data, *_args, **_kwargs) -> bool:
    """Before that the server itself would find an upgrade that nobody is working on."""
    return control.running(data) is not None


if __name__ == "__main__":
    POINTS[sys.argv[2]]()
    sys.exit(verbs.main(sys.argv[3:]))
