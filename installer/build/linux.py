"""The Linux packages."""

from argparse import Namespace
from pathlib import Path

from installer.setup.errors import SetupError


def build(options: Namespace) -> list[Path]:
    raise SetupError("The Linux package can't be built yet.")


def build_runtime(options: Namespace) -> list[Path]:
    raise SetupError("The Linux runtime can't be built yet.")
