"""One problem of a write-up, read from top to bottom: what is defined, under which conditions, which steps are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.derivation._afterwards import afterwards
from grader.derivation._ast import Compare, Sym
from grader.derivation._bank import Bank
from grader.derivation._doubts import Circumstances, Judged, Side
from grader.derivation._errors import Unreadable
from grader.derivation._lexer import Macro
from grader.derivation._names import Scope
from grader.derivation._notes import as_prose
from grader.derivation._prose import Inline, Remark, goes_on, introduces, is_premise, remarks, sums_up
from grader.derivation._row_tokens import RawChain, Relation
from grader.derivation._rows import chains_of
from grader.derivation._source import Piece
from grader.derivation._steps import judge_chain, side_of
from grader.derivation._surroundings import Surroundings
from grader.derivation._tokens import tokenize

MAX_STEPS = 600
"""Steps of one problem; what follows is left to a person."""
MAX_INLINE = 300
"""Formulas of one stretch of prose; the rest is not read, and nothing after it refuted."""
IMPLICATION_MODELS = 40
"""Looked at where a step follows only under the premise before it."""


@dataclass(slots=True)
class Found:
    """A chain with its verdicts."""

    sides: list[Side]
    ops: list[str]
    relations: list[Relation]
    judged: list[Judged]
    scope: Scope
    cell: int | None
    source: str
    """The text in which the tokens' offsets count."""
    cited: bool = False
    """Whether it is a reason given for another step."""


@dataclass(slots=True)
class Reader:
    """Reads the pieces of one problem."""

    where: Surroundings
    macros: Mapping[str, Macro]
    found: list[Found] = field(default_factory=list)
    _text: str = ""
    _inlines: list[Inline] = field(default_factory=list)
    _broken: bool = False
    """Whether a paragraph ended and no words came since."""
    _last: Side | None = None
    """The last side of the chain before, which a display that begins with a relation goes on from."""
    _limits_after: list[Remark] = field(default_factory=list)
    """Conditions in the words after the display at hand."""
    _consumed: set[str] = field(default_factory=set)
    """Formulas that limited the display before them."""
    _borrowed: bool = False
    """Whether the condition at hand is one of those: another one after the next display takes its place."""
    _pending: Found | None = None
    """The chain before, where it ended in an arrow."""

    def read_all(self, pieces: Sequence[Piece]) -> None:
        """Read a problem. What a display defines in the words after it, `where w = ...`, is known before it is judged."""
        for number, piece in enumerate(pieces):
            if piece.kind == "display":
                self._look_ahead(piece, pieces[number + 1 :])
            self.read(piece)
        self._flush(None)

    def _look_ahead(self, display: Piece, pieces: Sequence[Piece]) -> None:
        definitions, self._limits_after = afterwards(display, pieces, self._tokens)
        self._consumed |= {r.formula.source for r in self._limits_after if r.formula is not None}
        for remark in definitions:
            self._take(remark, None)

    def read(self, piece: Piece) -> None:
        """Take one piece into account."""
        if piece.kind == "text":
            self._paragraph(piece.text)
            self._text += piece.text
        elif piece.kind == "inline":
            self._inline(piece)
        elif piece.kind == "display":
            self._display(piece)
        elif piece.kind in ("heading", "item", "break"):
            self._flush(piece.cell)
            self._text, self._inlines = (
                ("", []) if piece.kind != "break" else (self._text[-200:], self._inlines)
            )
            self._broken = True
            if piece.kind != "break":
                self._pending = self._last = None
                self.where.local, self.where.unclear_local = (), ""

    def _paragraph(self, text: str) -> None:
        """A new paragraph ends what was only half understood, unless it goes on with the thought."""
        if self._broken and text.strip():
            self._broken = False
            if not goes_on(text):
                self.where.unclear_local = ""
            if sums_up(text):
                self.where.local = ()

    def _inline(self, piece: Piece) -> None:
        if len(self._inlines) >= MAX_INLINE:
            self.where.mark_unclear("the text before has too many formulas", lasting=True)
            return
        self._text += f"⟦{len(self._inlines)}⟧"
        self._inlines.append(self._tokens(piece))

    def _tokens(self, piece: Piece) -> Inline:
        try:
            return Inline(tuple(tokenize(piece.text, piece.line, self.macros)), piece.line, piece.text)
        except (Unreadable, RecursionError):
            return Inline((), piece.line, piece.text)

    def _flush(self, cell: int | None) -> None:
        for remark in remarks(self._text, self._inlines):
            if remark.kind == "condition" and remark.formula is not None:
                self._borrowed = remark.formula.source in self._consumed
            self._take(remark, cell)
        self._text = self._text[-200:] if not self._inlines else ""
        if self._inlines:
            self._inlines = []

    def _take(self, remark: Remark, cell: int | None, *, local: bool = False) -> None:
        if remark.kind == "unclear":
            self.where.mark_unclear(
                f"under a condition that was not understood ({' '.join(remark.text.split())})",
                remark.lasting and not local,
            )
        elif remark.formula is not None and remark.kind == "define":
            self.where.define(remark.formula, remark.lasting)
        elif remark.formula is not None and remark.kind == "member":
            self.where.belongs(remark.formula)
        elif remark.formula is not None and remark.kind == "maybe":
            tied = any(t.text == "=" for t in remark.formula.tokens)
            self.where.condition(remark.formula, tied and not local, certain=False)
        elif remark.formula is not None and remark.kind == "condition":
            self.where.condition(remark.formula, remark.lasting and not local)
        elif remark.formula is not None:
            self._claim(remark.formula, cell)

    def _claim(self, formula: Inline, cell: int | None) -> None:
        for chain in chains_of(formula.tokens):
            if len(chain.sides) > 1:
                self._cite(chain, cell, formula)

    def _cite(self, chain: RawChain, cell: int | None, formula: Inline) -> None:
        """A cited reason is a claim of its own; one that is not readable, or fixes a symbol, is no claim."""
        sides = [side_of(tokens, self.where.scope) for tokens in chain.sides]
        bare = any(len(tokens) == 1 and tokens[0].kind != "number" for tokens in chain.sides)
        ops = [relation.op for relation in chain.relations]
        if bare and _checkable(ops):
            self.where.condition(formula, lasting=True)
        if bare or any(side.plain is None for side in sides) or not _checkable(ops):
            return
        judged = judge_chain(
            sides,
            ops,
            self.where.bank_under(self.where.conditions()),
            self.where.scope,
            self.where.about(chain),
        )
        if any(j.verdict == "refuted" for j in judged) and self._limits(sides, ops, formula):
            self.where.condition(formula, lasting=False)
            return
        if any(j.verdict in ("refuted", "supported", "proved") for j in judged):
            self.found.append(
                Found(sides, ops, chain.relations, judged, self.where.scope, cell, formula.source, cited=True)
            )

    def _limits(self, sides: Sequence[Side], ops: Sequence[str], formula: Inline) -> bool:
        """Whether a cited relation limits a variable ("since y_2 < 0") rather than states a fact."""
        if any(isinstance(side.plain, Sym) for side in sides):
            return True
        return any(op in ("<", ">", "<=", ">=") for op in ops) and self.where.possible(formula)

    def _display(self, piece: Piece) -> None:
        if sum(len(found.judged) for found in self.found) > MAX_STEPS:
            return
        before = self._text
        self._flush(piece.cell)
        self._text = ""
        try:
            chains = chains_of(tokenize(piece.text, piece.line, self.macros))
        except (Unreadable, RecursionError):
            chains = []
        before_limits = self.where.local, self.where.unclear_local
        if self._limits_after and self._borrowed:
            self.where.local = ()
        for remark in self._limits_after:
            self.where.used = False
            self._take(remark, piece.cell, local=True)
        for chain in chains:
            self._notes(chain, piece)
        premise = is_premise(before)
        for number, chain in enumerate(chains):
            if len(chain.sides) > 1 and _checkable([r.op for r in chain.relations]):
                announced = (
                    chain.relations[0].op == ":="
                    or (number == 0 and introduces(before))
                    or bool(self._pending is None and number > 0 and introduces(before))
                )
                self._chain(chain, piece, premise and number == 0, announced)
            elif chain.sides[0]:
                self._last = side_of(chain.sides[0], self.where.scope) if len(chain.sides) == 1 else None
        if not chains:
            self._last = None
        if self._limits_after:
            self.where.local, self.where.unclear_local = before_limits
        self.where.used = True

    def _notes(self, chain: RawChain, piece: Piece) -> None:
        for note in chain.notes:
            text, formulas = as_prose(note, piece)
            for remark in remarks(text, formulas):
                self._take(
                    replace(remark, lasting=remark.kind == "define"),
                    piece.cell,
                    local=remark.kind != "define",
                )

    def _chain(self, chain: RawChain, piece: Piece, premise: bool, announced: bool) -> None:
        if (
            announced
            and chain.relations[0].op in ("=", ":=")
            and self.where.defines(chain.sides[0], chain.sides[1])
        ):
            chain = RawChain(
                chain.sides[1:], chain.relations[1:], chain.notes, chain.arrow, chain.trailing_arrow
            )
            if len(chain.sides) < 2:
                return
        sides = [side_of(tokens, self.where.scope) for tokens in chain.sides]
        if not chain.sides[0] and self._last is not None:
            sides[0] = self._last
        self._last = sides[-1]
        ops = [relation.op for relation in chain.relations]
        about = replace(self.where.about(chain), open_start=chain.open_start, open_end=chain.open_end)
        bank = self.where.bank_under(self.where.conditions())
        if premise or chain.trailing_arrow:
            about = replace(about, premise=True)
        if self._pending is not None:
            bank, about = self._implied(bank, about, sides[0])
        elif chain.arrow == "<=>":
            about = replace(about, premise=True)
        judged = judge_chain(sides, ops, bank, self.where.scope, about)
        if announced and judged[0].verdict == "refuted" and self.where.redefines(chain):
            judged[0] = replace(
                judged[0],
                verdict="undecided",
                reason="it gives a symbol of the sheet another meaning",
                witness=None,
            )
        found = Found(sides, ops, chain.relations, judged, self.where.scope, piece.cell, piece.text)
        self.found.append(found)
        self._pending = found if chain.trailing_arrow else None

    def _implied(self, bank: Bank, about: Circumstances, first: Side) -> tuple[Bank, Circumstances]:
        """Judge only where the premise holds: everywhere if it was supported, else in models that satisfy it."""
        pending = self._pending
        solved = self.where.solved_for(first)
        if pending is None or (
            not solved and all(j.verdict in ("supported", "proved") for j in pending.judged)
        ):
            return bank, about
        if any(side.plain is None for side in pending.sides) or "<=>" in pending.ops:
            return bank, replace(
                about, unclear=about.unclear or "it follows from a premise that was not understood"
            )
        plain = [side.plain for side in pending.sides if side.plain is not None]
        premises = tuple(
            Compare("=" if op == ":=" else op, a, b)
            for op, a, b in zip(pending.ops, plain, plain[1:], strict=False)
        )
        implied = self.where.bank_under((*(c for c in self.where.conditions() if c not in solved), *premises))
        implied.count = IMPLICATION_MODELS
        if len(implied.recipes(2)) < 2:
            return bank, replace(
                about, unclear=about.unclear or "it follows from a premise that no model meets"
            )
        return implied, about


def _checkable(ops: Sequence[str]) -> bool:
    return all(op in ("=", ":=", "<=", ">=", "<", ">", "!=", "propto", "~=") for op in ops)
