"""Definitions: those of the sheet, and those that a writer makes on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from grader.derivation._ast import Apply, Node, Range, Sym
from grader.derivation._errors import Unreadable
from grader.derivation._lexer import Token
from grader.derivation._names import Definition, Scope, joined, scope_of, script
from grader.derivation._parse_big import starts
from grader.derivation._parse_conditions import split_at
from grader.derivation._parse_factors import FUNCTIONS
from grader.derivation._parse_laws import laws_of
from grader.derivation._parser import Parser
from grader.derivation._readings import readings_of
from grader.derivation._rows import chains_of
from grader.derivation._sheet import Sheet
from grader.derivation._tokens import tokenize
from grader.records import UserError

_NO_SYMBOLS = frozenset(
    [r"\frac", r"\sqrt", r"\underset", r"\mathbb{P}", r"\infty", r"\dots", r"\forall", r"\exists", "const"]
)
_INDEX_LETTERS = frozenset("ijklmnrst")
_CLOSING = MappingProxyType({"(": ")", "[": "]", r"\{": r"\}"})


def compiled(sheet: Sheet) -> Scope:
    """The sheet's names with its definitions. Raises UserError for a sheet whose LaTeX does not parse."""
    scope = scope_of(sheet)
    for text in sheet.definitions:
        chain = chains_of(tokenize(text, 1))[0]
        known = len(scope.definitions)
        try:
            scope = defined(chain.sides[0], chain.sides[1], scope, frozenset(["bars"]))
        except (Unreadable, IndexError) as error:
            raise UserError(
                f"notation of problem {sheet.problem}: the definition {text!r} is not understood ({error})"
            ) from error
        if len(scope.definitions) == known:
            raise UserError(
                f"notation of problem {sheet.problem}: the definition {text!r} defines a symbol twice"
            )
        if any(d.doubtful for d in scope.definitions.values()):
            raise UserError(
                f"notation of problem {sheet.problem}: the definition {text!r} can be read in several ways; add brackets"
            )
    for box in sheet.boxes.values():
        for n, bounds in enumerate(box.bounds):
            for side, text in zip(("low", "high"), bounds, strict=True):
                scope = _plain(scope, f"box:{box.key}:{n}:{side}", text)
    for space in sheet.spaces.values():
        if space.law and space.law not in sheet.densities:
            scope = _law(scope, space.key, space.law)
    return scope


def _plain(scope: Scope, name: str, text: str) -> Scope:
    found = readings_of(tokenize(text, 1), scope)
    if not found.readings:
        raise UserError(
            f"notation of problem {scope.sheet.problem}: {text!r} is not understood ({found.problem})"
        )
    definition = Definition(name, (), (), found.readings[0].node)
    return replace(scope, definitions={**scope.definitions, name: definition})


def _law(scope: Scope, space: str, text: str) -> Scope:
    letter = scope.sheet.spaces[space].letters[0]
    try:
        laws = laws_of(Parser([], scope, {}), tokenize(rf"{letter} \sim {text}", 1))
    except Unreadable as error:
        raise UserError(
            f"notation of problem {scope.sheet.problem}: the law {text!r} is not understood ({error})"
        ) from error
    if laws[0].law is None:
        raise UserError(f"notation of problem {scope.sheet.problem}: the law {text!r} is not understood")
    return replace(
        scope,
        definitions={**scope.definitions, "law:" + space: Definition("law:" + space, (), (), laws[0].law)},
    )


def defined(
    left: Sequence[Token], right: Sequence[Token], scope: Scope, settled: frozenset[str] = frozenset()
) -> Scope:
    """The scope in which `left` stands for `right`; `settled` as for readings. Raises Unreadable where either is not understood."""
    spelled, index, arguments = _head(left, right)
    inner = scope.with_index(*index)
    params: list[str] = []
    functional: list[str] = []
    for argument in arguments:
        name, is_function = _param(argument, inner)
        if name.startswith("@"):
            spelled += name
            continue
        if is_function:
            inner = inner.with_function(name, "")
            functional.append(name)
        elif name == argument[0].text and name not in inner.entities:
            inner = inner.with_index(name)
        params.append(name)
    found = readings_of(right, inner, settled=settled)
    if not found.readings:
        raise Unreadable(found.problem)
    doubtful = len([r for r in found.readings if not r.lax]) > 1
    body = found.readings[0].node
    return scope.with_definition(
        Definition(spelled, tuple(params), index, body, tuple(functional), doubtful), spelled
    )


def head_spelling(left: Sequence[Token], right: Sequence[Token]) -> str:
    """The canonical name of what a definition defines. Raises Unreadable for what is no single symbol."""
    return _head(left, right)[0]


def listed(tokens: Sequence[Token]) -> list[list[Token]]:
    """The members of a vector typed by its entries: `(a, b)^T`, or a matrix of one column."""
    tokens = list(tokens)
    if tokens and tokens[0].kind == "begin":
        inner = [t for t in tokens[1:] if t.kind != "end"]
        return [part for part in split_at([t for t in inner if t.kind != "cell"], r"\\") if part]
    closing = _CLOSING.get(tokens[0].text) if tokens else None
    end = next((n for n, t in enumerate(tokens) if t.text == closing), 0)
    after = "".join(t.text for t in tokens[end + 1 :])
    if not end or after not in ("", r"^\top", "^T", r"^{\top}", "^{T}"):
        return []
    return [part for part in split_at(tokens[1:end], ",") if part]


def head_index(left: Sequence[Token], right: Sequence[Token]) -> tuple[str, ...]:
    """The index letters of what a definition defines. Raises Unreadable for what is no single symbol."""
    return _head(left, right)[1]


def _head(left: Sequence[Token], right: Sequence[Token]) -> tuple[str, tuple[str, ...], list[list[Token]]]:
    """Name, index letters and arguments of a left side."""
    if not left or left[0].kind not in ("letter", "command", "word"):
        raise Unreadable("a definition of what is no symbol")
    base, at = left[0].text, 1
    if base in _NO_SYMBOLS or base in FUNCTIONS or starts(Parser(left, scope_of(Sheet("")), {})):
        raise Unreadable("a definition of what is no symbol")
    sub: list[Token] | None = None
    sup: list[Token] | None = None
    while at + 1 < len(left) and left[at].text in ("_", "^"):
        mark = left[at].text
        tokens, at = script(left, at + 1)
        sub, sup = (tokens, sup) if mark == "_" else (sub, tokens)
    index: tuple[str, ...] = ()
    used = {t.text for t in right}
    letters = [t.text for t in sub or () if t.text != ","]
    if any(x in _INDEX_LETTERS for x in letters) and all(
        x.isdigit() or (x in _INDEX_LETTERS and x in used) for x in letters
    ):
        index, sub = tuple(x if x in _INDEX_LETTERS else f"·{n}" for n, x in enumerate(letters)), None
    arguments: list[list[Token]] = []
    if at < len(left):
        closing = _CLOSING.get(left[at].text)
        if closing is None or left[-1].text != closing:
            raise Unreadable("a definition of what is no single symbol")
        arguments = [
            part for piece in _at_bar(left[at + 1 : -1]) for part in split_at(piece, ",", ";") if part
        ]
    return joined(base, sub, sup), index, arguments


def _at_bar(tokens: Sequence[Token]) -> list[list[Token]]:
    depth = 0
    for n, token in enumerate(tokens):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
        if token.kind == "bar" and depth == 0:
            return [list(tokens[:n]), list(tokens[n + 1 :])]
    return [list(tokens)]


def _param(tokens: list[Token], scope: Scope) -> tuple[str, bool]:
    """The name that an argument of a left side binds, and whether it is a function."""
    texts = [t.text for t in tokens]
    if texts == [r"\dots"]:
        return "·dots", False
    if len(tokens) > 1 and "(" in texts and tokens[0].text not in scope.entities:
        return tokens[0].text, True
    if len(tokens) == 1 and tokens[0].kind in ("letter", "command") and tokens[0].text not in scope.entities:
        return tokens[0].text, False
    node: Node = Parser(tokens, scope, {}).parse()
    if isinstance(node, Sym) and not node.index:
        return node.name, False
    if isinstance(node, Range | Sym):
        return "·range", False
    if isinstance(node, Apply) and not node.args:
        return "·" + node.name, False
    if isinstance(node, Apply):
        return ("@" + node.name, False) if node.name in scope.definitions else (node.name, True)
    raise Unreadable("an argument that is no variable")
