"""A display as chains: sides between relations, over rows, columns and continued lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from grader.derivation._lexer import Token
from grader.derivation._row_tokens import (
    ARROWS,
    PAIRS,
    RELATIONS,
    RawChain,
    Relation,
    balanced,
    closing,
    is_condition,
    is_label,
    is_tag,
    merged,
    named,
    nesting,
    outermost,
    trimmed,
)

MAX_SIDES = 400
"""Sides of one display; what follows is not read."""

_OPERATORS = frozenset(["+", "-", "*", "/", r"\cdot", r"\times", r"\odot", r"\otimes", r"\pm", r"\mp"])
_ON = re.compile(
    r"^\W*(?:and|so|thus|hence|therefore|then|or|i\.?e\.?|that is|but|implies|we (?:get|have|obtain))?\W*$",
    re.IGNORECASE,
)


def chains_of(tokens: Sequence[Token]) -> list[RawChain]:
    """The chains of one display. Never raises: what is malformed becomes a side that does not parse."""
    multline = any(t.kind == "begin" and t.text.startswith("multline") for t in tokens[:2])
    return _Rows(named(merged(tokens)), multline).run()


class _Rows:
    def __init__(self, tokens: list[Token], multline: bool) -> None:
        self._tokens = tokens
        self._multline = multline
        self._aligned = any(t.kind == "cell" for t in tokens)
        self._chains: list[RawChain] = [RawChain()]
        self._depth = 0
        self._cells = 0
        self._fresh_row = True
        self._sides = 0

    def run(self) -> list[RawChain]:
        at = 0
        while at < len(self._tokens) and self._sides < MAX_SIDES:
            at = self._step(at)
        chains = [chain for chain in self._chains if not chain.empty or chain.notes]
        for chain in chains:
            chain.sides = [trimmed(side) for side in chain.sides]
            if len(chain.sides) > 1 and not chain.sides[-1]:
                chain.sides.pop()
                chain.relations.pop()
        return chains

    @property
    def _chain(self) -> RawChain:
        return self._chains[-1]

    def _step(self, at: int) -> int:
        token = self._tokens[at]
        following = self._tokens[at + 1] if at + 1 < len(self._tokens) else None
        if self._depth > 0 and token.kind == "row" and following is not None and self._starts_anew(at + 1):
            self._depth = 0
        if self._depth > 0 or token.kind in ("begin", "end"):
            return self._inner(token, at)
        if token.kind == "row":
            self._fresh_row, self._cells = True, 0
        elif token.kind == "cell":
            return self._cell(at)
        elif token.kind == "quad":
            if following is not None and following.text == "(" and is_tag(self._tokens, at + 1):
                return closing(self._tokens, at + 1) + 1
        elif token.kind == "intertext":
            self._note([replace(token, kind="text")])
            self._new()
        elif token.kind == "text":
            return self._text(at)
        elif token.text in (r"\because", r"\forall") or (
            token.text == "(" and following is not None and self._is_comment(following)
        ):
            return self._comment(at)
        elif token.text == "(" and self._chain.empty and is_label(self._tokens, at):
            return at + 3
        elif token.text in (",", ";", ".", ":"):
            return self._punctuation(at)
        elif token.text in ARROWS:
            self._chain.trailing_arrow = "" if self._chain.empty else ARROWS[token.text]
            self._new(ARROWS[token.text])
        elif token.text == r"\therefore":
            self._new()
        elif token.text in RELATIONS:
            self._relation(token)
        else:
            return self._inner(token, at)
        return at + 1

    def _inner(self, token: Token, at: int) -> int:
        if self._depth == 0 and self._fresh_row and token.kind != "end":
            self._row_begins(at)
        self._fresh_row = False
        if token.kind in ("begin", "end"):
            self._depth += 1 if token.kind == "begin" else -1
        self._depth += PAIRS.get(token.text, 0) + {"open": 1, "close": -1}.get(
            token.side if token.kind == "bar" else "", 0
        )
        self._depth = max(0, self._depth)
        if self._depth == 0 or token.kind not in ("quad", "intertext"):
            self._chain.sides[-1].append(token)
        return at + 1

    def _starts_anew(self, at: int) -> bool:
        while at < len(self._tokens) and self._tokens[at].kind in ("cell", "quad"):
            at += 1
        inner = any(t.kind == "begin" for t in self._chain.sides[-1]) and not balanced(self._chain.sides[-1])
        return not inner and at < len(self._tokens) and self._tokens[at].text in RELATIONS

    def _row_begins(self, at: int) -> None:
        """A row that begins with something else than a relation: a new chain, or the side goes on."""
        side = self._chain.sides[-1]
        if self._chain.empty or not side or side[-1].text in _OPERATORS or side[-1].text == "(":
            return
        first = self._tokens[at]
        if first.text in _OPERATORS:
            if (
                first.text != "-"
                or self._multline
                or (self._aligned and self._cells > 0)
                or not self._has_relation(at)
            ):
                return
            self._chain.open_end = not self._aligned
            self._new()
            self._chain.open_start = not self._aligned
            return
        if self._cells > 0 and not self._has_relation(at) and self._chain.relations:
            if at > 0 and self._tokens[at - 1].kind == "quad":
                return
            if self._chain.sides[0] and self._chain.sides[0][0].text != first.text:
                self._chain.open_end = True
                self._new()
                self._chain.open_start = True
                return
        self._new()

    def _has_relation(self, at: int) -> bool:
        depth = 0
        for token in self._tokens[at:]:
            if token.kind == "row" and depth <= 0:
                return False
            depth += PAIRS.get(token.text, 0) + {"begin": 1, "end": -1}.get(token.kind, 0)
            if depth <= 0 and token.text in RELATIONS:
                return True
        return False

    def _relation(self, token: Token) -> None:
        self._fresh_row = False
        chain = self._chain
        if not chain.sides[-1] and chain.relations:
            chain.relations[-1] = Relation(RELATIONS[token.text], token)
            return
        chain.relations.append(Relation(RELATIONS[token.text], token))
        chain.sides.append([])
        self._sides += 1

    def _new(self, arrow: str = "") -> None:
        if self._chain.empty and not self._chain.notes:
            self._chain.arrow = arrow or self._chain.arrow
            return
        self._chains.append(RawChain(arrow=arrow))

    def _note(self, tokens: list[Token]) -> None:
        if tokens:
            self._chain.notes.append(tokens)

    def _cell(self, at: int) -> int:
        self._cells += 1
        if self._cells < 2 or at + 1 >= len(self._tokens):
            return at + 1
        following = self._tokens[at + 1]
        side = self._chain.sides[-1]
        if (
            following.text not in RELATIONS
            and following.kind not in ("cell", "row", "text", "quad")
            and side
            and not self._is_comment(following)
        ):
            self._new()
        return at + 1

    def _text(self, at: int) -> int:
        text = self._tokens[at].text
        if _ON.match(text):
            if text.strip(" ,.;"):
                self._new()
            return at + 1
        end = at
        depth = 0
        while end < len(self._tokens) and not (depth <= 0 and self._tokens[end].kind in ("row", "intertext")):
            depth += PAIRS.get(self._tokens[end].text, 0)
            end += 1
        self._note(self._tokens[at:end])
        return end

    def _comment(self, at: int) -> int:
        if self._tokens[at].text == "(":
            end = closing(self._tokens, at)
            self._note(self._tokens[at + 1 : end])
            return end + 1
        end = at
        while end < len(self._tokens) and self._tokens[end].kind != "row":
            end += 1
        self._note(self._tokens[at:end])
        return end

    def _is_comment(self, token: Token) -> bool:
        return token.text == r"\because" or (
            token.kind == "text"
            and bool(re.match(r"\s*(?:since|by|as|because|using|from|for|if|where|def)", token.text))
        )

    def _punctuation(self, at: int) -> int:
        """A comma between statements: the next one starts, unless what follows is a range or a condition."""
        end = at + 1
        depth = 0
        while end < len(self._tokens) and (
            depth > 0 or (self._tokens[end].kind != "row" and self._tokens[end].text not in (",", ";"))
        ):
            depth += nesting(self._tokens[end])
            end += 1
        piece = [t for t in self._tokens[at + 1 : end] if t.kind not in ("quad", "cell")]
        if not piece:
            return at + 1
        if any(t.text in RELATIONS for t in outermost(piece)) and not is_condition(
            piece, self._tokens[end + 1 : end + 2]
        ):
            self._new()
            return at + 1
        if piece[0].kind == "text" or piece[0].text in (r"\forall", r"\because"):
            return at + 1
        if any(t.text in RELATIONS for t in outermost(piece)):
            stop = end
            while stop < len(self._tokens) and self._tokens[stop].kind != "row":
                stop += 1
            self._note([t for t in self._tokens[at + 1 : stop] if t.kind not in ("quad", "cell")])
            return stop
        self._chain.sides[-1].append(self._tokens[at])
        return at + 1
