"""Grades a class of attackers and honest neighbours by `grader run`, and looks at what is left afterwards."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from grader.sandbox import Level
from tests.attacks.course import PARTS, RIGHT, TOPIC_OF, hand_in, write_course
from tests.attacks.model import WRONG, Attack, Stage
from tests.support.hosts import can_have_own_root
from tests.support.nobody import as_nobody
from tests.support.processes import still_there

TIMEOUT_S = 900


class Setting(NamedTuple):
    """A level, and whether an ordinary user runs the grader."""

    level: Level
    nobody: bool

    @property
    def name(self) -> str:
        """For test ids and tables: `L3 root`."""
        return f"{self.level.name} {'nobody' if self.nobody else 'root'}"


def settings() -> list[Setting]:
    """Where the suite is run: as root at L3, as an ordinary user at L3 and L2; as far as this machine goes."""
    wanted = [Setting(Level.L3, False), Setting(Level.L3, True), Setting(Level.L2, True)]
    root = os.geteuid() == 0
    possible = [s for s in wanted if root or s.nobody]
    return [s for s in possible if s.level < Level.L3 or can_have_own_root(nobody=s.nobody)]


def neighbours() -> dict[tuple[str, str], str]:
    """Honest hand-ins by (assignment, student): right, wrong in each function, talkative, busy."""
    found: dict[tuple[str, str], str] = {}
    for topic in set(TOPIC_OF.values()):
        found[topic, "ann_right"] = hand_in({})
    for name, topic in TOPIC_OF.items():
        found[topic, f"wrong_{name}"] = hand_in({name: f"def {PARTS[name]}:\n    return {WRONG[name]}\n"})
    found["numbers", "prints"] = hand_in({"square": "def square(x):\n    print('here', x)\n    return x * x\n"})
    found["numbers", "busy"] = hand_in({"square": _BUSY})
    found["numbers", "busy_wrong"] = hand_in({"square": _BUSY.replace("x * x", "2 * x")})
    found["numbers", "raises"] = hand_in({"square": "def square(x):\n    return [][int(x)]\n"})
    assert RIGHT.keys() == WRONG.keys()
    return found


_BUSY = """def square(x):
    import time
    start = time.thread_time()
    while time.thread_time() - start < 0.03:
        pass
    return x * x
"""


@dataclass(frozen=True)
class Graded:
    """One finished run."""

    stage: Stage
    status: int
    stdout: str
    stderr: str
    document: dict[str, Any]
    before: frozenset[str]
    after: frozenset[str]
    """Files of the course, home and temporary folders."""
    processes: tuple[str, ...]
    """Command lines of processes of this run that are still there."""

    def report(self, assignment: str, student: str) -> dict[str, Any] | None:
        """The record of one hand-in, None where there is none."""
        found = (r for r in self.document["reports"] if (r["assignment"], r["student"]) == (assignment, student))
        return next(found, None)

    def written(self) -> Iterator[tuple[str, str]]:
        """Everything a person may read of this run: name and text."""
        yield "standard output", self.stdout
        yield "standard error", self.stderr
        for path in sorted(self.stage.out.rglob("*")):
            if path.suffix in (".html", ".md", ".csv", ".xml", ".json") and path.is_file():
                yield str(path.relative_to(self.stage.out)), path.read_text(encoding="utf-8")


@contextmanager
def grounds(setting: Setting) -> Iterator[Stage]:
    """Folders for one run, away from those that a closed test folder would hide from an ordinary user."""
    base = Path(tempfile.mkdtemp(prefix="suite-"))
    try:
        base.chmod(0o755)
        stage = Stage(base / "course", base / "out", f"left{secrets.token_hex(6)}", secrets.token_hex(16))
        for folder in (stage.course, stage.out, base / "tmp", base / "home"):
            folder.mkdir()
            folder.chmod(0o777 if setting.nobody else 0o755)
        stage.course.chmod(0o755)
        write_course(stage.course)
        yield stage
    finally:
        _remove(base)


def _remove(base: Path) -> None:
    """Remove what attackers handed in, too: closed folders and very deep ones."""
    subprocess.run(["chmod", "-R", "u+rwX", str(base)], check=False, stderr=subprocess.DEVNULL)
    subprocess.run(["rm", "-rf", str(base)], check=False)
    shutil.rmtree(base, ignore_errors=True)


def write_attack(stage: Stage, attack: Attack) -> None:
    """Hand one attack in."""
    folder = stage.course / "submissions" / attack.topic / attack.name
    folder.mkdir(parents=True)
    for name, content in attack.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else stage.fill(content, attack.name).encode())
    if attack.place is not None:
        attack.place(folder)


def grade(stage: Stage, setting: Setting, attacks: Iterable[Attack], *, more: dict[tuple[str, str], str] | None = None) -> Graded:
    """Grade attackers, honest neighbours and `more` hand-ins in one run of the command."""
    for (topic, student), text in {**neighbours(), **(more or {})}.items():
        path = stage.course / "submissions" / topic / student / "solution.py"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    for attack in attacks:
        write_attack(stage, attack)
    base, out = stage.course.parent, stage.out
    argv = [
        sys.executable, "-m", "grader", "run", "submissions", "--isolation", setting.level.name, "--timeout", "2.5",
        "--memory", "2048", "-j", "4", "-o", str(out), "--json", str(out / "all.json"), "--junit", str(out / "junit.xml"),
        "--csv", str(out / "extra.csv"),
    ]
    environment = {**os.environ, "TMPDIR": str(base / "tmp"), "HOME": str(base / "home"), "GRADER_SECRET": stage.secret,
                   "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": ""}
    before = _files(base)
    done = subprocess.run(
        as_nobody(argv) if setting.nobody else argv, cwd=stage.course, env=environment, capture_output=True, text=True,
        timeout=TIMEOUT_S, check=False, errors="replace",
    )
    assert (out / "all.json").is_file(), done.stderr[-2000:]
    document = json.loads((out / "all.json").read_text(encoding="utf-8"))
    left = tuple(still_there(lambda: _processes(base)))
    return Graded(stage, done.returncode, done.stdout, done.stderr, document, before, _files(base), left)


def _files(base: Path) -> frozenset[str]:
    """Names of all files but those of the output folder; folders below a hand-in only to a certain depth."""
    found = set()
    for folder in (base / "course", base / "tmp", base / "home"):
        for place, folders, names in os.walk(folder, onerror=lambda error: None):
            found |= {f"{place}/{name}" for name in (*folders, *names)}
            if len(Path(place).parts) > 20:
                folders.clear()
    return frozenset(found)


def _processes(base: Path) -> tuple[str, ...]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes()
            if os.fsencode(base) in line or os.fsencode(base) in os.fsencode((process / "cwd").readlink()):
                found.append(os.fsdecode(line.replace(b"\0", b" ")))
        except OSError:
            continue
    return tuple(found)


def shortfall(graded: Graded, attack: Attack) -> str:
    """What an attack gained, or how it ended in place of how it has to; empty where it was stopped."""
    report = graded.report(attack.topic, attack.name)
    if report is None:  # not even a hand-in: named with the reason
        named = any(attack.name in line for line in graded.document["run"]["missing"])
        return "" if named and "missing" in attack.verdicts else "no record of it"
    check = next(c for p in report["problems"] for c in p["checks"] if c["id"] == attack.check)
    if check["verdict"] not in attack.verdicts or check["score"] > 0:
        return f"{check['verdict']}, {check['score']:g} points: {check['message']}"
    honest = graded.report(attack.topic, f"wrong_{attack.baseline}")
    if not attack.partly_right and (honest is None or report["score"] > honest["score"]):
        return f"{report['score']:g} points in all"
    return ""


def left_behind(token: str) -> list[str]:
    """Files with the run's token in their names in the places that every user may write to."""
    places = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/dev", "/", str(Path.home()), "/dev/mqueue")
    return [f"{place}/{name}" for place in places if Path(place).is_dir() for name in _listed(place) if token in name]


def _listed(place: str) -> list[str]:
    try:
        return [entry.name for entry in Path(place).iterdir()]
    except OSError:
        return []


def timeless(report: dict[str, Any] | None) -> str:
    """A record as text, without what may differ between runs."""
    assert report is not None
    return json.dumps(_without_times(report), sort_keys=True)


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_times(v) for k, v in value.items() if k not in ("started", "duration_s")}
    return [_without_times(v) for v in value] if isinstance(value, list) else value
