"""A checks file without the checks that students may not see, and without what only those used."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

_WIDTH: Final = 110
_ALWAYS: Final = frozenset({"topic", "annotations"})


@dataclass(frozen=True)
class _Block:
    """One top-level statement, with the comments above it and the docstring below it."""

    node: ast.stmt
    first: int
    """Line, 1-based, where its comments begin."""
    last: int

    @cached_property
    def defines(self) -> frozenset[str]:
        """Names that it binds in the module."""
        return frozenset(_bound(self.node))

    @cached_property
    def uses(self) -> frozenset[str]:
        """Names that it mentions anywhere, those of parameters included: pytest fills these in by name."""
        names = {n.id for n in ast.walk(self.node) if isinstance(n, ast.Name)}
        return frozenset(names | {a.arg for a in ast.walk(self.node) if isinstance(a, ast.arg)})


def public_checks(text: str, keep: Collection[str]) -> str:
    """The file with those of its checks alone that `keep` names (without `check_`), each line as it was.

    Left out with the others: functions, constants and imports that nothing else uses, and comments above them.
    Raises SyntaxError where the text is no Python.
    """
    lines = text.splitlines()
    blocks = list(_blocks(ast.parse(text), lines))
    wanted = {f"check_{name}" for name in keep}
    needed = set(wanted | _ALWAYS)
    kept: set[int] = set()
    while True:
        more = {
            i
            for i, block in enumerate(blocks)
            if i not in kept and (block.defines & needed) and not _is_other_check(block.node, wanted)
        }
        if not more:
            break
        kept |= more
        needed |= {name for i in more if not _is_import(blocks[i].node) for name in blocks[i].uses}
    return _written(blocks, kept, needed, lines)


def _written(
    blocks: Sequence[_Block], kept: Collection[int], needed: Collection[str], lines: Sequence[str]
) -> str:
    known = {name for i in kept for name in blocks[i].defines}
    out: list[str] = []
    for i, block in enumerate(blocks):
        if i in kept:
            out += _shortened(block, needed, lines)
        elif not block.defines and i > 0 and not block.uses - known - {"__file__"}:
            out += lines[block.first - 1 : block.last]  # runs something, on what is still there
        elif i == 0 and _is_text(block.node):
            out += lines[: block.last]
    return "\n".join(out).rstrip() + "\n"


def _blocks(tree: ast.Module, lines: Sequence[str]) -> Iterator[_Block]:
    """Every statement with what stands between it and the one before; texts after an assignment belong to it."""
    groups: list[list[ast.stmt]] = []
    for node in tree.body:
        if groups and _is_text(node) and isinstance(groups[-1][-1], ast.Assign | ast.AnnAssign):
            groups[-1].append(node)
        else:
            groups.append([node])
    ends = [0, *((group[-1].end_lineno or 0) for group in groups)]
    for group, (before, end) in zip(groups, pairwise(ends), strict=True):
        yield _Block(group[0], before + 1, end)


def _shortened(block: _Block, needed: Collection[str], lines: Sequence[str]) -> list[str]:
    node, own = block.node, list(lines[block.first - 1 : block.last])
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return own
    names = [
        alias for alias in node.names if _name(alias) in needed or getattr(node, "module", "") == "__future__"
    ]
    if len(names) == len(node.names):
        return own
    above = list(lines[block.first - 1 : node.lineno - 1])
    node.names = names
    text = ast.unparse(node)
    if len(text) <= _WIDTH or isinstance(node, ast.Import):
        return [*above, text]
    head, _, inside = text.partition(" import ")
    return [*above, f"{head} import (", *(f"    {item}," for item in inside.split(", ")), ")"]


def _is_other_check(node: ast.stmt, wanted: Collection[str]) -> bool:
    if not isinstance(node, ast.FunctionDef) or node.name in wanted:
        return False
    callables = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
    return any((d.id if isinstance(d, ast.Name) else getattr(d, "attr", "")) == "check" for d in callables)


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _name(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from map(_name, node.names)
    else:
        yield from (n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
        for inner in ast.walk(node):  # imports under a condition
            if isinstance(inner, ast.Import | ast.ImportFrom):
                yield from map(_name, inner.names)
