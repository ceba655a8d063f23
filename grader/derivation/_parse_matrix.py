"""Matrices and definitions by cases."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.derivation._ast import Call, Cases, Compare, MatrixOf, Node, Op, Wild
from grader.derivation._errors import Unreadable
from grader.derivation._lexer import Token
from grader.derivation._parse_conditions import condition, split_at
from grader.derivation._parse_series import diagonal, list_series

if TYPE_CHECKING:
    from grader.derivation._parser import Parser

_MATRICES = (
    "pmatrix",
    "bmatrix",
    "matrix",
    "vmatrix",
    "Bmatrix",
    "smallmatrix",
    "array",
    "psmallmatrix",
    "bsmallmatrix",
    "Vmatrix",
)
_BLANK = re.compile(r"^\W*(?:if|for|when|where|and|,)?\W*$", re.IGNORECASE)
_OTHERWISE = re.compile(r"otherwise|else|o\.?\s*w|elsewhere|in any other", re.IGNORECASE)


def environment(p: Parser) -> Node:
    """The environment that begins at the cursor. Raises Unreadable."""
    name = p.token().text
    depth = 0
    end = p.at
    while end < len(p.tokens):
        depth += {"begin": 1, "end": -1}.get(p.tokens[end].kind, 0)
        if depth == 0:
            break
        end += 1
    if depth:
        raise Unreadable(f"{name} that does not end")
    inner = p.tokens[p.at + 1 : end]
    p.at = end + 1
    if name.rstrip("*") in ("cases", "dcases", "rcases"):
        return _cases(p, inner)
    if name in ("aligned", "split", "gathered"):
        return p.inside([t for t in inner if t.kind not in ("row", "cell")])
    if name not in _MATRICES:
        raise Unreadable(f"the environment {name}")
    if name == "array" and inner and inner[0].text == "{":
        close = next((n for n, t in enumerate(inner) if t.text == "}"), 0)
        inner = inner[close + 1 :]
    rows = tuple(tuple(_entry(p, cell) for cell in _filled(cells)) for cells in _table(inner))
    if not rows or len({len(row) for row in rows}) != 1:
        raise Unreadable("a matrix whose rows differ in length")
    node = _with_dots(rows)
    if name == "vmatrix":
        return Op("det", (node,))
    return Op("norm", (node,)) if name == "Vmatrix" else node


def _with_dots(rows: tuple[tuple[Node, ...], ...]) -> Node:
    """A matrix; with dots along a diagonal or a column, the one that they stand for."""
    along = diagonal(rows)
    if along is not None:
        members = list_series(along)
        return Call("diag", (members[0] if len(members) == 1 else Op("tuple", tuple(members)),))
    if all(len(row) == 1 for row in rows):
        members = list_series([row[0] for row in rows])
        return members[0] if len(members) == 1 < len(rows) else MatrixOf(tuple((m,) for m in members))
    if len(rows) == 1:
        members = list_series(list(rows[0]))
        return (
            Op("transpose", (members[0],))
            if len(members) == 1 < len(rows[0])
            else MatrixOf((tuple(members),))
        )
    return MatrixOf(rows)


def _filled(cells: list[list[Token]]) -> list[list[Token]]:
    """A row's cells; those left empty are dots where others are, else zeros."""
    dots = next((cell for cell in cells if [t.text for t in cell] == [r"\dots"]), None)
    if dots is not None:
        return [cell or dots for cell in cells]
    first = next(cell for cell in cells if cell)[0]
    return [cell or [replace(first, kind="number", text="0", side="")] for cell in cells]


def _entry(p: Parser, cell: list[Token]) -> Node:
    if [t.text for t in cell] in (["*"], [r"\star"], [r"\ast"]):
        return Wild("star")
    if [t.text for t in cell] == [r"\dots"]:
        return Wild("dots")
    return p.inside(cell)


def _table(tokens: list[Token]) -> list[list[list[Token]]]:
    rows: list[list[list[Token]]] = [[[]]]
    depth = 0
    for token in tokens:
        depth += {"begin": 1, "end": -1}.get(token.kind, 0)
        if depth == 0 and token.kind == "row":
            rows.append([[]])
        elif depth == 0 and token.kind == "cell":
            rows[-1].append([])
        elif token.kind != "quad":
            rows[-1][-1].append(token)
    return [row for row in rows if any(row)]


def _cases(p: Parser, tokens: list[Token]) -> Node:
    rows: list[tuple[Node, tuple[Compare, ...]]] = []
    for cells in _table(tokens):
        flat = [token for cell in cells for token in [*cell]]
        value, rest = (cells[0], [t for cell in cells[1:] for t in cell]) if len(cells) > 1 else _split(flat)
        value = value[:-1] if value and value[-1].text in (",", ";") else value
        texts = [t for t in value if t.kind == "text"]
        if texts:
            cut = value.index(texts[0])
            value, rest = value[:cut], value[cut:] + rest
        rows.append((p.inside(value), _when(p, rest)))
    if not rows:
        raise Unreadable("cases without any case")
    return Cases(tuple(rows))


def _split(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    for n, token in enumerate(tokens):
        if token.kind == "text" or token.text in (",", ";"):
            return tokens[:n], tokens[n:]
    return tokens, []


def _when(p: Parser, tokens: list[Token]) -> tuple[Compare, ...]:
    words = [t for t in tokens if t.kind == "text"]
    if any(_OTHERWISE.search(t.text) for t in words):
        return ()
    if "".join(t.text for t in tokens if t.kind == "letter").lower() in ("ow", "otherwise", "else"):
        return ()
    tokens = [t for t in tokens if t.text not in (".",)]
    marks = []
    for token in tokens:
        if token.kind == "text":
            if not _BLANK.match(token.text):
                raise Unreadable(f"the condition {token.text.strip()!r}")
            marks.append(token)
    parts = split_at(
        [t for t in tokens if t.kind != "text" or re.search(r"and|,", t.text)],
        ",",
        ";",
        r"\wedge",
        *[t.text for t in marks],
    )
    found = tuple(c for part in parts if part for c in condition(_with(p, part), p.scope))
    if not found:
        raise Unreadable("a case without its condition")
    return found


def _with(p: Parser, tokens: list[Token]) -> Parser:
    from grader.derivation._parser import Parser

    inner = Parser(tokens, p.scope, p.policy)
    inner.depth = p.depth + 1
    inner.work = p.work
    return inner
