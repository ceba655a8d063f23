"""A counterexample in words: the model's numbers and both values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from grader.derivation._arrays import is_number, plain_text
from grader.derivation._ast import Apply, Node, Range, Sym, walk
from grader.derivation._bank import Bank
from grader.derivation._compare import Failure, shown
from grader.derivation._latex import to_latex
from grader.derivation._models import Recipe
from grader.derivation._names import Scope

MAX_NAMED = 6
"""Defined symbols whose values are shown."""


def witness_of(
    failures: Sequence[Failure], left: Node, right: Node, bank: Bank, scope: Scope
) -> Mapping[str, object]:
    """The model that speaks most clearly against a step, in words and numbers."""
    first = max(failures, key=_gap)
    return {
        "model": "; ".join(_parts(first.recipe, (left, right), bank, scope)),
        "left": first.left,
        "right": first.right,
        "models_against": len(failures),
    }


def _gap(failure: Failure) -> float:
    """How far apart the two values are, relative to their size; 0 where they are no numbers."""
    try:
        left, right = float(failure.left), float(failure.right)
    except ValueError:
        return 0.0
    return abs(left - right) / (1 + abs(left) + abs(right))


def _parts(recipe: Recipe, nodes: Sequence[Node], bank: Bank, scope: Scope) -> list[str]:
    """What the formulas mention: sizes, numbers, cells and densities."""
    used = mentioned(nodes, bank)
    sheet = bank.sheet
    parts = []
    for key, variable in sheet.variables.items():
        # An index letter is bound in the formula, or it stands for all of its values.
        if key in used and variable.sort != "index":
            parts.append(f"{variable.names[0]} = {_text(recipe.values[key])}")
    parts += _named(recipe, nodes, bank, scope)
    for key, space in sheet.spaces.items():
        if key in used and key in recipe.cells:
            widths = ", ".join(_text(w) for w in recipe.widths[key])
            parts.append(f"{space.letters[0]} in {recipe.cells[key]} cells of width {widths}")
        elif key in used:
            parts.append(f"{space.letters[0]} = {_text(recipe.sample(key, None))}")
    for key, density in sheet.densities.items():
        if key in used and not density.joint and not density.equals and density.over in recipe.cells:
            values = [bank.outcome(Apply(key, (Sym(density.over),)), recipe, None)]
            if values[0].value is not None and recipe.cells[density.over] <= 4:
                parts.append(f"{density.names[0]} = ({', '.join(_cells(key, density.over, recipe, bank))})")
    for key, function in sheet.functions.items():
        if key in used and key in recipe.tables:
            parts.append(
                f"{function.names[0]} = ({', '.join(_text(v) for v in recipe.tables[key].values())})"
            )
    return parts


def _named(recipe: Recipe, nodes: Sequence[Node], bank: Bank, scope: Scope) -> list[str]:
    """Values of the symbols that stand for an expression of the sheet's variables, as sigma does for e^tau."""
    names = {n.name for node in nodes for n in walk(node) if isinstance(n, Apply) and not n.args}
    found: list[str] = []
    for name in sorted(names):
        definition = bank.definitions.get(name)
        if definition is None or definition.params or definition.index or len(found) >= MAX_NAMED:
            continue
        outcome = bank.outcome(Apply(name, ()), recipe, None)
        if not outcome.trouble and is_number(outcome.value):
            found.append(f"{to_latex(Apply(name, ()), scope)} = {shown(outcome.value)}")
    return found


def _cells(key: str, over: str, recipe: Recipe, bank: Bank) -> list[str]:
    return [plain_text(value) for value in bank.over_cells(Apply(key, (Sym(over),)), over, recipe)]


def mentioned(nodes: Sequence[Node], bank: Bank) -> set[str]:
    """Keys of everything that formulas mention, through definitions and densities."""
    used: set[str] = set()
    queue = list(nodes)
    seen: set[str] = set()
    while queue:
        for node in walk(queue.pop()):
            if isinstance(node, Sym | Range):
                used.add(node.name)
            if isinstance(node, Apply):
                name = node.name.removesuffix("#prior")
                used.add(name)
                density = bank.sheet.densities.get(name)
                if density is not None:
                    used |= {density.over, density.parameter, density.joint, density.prior, density.equals}
                definition = bank.definitions.get(name)
                if definition is not None and name not in seen:
                    seen.add(name)
                    queue.append(definition.body)
    return used


def _text(value: object) -> str:
    if isinstance(value, Fraction):
        return plain_text(float(value))
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        if len(value[0]) == 1:
            return "(" + ", ".join(_text(row[0]) for row in value) + ")"
        return "[" + "; ".join(", ".join(_text(entry) for entry in row) for row in value) + "]"
    return "(" + ", ".join(str(v) for v in value) + ")" if isinstance(value, tuple) else str(value)
