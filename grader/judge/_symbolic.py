"""Are these formulas right for all values of their symbols? First hunt a counterexample, then prove.

Never a lone `simplify(a - b) == 0`: that leaves nearly every false identity undecided. Numbers in an answer
are read exactly; what the student assumed of the symbols does not matter, only their domains do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice, product
from random import Random
from typing import Literal, NamedTuple

from mpmath import mpf
from sympy import Expr, Rational, Symbol

from grader.judge._domain import Case, Domain, pieces
from grader.judge._evaluate import evaluate, exact
from grader.judge._kinks import kinks
from grader.judge._zero import is_nonnegative, is_zero, size

SAMPLES = 64
_ENOUGH = 8
"""With fewer points at which everything could be evaluated, no counterexample says nothing."""
_PIECES = 600
"""A proof by more pieces than this is not tried."""
_NODES = 4000
"""Larger expressions are not judged."""
_SHRINK_VALUES = 12
_SIMPLE = 7
"""How many of a domain's simplest values stand in where another symbol's kinks are visited."""
_TOLERANCE = mpf(10) ** -30
"""Of values computed to 50 digits, relative to 1 + |value|."""
_ROUNDING_FACTOR = 2**16
"""Times the rounding of the decimals in an answer: what those may do to its value."""

Status = Literal["proved", "supported", "refuted", "undecided"]
Relation = Literal["==", "<=", ">="]
Point = Mapping[Symbol, Fraction]


@dataclass(frozen=True)
class Claim:
    """One statement about formulas, to hold for all values of the symbols."""

    left: Expr
    relation: Relation
    right: Expr
    otherwise: str = ""
    """What to say where it fails: `the result leaves C: x2 > 1`."""


@dataclass(frozen=True)
class Proof:
    """What is known of claims, how widely, and the counterexample if there is one."""

    status: Status
    """proved: SymPy reached exactly 0 (or the sign) in every case; supported: no counterexample among the
    samples; refuted: see `witness`; undecided: too large, or SymPy could not compute the values."""
    scope: str
    """For which values, as text: `all real y1, y2`."""
    witness: Mapping[Symbol, Fraction] = field(default_factory=dict)
    got: str = ""
    """The left side at the witness."""
    want: str = ""
    """The right side at the witness; after its relation unless that is equality."""
    failed: int = -1
    """Position of the claim that the witness refutes."""
    samples: int = 0
    """Points at which every claim was evaluated and held."""
    reason: str = ""
    """Why it is undecided."""


class _Read(NamedTuple):
    claim: Claim
    tolerance: mpf
    exact: bool


_Outcome = Literal["holds", "unknown", "outside"]
"""Of all claims at a point; outside: a wanted value is no finite real number there, so nothing is asked."""


class _Failure(NamedTuple):
    claim: int
    got: str
    want: str


def equivalent(
    got: Sequence[Expr],
    want: Sequence[Expr],
    *,
    domain: Mapping[Symbol, Domain] | None = None,
    cases: Sequence[Case] = (),
    samples: int = SAMPLES,
    seed: int = 0,
) -> Proof:
    """Whether formulas equal the wanted ones, one by one, on the whole domain.

    domain: where the symbols live; one without entry lives where its own assumptions say. cases: parts that
    cover the domain, each proved by itself; kinks at rational numbers are found and split without them.
    Refuted also where the wanted value is a finite real number and the given one is not.
    """
    if len(got) != len(want):
        raise ValueError(f"{len(got)} formulas against {len(want)}")
    claims = [Claim(g, "==", w) for g, w in zip(got, want, strict=True)]
    return decide(claims, domain=domain, cases=cases, samples=samples, seed=seed)


def decide(
    claims: Sequence[Claim],
    *,
    domain: Mapping[Symbol, Domain] | None = None,
    cases: Sequence[Case] = (),
    samples: int = SAMPLES,
    seed: int = 0,
) -> Proof:
    """Whether claims hold on the whole domain: `hunt`, then `prove` what survived."""
    found = hunt(claims, domain=domain, cases=cases, samples=samples, seed=seed)
    if found.status in ("supported", "undecided") and prove(claims, domain=domain, cases=cases):
        return replace(found, status="proved")
    return found


def hunt(
    claims: Sequence[Claim],
    *,
    domain: Mapping[Symbol, Domain] | None = None,
    cases: Sequence[Case] = (),
    samples: int = SAMPLES,
    seed: int = 0,
) -> Proof:
    """Look for a counterexample at `samples` points of the domain: supported, refuted or undecided."""
    places = _places(claims, domain or {})
    scope = _scope(places, cases)
    if _too_large(claims):
        return Proof("undecided", scope, reason=f"a formula has more than {_NODES} parts")
    read = _read(claims)
    outcomes: Counter[_Outcome] = Counter()
    for inside, point in _points(places, cases, read, samples, seed):
        outcome = _test(read, point)
        if isinstance(outcome, _Failure):
            point, outcome = _shrunk(read, outcome, point, inside)
            return Proof("refuted", scope, point, outcome.got, outcome.want, outcome.claim, outcomes["holds"])
        outcomes[outcome] += 1
    held = outcomes["holds"]
    if held >= min(_ENOUGH, samples) and not outcomes["unknown"]:
        return Proof("supported", scope, samples=held)
    return Proof("undecided", scope, samples=held, reason="SymPy could not compute the values of a formula")


def prove(
    claims: Sequence[Claim],
    *,
    domain: Mapping[Symbol, Domain] | None = None,
    cases: Sequence[Case] = (),
) -> bool:
    """Whether SymPy proves every claim in every case; False means not proved, not false.

    Can take long, and much memory, on formulas that others wrote: run it where it can be killed.
    """
    places = _places(claims, domain or {})
    if _too_large(claims):
        return False
    read = _read(claims)
    every = cases or [Case("everywhere")]
    return all(r.exact and _proved(r.claim, {**places, **case.domain}) for case in every for r in read)


def _too_large(claims: Sequence[Claim]) -> bool:
    return any(size(side, _NODES) >= _NODES for c in claims for side in (c.left, c.right))


def _read(claims: Sequence[Claim]) -> list[_Read]:
    found = []
    for claim in claims:
        left, right = exact(claim.left), exact(claim.right)
        rounding = max(left.rounding, right.rounding)
        tolerance = max(_TOLERANCE, _ROUNDING_FACTOR * mpf(rounding))
        found.append(_Read(replace(claim, left=left.expr, right=right.expr), tolerance, rounding == 0))
    return found


def _places(claims: Sequence[Claim], domain: Mapping[Symbol, Domain]) -> dict[Symbol, Domain]:
    present = set().union(*(side.free_symbols for c in claims for side in (c.left, c.right)))
    every = sorted(present | set(domain), key=lambda s: s.name)
    return {s: domain[s] if s in domain else Domain.of(s) for s in every}


def _scope(places: Mapping[Symbol, Domain], cases: Sequence[Case]) -> str:
    groups: dict[Domain, list[str]] = {}
    for symbol, place in places.items():
        groups.setdefault(place, []).append(symbol.name)
    parts = [place.described(names) for place, names in groups.items()]
    by = f" (cases {', '.join(c.title for c in cases)})" if cases else ""
    return f"all {'; '.join(parts)}{by}" if parts else "constants"


def _points(
    places: Mapping[Symbol, Domain], cases: Sequence[Case], read: Sequence[_Read], samples: int, seed: int
) -> Iterator[tuple[Mapping[Symbol, Domain], dict[Symbol, Fraction]]]:
    """Points of every case, simple ones first, each with the domains it was taken from.

    Beyond `samples` points every piece between two kinks is visited: a formula is free to be wrong on one alone.
    """
    found = kinks(side for r in read for side in (r.claim.left, r.claim.right))
    insides = [{**places, **case.domain} for case in cases] or [dict(places)]
    random = Random(seed)
    for inside in insides:
        values = {s: place.simple_values(found.get(s, ())) for s, place in inside.items()}
        for k in range(-(-samples // len(insides))):
            if k % 4 == 3:
                yield inside, {s: place.random_value(random) for s, place in inside.items()}
            else:
                yield inside, {s: random.choice(values[s][: 2 + k]) for s in inside}
        for symbol, turns in found.items():
            for value in inside[symbol].around(turns) if symbol in inside else ():
                yield inside, {s: random.choice(v[:_SIMPLE]) for s, v in values.items()} | {symbol: value}


def _test(read: Sequence[_Read], point: Point) -> _Failure | _Outcome:
    """The first claim that fails at a point, or how the point went."""
    at = {s: Rational(v.numerator, v.denominator) for s, v in point.items()}
    outcome: _Outcome = "holds"
    for index, (claim, tolerance, _) in enumerate(read):
        left, right = evaluate(claim.left, at), evaluate(claim.right, at)
        if right.real is None:
            outcome = "outside" if right.known and outcome == "holds" else "unknown"
        elif not left.known:
            outcome = "unknown"
        elif left.real is None or not _holds(left.real, claim.relation, right.real, tolerance):
            want = right.text if claim.relation == "==" else f"{claim.relation} {right.text}"
            return _Failure(index, left.text, want)
    return outcome


def _holds(left: mpf, relation: Relation, right: mpf, tolerance: mpf) -> bool:
    slack = tolerance * (1 + abs(right) + (abs(left) if relation != "==" else 0))
    if relation == "==":
        return bool(abs(left - right) <= slack)
    return bool(left <= right + slack) if relation == "<=" else bool(left >= right - slack)


def _shrunk(
    read: Sequence[_Read], failure: _Failure, point: Point, inside: Mapping[Symbol, Domain]
) -> tuple[dict[Symbol, Fraction], _Failure]:
    """The same failure with simpler numbers, one symbol at a time, and only the symbols that it depends on."""
    claim = read[failure.claim].claim
    only = [read[failure.claim]]
    best = {s: v for s, v in point.items() if s in claim.left.free_symbols | claim.right.free_symbols}
    for symbol in best:
        for value in islice(inside[symbol].simple_values(), _SHRINK_VALUES):
            if value == best[symbol]:
                break
            outcome = _test(only, {**best, symbol: value})
            if isinstance(outcome, _Failure):
                best = {**best, symbol: value}
                failure = outcome._replace(claim=failure.claim)
                break
    return best, failure


def _proved(claim: Claim, places: Mapping[Symbol, Domain]) -> bool:
    difference = claim.left - claim.right if claim.relation != "<=" else claim.right - claim.left
    decided = is_zero if claim.relation == "==" else is_nonnegative
    found = kinks([claim.left, claim.right])
    symbols = sorted(claim.left.free_symbols | claim.right.free_symbols, key=lambda s: s.name)
    split = [pieces(places[s], found.get(s, ())) for s in symbols]
    combinations = list(islice(product(*split), _PIECES + 1))
    if len(combinations) > _PIECES:
        return False
    return all(decided(difference.xreplace(dict(zip(symbols, parts, strict=True)))) for parts in combinations)
