"""Hand-ins with a known fate: the reference, the starter, every right variant, every slip."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from grader.bank import Course, Topic, Variant
from grader.records import UserError


class Fate(StrEnum):
    """What the checks must make of a hand-in."""

    FULL = "full"
    NONE = "none"
    LOSES = "loses"


@dataclass(frozen=True)
class Case:
    """One hand-in with a known fate."""

    name: str
    """Short and unique within the topic: `reference`, `starter`, `right-03`, `slip-07`."""
    title: str
    fate: Fate
    files: dict[str, str]


def cases(course: Course, topic: Topic) -> tuple[Case, ...]:
    """All hand-ins with a known fate for one topic. Raises UserError where the reference is missing."""
    path = course.root / "reference" / f"{topic.name}.py"
    if not path.is_file():
        raise UserError(f"{path} is missing; an audit needs the reference")
    reference = path.read_text(encoding="utf-8")
    found = [
        Case("reference", "the reference itself", Fate.FULL, {"solution.py": reference}),
        Case("starter", "the untouched starter", Fate.NONE, {"solution.py": topic.starter()}),
    ]
    for number, variant in enumerate(course.variants(topic.name), start=1):
        kind = "right" if variant.correct else "slip"
        files = {"solution.py": _as_solution(variant), "the_rest.py": reference}
        fate = Fate.FULL if variant.correct else Fate.LOSES
        found.append(Case(f"{kind}-{number:02d}", variant.title, fate, files))
    return tuple(found)


def _as_solution(variant: Variant) -> str:
    """The variant's file without our decorators, and the chosen variant under the name it replaces."""
    tree = ast.parse(Path(inspect.getfile(variant.function)).read_text(encoding="utf-8"))
    kept: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "grader":
            continue
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            node.decorator_list = [d for d in node.decorator_list if not _is_ours(d)]
        kept.append(node)
    tree.body = kept
    return f"{ast.unparse(tree)}\n\n{variant.of} = {variant.function.__name__}\n"


def _is_ours(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Name)
        and decorator.func.id in ("right", "slip")
    )
