"""All ways to read a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.derivation._ast import Node
from grader.derivation._errors import Unreadable
from grader.derivation._lexer import Token
from grader.derivation._names import Scope
from grader.derivation._parser import Parser
from grader.derivation._policy import CHOICES


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a formula."""

    node: Node
    lax: bool
    """Too unlikely to support a step; it only keeps a step from being refuted."""


@dataclass(frozen=True, slots=True)
class Readings:
    """All ways to read a formula, or why there is none."""

    readings: tuple[Reading, ...] = ()
    complete: bool = True
    """False where there were more than are looked at: then nothing is refuted."""
    problem: str = ""


MAX_READINGS = 8


_MAX_TRIES = 40


def readings_of(tokens: Sequence[Token], scope: Scope, *, settled: frozenset[str] = frozenset()) -> Readings:
    """Every reading of a formula, the plainest first, at most eight; choices that are `settled` take their first option."""
    queue: list[dict[str, str]] = [{}]
    tried: set[tuple[tuple[str, str], ...]] = set()
    found: dict[Node, Reading] = {}
    problem = ""
    while queue and len(tried) < _MAX_TRIES and len(found) < MAX_READINGS:
        policy = queue.pop(0)
        key = tuple(sorted(policy.items()))
        if key in tried:
            continue
        tried.add(key)
        parser = Parser(tokens, scope, policy)
        try:
            node = parser.parse()
        except (Unreadable, RecursionError) as error:
            problem = problem or (str(error) if isinstance(error, Unreadable) else "nested too deeply")
        else:
            lax = any(
                CHOICES[kind].options.index(option) >= CHOICES[kind].lax for kind, option in policy.items()
            )
            known = found.get(node)
            if known is None or (known.lax and not lax):
                found[node] = Reading(node, lax)
        for kind in sorted(parser.live - settled):
            for option in CHOICES[kind].options:
                if policy.get(kind, CHOICES[kind].options[0]) == CHOICES[kind].options[0] != option:
                    queue.append({**policy, kind: option})
    if not found:
        return Readings(problem=problem or "not understood")
    return Readings(tuple(found.values()), complete=not queue)
