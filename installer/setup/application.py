"""The application's own commands, as set-up asks for them: all in one process (inside.py)."""

import contextlib
import json
import subprocess
from pathlib import Path

from installer.setup import mariadb_private, ownership
from installer.setup.errors import SetupError
from installer.setup.fronts import service_environment
from installer.setup.paths import PROGRAM, DataDir, interpreter
from installer.setup.run import Log, reason_for

INSIDE = Path(__file__).resolve().parent / "inside.py"


class Application:
    """Started with the first command; sees the settings of that moment until `close`."""

    def __init__(self, data: DataDir, log: Log, **environment: str):
        self.data, self.log, self.environment = data, log, environment
        self._process: subprocess.Popen | None = None
        self._database = contextlib.ExitStack()  # a server of its own that was woken for it

    def manage(self, *command: str, failure: str, secret: bool = False, **env: str) -> str:
        """Run a management command; what it printed, or `failure` as a sentence."""
        answer = self.ask(*command, secret=secret, **env)
        if answer["status"]:
            raise SetupError(reason_for(answer["out"] + answer["err"], failure, self.log))
        return answer["out"]

    def ask(self, *command: str, secret: bool = False, **env: str) -> dict:
        """Run a management command; its `status`, `out` and `err`."""
        self.log.write(f"$ manage.py {' '.join(command)}")
        process = self._running()
        try:
            process.stdin.write(json.dumps({"argv": command, "env": env}) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
        except (BrokenPipeError, ValueError):
            self.close()
            answer = {"status": 1, "out": "", "err": "The process ended in the middle of it."}
        self.log.write(("(output kept back)" if secret else answer["out"]) + answer["err"])
        return answer

    def _running(self) -> subprocess.Popen:
        if self._process is None:
            self._database.enter_context(mariadb_private.awake(self.data))
            with self.log.path.open("ab") as log:
                self._process = subprocess.Popen(
                    [str(interpreter()), str(INSIDE)],
                    env={
                        **service_environment(self.data),
                        **self.environment,
                        "PYTHONIOENCODING": "utf-8",
                    },
                    cwd=PROGRAM,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    encoding="utf-8",
                    **ownership.run_as_owner(self.data),
                )
        return self._process

    def close(self) -> None:
        """Let go of the database; the next command reads the settings anew."""
        if self._process is None:
            return
        process, self._process = self._process, None
        for stream in (process.stdin, process.stdout):
            try:
                stream.close()
            except OSError:
                continue
        process.wait()
        self._database.close()
