"""A lock from which one part was taken is noticed: by the canaries of every start, or by an attack that then works."""

from __future__ import annotations

import ctypes
import inspect
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from grader.sandbox import (
    CANARIES,
    Canary,
    Level,
    _landlock,
    _namespaces,
    _policy,
    _privileges,
    _rlimits,
    _seccomp,
    _syscalls,
    reading_canary,
)
from tests.attacks import weakenings
from tests.attacks.weakenings import ALONE, CANARY_NAMES, PAIRED, Alone, Paired
from tests.support.hosts import can_have_own_root
from tests.support.nobody import as_nobody

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the lock is for Linux")

Ask = Callable[[Level, dict[str, Any], list[str]], list[Any]]
HOST = str(Path(__file__).with_name("weak_host.py"))


def _serve(*, root: bool, folder: Path) -> Iterator[Ask]:
    argv = [sys.executable, "-P", HOST]
    process = subprocess.Popen(
        argv if root else as_nobody(argv),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
        env={**os.environ, "TMPDIR": str(folder), "PYTHONPATH": str(Path(__file__).parents[2])},
    )

    def ask(level: Level, weak: dict[str, Any], attacks: list[str]) -> list[Any]:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps({"level": level.name, "weak": weak, "attacks": attacks}) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line, "the host of weakened locks ended"
        answers: list[Any] = json.loads(line)
        return answers

    yield ask
    assert process.stdin is not None and process.stdout is not None
    process.stdin.close()
    process.stdout.close()
    process.wait(timeout=20)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="weakened-"))
    place.chmod(0o777)
    yield place
    subprocess.run(["chmod", "-R", "u+rwX", str(place)], check=False)
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="module")
def as_user(folder: Path) -> Iterator[Ask]:
    """Weakened locks of an ordinary user's processes."""
    yield from _serve(root=False, folder=folder)


@pytest.fixture(scope="module")
def as_root(folder: Path) -> Iterator[Ask]:
    """Weakened locks of root's processes."""
    if os.geteuid() != 0:
        pytest.skip("only root has capabilities to drop and users to choose from")
    yield from _serve(root=True, folder=folder)


@pytest.fixture(scope="module")
def bait(folder: Path) -> Iterator[dict[str, str]]:
    """What the attacks are after: a file and a folder of everybody's, a listening socket, a port, shared memory."""
    place = folder / "bait"
    (place / "folder").mkdir(parents=True)
    (place / "file").write_text("bait")
    for path, mode in ((place, 0o777), (place / "folder", 0o777), (place / "file", 0o666)):
        path.chmod(mode)
    name, key = secrets.token_hex(8), secrets.randbits(30) | 1
    library = ctypes.CDLL(None)
    shared = library.shmget(key, 4096, 0o1666)
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(type=socket.SOCK_DGRAM) as port:
        listening.bind(f"\0{name}")
        listening.listen()
        port.bind(("127.0.0.1", 0))
        yield {
            "@BAIT@": str(place),
            "@ABSTRACT@": name,
            "@UDP@": str(port.getsockname()[1]),
            "@SHM@": str(key),
        }
    library.shmctl(shared, 0, None)


def sung(ask: Ask, part: Alone, canaries: list[Canary]) -> set[str]:
    """Canaries that worked behind a weakened lock; `refused` where there was no lock at all."""
    answers = ask(part.level, part.weak, [canary.source for canary in canaries])
    if all(isinstance(a, list) for a in answers):
        return {"refused"}
    return {c.name for c, a in zip(canaries, answers, strict=True) if a not in (False, "SIGSYS")}


def watching(part: Alone) -> list[Canary]:
    """The canary that has to notice; any of them where the lock has to be refused."""
    return [canary for canary in CANARIES if canary.name == part.canary] or list(CANARIES[:1])


def needs(level: Level, *, nobody: bool) -> None:
    if level == Level.L3 and not can_have_own_root(nobody=nobody):
        pytest.skip("this machine grants no mount namespace, so there is no level L3")


@pytest.mark.parametrize("level", [Level.L2, Level.L3])
def test_no_canary_sings_while_the_lock_is_whole(as_user: Ask, level: Level) -> None:
    needs(level, nobody=True)
    canaries = [canary for canary in CANARIES if canary.denied_from <= level]
    assert sung(as_user, Alone("nothing", {}, "", level), canaries) == set()


@pytest.mark.parametrize("part", [p for p in ALONE if not p.root], ids=lambda p: p.name)
def test_a_canary_notices_the_missing_part(as_user: Ask, part: Alone) -> None:
    needs(part.level, nobody=True)
    heard = sung(as_user, part, watching(part))
    assert heard == {part.canary or "refused"} or (part.or_refused and heard == {"refused"})


@pytest.mark.parametrize("part", [p for p in ALONE if p.root], ids=lambda p: p.name)
def test_a_canary_notices_what_only_root_has_to_give_up(as_root: Ask, part: Alone) -> None:
    needs(part.level, nobody=False)
    assert sung(as_root, part, watching(part)) == {part.canary}


def together(*parts: dict[str, Any]) -> dict[str, Any]:
    """All weakenings at once."""
    made: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            if isinstance(value, dict):
                made[key] = {**made.get(key, {}), **value}
            elif isinstance(value, list):
                made[key] = [*made.get(key, []), *value]
            else:
                made[key] = made.get(key, 0) | value
    return made


@pytest.mark.parametrize("part", PAIRED, ids=lambda p: p.name)
def test_each_of_two_parts_stops_the_attack_alone(as_user: Ask, bait: dict[str, str], part: Paired) -> None:
    needs(part.level, nobody=True)
    attack = part.attack
    for name, value in bait.items():
        attack = attack.replace(name, value)
    (whole,) = as_user(part.level, {}, [attack])
    (behind,) = as_user(part.level, part.weak, [attack])
    (before,) = as_user(part.level, part.opened, [attack])
    (neither,) = as_user(part.level, together(part.opened, part.weak), [attack])
    assert (whole, before, neither) == (False, False, True), (whole, before, neither)
    assert behind is False


def test_every_canary_of_l2_and_l3_is_needed_by_some_part() -> None:
    """What no missing part wakes would prove nothing."""
    waking = {part.canary for part in ALONE}
    assert waking - {""} <= CANARY_NAMES
    families = {name for name in CANARY_NAMES if name.startswith("socket-")}
    doubled = {
        "list-processes",
        "read-environment-of-others",
        "make-symbolic-link",
        "make-pipe",
        "signal-others",
    }
    assert CANARY_NAMES - waking - families <= doubled


def text_of(*modules: ModuleType) -> str:
    return "".join(inspect.getsource(module) for module in modules)


def taken(kind: str) -> set[Any]:
    """All that some weakening takes away, of this kind."""
    return {item for part in (*ALONE, *PAIRED) for item in part.weak.get(kind, ())}


def test_every_rule_of_the_filter_is_taken_out_by_some_test() -> None:
    policy = _policy.worker_policy()
    known = set(_syscalls.architecture(os.uname().machine).numbers)
    ruled = {rule.name for rule in policy.rules} | set(policy.fatal)
    opened = taken("allow") | {name for part in PAIRED for name in part.opened.get("allow", ())}
    assert (ruled & known) - opened == set(weakenings.UNSEEN_CALLS)


def test_every_right_limit_and_namespace_is_taken_out_by_some_test() -> None:
    rights = {part.weak["landlock"].bit_length() - 1 for part in (*ALONE, *PAIRED) if "landlock" in part.weak}
    handled = {bit for bit in range(32) if _landlock.handled_rights(1 << 30) >> bit & 1}
    assert handled - rights == set(weakenings.UNSEEN_RIGHTS)
    limits = set(re.findall(r"RLIMIT_([A-Z]+)", inspect.getsource(_rlimits.set_limits)))
    assert limits - taken("limits") == set(weakenings.UNSEEN_LIMITS)
    spaces = set(re.findall(r"_NEW[A-Z]+", text_of(_namespaces)))
    zeroed = {name for part in (*ALONE, *PAIRED) for _, name in part.weak.get("zero", ())}
    assert spaces - zeroed == set(weakenings.UNSEEN_NAMESPACES)


STEPS = sorted(set(re.findall(r'step="([^"]+)"', text_of(_landlock, _namespaces, _privileges, _seccomp))))


def test_without_a_landlock_rule_nothing_can_be_read(as_user: Ask) -> None:
    needs(Level.L3, nobody=True)
    reading = reading_canary(json.__file__)
    assert sung(as_user, Alone("nothing", {}, "", Level.L3), [reading])
    assert not sung(as_user, Alone("rule", {"steps": ["add a Landlock rule"]}, "", Level.L3), [reading])


def test_every_step_has_a_name() -> None:
    assert set(weakenings.UNSEEN_STEPS) <= set(STEPS)
    assert len(STEPS) > 15


@pytest.mark.parametrize("step", [step for step in STEPS if step not in weakenings.UNSEEN_STEPS])
def test_a_step_of_the_lock_that_is_left_out_is_noticed(as_user: Ask, step: str) -> None:
    needs(Level.L3, nobody=True)
    assert sung(as_user, Alone(step, {"steps": [step]}, "", Level.L3), list(CANARIES))
