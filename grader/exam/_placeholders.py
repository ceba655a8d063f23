"""What of a starter was handed in as it was: functions that say nothing yet."""

from __future__ import annotations

import ast
import contextlib

from grader.intake import Source, code_cells

_MOST_SOURCE = 1 << 18
"""Bytes of a file that is looked at for placeholders: a starter is far smaller, and parsing costs memory."""

_MOST_NOTEBOOK = 1 << 24
"""The same for a notebook, most of which is pictures."""


def placeholders(source: Source) -> frozenset[str]:
    """Functions whose whole body is a docstring, `pass`, `...` or `raise NotImplementedError`.

    Only where the first definition of that name is such a one; nothing is run.
    """
    blank: set[str] = set()
    seen: set[str] = set()
    for name in source.modules:
        try:
            text = _python(name, source.files[name])
            if len(text) > _MOST_SOURCE:
                continue
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        last = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        assigned = {
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        blank |= {
            n for n, node in last.items() if n not in seen | assigned and all(map(_says_nothing, node.body))
        }
        seen |= set(last)
    return frozenset(blank)


def _python(name: str, content: bytes) -> str | bytes:
    """Python of a file; of a notebook, the cells that can be read."""
    if not name.endswith(".ipynb"):
        return content
    readable: list[str] = []
    if len(content) > _MOST_NOTEBOOK:
        return ""
    for cell in code_cells(content):
        with contextlib.suppress(SyntaxError, RecursionError):
            ast.parse(cell.text)
            readable.append(cell.text)
    return "\n".join(readable)


def _says_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Raise) and node.exc is not None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return isinstance(node, ast.Pass)
