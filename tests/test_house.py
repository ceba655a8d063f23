"""The house stands: rooms import only what lies below them, files and functions stay small, nothing is unfinished."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = ["records", "intake", "bank", "judge", "sandbox", "derivation", "exam", "engine", "reports", "review", "cli"]
"""From the ground up; `audit` shares the floor of `derivation`."""
FLOOR = {**{room: n for n, room in enumerate(FLOORS)}, "audit": FLOORS.index("derivation")}
SOURCES = sorted((ROOT / "grader").rglob("*.py")) + sorted((ROOT / "reference").glob("*.py"))
SOURCES += sorted((ROOT / "checks").rglob("*.py"))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{a.name}" for a in node.names)
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names)


@pytest.mark.parametrize("room", FLOOR)
def test_a_room_imports_only_rooms_below_it_and_only_by_the_front_door(room: str) -> None:
    wrong = []
    for path in sorted((ROOT / "grader" / room).rglob("*.py")):
        for name in _imports(ast.parse(path.read_text())):
            parts = name.split(".")
            if parts[0] != "grader" or len(parts) < 2 or parts[1] not in FLOOR or parts[1] == room:
                continue
            above = FLOOR[parts[1]] >= FLOOR[room]
            private = len(parts) > 2 and parts[2].startswith("_")
            if above or private:
                wrong.append(f"{path.name}: {name}")
    assert wrong == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 50
    ]
    assert long == []


def test_every_room_says_what_it_does_and_what_it_promises() -> None:
    for room in FLOOR:
        docstring = ast.get_docstring(ast.parse((ROOT / "grader" / room / "__init__.py").read_text())) or ""
        assert "romise" in docstring, room
