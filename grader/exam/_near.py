"""Which of a student's definitions may be meant where a function is missing: said, and never graded as if."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from grader.intake import NotebookError, Source, code_cells

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")
_CLOSE = 0.75
_SHORTEST = 4
"""Letters that the beginning of a name needs to stand for the whole."""
_MOST_BYTES = 1 << 18
_MOST_NOTEBOOK = 1 << 24
_MOST_DEFINITIONS = 2000


@dataclass(frozen=True)
class Definition:
    """A function, method or class in a hand-in."""

    name: str
    place: str
    """`line 12 of solution.py`."""
    inside: str
    """The class or function that it is defined in, such as `class Solution`, or empty."""
    least: int
    most: float
    """How many arguments it can be called with by position; for a class any number."""


def definitions(source: Source) -> list[Definition]:
    """All definitions in the Python files and notebooks of a hand-in that can be read, in their order."""
    found: list[Definition] = []
    for name in source.modules:
        content = source.files[name]
        if len(content) > (_MOST_NOTEBOOK if name.endswith(".ipynb") else _MOST_BYTES):
            continue
        for text, place in _texts(name, content):
            try:
                tree = ast.parse(text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            found += _defined(tree, place, "")
            if len(found) > _MOST_DEFINITIONS:
                return found
    return found


def near_miss(
    function: str, arguments: int | None, taken: Collection[str], found: Iterable[Definition]
) -> str:
    """What to say of the definition that may be meant by `function`; empty where none looks like it.

    arguments: how many it is called with, if known. taken: names that mean something else on the sheet. A name is
    near when it is the same but for case, underscores, words before and after it, an abbreviation or a slip of the
    pen; and it must take as many arguments, unless the name is the same.
    """
    rated = [(_likeness(function, d), d) for d in found if d.name == function or d.name not in taken]
    close = [(like, d) for like, d in rated if like >= _CLOSE and (like == 1.0 or _fits(d, arguments))]
    if not close:
        return ""
    best, meant = max(close, key=lambda pair: (pair[0], not pair[1].inside))
    also = sorted({d.name for like, d in close if like == best and d.name != meant.name})
    name = f"{meant.name} ({meant.place})"
    if meant.inside:
        return f"; {name} is inside {meant.inside}: is it meant? Then define it at the top level of the file, as {function}"
    if not _fits(meant, arguments):
        return f"; {name} does not take {arguments} argument{'s' * (arguments != 1)}: is it meant? Then name it {function} and let it take them"
    same = "" if arguments is None or meant.most == float("inf") else " takes the same arguments"
    or_else = f", or {also[0]}" if also else ""
    return f"; {name}{or_else}{same}: is it meant? Then name it {function}"


def _texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    if not name.endswith(".ipynb"):
        yield content.decode("utf-8", "replace"), f"of {name}"
        return
    try:
        for cell in code_cells(content):
            yield cell.text, f"of cell {cell.number}"
    except NotebookError:
        return


def _defined(tree: ast.AST, place: str, inside: str) -> Iterator[Definition]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield Definition(node.name, f"line {node.lineno} {place}", inside, 0, float("inf"))
            yield from _defined(node, place, f"class {node.name}")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _of(node.name, node.lineno, node.args, place, inside)
            yield from _defined(node, place, f"function {node.name}")
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            yield from (_of(name, node.lineno, node.value.args, place, inside) for name in names)
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
            yield from _defined(node, place, inside)


def _of(name: str, line: int, args: ast.arguments, place: str, inside: str) -> Definition:
    positional = [*args.posonlyargs, *args.args]
    if inside.startswith("class ") and positional and positional[0].arg in ("self", "cls"):
        positional = positional[1:]
    least = max(len(positional) - len(args.defaults), 0)
    return Definition(
        name, f"line {line} {place}", inside, least, float("inf") if args.vararg else len(positional)
    )


def _fits(found: Definition, arguments: int | None) -> bool:
    return arguments is None or found.least <= arguments <= found.most


def _likeness(wanted: str, found: Definition) -> float:
    """1 for the same name, however it is written; less for more that was added, left out or mistyped."""
    ours, theirs = (_words(name) for name in (wanted, found.name))
    one, other = "".join(ours), "".join(theirs)
    if one == other:
        return 1.0
    if _within(ours, theirs):
        return 0.95 - 0.01 * min(len(theirs) - len(ours), 10)
    if len(other) >= _SHORTEST and one.startswith(other):
        return 0.8
    return difflib.SequenceMatcher(None, one, other).ratio()


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]


def _within(ours: list[str], theirs: list[str]) -> bool:
    return (
        any(theirs[i : i + len(ours)] == ours for i in range(len(theirs) - len(ours) + 1)) if ours else False
    )
