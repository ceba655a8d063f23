"""The peers: what they need, how each grades one hand-in in a process of its own, and how its record is read."""

from __future__ import annotations

import json
import os
import re
import shutil
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.classroom import ASSIGNMENT, SUITE, Made
from benchmarks.peer_notebooks import nbgrader_notebook, otter_autograder, plain_notebook
from benchmarks.peer_processes import ONE_THREAD, Spent, spend

TEST_S = 10
"""Seconds that a test may take, where a harness has such a limit."""
Passed = Mapping[str, bool]
"""Test -> whether it has its points; a test without a record is not there."""


@dataclass(frozen=True)
class Ground:
    """Where one peer grades."""

    python: Path
    course: Path
    """The course's folder, with the tests in it."""
    scratch: Path
    """The peer's own folder."""
    tests: tuple[str, ...]
    patience_s: float

    def environment(self) -> dict[str, str]:
        """Variables: one thread, nothing of the user's."""
        return {
            **os.environ,
            **ONE_THREAD,
            "PATH": f"{self.python.parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(self.course),
            "HOME": str(self.scratch),
            "TMPDIR": str(self.scratch / "tmp"),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }

    def results(self, made: Made, ending: str = "json") -> Path:
        """Where the record of a hand-in will be; not there yet."""
        path = self.scratch / f"{made.student}.{ending}"
        path.unlink(missing_ok=True)
        return path

    def run(self, command: Sequence[str], folder: Path | None = None, **variables: str) -> Spent:
        """Run this environment's Python with these arguments."""
        where, environment = folder or self.scratch, {**self.environment(), **variables}
        errors = self.scratch / "errors.txt"
        return spend([str(self.python), *command], where, environment, self.patience_s, errors)

    def folder(self, made: Made) -> Path:
        """Where a hand-in lies."""
        return self.course / "submissions" / ASSIGNMENT / made.student


@dataclass(frozen=True)
class Peer:
    """One harness."""

    name: str
    title: str
    packages: tuple[str, ...]
    grade: Callable[[Ground, Made], tuple[Spent, Passed]]
    prepare: Callable[[Ground, Sequence[Made]], None] = lambda ground, made: None


def _json(path: Path) -> Any:
    """A record; empty where there is none, or half of one."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def _unittest(ground: Ground, made: Made) -> tuple[Spent, Passed]:
    results = ground.results(made)
    spent = ground.run(["-m", "peer_suite.run_unittest", str(ground.folder(made)), str(results)])
    tests = _json(results).get("tests", [])
    return spent, {t["name"]: t["score"] == t["max_score"] for t in tests}


def _pytest_command(ground: Ground, results: Path, *more: str) -> list[str]:
    tests = str(ground.course / "peer_suite" / "run_pytest.py")
    quiet = ["-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(ground.course), "--tb=line"]
    limit = ["-p", "pytest_timeout", f"--timeout={TEST_S}"]
    return ["-m", "pytest", tests, *quiet, *limit, f"--junitxml={results}", *more]


def _pytest(ground: Ground, made: Made) -> tuple[Spent, Passed]:
    results = ground.results(made, "xml")
    spent = ground.run(_pytest_command(ground, results), HANDINS=str(ground.folder(made)))
    return spent, _junit(results).get(made.student, {})


def xdist_class(ground: Ground, made: Sequence[Made]) -> tuple[Spent, Mapping[str, Passed]]:
    """All hand-ins at once, in two workers."""
    results = ground.scratch / "class.xml"
    results.unlink(missing_ok=True)
    two = ["-p", "xdist.plugin", "-n", "2", "--timeout-method=thread", "--max-worker-restart=1000"]
    handins = os.pathsep.join(str(ground.folder(m)) for m in made)
    spent = ground.run(_pytest_command(ground, results, *two), HANDINS=handins)
    return spent, _junit(results)


def _junit(path: Path) -> dict[str, dict[str, bool]]:
    """By hand-in. A test that took its worker with it may stand there more than once."""
    found: dict[str, dict[str, bool]] = {}
    try:
        cases = ElementTree.parse(path).iter("testcase")
    except (OSError, ElementTree.ParseError):
        return found
    for case in cases:
        named = re.fullmatch(r"test\[(\S+) (\S+)\]", case.get("name", ""))
        if named:
            passed = not any(child.tag in ("failure", "error", "skipped") for child in case)
            tests = found.setdefault(named[1], {})
            tests[named[2]] = tests.get(named[2], True) and passed
    return found


def _prepare_otter(ground: Ground, made: Sequence[Made]) -> None:
    otter_autograder(ground.scratch / "autograder.zip", ground.tests)
    for one in made:
        (ground.scratch / f"{one.student}.ipynb").write_text(plain_notebook(one.files))


def _otter(ground: Ground, made: Made) -> tuple[Spent, Passed]:
    results = ground.results(made)
    notebook, autograder = ground.scratch / f"{made.student}.ipynb", ground.scratch / "autograder.zip"
    spent = ground.run(["-m", "peer_suite.run_otter", str(notebook), str(autograder), str(results)])
    return spent, _json(results)


def _prepare_nbgrader(ground: Ground, made: Sequence[Made]) -> None:
    source = ground.scratch / "source" / ASSIGNMENT / "work.ipynb"
    for path, one in [(source, made[0]), *((_submitted(ground, m), m) for m in made)]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(nbgrader_notebook(one.files, ground.tests))
    done = ground.run(["-m", "peer_suite.run_nbgrader", str(ground.scratch), "prepare"])
    if done.code != 0:
        said = (ground.scratch / "errors.txt").read_text()
        raise RuntimeError(f"nbgrader made no assignment: {said[-2000:]}")


def _submitted(ground: Ground, made: Made) -> Path:
    return ground.scratch / "submitted" / made.student / ASSIGNMENT / "work.ipynb"


def _nbgrader(ground: Ground, made: Made) -> tuple[Spent, Passed]:
    results = ground.results(made)
    spent = ground.run(["-m", "peer_suite.run_nbgrader", str(ground.scratch), made.student, str(results)])
    return spent, _json(results)


def _prepare_check50(ground: Ground, made: Sequence[Made]) -> None:
    checks = ground.scratch / "checks"
    checks.mkdir(exist_ok=True)
    shutil.copyfile(SUITE / "check50_checks.py", checks / "__init__.py")
    (checks / ".cs50.yaml").write_text("check50: true\n")


def _check50(ground: Ground, made: Made) -> tuple[Spent, Passed]:
    results = ground.results(made)
    command = ["-m", "check50", "--dev", str(ground.scratch / "checks")]
    spent = ground.run([*command, "-o", "json", "--output-file", str(results)], ground.folder(made))
    found = _json(results).get("results", [])
    return spent, {r["description"]: r["passed"] is True for r in found}


PYTEST = ("pytest-timeout==2.4.0", "pytest-xdist==3.8.0")
PEERS: tuple[Peer, ...] = (
    Peer("unittest", "unittest, gradescope-utils 0.5.0", ("gradescope-utils==0.5.0",), _unittest),
    Peer("pytest", "pytest, pytest-timeout 2.4.0", PYTEST, _pytest),
    Peer("check50", "check50 3.5.0, local", ("check50==3.5.0",), _check50, _prepare_check50),
    Peer("nbgrader", "nbgrader 0.9.6, API", ("nbgrader==0.9.6", "ipykernel"), _nbgrader, _prepare_nbgrader),
    Peer(
        "otter",
        "otter-grader 7.0.0, in process",
        ("otter-grader==7.0.0", "ipykernel"),
        _otter,
        _prepare_otter,
    ),
)
"""Those that give each hand-in a process of its own."""
XDIST = Peer("xdist", "pytest-xdist 3.8.0, two workers for all", PYTEST, _pytest)
