"""A hand-in as a notebook, for the harnesses that grade those: a cell for each topic, with or without test cells."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ASSIGNMENT = "classroom"


def plain_notebook(files: Mapping[str, str]) -> str:
    """Only what was handed in, for otter."""
    return _notebook([_cell(text) for text in files.values()])


def otter_autograder(path: Path, tests: Iterable[str]) -> None:
    """otter's configuration: a test file for each topic."""
    by_topic: dict[str, list[str]] = {}
    for name in tests:
        by_topic.setdefault(name.partition("::")[0], []).append(name)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"print_summary": False, "print_score": False}))
        for topic, names in by_topic.items():
            archive.writestr(f"tests/{topic}.py", _otter_tests(topic, names))


def _otter_tests(topic: str, names: Iterable[str]) -> str:
    lines = [
        "OK_FORMAT = False",
        "from otter.test_files import test_case",
        "from peer_suite import TESTS, work_of",
    ]
    lines += [f"name = {topic!r}", "points = None"]
    for number, name in enumerate(names):
        lines += [f"@test_case(points=1, name={name!r})", f"def test_{number}(env):"]
        lines += [f"    TESTS[{name!r}](work_of(env))"]
    return "\n".join(lines) + "\n"


def nbgrader_notebook(files: Mapping[str, str], tests: Iterable[str]) -> str:
    """Solution cells and, after each, a test cell for every test of its topic, for nbgrader."""
    names = list(tests)
    cells = [_cell("from peer_suite import TESTS, work_of", _marked("imports", locked=True))]
    for file, text in files.items():
        topic = file.removesuffix(".py")
        cells.append(_cell(text, _marked(topic, solution=True)))
        for name in names:
            if name.startswith(f"{topic}::"):
                marks = _marked(name.replace("::", "--"), grade=True, locked=True, points=1)
                cells.append(_cell(f"TESTS[{name!r}](work_of(globals()))", marks))
    return _notebook(cells)


def _marked(
    cell: str, *, grade: bool = False, solution: bool = False, locked: bool = False, **more: Any
) -> Any:
    marks = {"grade": grade, "solution": solution, "locked": locked, "task": False, "cell_type": "code"}
    return {"nbgrader": {**marks, "schema_version": 3, "grade_id": cell, **more}}


def _cell(text: str, metadata: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": dict(metadata or {}),
        "outputs": [],
        "source": text,
    }


def _notebook(cells: list[dict[str, Any]]) -> str:
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 4})
