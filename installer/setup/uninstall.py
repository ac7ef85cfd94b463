"""install.sh --uninstall: programs and service go, data stay."""

import os
import shutil

from installer.setup import control, service, words
from installer.setup.paths import DataDir, venv_dir


def uninstall(data: DataDir) -> int:
    """Stop what runs, remove the service and the virtual environment, touch no data."""
    if service.remove(data):
        words.say("Service removed.")
    if control.stop(data):
        words.say("Stopped.")
    if not os.environ.get("CLINIC_VENV") and venv_dir().exists():
        shutil.rmtree(venv_dir())
        words.say(f"Removed {venv_dir()}.")
    if data.env.exists():
        words.say(f"All data were kept in {data.root}; delete that folder yourself if they may go.")
    else:
        words.say(f"There was no installation in {data.root}.")
    return 0
