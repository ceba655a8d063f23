"""Locks processes with parts of the lock taken out, and runs attacks in them. A script: started by `test_weakened`.

One JSON object a line: {"weak": {...}, "attacks": [source, ...]}; a list of answers comes back: true, false, "SIGSYS",
an error, or ["refused", why] where the weakened lock cannot be applied. Keys of `weak`:
allow: names of system calls that pass in addition; numbers: name -> [x86_64, aarch64] of those our table lacks;
readable: folders more; landlock: access rights that are not handled; skip: [call, first argument] of kernel calls that are left out;
zero: [module, constant] set to nought; without: [module, function] that does nothing; inherit: leave a file open.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import resource
import select
import signal
import sys
import tempfile
from pathlib import Path
from types import MappingProxyType
from typing import Any

from grader.sandbox import _kernel, _landlock, _lock, _namespaces, _policy, _privileges, _rlimits, _seccomp
from grader.sandbox._level import Level, LockError

MODULES = {
    "landlock": _landlock,
    "namespaces": _namespaces,
    "privileges": _privileges,
    "rlimits": _rlimits,
    "seccomp": _seccomp,
}
LIMITS = {"memory_mb": 4096, "cpu_s": 20, "file_mb": 8, "threads": 64, "scratch_mb": 16}


def weaken(weak: dict[str, Any]) -> None:
    """Patch this process's copy of the lock; it is forked for each request, so that nothing stays."""
    rights, skipped = weak.get("landlock", 0), [tuple(pair) for pair in weak.get("skip", ())]
    known, call, lower, policy = (
        _landlock.handled_rights,
        _kernel.Kernel.call,
        _rlimits._lower,
        _policy.worker_policy(),
    )
    _landlock.handled_rights = lambda version: known(version) & ~rights

    def calling(self: Any, name: str, *arguments: Any, step: str) -> int:
        if step in weak.get("steps", ()):
            return 0
        first = arguments[0] if arguments and isinstance(arguments[0], int) else None
        return (
            0
            if (name, first) in skipped or (name, None) in skipped
            else call(self, name, *arguments, step=step)
        )

    _kernel.Kernel.call = calling  # type: ignore[method-assign]
    limits = {getattr(resource, f"RLIMIT_{name}") for name in weak.get("limits", ())}
    _rlimits._lower = lambda which, soft, hard: None if which in limits else lower(which, soft, hard)
    for module, name in weak.get("zero", ()):
        setattr(MODULES[module], name, 0)
    for module, name in weak.get("without", ()):
        setattr(MODULES[module], name, lambda *args, **kwargs: None)
    opened = set(weak.get("allow", ()))
    made = dataclasses.replace(
        policy,
        allowed=(*policy.allowed, *opened),
        rules=tuple(rule for rule in policy.rules if rule.name not in opened),
        fatal=tuple(name for name in policy.fatal if name not in opened),
    )
    _policy.worker_policy = lambda: made
    if weak.get("any_interface"):
        _seccomp._instructions = _any_interface(_seccomp._instructions)


def _any_interface(original: Any) -> Any:
    """The filter without its look at the architecture and at the x32 bit."""

    def instructions(policy: Any, architecture: Any) -> Any:
        loose = dataclasses.replace(architecture, x32_bit=None)
        for place, step in enumerate(original(policy, loose)):
            yield _seccomp._return(_seccomp.ALLOW) if place == 2 else step

    return instructions


def known_calls(weak: dict[str, Any]) -> None:
    """Put the numbers of further calls into the table of this machine."""
    real = _kernel.architecture
    column = {"x86_64": 0, "aarch64": 1}[os.uname().machine]
    more = {name: numbers[column] for name, numbers in weak.get("numbers", {}).items()}
    _kernel.architecture = lambda machine: dataclasses.replace(  # type: ignore[assignment]
        real(machine), numbers=MappingProxyType({**real(machine).numbers, **more})
    )


def answer(level: Level, weak: dict[str, Any], attacks: list[str]) -> list[Any]:
    """Lock one child an attack."""
    known_calls(weak)
    weaken(weak)
    if weak.get("inherit"):
        os.dup2(os.open("/dev/zero" if not Path(__file__).exists() else __file__, os.O_RDONLY), 77)
    try:
        plan = _lock.plan(level, readable=weak.get("readable", ()))
    except LockError as problem:
        return [["refused", str(problem)]] * len(attacks)
    return [_one(plan, source) for source in attacks]


def _one(plan: Any, source: str) -> Any:
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory(prefix="weak-", ignore_cleanup_errors=True) as above:
        scratch = Path(above, "scratch")
        scratch.mkdir()
        child = os.fork()
        if child == 0:
            _attack(plan, str(scratch), source, writing)
        os.close(writing)
        said = b""
        while select.select([reading], [], [], 30)[0] and (piece := os.read(reading, 65536)):
            said += piece
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        for folder, _, _ in os.walk(above):
            Path(folder).chmod(0o700)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSYS:
        return "SIGSYS"
    return json.loads(said) if said else "ended"


def _attack(plan: Any, scratch: str, source: str, writing: int) -> None:
    said: Any = "failed"
    try:
        null = os.open("/dev/null", os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        try:
            os.chdir(_lock.lock(plan, scratch=scratch, keep_fds=(0, 1, 2, writing), **LIMITS))
        except LockError as problem:
            said = ["refused", str(problem)]
            return
        space: dict[str, Any] = {"__name__": "submitted"}
        exec(compile(source, "attack.py", "exec"), space)
        said = bool(space["attack"]())
    except BaseException as problem:  # noqa: BLE001 - it is the answer
        said = f"{type(problem).__name__}: {problem}"
    finally:
        os.write(writing, json.dumps(said).encode())
        os._exit(0)


def main() -> None:
    """Serve until standard input ends; a process of its own for each request, so that no weakening stays."""
    for needed in ("ctypes", "errno", "fcntl", "mmap", "socket", "stat"):  # what attacks use is at hand, as it is in a worker
        importlib.import_module(needed)
    for line in sys.stdin:
        request = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            made = answer(Level[request["level"]], request["weak"], request["attacks"])
            with open(writing, "w") as stream:
                stream.write(json.dumps(made))
            os._exit(0)
        os.close(writing)
        with open(reading) as answers:
            sys.stdout.write(answers.read() + "\n")
        sys.stdout.flush()
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
