"""Chains written in Python, for those who prefer code: the same trees, the same verdicts.

q, h, phi = (names[n] for n in ("q", "h", "phi"))          # names = terms_of(sheet)
Chain(E(q, log(h / q)).grad(phi)).eq(E(q, log(q).grad(phi) * log(h / q)))
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from grader.derivation._ast import (
    Apply,
    Big,
    Call,
    Derivative,
    Divergence,
    Expect,
    Integral,
    Law,
    Node,
    Num,
    Op,
    Range,
    Sym,
)
from grader.derivation._bank import Bank, Engine
from grader.derivation._definitions import compiled
from grader.derivation._doubts import Circumstances, Judged, Side
from grader.derivation._goals import Linked, reached
from grader.derivation._latex import to_latex
from grader.derivation._readings import Reading, Readings
from grader.derivation._sheet import Sheet
from grader.derivation._steps import judge_chain, reading_text
from grader.records import Derivation, DerivationStep, UserError

Like: TypeAlias = "Term | int | Fraction"


@dataclass(frozen=True, slots=True)
class Term:
    """An expression; arithmetic on terms gives terms."""

    node: Node

    def __add__(self, other: Like) -> Term:
        return Term(Op("add", (self.node, _node(other))))

    def __radd__(self, other: Like) -> Term:
        return Term(Op("add", (_node(other), self.node)))

    def __sub__(self, other: Like) -> Term:
        return Term(Op("add", (self.node, Op("neg", (_node(other),)))))

    def __rsub__(self, other: Like) -> Term:
        return Term(Op("add", (_node(other), Op("neg", (self.node,)))))

    def __mul__(self, other: Like) -> Term:
        return Term(Op("mul", (self.node, _node(other))))

    __matmul__ = __mul__

    def __rmul__(self, other: Like) -> Term:
        return Term(Op("mul", (_node(other), self.node)))

    def __truediv__(self, other: Like) -> Term:
        return Term(Op("div", (self.node, _node(other))))

    def __rtruediv__(self, other: Like) -> Term:
        return Term(Op("div", (_node(other), self.node)))

    def __pow__(self, other: Like) -> Term:
        return Term(Op("pow", (self.node, _node(other))))

    def __neg__(self) -> Term:
        return Term(Op("neg", (self.node,)))

    def __call__(self, *args: Like, given: tuple[Term, ...] = ()) -> Term:
        """The function or density at arguments: `p(x, given=(z,))` is p(x | z). Raises UserError for what is no function."""
        if not isinstance(self.node, Apply):
            raise UserError("only a function, a density or a definition of the sheet takes arguments")
        return Term(Apply(self.node.name, tuple(_node(a) for a in args), tuple(g.node for g in given)))

    def __getitem__(self, index: Like | tuple[Like, ...]) -> Term:
        parts = index if isinstance(index, tuple) else (index,)
        if isinstance(self.node, Sym) and not self.node.index:
            return Term(Sym(self.node.name, tuple(_node(i) for i in parts)))
        return Term(Op("index", (self.node, *(_node(i) for i in parts))))

    @property
    def T(self) -> Term:  # noqa: N802
        """The transpose."""
        return Term(Op("transpose", (self.node,)))

    def grad(self, *parameters: Term) -> Term:
        """The gradient in the parameters."""
        return Term(Derivative(tuple(p.node for p in parameters), 1, self.node, True))


def _node(value: Like) -> Node:
    return value.node if isinstance(value, Term) else Num(Fraction(value))


def E(law: Term, body: Like, *variables: Term) -> Term:  # noqa: N802
    """The expectation of `body` under a density; `variables` where they are not the density's own, such as `draws(z, 1, K)`."""
    return Term(Expect((Law(tuple(v.node for v in variables), law.node),), _node(body)))


def draws(variable: Term, first: Like, last: Like) -> Term:
    """Independent draws `z_first, ..., z_last`. Raises UserError for what is no variable."""
    if not isinstance(variable.node, Sym):
        raise UserError("draws are of a variable of the sheet")
    return Term(Range(variable.node.name, _node(first), _node(last)))


def integral(body: Like, *variables: Term) -> Term:
    """The integral over the variables' whole space."""
    return Term(Integral(tuple(v.node for v in variables), None, None, _node(body)))


def index(name: str) -> Term:
    """An index letter, to be bound by `total`."""
    return Term(Sym(name))


def total(body: Like, letter: Term, first: Like, last: Like) -> Term:
    """The sum of `body` over the letter from first to last."""
    return Term(Big("sum", (letter.node,), _node(first), _node(last), (), _node(body)))


def KL(p: Term, q: Term) -> Term:  # noqa: N802
    """The divergence KL(p || q)."""
    return Term(Divergence(p.node, q.node))


def log(x: Like) -> Term:
    """Natural logarithm."""
    return Term(Call("log", (_node(x),)))


def exp(x: Like) -> Term:
    """Exponential."""
    return Term(Call("exp", (_node(x),)))


def det(x: Term) -> Term:
    """Determinant."""
    return Term(Call("det", (x.node,)))


def terms_of(sheet: Sheet) -> Mapping[str, Term]:
    """Everything that a sheet names, by the keys of its tables and the spellings of its definitions."""
    scope = compiled(sheet)
    terms: dict[str, Term] = {
        key: Term(Sym(key)) for table in (sheet.spaces, sheet.variables) for key in table
    }
    terms |= {
        key: Term(Apply(key, ()))
        for table in (sheet.densities, sheet.functions, scope.definitions)
        for key in table
    }
    return MappingProxyType(terms)


@dataclass(frozen=True, slots=True)
class _Link:
    op: str
    term: Term
    by: str
    line: int


@dataclass(frozen=True, slots=True)
class Chain:
    """`A = B <= C`, link by link. Each method gives a longer chain."""

    start: Term
    links: tuple[_Link, ...] = ()

    def _linked(self, op: str, term: Like, by: str) -> Chain:
        line = sys._getframe(2).f_lineno
        return Chain(self.start, (*self.links, _Link(op, Term(_node(term)), by, line)))

    def eq(self, term: Like, by: str = "") -> Chain:
        """... = term."""
        return self._linked("=", term, by)

    def le(self, term: Like, by: str = "") -> Chain:
        """... <= term."""
        return self._linked("<=", term, by)

    def ge(self, term: Like, by: str = "") -> Chain:
        """... >= term."""
        return self._linked(">=", term, by)

    def check(self, sheet: Sheet, *, file: str = "", seed: int = 0) -> Derivation:
        """The record of this chain under a notation sheet. `line` is that of the call which made the link."""
        scope = compiled(sheet)
        bank = Bank(sheet, seed, Engine(), scope.definitions)
        sides = [_side(self.start), *(_side(link.term) for link in self.links)]
        ops = [link.op for link in self.links]
        judged = judge_chain(sides, ops, bank, scope, Circumstances())
        steps = tuple(
            DerivationStep(
                n,
                f"{link.op} {to_latex(link.term.node, scope)}",
                link.line,
                None,
                reading_text(j, link.op, scope),
                *_verdict(j, link),
            )
            for n, (link, j) in enumerate(zip(self.links, judged, strict=True))
        )
        answers = [(goal, *reached(goal, [Linked(sides, ops, judged)], scope, bank)) for goal in sheet.goals]
        goals = tuple(
            {"name": goal.name, "reached": answer, "reason": reason} for goal, answer, reason in answers
        )
        together = (
            all(g["reached"] for g in goals) if goals and None not in [g["reached"] for g in goals] else None
        )
        open_ends = any(j.verdict in ("undecided", "unreadable") for j in judged)
        return Derivation(file, sheet.problem, steps, goals, together, None, open_ends or together is None)


def _side(term: Term) -> Side:
    return Side((), Readings((Reading(term.node, False),)))


def _verdict(judged: Judged, link: _Link) -> tuple[str, str, Mapping[str, object] | None]:
    reason = f"{judged.reason} (by {link.by})" if link.by else judged.reason
    return judged.verdict, reason, judged.witness
