"""`grader doctor`: what this machine can isolate, and how to get what is missing."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

import typer

from grader.exam import LOWEST
from grader.sandbox import Level, SandboxFault, Zygote, available, effective_level, selftest

_PACKAGES = ("numpy", "scipy", "sympy", "torch", "hypothesis", "pytest", "msgpack")
_PROMISE = {
    Level.L3: "a root of its own, no network, no other process in sight",
    Level.L2: "no file but the libraries, no network, no new process",
    Level.L1: "a process of its own only: submitted code could read hidden files",
}


def doctor() -> None:
    """Show isolation levels, an attack on the best one, versions, and what to do. Exit 1 when `grader run` would refuse."""
    found = available()
    abi = "none" if found.landlock_abi is None else found.landlock_abi
    lines = [f"{found.system}, Python {platform.python_version()}, Landlock ABI {abi}", ""]
    for status in sorted(found.levels, key=lambda s: -s.level):
        lines.append(
            f"{status.level.name}  {'ok' if status.available else 'missing':8} {_PROMISE[status.level]}"
        )
        if not status.available:
            lines += [f"    why: {status.reason}", f"    fix: {status.fix}"]
    holds = found.best
    if found.best is not None and found.best >= LOWEST:
        holds, said = _attacked(found.best)
        lines += ["", said]
    lines.append("")
    for package in _PACKAGES:
        try:
            lines.append(f"{package:11} {version(package)}")
        except PackageNotFoundError:
            lines.append(f"{package:11} missing: pip install -c constraints.txt -e .")
    refused = holds is None or holds < LOWEST
    lines.append("")
    lines.append(
        "grader run refuses here unless --isolation L1 is given" if refused else "grader run works here"
    )
    sys.stdout.write("\n".join(lines) + "\n")
    raise typer.Exit(int(refused))


def _attacked(level: Level) -> tuple[Level | None, str]:
    """The level that attacks of our own in a real worker leave standing, and a line about them."""
    try:
        with Zygote.start(level, warm=()) as zygote:
            results = selftest(zygote)
    except SandboxFault as problem:
        return None, f"self-test: no worker could be had at {level.name}: {problem}"
    worked = [r.canary.name for r in results if r.worked and r.canary.denied_from <= level]
    left = effective_level(level, results)
    if not worked:
        return left, f"self-test: {len(results)} attacks in a worker at {level.name}, none worked"
    name = "no level" if left is None else left.name
    return (
        left,
        f"self-test: {name} holds: of {len(results)} attacks in a worker these worked: {', '.join(worked)}",
    )
