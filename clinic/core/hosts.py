"""The names under which browsers may ask for us; the machine may get another one any day."""

import os
from collections.abc import Iterator
from pathlib import Path


class GrowingHosts(list):
    """ALLOWED_HOSTS as they were at the start, and what set-up's housekeeping wrote into `.env`
    since: a new address of the machine must not wait for a restart."""

    def __init__(self, hosts: list[str], env_file: Path, name: str):
        super().__init__(hosts)
        self._file, self._name = env_file, name
        self._stamp = self._stamp_now()
        self._added: list[str] = []

    def __iter__(self) -> Iterator[str]:
        stamp = self._stamp_now()
        if stamp != self._stamp:
            self._stamp, self._added = stamp, self._listed()
        yield from super().__iter__()
        yield from self._added

    def _stamp_now(self) -> tuple[int, int] | None:
        try:
            state = os.stat(self._file)
        except OSError:
            return None
        return state.st_mtime_ns, state.st_ino

    def _listed(self) -> list[str]:
        try:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
        values = [line.partition("=")[2] for line in lines if line.startswith(f"{self._name}=")]
        return [host for value in values for host in value.strip("'\"").split(",") if host]
