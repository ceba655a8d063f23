"""The verb for formulas: is what the student derived right for all values of its symbols?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from numbers import Number
from types import FunctionType
from typing import Any, cast

import numpy as np
import sympy

from grader import judge
from grader.bank import Variant
from grader.exam._answer import Answer
from grader.exam._killable import Exhausted, killable
from grader.exam._outcomes import NeedsReview, WrongAnswer
from grader.judge import Case, Claim, Domain
from grader.sandbox import Expression, ExpressionMatrix, Handle, TreeError, build

SECONDS = 10.0
"""Of processor time for the search of a counterexample, and again for the proof."""
MEMORY_MB = 1024
_SHOWN = 160
_DEEPEST = 3
_VAGUE = ("<'", "<function", "<bound", "<locals>", "<lambda>", " at 0x", "...")
"""In what SymPy writes, and in names: a function of which only the name is told, one made anew for each case, a part left out."""
_UNPROVED = "no counterexample"
"""How the weaker certainty begins; one unproved formula in a check decides for the whole check."""
_UNREAD_NOTE = "expression not understood"
"""The sandbox's note on an expression that has parts off its list."""

Formulas = tuple[sympy.Expr, ...]
Finding = dict[str, Any]
"""What comes out of the killable process: JSON."""


def proves(
    answer: Answer,
    expected: Callable[..., object] | object = None,
    *,
    satisfies: Callable[..., Sequence[Claim]] | None = None,
    count: int = 1,
    domain: Mapping[sympy.Symbol, Domain] | None = None,
    cases: Sequence[Case] = (),
) -> None:
    """The answer's formulas are right for all values of the symbols that the check passed.

    expected: the formulas due, or a function that gives them for the same arguments (one, or a sequence).
    satisfies: instead of `expected`, gives the claims that right formulas fulfil, as
    `satisfies(formulas, *arguments)`; `count` of them are due. domain: where symbols live, by default where
    their own assumptions say. cases: parts of the domain to be proved one by one.

    A Matrix, a list and a tuple are the same; so are symbols of the same name. Raises WrongAnswer with the
    simplest counterexample found, NeedsReview where nothing could be decided; else it states its certainty.
    """
    wanted: Formulas = ()
    if satisfies is None:
        wanted = _as_formulas(expected(*answer.arguments) if callable(expected) else expected)
        count = len(wanted)
    items = _items(answer.value, answer)
    if len(items) != count:
        raise WrongAnswer(
            f"{_formula_count(len(items))} came where {count} {'is' if count == 1 else 'are'} due",
            answer=answer,
        )
    question = _Question(tuple(items), answer, wanted, satisfies, dict(domain or {}), tuple(cases))
    found = question.known("hunted", question.hunted)
    _complain(answer, found, count)
    proved = "scope" in found and bool(question.known("proved", question.proved).get("proved"))
    if not proved and found["status"] != "supported":
        raise NeedsReview(found["reason"])
    if not proved:
        answer.student.certainty(
            f"{_UNPROVED} among {found['samples']} samples of {found['scope']} at 50 digits; no proof found"
        )
    elif not answer.student.remarks.certainty.startswith(_UNPROVED):
        answer.student.certainty(f"proved by SymPy for {found['scope']}")


@dataclass(frozen=True)
class _Question:
    """Everything that the killable process needs; it inherits this by fork."""

    items: tuple[Expression | Number, ...]
    answer: Answer
    wanted: Formulas
    satisfies: Callable[..., Sequence[Claim]] | None
    domain: Mapping[sympy.Symbol, Domain]
    cases: tuple[Case, ...]

    def known(self, name: str, work: Callable[[], Finding]) -> Finding:
        """A method's result from a process that can be killed; status `undecided` when it had to be.

        Most of a class hand in the same few formulas: what came of one is kept for the others, but for what depends
        on how long it took.
        """
        try:
            found: Finding = self.answer.student.memo.recall(
                proves, self._content(), name, lambda: killable(work, seconds=SECONDS, memory_mb=MEMORY_MB)
            )
        except Exhausted as exhausted:
            return {"status": "undecided", "reason": f"the formula is too heavy to be judged: {exhausted}"}
        except RuntimeError as error:  # SymPy raises anything on formulas that nobody foresaw
            return {"status": "undecided", "reason": f"SymPy failed on the formula: {error}"}
        return found

    def _content(self) -> list[object]:
        """All that a finding depends on; with something that cannot be frozen where it is not plain."""
        trees = [item.tree if isinstance(item, Expression) else item for item in self.items]
        around = [self.answer.arguments, self.wanted, tuple(sorted(self.domain.items(), key=str)), self.cases]
        written = sympy.srepr(around)
        claims = self.satisfies
        named = f"{claims.__module__}.{claims.__qualname__}" if isinstance(claims, FunctionType) else str(claims)
        if any(mark in written + named for mark in _VAGUE):
            return [object()]
        return [self.answer.student.check, self.answer.function, self.answer.seed, trees, written, named]

    def hunted(self) -> Finding:
        """The search for a counterexample, and the slip that a refuted formula equals."""
        known = {s.name: s for s in _symbols(self.answer.arguments)}
        try:
            formulas = tuple(_rebuilt(item, known) for item in self.items)
        except TreeError as error:
            return {"status": "undecided", "reason": f"the formula cannot be read: {error}"}
        text = _text(formulas)
        conditions = [f for f in formulas if not isinstance(f, sympy.Expr)]
        unknown = _unknown_names(formulas, known.values())
        if conditions or unknown:
            return {"status": "unusable", "unknown": unknown, "formula": text}
        claims = self._claims(formulas)
        proof = judge.hunt(claims, domain=self.domain, cases=self.cases, seed=self.answer.seed)
        found: Finding = {
            "status": proof.status,
            "scope": proof.scope,
            "samples": proof.samples,
            "reason": proof.reason,
            "formula": text,
        }
        if proof.status == "refuted":
            at = ", ".join(
                f"{s.name} = {v}" for s, v in sorted(proof.witness.items(), key=lambda sv: str(sv[0]))
            )
            found |= {"at": at, "got": proof.got, "want": proof.want, "failed": proof.failed}
            found |= {"otherwise": claims[proof.failed].otherwise, "slip": self._slip(formulas)}
        return found

    def proved(self) -> Finding:
        """Whether SymPy proves the formulas right."""
        known = {s.name: s for s in _symbols(self.answer.arguments)}
        claims = self._claims(tuple(_rebuilt(item, known) for item in self.items))
        return {"proved": judge.prove(claims, domain=self.domain, cases=self.cases)}

    def _claims(self, formulas: Formulas) -> list[Claim]:
        if self.satisfies is not None:
            return list(self.satisfies(formulas, *self.answer.arguments))
        return [Claim(left, "==", right) for left, right in zip(formulas, self.wanted, strict=True)]

    def _slip(self, formulas: Formulas) -> str:
        for variant in self.answer.student.slips(self.answer.function):
            theirs = _formulas_of(variant, self.answer.arguments)
            if theirs is not None and len(theirs) == len(formulas) and self._same(formulas, theirs):
                return variant.title
        return ""

    def _same(self, one: Formulas, other: Formulas) -> bool:
        """Equal wherever either is a real number: a slip may well be undefined in places."""
        for left, right in ((one, other), (other, one)):
            claims = [Claim(x, "==", y) for x, y in zip(left, right, strict=True)]
            if judge.hunt(claims, domain=self.domain, cases=self.cases).status != "supported":
                return False
        return True


def _complain(answer: Answer, found: Finding, count: int) -> None:
    """Raise WrongAnswer for what the search found, if it found something."""
    if found["status"] == "unusable":
        names = ", ".join(found["unknown"])
        why = (
            f"the formula contains {names}, which the function was not given"
            if names
            else "a condition came where a formula is due"
        )
        raise WrongAnswer(why, answer=answer, got=found["formula"])
    if found["status"] != "refuted":
        return
    answer.student.certainty("exact: the counterexample was evaluated to 50 digits")
    where = f" at {found['at']}" if found["at"] else ""
    part = "the formula" if count == 1 or found["otherwise"] else f"formula [{found['failed']}]"
    why = (
        f"{found['otherwise']}{where}"
        if found["otherwise"]
        else f"{part} is {found['got']}{where}; {found['want']} is due"
    )
    raise WrongAnswer(
        why,
        answer=answer,
        got=f"{found['formula']}  ({found['got']}{where})",
        expected=f"{found['want']}{where}",
        slip=found["slip"],
    )


def _items(value: object, answer: Answer, depth: int = 0) -> list[Expression | Number]:
    """The formulas in a returned value, whatever holds them."""
    if isinstance(value, Expression):
        return [value]
    if isinstance(value, ExpressionMatrix):
        return [Expression(tree) for tree in value.trees]
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple) and depth < _DEEPEST:
        return [item for part in value for item in _items(part, answer, depth + 1)]
    number = isinstance(value, int | float | complex | Fraction | Decimal) and not isinstance(value, bool)
    if number and (isinstance(value, int | Fraction) or np.isfinite(complex(cast(complex, value)))):
        return [cast(Number, value)]
    if isinstance(value, Handle) and _UNREAD_NOTE in answer.student.remarks.notes:
        raise NeedsReview(f"the formula has parts that the grader cannot read ({value.type_name})")
    came = value.type_name if isinstance(value, Handle) else type(value).__name__
    raise WrongAnswer(
        f"a SymPy formula is due; {'a number that is not finite' if number else came} came", answer=answer
    )


def _rebuilt(item: Expression | Number, known: Mapping[str, sympy.Symbol]) -> sympy.Expr:
    if isinstance(item, Expression):
        return build(item.tree, known)
    return _as_formula(item)


def _as_formula(value: object) -> sympy.Expr:
    if isinstance(value, Fraction | Decimal):
        return sympy.Rational(*Fraction(value).as_integer_ratio())
    return sympy.sympify(value, strict=True)


def _as_formulas(value: object) -> Formulas:
    """Formulas that the grader's own code gave: one, a matrix, an array or (nested) sequence of them, row by row."""
    if isinstance(value, list | tuple | sympy.MatrixBase | np.ndarray):
        return tuple(formula for part in value for formula in _as_formulas(part))
    return (_as_formula(value),)


def _formulas_of(variant: Variant, arguments: Sequence[object]) -> Formulas | None:
    try:
        return _as_formulas(variant.function(*arguments))
    except Exception:  # noqa: BLE001 - a slip that cannot take symbols is not the one that was made
        return None


def _symbols(values: Iterable[object]) -> set[sympy.Symbol]:
    found: set[sympy.Symbol] = set()
    for value in values:
        if isinstance(value, sympy.Basic | sympy.MatrixBase):
            found |= value.free_symbols
        elif isinstance(value, list | tuple):
            found |= _symbols(value)
    return found


def _unknown_names(formulas: Formulas, known: Iterable[sympy.Symbol]) -> list[str]:
    """Symbols and undefined functions in formulas that were not among the arguments."""
    free = set[sympy.Symbol]().union(*(f.free_symbols for f in formulas)) - set(known)
    functions = {a.func for f in formulas for a in f.atoms(sympy.core.function.AppliedUndef)}
    return sorted({str(s) for s in free | functions})


def _text(formulas: Formulas) -> str:
    text = str(formulas[0]) if len(formulas) == 1 else f"[{', '.join(map(str, formulas))}]"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _formula_count(n: int) -> str:
    return f"{n} formula" if n == 1 else f"{n} formulas"
