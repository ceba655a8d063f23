"""Write-ups checked in a process of their own, which may hang, grow or die without harm to the caller."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grader
from grader.records import Derivation, UserError, restore

_BOOT = (
    "import sys; sys.argv[1] in sys.path or sys.path.insert(0, sys.argv[1]); "
    "from grader.derivation._worker import main; main()"
)
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}
_GRACE = 4
"""Wall clock allowed per second of processor time: a busy machine must not turn a write-up into an open question."""


@dataclass(frozen=True, slots=True)
class ReaderLimits:
    """What the write-ups of one hand-in may use."""

    cpu_s: int = 120
    memory_mb: int = 2048


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one write-up."""

    file: str
    derivations: tuple[Derivation, ...] = ()
    trouble: str = ""
    """Why it could not be checked; then a person looks at it."""
    unread: tuple[str, ...] = ()
    """Problems that its headings name and that have no notation sheet."""


class WriteupReader:
    """Checks the write-ups of one hand-in; `close` from another thread ends the work at once."""

    def __init__(self, notation: Path, *, seed: int = 0, limits: ReaderLimits | None = None) -> None:
        self._notation, self._seed, self._limits = notation, seed, limits or ReaderLimits()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._closed = False
        self.problems: tuple[str, ...] = ()
        """Problems that have a notation sheet, once something was checked."""

    def check(self, files: Sequence[Mapping[str, str]]) -> tuple[Checked, ...]:
        """One result per file (`file`, `kind`, `text`), in order.

        A file at which the process dies or runs out of time gets a line that says so, and the next ones are checked
        by a new process. Raises UserError where the notation sheets cannot be read.
        """
        done: list[Checked] = []
        while len(done) < len(files) and not self._closed:
            left = files[len(done) :]
            answers = self._run(left)
            if answers and "refused" in answers[0]:
                raise UserError(answers[0]["refused"])
            if answers:
                self.problems = tuple(answers[0]["problems"])
            done += [_checked(f["file"], a) for f, a in zip(left, answers[1:], strict=False)]
            if len(answers) <= len(left):
                name = left[max(0, len(answers) - 1)]["file"]
                done.append(Checked(name, trouble=f"{name}: reading it took too long or too much memory"))
        return tuple(done)

    def close(self) -> None:
        """End the process, if one is at work."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()

    def _run(self, files: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
        """Lines of one process, as many as came."""
        command = [sys.executable, "-P", "-B", "-c", _BOOT, str(Path(grader.__file__).resolve().parents[1])]
        with self._lock:
            if self._closed:
                return []
            process = self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ENVIRONMENT},
                start_new_session=True,
            )
        request = {
            "notation": str(self._notation),
            "seed": self._seed,
            "files": [dict(file) for file in files],
            "cpu_s": self._limits.cpu_s,
            "memory_mb": self._limits.memory_mb,
        }
        assert process.stdin is not None and process.stdout is not None
        timer = threading.Timer(self._limits.cpu_s * _GRACE, process.kill)
        timer.start()
        answers: list[dict[str, Any]] = []
        try:
            with contextlib.suppress(OSError, ValueError):
                process.stdin.write(json.dumps(request).encode() + b"\n")
                process.stdin.flush()
                answers.extend(json.loads(line) for line in process.stdout)
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            with contextlib.suppress(OSError):
                process.stdin.close()
            process.stdout.close()
        return answers


def _checked(file: str, answer: Mapping[str, Any]) -> Checked:
    if "refused" in answer:
        return Checked(file, trouble=str(answer["refused"]))
    return Checked(file, tuple(restore(Derivation, d) for d in answer["derivations"]), "", tuple(answer["unread"]))
