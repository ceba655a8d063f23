"""Signs of a display that are structure rather than formula: relations, arrows, brackets, names typed as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from grader.derivation._lexer import Token

RELATIONS = MappingProxyType(
    {
        "=": "=", r"\coloneq": ":=", r"\triangleq": ":=", r"\doteq": ":=", r"\equiv": "=", r"\le": "<=", r"\ge": ">=", "<": "<",
        ">": ">", r"\neq": "!=", r"\propto": "propto", r"\approx": "~=", r"\simeq": "~=", r"\sim": "law", r"\in": "in",
        r"\subset": "in", r"\subseteq": "in", r"\mapsto": "in", r"\leftarrow": "in", r"\gets": "in", r"\ll": "~=", r"\gg": "~=",
        r"\succeq": "in", r"\perp": "in", r"\notin": "in",
    }
)  # fmt: skip


ARROWS = MappingProxyType({r"\Rightarrow": "=>", r"\Leftrightarrow": "<=>", r"\rightarrow": "=>"})


_OUTER = frozenset(
    [
        "align",
        "align*",
        "aligned",
        "alignat",
        "alignat*",
        "alignedat",
        "equation",
        "equation*",
        "gather",
        "gather*",
        "gathered",
        "eqnarray",
        "eqnarray*",
        "multline",
        "multline*",
        "flalign",
        "flalign*",
        "split",
        "displaymath",
        "math",
        "dmath",
        "dmath*",
        "array",
        "subequations",
    ]
)


PAIRS = MappingProxyType(
    {"{": 1, "(": 1, "[": 1, r"\{": 1, r"\langle": 1, "}": -1, ")": -1, "]": -1, r"\}": -1, r"\rangle": -1}
)


_NAME = re.compile(r"^[A-Za-z]{2,12}$")


def merged(tokens: Sequence[Token]) -> list[Token]:
    """`:=` and `...` as one sign; the outer environment's begin and end (with its column count) taken away."""
    result: list[Token] = []
    at = 0
    depth = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if (
            token.kind in ("begin", "end")
            and token.text in _OUTER
            and depth == 0
            and not (token.text == "array" and result)
        ):
            if (
                token.kind == "begin"
                and token.text.startswith(("alignat", "alignedat", "array"))
                and at < len(tokens)
                and tokens[at].text == "{"
            ):
                at = closing(tokens, at) + 1
            continue
        if token.kind in ("begin", "end"):
            depth += 1 if token.kind == "begin" else -1
        if token.text == "." and [t.text for t in tokens[at : at + 2]] == [".", "."]:
            result.append(replace(token, text=r"\dots", kind="command", stop=tokens[at + 1].stop))
            at += 2
        elif token.text == ":" and at < len(tokens) and tokens[at].text == "=":
            result.append(replace(token, text=r"\coloneq", kind="command", stop=tokens[at].stop))
            at += 1
        else:
            result.append(token)
    return result


def closing(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for end in range(at, len(tokens)):
        depth += PAIRS.get(tokens[end].text, 0)
        if depth == 0:
            return end
    return len(tokens) - 1


def named(tokens: list[Token]) -> list[Token]:
    """`\\text{KL}(...)` is a name; `\\text{ if }` is not."""
    result = []
    for at, token in enumerate(tokens):
        following = tokens[at + 1].text if at + 1 < len(tokens) else ""
        text = token.text.strip().rstrip(".")
        name = _NAME.match(text) and (following in ("(", "[", "_", "^") or text.isupper())
        if token.kind == "text" and text.lower() in ("const", "constant"):
            token = replace(token, kind="word", text="const")
        elif (
            token.kind == "text"
            and name
            and text.lower() not in ("if", "for", "by", "since", "where", "with", "when", "and", "otherwise")
        ):
            token = replace(token, kind="word", text=text)
        elif token.kind == "text" and (
            text == "d" or (re.fullmatch(r"[A-Za-z]", text) and following in ("_", "^", "("))
        ):
            token = replace(token, kind="letter", text=text)
        result.append(token)
    return result


def nesting(token: Token) -> int:
    """By how much a bracket or an environment's begin or end changes the depth."""
    return PAIRS.get(token.text, 0) + {"begin": 1, "end": -1}.get(token.kind, 0)


def outermost(tokens: Sequence[Token]) -> list[Token]:
    depth = 0
    result = []
    for token in tokens:
        depth += nesting(token)
        if depth == 0:
            result.append(token)
    return result


def is_condition(piece: list[Token], after: Sequence[Token]) -> bool:
    """`k = 1` before `, \\dots`; `\\sigma > 0`; `i = j`: it limits the statement before it."""
    flat = outermost(piece)
    where = [n for n, t in enumerate(flat) if t.text in RELATIONS]
    if after and after[0].text == r"\dots":
        return True
    right = flat[where[0] + 1 :]
    return (
        where == [1]
        and len(right) == 1
        and flat[0].kind in ("letter", "command")
        and right[0].kind in ("number", "letter")
    )


def balanced(tokens: Sequence[Token]) -> bool:
    return sum({"begin": 1, "end": -1}.get(t.kind, 0) for t in tokens) == 0


def trimmed(side: list[Token]) -> list[Token]:
    side = [
        t for n, t in enumerate(side) if t.kind != "quad" and not (t.kind == "cell" and balanced(side[:n]))
    ]
    while side and side[-1].text in (",", ".", ";", ":"):
        side.pop()
    while side and side[0].text in (",", ";"):
        side.pop(0)
    return side


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation sign of a display."""

    op: str
    """=, :=, <=, >=, <, >, !=, propto, ~=, or law and in (which state no identity)."""
    token: Token


@dataclass(slots=True)
class RawChain:
    """Sides with the relations between them, not parsed yet."""

    sides: list[list[Token]] = field(default_factory=lambda: [[]])
    relations: list[Relation] = field(default_factory=list)
    notes: list[list[Token]] = field(default_factory=list)
    """What stands beside: "for r > 0", "by Jensen", (\\because ...)."""
    arrow: str = ""
    """=> or <=> where this chain follows from the one before."""
    trailing_arrow: str = ""
    open_start: bool = False
    open_end: bool = False
    """Whether a line break before or after might as well join two factors: then that step is not refuted."""

    @property
    def empty(self) -> bool:
        """Whether nothing has been read yet."""
        return not self.relations and not self.sides[0]


def is_tag(tokens: Sequence[Token], at: int) -> bool:
    """`(3)` or `(*)` at the end of a row."""
    end = closing(tokens, at)
    after = tokens[end + 1].kind if end + 1 < len(tokens) else "row"
    return (
        end - at <= 3
        and all(
            t.kind in ("number", "letter", "symbol") or t.text in ("*", r"\star")
            for t in tokens[at + 1 : end]
        )
        and after == "row"
    )


def is_label(tokens: Sequence[Token], at: int) -> bool:
    """`(a)` before a quad, or before a display's first formula."""
    texts = [t.text for t in tokens[at : at + 4]]
    return (
        len(texts) == 4
        and texts[2] == ")"
        and texts[3] == r"\quad"
        and tokens[at + 1].kind in ("letter", "number")
    )
