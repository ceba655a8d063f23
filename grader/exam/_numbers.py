"""Formulas that came where numbers are due: evaluated in a process that can be killed."""

from __future__ import annotations

import resource
from collections.abc import Iterator

from grader.exam._bench import Bench
from grader.exam._killable import Exhausted, killable
from grader.judge import Mismatch
from grader.sandbox import Expression, ExpressionMatrix, Handle, Tree, build

_DEEPEST = 4
"""Nesting of lists that is searched for symbolic numbers."""
_MOST_FORMULAS = 10_000
"""Different symbolic numbers in one answer."""
_PLAIN_BITS = 1000
"""So many bits have a float; more may need evaluation in steps."""
_FREE_S = 0.1
"""Processor time of one evaluation that is not counted: a process has to be made for it."""


def as_numbers(value: object, bench: Bench) -> object:
    """The value with symbolic numbers as floats; itself where there are none. Raises Mismatch for objects that are no data at all."""
    trees = list(_trees(value))
    if not trees:
        return value
    # A matrix has few different entries as a rule: each is evaluated once. Equal keys of a dictionary would be too
    # few, since 1 == 1.0.
    keys = [tree if tree[0] == "Integer" else repr(tree) for tree in trees]
    different = dict(zip(keys, trees, strict=True))
    if len(different) > _MOST_FORMULAS:
        raise Mismatch(f"{len(different)} different formulas came where numbers are due")
    found = {key: number for key, tree in different.items() if (number := _rational(tree)) is not None}
    rest = {key: tree for key, tree in different.items() if key not in found}
    if rest:
        found |= zip(rest, _evaluated(list(rest.values()), bench), strict=True)
    return _filled(value, (found[key] for key in keys))


def _rational(tree: Tree) -> complex | None:
    """The value of a number of not too many digits: nothing that has to be stopped."""
    if tree[0] not in ("Integer", "Rational") or any(n.bit_length() > _PLAIN_BITS for n in tree[1:]):
        return None
    return float(tree[1] if tree[0] == "Integer" else tree[1] / tree[2])


def _trees(value: object, depth: int = 0) -> Iterator[Tree]:
    """The formulas in a value, in the order in which `_filled` puts numbers in their place."""
    if isinstance(value, Handle):
        raise Mismatch(f"a {value.type_name} came where numbers are due")
    if isinstance(value, ExpressionMatrix):
        yield from value.trees
    elif isinstance(value, Expression):
        yield value.tree
    elif isinstance(value, list | tuple) and depth < _DEEPEST:
        for item in value:
            yield from _trees(item, depth + 1)


def _filled(value: object, numbers: Iterator[complex], depth: int = 0) -> object:
    if isinstance(value, ExpressionMatrix):
        return [[next(numbers) for _ in range(value.cols)] for _ in range(value.rows)]
    if isinstance(value, Expression):
        return next(numbers)
    if isinstance(value, list | tuple) and depth < _DEEPEST:
        return [_filled(item, numbers, depth + 1) for item in value]
    return value


def _evaluated(trees: list[Tree], bench: Bench) -> list[complex]:
    """All of them at once, in a process that can be killed and on the time that the hand-in has for this."""
    before = _children_s()
    try:
        if bench.algebra_s <= 0:
            raise Exhausted("the time for formulas is used up")
        seconds = min(2 + len(trees) / 500, bench.algebra_s)
        parts: list[tuple[float, float]] = killable(_floats, trees, seconds=seconds)
    except (Exhausted, RuntimeError):
        raise Mismatch("a formula came where a number is due") from None
    finally:
        bench.algebra_s -= max(0.0, _children_s() - before - _FREE_S)
    return [complex(real, imaginary) if imaginary else real for real, imaginary in parts]


def _floats(trees: list[Tree]) -> list[tuple[float, float]]:
    numbers = [complex(build(tree, {})) for tree in trees]
    return [(number.real, number.imag) for number in numbers]


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
