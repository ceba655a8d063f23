"""What form a formula has: the operators in it, and its names and numbers. Values are compared elsewhere."""

from __future__ import annotations

from collections import Counter

from grader.derivation._ast import (
    Apply,
    Big,
    Call,
    Derivative,
    Divergence,
    Expect,
    Integral,
    MatrixOf,
    Node,
    Num,
    Op,
    Sym,
    children,
    walk,
)
from grader.derivation._bank import Bank

_FORMING = ("max", "min", "tr", "log")


def leaves(node: Node) -> Counter[str]:
    """Names and numbers in a formula: another writing of it has the same ones, the result of a calculation has others."""
    found: Counter[str] = Counter()
    for part in walk(node):
        if isinstance(part, Sym | Apply):
            found[part.name] += 1
        elif isinstance(part, Num):
            found[str(part.value)] += 1
    return found


def signature(node: Node, bank: Bank, *, expand: bool = False) -> frozenset[str]:
    """The operators that give a formula its form; `expand` looks into definitions."""
    found: set[str] = set()
    for part in walk(node):
        found |= _forming(part)
        if isinstance(part, Apply) and part.name in bank.definitions and expand:
            found |= signature(bank.definitions[part.name].body, bank)
        elif isinstance(part, Apply) and part.name in bank.definitions:
            found.add(part.name)
    return frozenset(found)


def _forming(part: Node) -> set[str]:
    """The operator at the top of a formula, if it is one that gives form."""
    match part:
        case Expect() | Integral() | Derivative() | Divergence():
            return {type(part).__name__}
        case Big():
            return {part.kind}
        case Call() if part.name in _FORMING:
            return {part.name}
        case Call(name="det") | Op(op="absdet" | "det"):
            return {"det"}  # bars around a matrix and around its determinant mean the same
        case Op(op="transpose") if not _listed(part.args[0]):
            return {"transpose"}
        case Op(op="norm"):
            return {"norm"}
        case Apply() if part.primes:
            return {"Derivative"}
    return set()


def skeleton(node: Node, bank: Bank, above: tuple[str, ...] = ()) -> frozenset[tuple[str, ...]]:
    """How those operators and the defined symbols stand in one another: a gradient of a mean is no mean of a gradient."""
    here = _forming(node)
    if isinstance(node, Apply) and node.name in bank.definitions:
        here.add(node.name)
    if here and here != set(above[-1:]):
        above = (*above, *sorted(here))
    found = {above}
    for part in children(node):
        found |= skeleton(part, bank, above)
    return frozenset(found)


def same(a: Node, b: Node, bank: Bank) -> bool:
    """Whether two formulas are one expression in another writing. Values are compared elsewhere.

    Numbers and counts matter in pure algebra only: a mean by `1/K` and the sum divided by K are the same.
    """
    if signature(a, bank) != signature(b, bank) or skeleton(a, bank) != skeleton(b, bank):
        return False
    if not signature(a, bank):
        return leaves(a) == leaves(b)
    return _bare(a, bank) == _bare(b, bank)


def _bare(node: Node, bank: Bank) -> Counter[str]:
    counts = {v.key for v in bank.sheet.variables.values() if v.sort == "integer"}
    found = leaves(node)
    return Counter({name: n for name, n in found.items() if name not in counts and not name[-1].isdigit()})


def _listed(node: Node) -> bool:
    """Whether a vector was typed by its entries: `(a, b)^T` is a column all the same."""
    return (isinstance(node, Op) and node.op == "tuple") or (
        isinstance(node, MatrixOf) and len(node.rows) == 1
    )


def alike(node: Node, end: Node, bank: Bank) -> bool:
    """Whether two formulas have the same form, up to the definitions in them."""
    plain, expanded = signature(node, bank), signature(node, bank, expand=True)
    wanted, inner = signature(end, bank), signature(end, bank, expand=True)
    if plain == wanted:
        return True
    if plain == inner:
        return _numbers(node, bank) <= _numbers(end, bank)
    if expanded == wanted:
        return _numbers(end, bank) <= _numbers(node, bank)
    return expanded == inner and _names(node, bank) == _names(end, bank)


def _numbers(node: Node, bank: Bank) -> set[str]:
    return {name for name in _inside(node, bank) if name[-1].isdigit() and name.replace("/", "").isdigit()}


def _names(node: Node, bank: Bank) -> set[str]:
    return {name for name in _inside(node, bank) if name not in bank.definitions} - _numbers(node, bank)


def _inside(node: Node, bank: Bank) -> set[str]:
    """Names and numbers of a formula and of the definitions in it."""
    found: set[str] = set()
    queue = [node]
    while queue:
        for name in leaves(queue.pop()):
            if name not in found and name in bank.definitions:
                queue.append(bank.definitions[name].body)
            found.add(name)
    return found
