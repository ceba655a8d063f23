"""The examination server as the engine sees it: a child process that takes hand-ins and gives lines."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import grader
from grader.records import UserError
from grader.sandbox import NO_DEVICE

ONE_THREAD = {
    **NO_DEVICE,
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}
"""Examiners are forked; a process with threads cannot be forked safely."""


def boot(module: str) -> list[str]:
    """The command that runs `main` of a module of the grader.

    Not `-m`, which would import from the current folder first: that may be a hand-in, with a `json.py` in it.
    """
    root = str(Path(grader.__file__).resolve().parents[1])
    code = (
        "import sys; sys.argv[1] in sys.path or sys.path.insert(0, sys.argv[1]); "
        f"from {module} import main; sys.exit(main())"
    )
    return [sys.executable, "-P", "-B", "-c", code, root]


def ask_once(module: str, setup: Mapping[str, Any]) -> dict[str, Any]:
    """What `main` of a module answers to a set-up, in a process that has our terminal; its answer comes by a pipe.

    Raises UserError when it refuses, or ends without an answer.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    command = [*boot(module), json.dumps(setup), str(writing)]
    process = subprocess.Popen(command, env={**os.environ, **ONE_THREAD}, pass_fds=(writing,))
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        text = pipe.read()
    process.wait()
    answer: dict[str, Any] = json.loads(text or "{}")
    if "refused" in answer or not answer:
        raise UserError(
            answer.get("refused", "it ended without a result; run it again, or see `grader doctor`")
        )
    return answer


_END_S = 45
"""Longer than the zygote may take to clean up after submitted code: nothing of a run is there when it has ended."""


class ServerGoneError(Exception):
    """The examination server ended while hand-ins were waiting."""


class ExamServer:
    """One examination server. Use as a context manager; leaving it ends the server and all it started."""

    def __init__(self, setup: Mapping[str, Any], started: Callable[[int], None] = lambda pid: None) -> None:
        """Start it and wait until it has read the checks. Raises UserError when it refuses.

        started: told its process id, which is also the id of the process group of all that it forks.
        """
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the server
        self._process = subprocess.Popen(
            boot("grader.exam._entry"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, **ONE_THREAD},
            start_new_session=True,
        )
        started(self._process.pid)
        try:
            self.send({**setup, "parent": os.getpid()})
            first = next(self.lines(), None)
            if first is None or "refused" in first:
                raise UserError(
                    first["refused"]
                    if first
                    else f"the examination server did not start ({self.last_words()})"
                )
        except BaseException:  # Ctrl-C, say: it is not there for a `with` yet
            self.close()
            raise
        self.environment: dict[str, str] = first["ready"]
        self.exams: list[dict[str, str]] = first["exams"]

    def __enter__(self) -> ExamServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, message: Mapping[str, Any]) -> None:
        """Hand over a line. Raises ServerGoneError when nobody reads it."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise ServerGoneError(self.last_words()) from error

    def lines(self) -> Iterator[dict[str, Any]]:
        """Lines as they come, until the server ends."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            yield json.loads(line)

    def last_words(self) -> str:
        """The last line it wrote to standard error."""
        self._errors.seek(0)
        text = self._errors.read().decode("utf-8", "replace").strip()
        return text.rpartition("\n")[2] or "no message"

    def close(self) -> None:
        """End the server: it ends its examiners and the zygote when its input closes."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()
