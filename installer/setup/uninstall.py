"""install.sh --uninstall: programs and service go, data stay."""

import os
import shutil

from installer.setup import control, service
from installer.setup.paths import DataDir, venv_dir


def uninstall(data: DataDir) -> int:
    """Stop what runs, remove the service and the virtual environment, touch no data."""
    if service.remove(data):
        print("Service removed.")
    if control.stop(data):
        print("Stopped.")
    if not os.environ.get("CLINIC_VENV") and venv_dir().exists():
        shutil.rmtree(venv_dir())
        print(f"Removed {venv_dir()}.")
    if data.env.exists():
        print(f"All data were kept in {data.root}; delete that folder yourself if they may go.")
    else:
        print(f"There was no installation in {data.root}.")
    return 0
