"""Where a line stands: what is defined there, under which conditions, and what was not understood."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from grader.derivation._ast import Compare, Sym, walk
from grader.derivation._bank import Bank, Engine
from grader.derivation._definitions import defined, head_index, head_spelling, listed
from grader.derivation._doubts import Circumstances, Side
from grader.derivation._errors import Unreadable
from grader.derivation._lexer import Token
from grader.derivation._names import DRAWN, Definition, Scope
from grader.derivation._parse_conditions import condition as parsed
from grader.derivation._parser import Parser
from grader.derivation._prose import Inline
from grader.derivation._row_tokens import RawChain
from grader.derivation._rows import chains_of
from grader.derivation._steps import judge_chain, side_of
from grader.derivation._tokens import tokenize
from grader.records import UserError


@dataclass(slots=True)
class Surroundings:
    """The state of one problem at one place of a write-up."""

    scope: Scope
    engine: Engine
    seed: int
    lasting: tuple[Compare, ...] = ()
    """Conditions for the rest of the problem."""
    local: tuple[Compare, ...] = ()
    """Conditions for the paragraph."""
    unclear_lasting: str = ""
    unclear_local: str = ""
    used: bool = False
    """Whether a display came since the last condition: then the next condition takes its place."""
    _banks: dict[tuple[object, ...], Bank] = field(default_factory=dict)
    _sheet_names: frozenset[str] = frozenset()
    _open: list[tuple[tuple[Token, ...], tuple[Token, ...]]] = field(default_factory=list)
    """Definitions that could not be read yet."""
    _signs: tuple[tuple[tuple[str, ...], str], ...] = ()
    """Signs that the writer agrees on and that are not understood, with what is then said of a line that uses them."""

    def __post_init__(self) -> None:
        self._sheet_names = frozenset(self.scope.entities)
        for text in self.scope.sheet.assume:
            self.lasting += assumption(text, self.scope)

    def mark_unclear(self, text: str, lasting: bool) -> None:
        """From here on nothing is refuted, for the reason given."""
        if lasting:
            self.unclear_lasting = text
        else:
            self.unclear_local = text
            self.local = () if self.used else self.local

    def define(self, formula: Inline, lasting: bool) -> None:
        """Take a definition into account; one of a known symbol that says something new is a condition."""
        chains = [c for c in chains_of(formula.tokens) if len(c.sides) > 1]
        for chain in chains:
            for left, right in reversed(list(itertools.pairwise(chain.sides[1:]))):
                self.defines(left, right)  # `let a_k = w_k = ...` names it twice
            new = self.defines(chain.sides[0], chain.sides[1])
            member = chain.relations[-1].op == "in"  # `x = (a, x_2) \in C` names the members of a set
            if not new and not member and not self._entries(chain) and not self._known_already(chain):
                self._agree(chain, formula, lasting)

    def _entries(self, chain: RawChain) -> bool:
        """Whether a vector of the sheet is given names for its entries, `p_A = (a_1, a_2, a_3)`; then they are defined."""
        left = side_of(chain.sides[0], self.scope).plain
        spec = self.scope.sheet.variables.get(left.name) if isinstance(left, Sym) and not left.index else None
        names = listed(chain.sides[1])
        if spec is None or spec.sort not in ("vector", "simplex") or spec.rows != str(len(names)):
            return False
        new = [name for name in names if side_of(name, self.scope).plain is None]
        if len(new) < len(names):
            return False
        for number, name in enumerate(names, 1):
            entry = [*chain.sides[0], *tokenize(rf"_{number}", name[0].line)]
            self._open.append((tuple(name), tuple(entry)))
        while self._settle():
            pass
        return True

    def _agree(self, chain: RawChain, formula: Inline, lasting: bool) -> None:
        """Take a definition that could not be followed: it matters only to what uses the writer's new sign."""
        left = _normal(chain.sides[0])
        if len(left) > 1 and side_of(chain.sides[0], self.scope).plain is None:
            self._signs += ((left, f"under a condition that was not understood ({formula.typed})"),)
        else:
            self.condition(formula, lasting)

    def _known_already(self, chain: RawChain) -> bool:
        """Whether a "definition" only repeats what the sheet says."""
        sides = [side_of(tokens, self.scope) for tokens in chain.sides]
        judged = judge_chain(
            sides,
            [r.op for r in chain.relations],
            self.bank_under(self.conditions()),
            self.scope,
            self.about(chain),
        )
        return all(j.verdict in ("supported", "proved") for j in judged)

    def defines(self, left: Sequence[Token], right: Sequence[Token]) -> bool:
        """Whether left was a new symbol; then it is defined now. One that cannot be read stays unknown."""
        try:
            taken = head_spelling(left, right) in self._names_in_use() and not self._numbered(left, right)
        except Unreadable:
            return False
        if taken or self._of_entries(left, right):
            return False
        self._open.append((tuple(left), tuple(right)))
        while self._settle():
            pass
        return True

    def _of_entries(self, left: Sequence[Token], right: Sequence[Token]) -> bool:
        """Whether the writer's own symbol is only said to have such entries: `W_{ii} = s_i` after `W = U + diag(s)`."""
        known = self.scope.definitions.get(head_spelling(left, right))
        return known is not None and len(known.index) != len(head_index(left, right))

    def _numbered(self, left: Sequence[Token], right: Sequence[Token]) -> bool:
        """Whether an index is put to what is a number in the sheet: `s_i` is a symbol of the writer's own."""
        entity = self.scope.entities.get(head_spelling(left, right))
        sort = self.scope.sheet.variables[entity.key].sort if entity and entity.kind == "variable" else ""
        return bool(head_index(left, right)) and sort in ("real", "positive", "unit")

    def _settle(self) -> bool:
        """Define what became readable; one definition may need another that comes later in the sentence."""
        for left, right in self._open:
            try:
                self.scope = defined(left, right, self.scope)
            except (Unreadable, RecursionError):
                continue
            self._open.remove((left, right))
            return True
        return False

    def _names_in_use(self) -> frozenset[str]:
        """Names that are not the writer's to define anew: the sheet's, and indices."""
        kinds = {name for name, entity in self.scope.entities.items() if entity.kind != "definition"}
        return self._sheet_names | kinds

    def condition(self, formula: Inline, lasting: bool, *, certain: bool = True) -> None:
        """Take a condition into account, if it is understood; else nothing is refuted while it lasts."""
        if _normal(formula.tokens) in {_normal(tokenize(text, 1)) for text in self.scope.sheet.given}:
            return
        chains = [c for c in chains_of(formula.tokens) if len(c.sides) > 1]
        numbered = len(chains) == 1 and [t.kind for t in chains[0].sides[1]] == ["number"]
        if numbered and not certain and side_of(chains[0].sides[0], self.scope).plain is None:
            return  # "the minimum is at t = 1" defines no t
        if chains and all(self._known_already(chain) for chain in chains):
            return
        if (
            len(chains) == 1
            and chains[0].relations[0].op == "="
            and self.defines(chains[0].sides[0], chains[0].sides[1])
        ):
            return
        if len(chains) == 1 and self._names_a_draw(chains[0]):
            return
        try:
            parser = Parser(formula.tokens, self.scope, {})
            found = parsed(parser, self.scope)
        except (Unreadable, RecursionError):
            if not certain:
                return
            self.mark_unclear(f"under a condition that was not understood ({formula.typed})", lasting)
            return
        bank = self.bank_under((*self.lasting, *(() if self.used else self.local), *found))
        if len(bank.recipes(2)) < 2 and self._another_case(found):
            bank = self.bank_under((*self.lasting, *found))
        if len(bank.recipes(2)) < 2:
            self.mark_unclear(f"under a condition that no model meets ({formula.typed})", lasting)
        elif lasting:
            self.lasting += found
        else:
            self.local = found if self.used else (*self.local, *found)
            self.used = False

    def belongs(self, formula: Inline) -> None:
        """Take into account that a variable lies in a set: one that the sheet names or the writer lists limits it."""
        chain = chains_of(formula.tokens)[0]
        left = side_of(chain.sides[0], self.scope).plain
        spec = self.scope.sheet.variables.get(left.name) if isinstance(left, Sym) else None
        entity = self.scope.entities.get(chain.sides[-1][0].text) if chain.sides[-1] else None
        listed = bool(chain.sides[-1]) and chain.sides[-1][0].text in ("[", "(", r"\{")
        if spec is None or spec.unknown or spec.sort in ("index", "integer", "permutation"):
            return
        if listed or (entity is not None and entity.kind == "box"):
            self.condition(formula, lasting=False)

    def _another_case(self, found: tuple[Compare, ...]) -> bool:
        """Whether a condition replaces the ones before, which it contradicts: "Suppose y > 1 ... Suppose y < 0 ..."."""
        first = tuple(c for text in self.scope.sheet.assume for c in assumption(text, self.scope))
        if len(self.lasting) == len(first) or len(self.bank_under((*first, *found)).recipes(2)) < 2:
            return False
        self.lasting, self.local = first, ()
        return True

    def _names_a_draw(self, chain: RawChain) -> bool:
        """Whether a random variable is made of another one, `X = \\mu + \\sigma Z`; then it stands for that where Z is drawn."""
        if len(chain.sides) != 2 or chain.relations[0].op not in ("=", ":="):
            return False
        spaces = self.scope.sheet.spaces
        left, right = (side_of(tokens, self.scope).readings.readings for tokens in chain.sides)
        if not left or len(right) != 1 or not isinstance(left[0].node, Sym) or left[0].node.index:
            return False
        name = left[0].node.name
        others = {n.name for n in walk(right[0].node) if isinstance(n, Sym) and n.name in spaces}
        # Only on the line: over cells a variable has no value to calculate with.
        if (
            name not in spaces
            or not others
            or name in others
            or any(spaces[n].cells or not spaces[n].law for n in (name, *others))
        ):
            return False
        if any(DRAWN + other in self.scope.definitions for other in others):
            return False
        made = Definition(DRAWN + name, (), (), right[0].node)
        self.scope = replace(self.scope, definitions={**self.scope.definitions, made.name: made})
        return True

    def possible(self, formula: Inline) -> bool:
        """Whether at least two models satisfy a relation."""
        try:
            found = parsed(Parser(formula.tokens, self.scope, {}), self.scope)
        except (Unreadable, RecursionError):
            return True
        return len(self.bank_under((*self.conditions(), *found)).recipes(2)) == 2

    def solved_for(self, first: Side) -> set[Compare]:
        """Assumptions on a variable that the line solves for: they are what it derives, so they are not used."""
        node = first.plain
        if not isinstance(node, Sym) or node.name not in self.scope.sheet.variables:
            return set()
        return {c for c in self.lasting if any(isinstance(n, Sym) and n.name == node.name for n in walk(c))}

    def redefines(self, chain: RawChain) -> bool:
        """Whether a symbol of the sheet is given another meaning; what follows is read with the writer's."""
        try:
            head_spelling(chain.sides[0], chain.sides[1])
            self.scope = defined(chain.sides[0], chain.sides[1], self.scope)
        except (Unreadable, RecursionError):
            return False
        return True

    def conditions(self) -> tuple[Compare, ...]:
        """All conditions in force."""
        return (*self.lasting, *self.local)

    def about(self, chain: RawChain) -> Circumstances:
        """What limits how hard a chain's steps may be judged here."""
        unknowns = frozenset(v.key for v in self.scope.sheet.variables.values() if v.unknown)
        signs = [" ".join(_normal(side)) for side in chain.sides]
        signed = (why for sign, why in self._signs if any(" ".join(sign) in line for line in signs))
        unclear = self.unclear_local or self.unclear_lasting or next(signed, "")
        return Circumstances(unclear, False, unknowns)

    def bank_under(self, conditions: tuple[Compare, ...]) -> Bank:
        """The models that satisfy the conditions."""
        key = (conditions, tuple(self.scope.definitions.values()))
        if key not in self._banks:
            self._banks[key] = Bank(
                self.scope.sheet, self.seed, self.engine, self.scope.definitions, conditions
            )
        return self._banks[key]

    @property
    def bank(self) -> Bank:
        """The models under no other conditions than the sheet's."""
        return self.bank_under(
            tuple(c for text in self.scope.sheet.assume for c in assumption(text, self.scope))
        )


def assumption(text: str, scope: Scope) -> tuple[Compare, ...]:
    """A condition of the sheet. Raises UserError where it is not understood."""
    try:
        return parsed(Parser(tokenize(text, 1), scope, {}), scope)
    except Unreadable as error:
        raise UserError(
            f"notation of problem {scope.sheet.problem}: the assumption {text!r} is not understood ({error})"
        ) from error


def _normal(tokens: Sequence[Token]) -> tuple[str, ...]:
    """A statement without its typography, for recognising it."""
    return tuple(t.text for t in tokens if t.text not in ("{", "}", "(", ")", ",", ".") and t.kind != "quad")
