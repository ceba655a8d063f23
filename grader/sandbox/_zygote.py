"""The one file that forks: the process that workers come from, with libraries imported and nothing to steal.

Promise: it is started anew (not forked from the grader) with a clean environment and one thread, and never runs submitted
code; what it forks is locked before it reads a byte of a hand-in, or ends; every worker that it killed is reaped, and its
folder removed. It ends, and all workers with it, when the process that started it does.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from grader.sandbox._control import CONNECT, SHUTDOWN, receive_message, send_message
from grader.sandbox._forked import become_worker
from grader.sandbox._level import Level, LockError
from grader.sandbox._lock import LockPlan, plan
from grader.sandbox._pages import HugePages
from grader.sandbox._rlimits import task_count
from grader.sandbox._scratch import Trash, remove_base
from grader.sandbox._seeds import Seeds
from grader.sandbox._spawned import spawn
from grader.sandbox._warm import warm_up

_TICK_MS: Final = 250
"""How long a killed worker may stay unreaped, and how often the parent is looked after without pidfd."""

_KEPT_SIGNALS: Final = ("SIGKILL", "SIGSTOP", "SIGINT", "SIGPIPE", "SIGXFSZ")
"""Those that cannot be changed, are ignored on purpose, or that Python ignores in every process."""


@dataclass
class _Child:
    pid: int
    scratch: Path
    threads: int
    """How many tasks it may have."""
    greedy: bool = False
    """It was killed because it had more: below L3 the system's own limit counts those of all workers together."""


@dataclass
class _Client:
    stream: socket.socket
    children: dict[int, _Child] = field(default_factory=dict)


class Server:
    """Forks workers for any number of connections."""

    def __init__(
        self, root: socket.socket, base: Path, plan: LockPlan, seeds: Seeds, parent: int, warm: list[str] | None
    ) -> None:
        """warm: what each worker imports itself, where workers are started anew; None where they are forked."""
        self._root = root
        self._base = base
        self._plan = plan
        self._seeds = seeds
        self._clients: dict[int, _Client] = {}
        self._dying: list[_Child] = []
        place = base / "trash"
        place.mkdir(mode=0o700)
        self._trash = Trash(place)
        self._tidy = True
        self._pages = HugePages()
        self._count = 0
        self._parent = parent
        self._warm = warm

    def serve(self) -> None:
        """Serve until told to end, or until the process that started this one is gone."""
        poll = select.poll()
        poll.register(self._root, select.POLLIN)
        parent = _watch(self._parent)
        if parent is not None:
            poll.register(parent, select.POLLIN)
        while os.getppid() == self._parent:
            for descriptor, _ in poll.poll(self._patience_ms(watched=parent is not None)):
                if descriptor == parent:
                    return
                if descriptor == self._root.fileno():
                    if not self._admit(poll):
                        return
                elif descriptor in self._clients and not self._answer(self._clients[descriptor]):
                    poll.unregister(descriptor)
                    self._drop(self._clients.pop(descriptor))
            self._reap()
            self._tidy = self._trash.step()
            self._pages.step()

    def _patience_ms(self, *, watched: bool) -> int | None:
        """How long to wait for a request, when there is work or a parent to look after."""
        if not self._tidy or not self._pages.done:
            return 0
        return None if watched and not self._dying else _TICK_MS

    def end(self) -> None:
        """Kill every worker and remove what they wrote."""
        for client in self._clients.values():
            self._drop(client)
        for child in self._dying:
            self._wait(child)
        self._trash.empty()

    def _admit(self, poll: select.poll) -> bool:
        data, fds, _, _ = socket.recv_fds(self._root, 1, 1)
        if data == CONNECT and fds:
            stream = socket.socket(fileno=fds[0])
            self._clients[stream.fileno()] = _Client(stream)
            poll.register(stream, select.POLLIN)
        return bool(data) and data != SHUTDOWN

    def _answer(self, client: _Client) -> bool:
        try:
            request, fds = receive_message(client.stream, 2)
            try:
                if request["op"] == "spawn":
                    send_message(client.stream, self._spawn(client, request, fds))
                elif request["op"] == "kill":
                    answer = self._kill(client, request["worker"], wait=request["wait"])
                    if request["wait"]:
                        send_message(client.stream, answer)
                elif request["op"] == "cull":
                    self._cull()
                    send_message(client.stream, {})
            finally:
                for descriptor in fds:
                    os.close(descriptor)
        except (OSError, EOFError):
            return False
        return True

    def _spawn(self, client: _Client, request: dict[str, Any], fds: list[int]) -> dict[str, Any]:
        self._count += 1
        scratch = self._base / f"w{self._count}"
        try:
            if self._plan.level < Level.L3:
                scratch.mkdir(mode=0o700)
            if self._warm is None:
                pid = os.fork()
            else:
                pid = spawn(self._warm, scratch, request["limits"], wire=fds[0], output=fds[1])
        except OSError as error:
            return {"error": f"cannot start a worker: {error.strerror}"}
        if pid == 0:
            become_worker(self._plan, self._seeds, scratch, request["limits"], wire=fds[0], output=fds[1])
        client.children[self._count] = _Child(pid, scratch, request["limits"]["threads"])
        self._pages.forked()
        return {"worker": self._count, "pid": pid}

    def _kill(self, client: _Client, number: int, *, wait: bool) -> dict[str, Any]:
        child = client.children.pop(number, None)
        if child is None:
            return {"error": "no such worker"}
        _send_kill(child)
        if wait:
            return self._wait(child)
        self._dying.append(child)
        return {}

    def _cull(self) -> None:
        """Kill those that have more tasks than they may; whoever talks to them learns it from their death."""
        for child in (child for client in self._clients.values() for child in client.children.values()):
            if task_count(child.pid) > child.threads:
                child.greedy = True
                _send_kill(child)

    def _drop(self, client: _Client) -> None:
        client.stream.close()
        for child in client.children.values():
            _send_kill(child)
            self._dying.append(child)
        client.children.clear()

    def _wait(self, child: _Child) -> dict[str, Any]:
        _, status, usage = os.wait4(child.pid, 0)
        self._clean(child)
        return {
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            "status": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
            "rss_kb": usage.ru_maxrss,
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "greedy": child.greedy,
        }

    def _reap(self) -> None:
        alive = []
        for child in self._dying:
            if os.waitpid(child.pid, os.WNOHANG)[0]:
                self._clean(child)
            else:
                alive.append(child)
        self._dying = alive

    def _clean(self, child: _Child) -> None:
        if self._plan.level < Level.L3:
            self._trash.add(child.scratch)


def _send_kill(child: _Child) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child.pid, signal.SIGKILL)


def _watch(parent: int) -> int | None:
    """A descriptor that becomes readable when the parent ends; None where the system has none."""
    try:
        return os.pidfd_open(parent)
    except (AttributeError, OSError):
        return None


def thread_count() -> int:
    """Threads of this process, those that Python does not know included."""
    return task_count("self") or threading.active_count()


def require_one_thread() -> None:
    """Raises RuntimeError otherwise: a child forked from several threads hangs at its first parallel operation."""
    threads = thread_count()
    if threads != 1:
        raise RuntimeError(f"the zygote has {threads} threads, and must have one")


def _restore_signals() -> None:
    """What whoever started the run ignores (as `nohup` does) is not ignored here, nor in a worker."""
    for number in set(signal.Signals) & signal.valid_signals():
        if signal.Signals(number).name not in _KEPT_SIGNALS:
            signal.signal(number, signal.SIG_DFL)


def prepare(level: Level, warm: list[str]) -> tuple[LockPlan, Seeds, dict[str, str]]:
    """Everything that is done once, before the first fork. Raises LockError, ImportError and RuntimeError."""
    _restore_signals()
    gc.disable()  # what is imported stays: to look through all of it again and again takes a fifth of the time
    versions = warm_up(warm)
    importlib.import_module("resource")  # every lock needs it
    if "sympy" in sys.modules:
        importlib.import_module("grader.sandbox._build")  # a locked worker cannot read this file any more
    lock_plan = plan(level)
    seeds = Seeds()
    seeds.install()
    require_one_thread()
    gc.freeze()
    gc.enable()
    told = {name: str(value) for name, value in lock_plan.describe().items()}
    return lock_plan, seeds, versions | told | {"uid": str(os.getuid()) if hasattr(os, "getuid") else ""}


def main(fd: int, level: int, base: str, parent: int, anew: bool, warm: list[str]) -> None:
    """Run the zygote on the socket that it was given, for the process `parent`; `anew`: no worker is forked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    root = socket.socket(fileno=fd)
    try:
        lock_plan, seeds, environment = prepare(Level(level), warm)
    except (LockError, ImportError, RuntimeError) as error:
        send_message(root, {"error": str(error), "missing": isinstance(error, ImportError)})
        return
    send_message(root, {"environment": environment})
    server = Server(root, Path(base), lock_plan, seeds, parent, warm if anew else None)
    try:
        server.serve()
    finally:
        server.end()
        remove_base(base)
        os._exit(0)
