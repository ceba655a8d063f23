"""Starting the zygote and asking it for workers."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from grader.records import UserError
from grader.sandbox._channel import Channel, Gone, TimeUp
from grader.sandbox._clock import Deadline, Process
from grader.sandbox._control import CONNECT, SHUTDOWN, receive_message, send_message, send_with_fds
from grader.sandbox._decode import Decoder
from grader.sandbox._level import Level
from grader.sandbox._output import Output
from grader.sandbox._remote import Worker
from grader.sandbox._scratch import make_base, remove_base
from grader.sandbox._session import Session, cpu_budget
from grader.sandbox._tasks import SharedTasks
from grader.sandbox._types import Limits, SandboxFault
from grader.sandbox._warm import NO_DEVICE, WARM
from grader.sandbox._wire import WireError

_BOOT: Final = (
    "import sys; sys.argv[1] in sys.path or sys.path.insert(0, sys.argv[1]); from grader.sandbox._zygote import main; "
    "main(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5]), bool(int(sys.argv[6])), sys.argv[7:])"
)
_START_S: Final = 120.0
"""A cold disk takes long to read torch."""
_LOCK_S: Final = 30.0
_IMPORT_S: Final = 120.0
"""Of processor time, for a worker that imports libraries itself."""
_ANSWER_S: Final = 60.0
"""The zygote answers within milliseconds; after this it counts as gone."""


def _anew(level: Level) -> bool:
    """Whether workers are started anew instead of forked; tests ask for it where both ways are there."""
    return level is Level.L1 and (sys.platform == "darwin" or os.environ.get("GRADER_WORKERS") == "anew")


def _environment(base: str) -> dict[str, str]:
    """All that the zygote inherits. Hash order is fixed, so that the same hand-in behaves the same each time."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {
        **kept,
        **NO_DEVICE,
        **dict.fromkeys((*threads, "VECLIB_MAXIMUM_THREADS"), "1"),
        "PATH": "/usr/bin:/bin",
        "HOME": "/nonexistent",
        "TMPDIR": base,
        "MPLCONFIGDIR": base,
        "MPLBACKEND": "Agg",
        "PYTHONHASHSEED": "0",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }


class Zygote:
    """One process that forks workers. Start one a run, before threads; `connect` once in each examiner process."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        root: socket.socket,
        base: tuple[str, int],
        told: dict[str, str],
        tasks: SharedTasks | None,
    ) -> None:
        self._process = process
        self._tasks = tasks
        self._root = root
        self._base, self._lock = base
        self._owner = os.getpid()
        self.environment = told
        """Versions of Python and the libraries, level, kernel features and user id."""

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @classmethod
    def start(cls, level: Level, *, warm: Sequence[str] = WARM) -> Zygote:
        """Start it and wait until libraries are imported (about four seconds).

        Raises UserError when a library is missing, SandboxFault when the level cannot be had or it does not start.
        """
        if not hasattr(os, "fork"):
            raise UserError("submitted code can be run on Linux or macOS only: on Windows use WSL 2")
        base, lock = make_base()
        ours, theirs = socket.socketpair()
        with tempfile.TemporaryFile() as errors:
            command = [
                sys.executable,
                "-s",
                "-P",
                "-B",
                "-c",
                _BOOT,
                str(Path(__file__).resolve().parents[2]),
            ]
            command += [str(theirs.fileno()), str(int(level)), base, str(os.getpid()), str(int(_anew(level))), *warm]
            process = subprocess.Popen(
                command,
                env=_environment(base),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
            theirs.close()
            try:
                return cls(process, ours, (base, lock), _greeting(ours, errors), SharedTasks.of(level))
            except BaseException:
                ours.close()
                process.kill()
                process.wait()
                remove_base(base)
                os.close(lock)
                raise

    def connect(self) -> Connection:
        """A control connection of its own. Raises SandboxFault when the zygote is gone."""
        ours, theirs = socket.socketpair()
        ours.settimeout(_ANSWER_S)
        try:
            send_with_fds(self._root, CONNECT, [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise SandboxFault("the process that starts workers is gone") from error
        finally:
            theirs.close()
        return Connection(ours, self._tasks)

    def close(self) -> None:
        """Kill all workers and end; in a forked process, only let go of it."""
        if os.getpid() == self._owner and self._process.returncode is None:
            with contextlib.suppress(OSError):
                send_with_fds(self._root, SHUTDOWN, [])
            try:
                self._process.wait(_LOCK_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            remove_base(self._base)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1
        self._root.close()

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _greeting(stream: socket.socket, errors: IO[bytes]) -> dict[str, str]:
    stream.settimeout(_START_S)
    try:
        message, _ = receive_message(stream)
    except (OSError, EOFError) as error:
        errors.seek(0)
        last = errors.read().decode("utf-8", "replace").strip().splitlines()[-1:]
        raise SandboxFault(
            f"the process that starts workers did not start: {' '.join(last) or error!r}"
        ) from error
    stream.settimeout(None)
    if "error" in message:
        if message["missing"]:
            raise UserError(f"{message['error']}: install the grader with its dependencies")
        raise SandboxFault(str(message["error"]))
    told: dict[str, str] = message["environment"]
    return told


class Connection:
    """Asks the zygote for workers; closing it kills those that it asked for. For one process at a time."""

    def __init__(self, stream: socket.socket, tasks: SharedTasks | None) -> None:
        self._stream = stream
        self._tasks = tasks

    def spawn(self, limits: Limits) -> Worker:
        """A locked worker that waits for files to load. Raises SandboxFault."""
        ours, theirs = socket.socketpair()
        reading, writing = os.pipe()
        wanted = {
            "memory_mb": limits.memory_mb,
            "cpu_s": cpu_budget(limits),
            "file_mb": limits.file_mb,
            "threads": limits.threads,
            "scratch_mb": limits.scratch_mb,
        }
        output = Output(reading, limits.output_bytes)
        channel = Channel(ours, output)
        try:
            try:
                answer = self._ask({"op": "spawn", "limits": wanted}, [theirs.fileno(), writing])
            finally:
                theirs.close()
                os.close(writing)
            process = Process(answer["pid"])
            output.hidden = _await_lock(channel, Deadline(process, _IMPORT_S if _anew(Level.L1) else _LOCK_S)).rstrip("/") + "/"
        except BaseException:
            channel.close()
            raise
        return Worker(Session(self, answer["worker"], process, channel, limits), output, limits)

    def kill(self, number: int, *, wait: bool) -> Mapping[str, Any]:
        """End a worker; with `wait`, give exit status and use of resources. Raises SandboxFault."""
        request = {"op": "kill", "worker": number, "wait": wait}
        if wait:
            return self._ask(request, [])
        with contextlib.suppress(OSError):  # closing twice, or after the zygote: the worker is gone already
            send_message(self._stream, request)
        return {}

    def regain_tasks(self) -> bool:
        """See that tasks that others took are free again; False where a worker's own are all that count for it.

        Workers with more of them than they may have end. Raises SandboxFault when the zygote is gone.
        """
        if self._tasks is None:
            return False
        self._ask({"op": "cull"}, [])
        self._tasks.wait()
        return True

    def close(self) -> None:
        """Kill this connection's workers."""
        self._stream.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, message: dict[str, Any], fds: Sequence[int]) -> dict[str, Any]:
        try:
            send_message(self._stream, message, fds)
            answer, _ = receive_message(self._stream)
        except (OSError, EOFError) as error:
            raise SandboxFault("the process that starts workers is gone") from error
        if "error" in answer:
            raise SandboxFault(str(answer["error"]))
        return answer


def _await_lock(channel: Channel, deadline: Deadline) -> str:
    """Wait for the worker's word that it is locked; no submitted code has run yet. Gives the folder it works in.

    Raises SandboxFault.
    """
    try:
        reply = Decoder(channel.receive(deadline))
        kind, _, text = reply.take(str), reply.take(int), reply.take(str)
    except (TimeUp, Gone, WireError) as error:
        raise SandboxFault("a worker ended before it was locked") from error
    if kind != "ready":
        raise SandboxFault(f"a worker could not be locked: {text}")
    return text
