"""Which random variables a formula leaves free."""

from __future__ import annotations

from collections.abc import Mapping

from grader.derivation._ast import (
    Apply,
    Big,
    Divergence,
    Expect,
    Integral,
    Law,
    Node,
    Range,
    Sym,
    children,
    walk,
)
from grader.derivation._names import DRAWN, Definition
from grader.derivation._sheet import Sheet

MANY = "[]"
"""Marks draws with an index: `z_k` is another variable than `z`."""
_MAX_DEPTH = 4


class Free:
    """Looks for unbound variables, through definitions. `f` without arguments stands for `f(x)`."""

    def __init__(self, sheet: Sheet, definitions: Mapping[str, Definition]) -> None:
        self._sheet, self._definitions = sheet, definitions

    def of(self, node: Node, depth: int = 0) -> frozenset[str]:
        """Keys of the spaces whose variables stand in the formula unbound, those with an index marked."""
        if isinstance(node, Sym | Range) and node.name in self._sheet.spaces:
            return self._named(node) | self._origin(node.name)
        inner: frozenset[str] = frozenset()
        if isinstance(node, Apply):
            definition = self._definitions.get(node.name)
            if definition is not None and definition.functional:
                return frozenset()
            inner = self._implied(node, definition) if not node.args else inner
            if definition is not None and depth < _MAX_DEPTH:
                inner |= self.of(definition.body, depth + 1) - frozenset(definition.params)
        for part in self._parts(node):
            inner |= self.of(part, depth)
        bound = self._bound(node)
        for name in inner - bound:
            origin = self._origin(name)
            if origin and origin <= bound:
                bound |= {name}
        for name in inner & bound:
            bound |= self._origin(name)
        return inner - bound

    def _parts(self, node: Node) -> list[Node]:
        """What stands inside, less the names of functions that an argument only points to: the q of `H(q)`."""
        definition = self._definitions.get(node.name) if isinstance(node, Apply) else None
        if isinstance(node, Law) and node.variables and isinstance(node.law, Apply):
            return [
                *node.variables,
                *(a for a in node.law.args if a not in self._placeholders(node.law)),
                *node.law.given,
            ]
        if not isinstance(node, Apply) or definition is None or len(definition.params) != len(node.args):
            return list(children(node))
        args = [a for a, name in zip(node.args, definition.params, strict=True) if not name.startswith("·")]
        return [*args, *node.given, *node.index]

    def _origin(self, name: str) -> frozenset[str]:
        """Of a variable that is made of others: those."""
        made = self._definitions.get(DRAWN + name)
        return frozenset() if made is None else self._of_variables((made.body,))

    def _named(self, node: Sym | Range) -> frozenset[str]:
        if self._sheet.spaces[node.name].first or (isinstance(node, Sym) and not node.index):
            return frozenset([node.name])
        return frozenset([node.name + MANY])

    def _both(self, *names: str) -> frozenset[str]:
        return frozenset(names) | frozenset(name + MANY for name in names)

    def _implied(self, node: Apply, definition: Definition | None) -> frozenset[str]:
        """The variables that a function without arguments is meant at."""
        if definition is not None:
            names = definition.params
        elif node.name in self._sheet.functions:
            names = self._sheet.functions[node.name].of
        else:
            density = self._sheet.densities.get(node.name.removesuffix("#prior"))
            names = (density.over,) if density is not None else ()
        return frozenset(name for name in names if name in self._sheet.spaces)

    def _bound(self, node: Node) -> frozenset[str]:
        if isinstance(node, Expect):
            if not node.laws:
                return self._both(*self._sheet.spaces)
            bound: frozenset[str] = frozenset()
            for law in node.laws:
                bound |= self._drawn(law)
            return bound
        if isinstance(node, Integral | Big):
            return self._of_variables(node.variables)
        if isinstance(node, Divergence):
            return self._drawn(Law((), node.left))
        return frozenset()

    def _of_variables(self, variables: tuple[Node, ...]) -> frozenset[str]:
        found: frozenset[str] = frozenset()
        for variable in variables:
            for part in walk(variable):
                if isinstance(part, Sym | Range) and part.name in self._sheet.spaces:
                    found |= self._named(part)
        return found

    def _placeholders(self, law: Apply) -> list[Node]:
        """The letter that only says which density it is: the z of `Z_1, ..., Z_K \\sim q(z|x)`."""
        density = self._sheet.densities.get(law.name.removesuffix("#prior"))
        return [Sym(density.over)] if density is not None else []

    def _drawn(self, law: Law) -> frozenset[str]:
        """The variables that a law draws."""
        if law.variables:
            return self._of_variables(law.variables)
        if not isinstance(law.law, Apply):
            return frozenset()
        named = self._of_variables(law.law.args)
        density = self._sheet.densities.get(law.law.name.removesuffix("#prior"))
        if density is not None:
            over = frozenset(name for name in named if name.removesuffix(MANY) == density.over)
            return self._both(density.over) if over <= {density.over} else over
        return named or self._both(*self._sheet.spaces)
