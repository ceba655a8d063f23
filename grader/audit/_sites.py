"""Places in a function's source that a mutation may change, and how to put something else there."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST_CONTEXT = 60
"""Characters of the surrounding expression that a fragment may have; else it is shown without it."""
_NO_ANSWER = (ast.Raise, ast.JoinedStr, ast.Assert, ast.withitem)
"""Messages and contexts such as `np.errstate`: what is inside changes no answer."""
_NOT_CODE = ("annotation", "returns", "decorator_list", "type_comment", "ctx")


@dataclass(frozen=True, eq=False)
class Site:
    """One node, and where it hangs in the tree."""

    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None
    """Position where the field is a list."""
    around: ast.AST | None
    """The expression (or `axis=1`) that it is a part of, if any: what a reader needs to recognise the place."""
    parameters: tuple[str, ...]
    """Of the innermost function that it is in."""

    @contextlib.contextmanager
    def holding(self, other: ast.AST) -> Iterator[None]:
        """The tree with another node at this place, for as long as the context lasts."""
        self._put(other)
        try:
            yield
        finally:
            self._put(self.node)

    def fragments(self, other: ast.AST) -> tuple[str, str]:
        """What stands here now and what would stand here, as one line of source each."""
        shown: ast.AST = self.node
        if self.around is not None and len(one_line(self.around)) <= _LONGEST_CONTEXT:
            shown = self.around
        before = one_line(shown)
        with self.holding(other):
            return before, one_line(other if shown is self.node else shown)

    def apart_from(self, other: Site) -> bool:
        """Whether neither of the two places lies within the other."""
        return not (_within(self.node, other.node) or _within(other.node, self.node))

    def _put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def sites(root: ast.AST, parameters: tuple[str, ...] = ()) -> Iterator[Site]:
    """All places below a definition, in the order of the source: no annotations, docstrings or error messages."""
    if isinstance(root, ast.FunctionDef | ast.Lambda):
        every = [*root.args.posonlyargs, *root.args.args, *root.args.kwonlyargs]
        parameters = tuple(a.arg for a in every if a.arg not in ("self", "cls"))
    for field, value in ast.iter_fields(root):
        if field in _NOT_CODE:
            continue
        for index, node in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(node, ast.AST) or _is_text(node):
                continue
            small = isinstance(root, ast.expr | ast.keyword) and isinstance(node, ast.expr | ast.Slice)
            place = index if isinstance(value, list) else None
            yield Site(node, root, field, place, root if small else None, parameters)
            if not isinstance(node, _NO_ANSWER):
                yield from sites(node, parameters)


def one_line(node: ast.AST) -> str:
    """Source of a node without its line breaks."""
    return " ".join(ast.unparse(node).split())


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _within(node: ast.AST, outer: ast.AST) -> bool:
    return any(inner is node for inner in ast.walk(outer))
