"""Runs of the peers, of the grader and of the limit over one class, one after the other."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.classroom import SUITE, Kind, Made, hand_ins, write_course, write_hand_ins
from benchmarks.peer_environments import NotInstalled, environment
from benchmarks.peer_harnesses import PEERS, XDIST, Ground, Peer, xdist_class
from benchmarks.peer_outcomes import Graded, Seen, hostile_table, marks_of, speed_table
from benchmarks.peer_processes import ONE_THREAD, Spent, spend
from benchmarks.tables import table

HERE = Path(__file__).resolve().parents[1]
CLASS_PATIENCE_S = 1800


@dataclass(frozen=True)
class Setting:
    """Where all is, and what is measured."""

    kind: Kind
    root: Path
    """`whole/` in it is the course with the class, `theirs/` the same for the peers."""
    environments: Path
    made: Sequence[Made]
    sample: int
    patience_s: float
    tests: tuple[str, ...]

    @property
    def size(self) -> str:
        """One sentence on the class."""
        return (
            f"Measured with a class of {len(self.made)}, {len(self.hostile)} of them hostile, and a sample of "
            f"{len(self.sampled)} honest ones for the peers with a process each; patience {self.patience_s:.0f} s."
        )

    @property
    def honest(self) -> list[Made]:
        """Hand-ins that are not hostile."""
        return [m for m in self.made if not Graded(m, {}).hostile]

    @property
    def hostile(self) -> list[Made]:
        """The others."""
        return [m for m in self.made if Graded(m, {}).hostile]

    @property
    def sampled(self) -> list[Made]:
        """Honest ones that every peer with a process for each grades, evenly from the whole."""
        step = max(1, len(self.honest) // self.sample)
        return self.honest[::step][: self.sample]


def write_class(folder: Path, kind: Kind, students: int, *, hostile: bool) -> list[Made]:
    """A course with hand-ins and the peers' tests, in place of what is in the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    made = hand_ins(write_course(folder, kind), students, hostile=hostile)
    write_hand_ins(folder, made)
    theirs = folder / "peer_suite"
    for suite in dict.fromkeys((SUITE, kind.suite)):
        shutil.copytree(suite, theirs, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    return made


def ours(module: str, *arguments: str) -> str:
    """What one of our own benchmarks prints."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    variables = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(HERE)}
    return subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True).stdout


def measure(setting: Setting, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Places in the document and their tables, as they are known; a later one stands for an earlier of its place."""
    honest = setting.root / "honest"
    shutil.rmtree(honest, ignore_errors=True)
    write_course(honest, setting.kind)
    write_hand_ins(honest, setting.honest)
    write_hand_ins(honest / "one", setting.honest[:1])
    limits = _limit(honest)
    chosen = [p for p in (*PEERS, XDIST) if p.name in names]
    seen, grounds = {p.name: Seen(p.title) for p in chosen}, dict[str, Ground]()
    for peer in chosen:
        try:
            grounds[peer.name] = _ground(setting, peer)
        except (NotInstalled, RuntimeError) as error:
            seen[peer.name].trouble = f"could not be run here: {error}"
    each = [(p, grounds[p.name]) for p in PEERS if p.name in grounds]
    _grade_honest(setting, each, seen)
    rows = [*_grader(setting, honest), *seen.values()]
    if XDIST.name in grounds:
        _xdist_honest(setting, grounds[XDIST.name], seen[XDIST.name])
    limits = [min(pair) for pair in zip(limits, _limit(honest), strict=True)]
    yield "peers", f"{setting.size}\n\n{speed_table(rows, limits)}"
    if not setting.hostile:
        return
    _grader_whole(setting, rows[1])
    if XDIST.name in grounds:
        _xdist_whole(setting, grounds[XDIST.name], seen[XDIST.name])
    for made in setting.hostile:
        _grade_hostile(setting, [(p, g) for p, g in each if not seen[p.name].trouble], seen, made)
        yield "peers-hostile", f"{setting.size}\n\n{hostile_table(rows)}"


def large_class(setting: Setting, students: int, names: Sequence[str]) -> str:
    """A large class without hostile hand-ins, two workers."""
    course = setting.root / "big"
    made = write_class(course, setting.kind, students, hostile=False)
    rows = [_large("**`grader run`**, two workers", _run(course, "submissions", "out", 2), students)]
    rows += [_large("the same again", _run(course, "submissions", "out", 2, again=True), students)]
    if XDIST.name in names:
        ground = replace(_ground(setting, XDIST), course=course, patience_s=CLASS_PATIENCE_S)
        spent, passed = xdist_class(ground, made)
        ended = f"{len(passed)} recorded" + (", killed" if spent.code is None else "")
        rows += [_large(f"{XDIST.title}: {ended}", spent, students)]
    head = ("harness", "hand-ins", "s by the clock", "s of processors", "s of processors a hand-in")
    return table((*head, "s to the first result"), rows)


def _large(title: str, spent: Spent, students: int) -> tuple[object, ...]:
    each = f"{spent.cpu_s / students:.3f}"
    return title, students, f"{spent.wall_s:.1f}", f"{spent.cpu_s:.1f}", each, f"{spent.first_s:.1f}"


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _limit(course: Path) -> list[float]:
    each: list[float] = json.loads(ours("speed", "--limit", str(course)))
    return each


def _ground(setting: Setting, peer: Peer) -> Ground:
    """Where it grades. Raises NotInstalled or RuntimeError where it cannot."""
    scratch = setting.root / "peers" / peer.name
    shutil.rmtree(scratch, ignore_errors=True)
    (scratch / "tmp").mkdir(parents=True)
    python = environment(setting.environments, peer.packages)
    ground = Ground(python, setting.root / "theirs", scratch, setting.tests, setting.patience_s)
    peer.prepare(ground, [*setting.sampled, *setting.hostile])
    return ground


def _grade_honest(setting: Setting, peers: Sequence[tuple[Peer, Ground]], seen: Mapping[str, Seen]) -> None:
    """In turn, so that a noisy minute falls on all."""
    times: dict[str, list[Spent]] = {p.name: [] for p, _ in peers}
    for made in setting.sampled:
        for peer, ground in peers:
            spent, passed = peer.grade(ground, made)
            graded = Graded(made, marks_of(passed, setting.tests))
            times[peer.name].append(spent)
            seen[peer.name].graded.append(graded)
            _say(f"{peer.name} {made.student}: {spent}, lost {graded.lost}, given {graded.given}")
    for peer, ground in peers:
        seen[peer.name].time(times[peer.name])
        if not any(any(graded.marks.values()) for graded in seen[peer.name].graded):
            said = (ground.scratch / "errors.txt").read_text().split("\n")
            seen[peer.name].trouble = f"graded no hand-in here: {next(filter(None, reversed(said)), 'no record')}"


def _grade_hostile(
    setting: Setting, peers: Sequence[tuple[Peer, Ground]], seen: Mapping[str, Seen], made: Made
) -> None:
    for peer, ground in peers:
        spent, passed = peer.grade(ground, made)
        graded = Graded(made, marks_of(passed, setting.tests))
        seen[peer.name].killed += spent.code is None
        seen[peer.name].hostile_s += spent.wall_s
        seen[peer.name].graded.append(graded)
        _say(f"{peer.name} {made.student}: {spent}, lost {graded.lost}, given {graded.given}")


def _xdist_honest(setting: Setting, ground: Ground, seen: Seen) -> None:
    """All honest hand-ins at once."""
    ground = replace(ground, patience_s=CLASS_PATIENCE_S)
    seen.workers = 2
    spent, _ = xdist_class(ground, setting.honest)
    seen.time_class(spent, len(setting.honest))
    _say(f"xdist: {spent}")


def _xdist_whole(setting: Setting, ground: Ground, seen: Seen) -> None:
    """The hostile ones among them."""
    ground = replace(ground, patience_s=CLASS_PATIENCE_S)
    spent, passed = xdist_class(ground, setting.made)
    seen.killed, seen.hostile_s = int(spent.code is None), spent.wall_s
    seen.graded = [Graded(m, marks_of(passed.get(m.student, {}), setting.tests)) for m in setting.made]
    _say(f"xdist, the whole class: {spent}")
    _tell(seen)


def _grader(setting: Setting, honest: Path) -> list[Seen]:
    """Our own runs, with what the start of the command takes taken off where the mean of one worker is told."""
    one, two = Seen("**`grader run`**, one worker"), Seen("**`grader run`**, two workers", workers=2)
    number = len(setting.honest)
    _run(honest, "one/submissions", "first", 1)  # corpora are drawn, files are in the system's cache
    start = _run(honest, "one/submissions", "start", 1)
    whole = _run(honest, "submissions", "out1", 1)
    records = json.loads((honest / "out1.json").read_text())["reports"]
    rest = Spent(whole.wall_s, whole.cpu_s - start.cpu_s, 0, whole.first_s)
    one.time_class(rest, number - 1, [r["duration_s"] for r in records])
    two.time_class(both := _run(honest, "submissions", "out2", 2), number)
    _say(f"grader: start {start}, one worker {whole}, two {both}")
    return [one, two]


def _grader_whole(setting: Setting, seen: Seen) -> None:
    """The class with its hostile hand-ins."""
    spent = _run(setting.root / "whole", "submissions", "out", 2)
    seen.hostile_s, seen.graded = spent.wall_s, _graded(setting.made, setting.root / "whole" / "out.json")
    _say(f"grader, the whole class: {spent}")
    _tell(seen)


def _tell(seen: Seen) -> None:
    for graded in seen.graded:
        if graded.lost or graded.given:
            _say(f"{seen.title} {graded.made.student}: lost {graded.lost}, given {graded.given}")


def _graded(made: Sequence[Made], document: Path) -> list[Graded]:
    problems = {r["student"]: r["problems"] for r in json.loads(document.read_text())["reports"]}
    return [
        Graded(m, {p["topic"]: p["score"] / p["max_score"] for p in problems.get(m.student, [])})
        for m in made
    ]


def _run(course: Path, path: str, out: str, jobs: int, *, again: bool = False) -> Spent:
    if not again:
        shutil.rmtree(course / out, ignore_errors=True)
    command = [sys.executable, "-P", "-m", "grader", "run", str(course / path), "--course", str(course), "-q"]
    command += ["-j", str(jobs), "-o", str(course / out)]
    command += [] if again else ["--json", str(course / f"{out}.json")]
    variables = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(HERE), "GRADER_CACHE": str(course / "cache")}
    store, errors = course / out / "results.sqlite", course / "errors.txt"
    spent = spend(
        command, course, variables, CLASS_PATIENCE_S, errors, limited=False, there=lambda: _kept(store)
    )
    if spent.code != 0:
        raise RuntimeError(f"grader run ended with {spent.code}: {errors.read_text()[-2000:]}")
    return spent


def _kept(store: Path) -> bool:
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as database:
            return bool(database.execute("SELECT count(*) FROM reports").fetchone()[0])
    except sqlite3.Error:
        return False
