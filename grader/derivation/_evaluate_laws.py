"""Expectations: every outcome of a law with its probability."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from grader.derivation._arrays import (
    Scaled,
    Value,
    add,
    is_array,
    is_number,
    multiply,
    squeezed,
)
from grader.derivation._ast import (
    Apply,
    Call,
    Expect,
    Law,
    Node,
    Num,
    Range,
    Sym,
)
from grader.derivation._errors import Unsupported
from grader.derivation._evaluate_calls import MAX_DRAWS
from grader.derivation._free import MANY, Free
from grader.derivation._model import Bound
from grader.derivation._names import DRAWN, spelling
from grader.derivation._numbers import Real, plain

if TYPE_CHECKING:
    from grader.derivation._evaluate import Evaluator


MAX_TERMS = 4096
"""Terms of one sum or expectation."""


Target = tuple[str, int | None]


def targets(e: Evaluator, variables: tuple[Node, ...], bound: Bound) -> list[Target]:
    """The variables that a binder binds: space and index."""
    found: list[Target] = []
    for node in variables:
        if isinstance(node, Range) and node.name in e.model.sheet.spaces:
            low, high = e.integer(node.first, bound), e.integer(node.last, bound)
            if high - low > MAX_DRAWS:
                raise Unsupported("too many draws")
            found.extend((node.name, i) for i in range(low, high + 1))
        elif isinstance(node, Sym) and node.name in e.model.sheet.spaces:
            found.append((node.name, e.integer(node.index[0], bound) if node.index else None))
        else:
            raise Unsupported("a variable that has no law")
    return found


def expectation(e: Evaluator, node: Expect, bound: Bound) -> Value:
    """The expectation, under the laws that the subscript names or the sheet implies."""
    laws = [_many(e, law, node.body) for law in node.laws or _implied(e, node.body)]
    normals = e.normals
    fine = _mean(e, laws, node.body, bound)
    if e.normals > normals and not e.coarse:
        e.coarse = True
        try:
            note_error(e, fine, _mean(e, laws, node.body, bound))
        finally:
            e.coarse = False
    return fine


def _mean(e: Evaluator, laws: list[Law], body: Node, bound: Bound) -> Value:
    return total(
        [multiply(weight, squeezed(e.value(body, inner))) for weight, inner in _draws(e, laws, bound)]
    )


def total(terms: list[Value]) -> Value:
    if not terms:
        raise Unsupported("an expectation over nothing")
    total = terms[0]
    for term in terms[1:]:
        total = add(total, term)
    return total


def _implied(e: Evaluator, body: Node) -> tuple[Law, ...]:
    """The law of the one random variable that the body leaves free: of `z`, of all draws `z_1, ..., z_K`, or of both."""
    sheet = e.model.sheet
    free = Free(sheet, e.definitions).of(body)
    lawful = [s.key for s in sheet.spaces.values() if s.law]
    made = {name for name in lawful if name in free and DRAWN + name in e.definitions}
    found = [name for name in lawful if name not in made and {name, name + MANY} & free]
    chosen = found or (lawful if len(lawful) == 1 else [])
    if len(chosen) != 1:
        raise Unsupported("an expectation that does not say over what")
    (name,) = chosen
    counts = [e.model.size(v.key) for v in sheet.variables.values() if v.sort == "integer"]
    many = (Law((Range(name, Num(Fraction(1)), Num(Fraction(max(counts)))),), None),) if counts else ()
    if name + MANY not in free:
        return (Law((Sym(name),), None),)
    return (Law((Sym(name),), None), *many) if name in free else many


def _many(e: Evaluator, law: Law, body: Node) -> Law:
    """`E_q[w_k]` draws what stands in the body: where that is only draws with an index, those."""
    if law.variables or not isinstance(law.law, Apply):
        return law
    space = space_of(e, law.law)
    free = Free(e.model.sheet, e.definitions).of(body)
    plain_letters = {n.name for n in law.law.args if isinstance(n, Sym) and not n.index}
    if space in free or space + MANY not in free or not plain_letters <= {space}:
        return law
    counts = [e.model.size(v.key) for v in e.model.sheet.variables.values() if v.sort == "integer"]
    return Law((Range(space, Num(Fraction(1)), Num(Fraction(max(counts, default=1)))),), law.law)


def _draws(e: Evaluator, laws: list[Law], bound: Bound) -> Iterator[tuple[Real, Bound]]:
    """Each outcome with its probability (times the cell's width)."""
    if not laws:
        yield e.arithmetic.number(1), bound
        return
    for weight, inner in _outcomes(e, laws[0], bound):
        for more, innermost in _draws(e, laws[1:], inner):
            yield weight * more, innermost


def _outcomes(e: Evaluator, law: Law, bound: Bound) -> Iterator[tuple[Real, Bound]]:
    first = law.variables[0] if law.variables else None
    if isinstance(first, Sym | Range) and first.name in e.model.sheet.variables:
        raise Unsupported("an expectation over a parameter")
    node = law.law
    variables = law.variables
    if isinstance(first, Sym) and first.name in e.model.sheet.subsets:
        yield from _subsets(e, first.name, bound)
        return
    if not variables:
        if not isinstance(node, Apply):
            raise Unsupported("an expectation that does not say over what")
        variables = tuple(n for n in node.args if isinstance(n, Sym | Range)) or (Sym(space_of(e, node)),)
    drawn = targets(e, variables, bound)
    space = drawn[0][0] if drawn else ""
    if not drawn:
        yield e.arithmetic.number(1), bound
        return
    if node is None or is_own(e, node, space):
        node = _own_law(e, space)
    if isinstance(node, Call):
        yield from _normal(e, node, drawn, bound)
        return
    if not isinstance(node, Apply) or space not in e.model.recipe.cells:
        raise Unsupported("a law that has no cells")
    one = Apply(node.name, (Sym(space),), node.given, 0, node.index)
    count = e.model.recipe.cells[space]
    if count ** len(drawn) > MAX_TERMS:
        raise Unsupported("an expectation of too many terms")
    masses = [e.number(one, {**bound, (space, None): c}) * e.model.widths[space][c] for c in range(count)]
    for combination in itertools.product(range(count), repeat=len(drawn)):
        weight: Real = masses[combination[0]]
        for cell in combination[1:]:
            weight = weight * masses[cell]
        yield weight, {**bound, **dict(zip(drawn, combination, strict=True))}


def _subsets(e: Evaluator, key: str, bound: Bound) -> Iterator[tuple[Real, Bound]]:
    """A uniformly drawn set of indices, in every order, so that each element is uniform too."""
    spec = e.model.sheet.subsets[key]
    orders = list(itertools.permutations(range(1, e.model.size(spec.of) + 1), e.model.size(spec.size)))
    weight = e.arithmetic.number(1) / max(1, len(orders))
    for order in orders:
        yield weight, {**bound, key: order}


def space_of(e: Evaluator, law: Apply) -> str:
    name = law.name.removesuffix("#prior")
    if name in e.model.sheet.densities:
        return e.model.sheet.densities[name].over
    for space in e.model.sheet.spaces.values():
        if space.density and spelling(space.density) == name:
            return space.key
    definition = e.definitions.get(name)
    if definition is not None:
        return next((p for p in definition.params if p in e.model.sheet.spaces), "")
    return ""


def is_own(e: Evaluator, node: Node, space: str) -> bool:
    """Whether a law on the line is named by the density that the sheet gives for it."""
    density = e.model.sheet.spaces[space].density
    return isinstance(node, Apply) and bool(density) and node.name == spelling(density)


def _own_law(e: Evaluator, space: str) -> Node:
    law = e.model.sheet.spaces[space].law
    if law in e.model.sheet.densities:
        return Apply(law, ())
    definition = e.definitions.get("law:" + space)
    if definition is None:
        raise Unsupported("a variable without a law")
    return definition.body


def _normal(e: Evaluator, law: Call, drawn: list[Target], bound: Bound) -> Iterator[tuple[Real, Bound]]:
    """Gauss-Hermite nodes of a normal law; the coarser rule runs beside to bound the error."""
    if any(space in e.model.recipe.cells for space, _ in drawn):
        raise Unsupported("a normal law over cells")
    if len(drawn) > 1:
        raise Unsupported("several normal variables at once")
    mean, variance = (squeezed(e.value(n, bound)) for n in law.args)
    variance = variance.factor if isinstance(variance, Scaled) else variance
    if is_array(mean) or is_array(variance) or not is_number(variance):
        raise Unsupported("a normal law of several dimensions")
    deviation = e.arithmetic.sqrt(variance)
    e.normals += 1
    for x, weight in e.model.quadrature.normal(1)[e.coarse]:
        yield weight, {**bound, drawn[0]: mean + deviation * x}


def note_error(e: Evaluator, fine: Value, coarse: Value) -> None:
    """Remember how far two rules disagree."""
    pairs = zip(fine.flat, coarse.flat, strict=True) if is_array(fine) else [(fine, coarse)]
    for a, b in pairs:
        e.error = max(e.error, abs(float(plain(a)) - float(plain(b))))
