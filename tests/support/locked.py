"""Runs pieces of source in locked processes, as root or as an ordinary user."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.sandbox._level import Level
from tests.support.nobody import as_nobody


@dataclass(frozen=True)
class Ran:
    """How one piece of source ended in its locked process."""

    value: Any  # what it left in `value`
    error: str | None  # "Type: message" of what it raised
    signal: int | None  # that ended the process
    exit: int | None
    timed_out: bool
    child: int  # process id
    left: list[str]  # names in the scratch directory afterwards (L2)


def _own_environment() -> dict[str, str]:
    """This process's environment, less the folder that torch writes into it: it is not the child's."""
    return {name: value for name, value in os.environ.items() if name != "TORCHINDUCTOR_CACHE_DIR"}


class LockedHost:
    """One process that forks and locks a child for each piece of source."""

    def __init__(self, level: Level, *, nobody: bool, warm: bool = False) -> None:
        script = str(Path(__file__).with_name("locked_host.py"))
        argv = [sys.executable, "-I", script, level.name, "warm" if warm else "cold"]
        self._folder = tempfile.TemporaryDirectory(prefix="locked-", ignore_cleanup_errors=True)
        Path(self._folder.name).chmod(0o777)
        self._process = subprocess.Popen(
            as_nobody(argv) if nobody else argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env={**_own_environment(), "TMPDIR": self._folder.name},
        )
        self.level, self.nobody = level, nobody
        hello = self._answer()
        assert hello["ready"], hello["reason"]
        self.plan: dict[str, Any] = hello["plan"]
        self.pid: int = hello["pid"]

    def run(self, source: str, *, timeout: float = 30.0, **limits: Any) -> Ran:
        """Run `source`; `limits` are keywords of `lock`, `timeout` is in seconds."""
        self.start(source, timeout=timeout, **limits)
        return Ran(**self._answer())

    def start(self, source: str, *, timeout: float = 300.0, **limits: Any) -> None:
        """Run `source` without waiting for its end."""
        assert self._process.stdin is not None
        request = {"source": source, "timeout": timeout, "limits": limits}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def value(self, source: str, **options: Any) -> Any:
        """Run `source`, which has to end well, and give its `value`."""
        ran = self.run(source, **options)
        assert (ran.error, ran.signal, ran.exit, ran.timed_out) == (None, None, 0, False), ran
        return ran.value

    def child_of_host(self) -> int:
        """Wait for a locked process to be there and give its process id."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        while not (names := children.read_text().split()):
            time.sleep(0.01)
        return int(names[0])

    def close(self) -> None:
        """End the host."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=20)
        self._folder.cleanup()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the host ended"
        answer: dict[str, Any] = json.loads(line)
        return answer
