"""Symbols of the sheet: the longest spelling that it knows, then indices, then arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.derivation._ast import Apply, Node, Op, Range, Sym, Wild
from grader.derivation._errors import Unreadable
from grader.derivation._lexer import Token
from grader.derivation._names import Entity, joined, script
from grader.derivation._parse_series import joined_list

if TYPE_CHECKING:
    from grader.derivation._parser import Parser

FREE = "'"
"""Marks an index letter that nothing binds."""
_APPLIED = ("density", "prior", "function", "definition", "parameter", "permutation")


def primed(tokens: Sequence[Token]) -> list[Token]:
    """Index letters with their primes as one letter each: the `j'` of `A_{jj'}`."""
    result: list[Token] = []
    for token in tokens:
        if token.text == "'" and result and result[-1].kind == "letter" and result[-1].text[0].islower():
            result[-1] = replace(result[-1], text=result[-1].text + "'", stop=token.stop)
        else:
            result.append(token)
    return result


def typed(p: Parser) -> str:
    """The symbol at the cursor as a person would name it, for messages."""
    base, sub, sup, _ = _scripts(p)
    return joined(base, sub, sup)


def _scripts(p: Parser) -> tuple[str, list[Token] | None, list[Token] | None, dict[str, int]]:
    """Base, subscript, superscript at the cursor, and where reading goes on after "", "_", "^", and both."""
    base, at = p.token().text, p.at + 1
    found: dict[str, list[Token] | None] = {"_": None, "^": None}
    ends = {"": at}
    seen = ""
    while at + 1 < len(p.tokens) and p.tokens[at].text in found and p.tokens[at].text not in seen:
        mark = p.tokens[at].text
        tokens, at = script(p.tokens, at + 1)
        found[mark] = primed(tokens) if mark == "_" else tokens
        seen += mark
        ends[seen] = at
    return base, found["_"], found["^"], ends


def lookup(p: Parser) -> Node | None:
    """The symbol at the cursor, if the sheet, a definition or a binder knows it; the cursor moves past it."""
    token = p.token()
    if token.kind not in ("letter", "command", "word"):
        return None
    base, sub, sup, ends = _scripts(p)
    full = "_^" if "_^" in ends else "^_" if "^_" in ends else ""
    tries: list[tuple[str, int, list[Token] | None]] = []
    if full:
        tries.append((joined(base, sub, sup), ends[full], None))
    if "_" in ends:
        tries.append((joined(base, sub, None), ends["_"], None))
    if full == "^_" and "_" not in ends:
        tries.append((joined(base, None, sup), ends[full], sub))
    if "^" in ends:
        tries.append((joined(base, None, sup), ends["^"], None))
    if full == "_^":
        tries.append((joined(base, None, sup), ends[full], sub))
    if "_" in ends:
        tries.append((base, ends["_"], sub))
        comma = next((n for n, t in enumerate(sub or []) if t.text == ","), 0)
        if sub and comma:
            tries.insert(1, (joined(base, sub[:comma], None), ends["_"], sub[comma + 1 :]))
        elif sub and len(sub) > 1 and sub[0].kind == "number":
            tries.insert(1, (joined(base, sub[:1], None), ends["_"], sub[1:]))
    tries.append((base, ends[""], None))
    for name, end, index in tries:
        entity = p.scope.entities.get(name)
        if entity is None or (index is not None and entity.rank == 0 and entity.kind != "space"):
            continue
        p.at = end
        return _entity(p, entity, name, index)
    return None


def _entity(p: Parser, entity: Entity, name: str, index: list[Token] | None) -> Node:
    if entity.kind in _APPLIED:
        at = indices(p, index) if index else ()
        return _apply(p, entity, at)
    if entity.kind == "index":
        return Sym(entity.key)
    if entity.kind == "element" and not index:
        raise Unreadable(f"{name} without its index")
    if index is None:
        return Sym(_variable_key(entity))
    span = _range(p, _variable_key(entity), index)
    return span if span is not None else Sym(_variable_key(entity), indices(p, index, entity.rank))


def _is_free_letter(p: Parser, token: Token) -> bool:
    """An index letter that nothing binds: the statement is meant for each of its values."""
    return (
        token.kind == "letter"
        and len(token.text.rstrip("'")) == 1
        and token.text.islower()
        and token.text not in p.scope.entities
    )


def _variable_key(entity: Entity) -> str:
    return entity.key


def _range(p: Parser, key: str, index: Sequence[Token]) -> Range | None:
    for at, token in enumerate(index):
        if token.text == ":" and 0 < at < len(index) - 1:
            if any(t.text in (",", ":") for t in index[at + 1 :]):
                return None
            return Range(key, p.inside(index[:at]), p.inside(index[at + 1 :]))
    return None


def indices(p: Parser, tokens: Sequence[Token], rank: int = 0) -> tuple[Node, ...]:
    """Indices between commas, or side by side where several are due: `A_{ij}`. Rank 0: as many as there are letters."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in primed(tokens):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(token.text, 0)
        if token.text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    if len(parts) == 1 and parts[0] and all(t.kind in ("letter", "number") for t in parts[0]):
        if rank == len(parts[0]) or (
            rank == 0 and len(parts[0]) <= 3 and all(t.kind == "letter" for t in parts[0])
        ):
            parts = [[t] for t in parts[0]]
        elif rank > 1 and len(parts[0]) == 1 and len(parts[0][0].text) == rank:
            parts = [[replace(parts[0][0], text=digit)] for digit in parts[0][0].text]
    nodes = [
        Sym(FREE + part[0].text) if len(part) == 1 and _is_free_letter(p, part[0]) else p.inside(part)
        for part in parts
    ]
    if (
        len(nodes) == 1
        and isinstance(nodes[0], Op)
        and nodes[0].op == "mul"
        and len(nodes[0].args) == rank > 1
    ):
        return nodes[0].args
    return tuple(nodes)


def _apply(p: Parser, entity: Entity, index: tuple[Node, ...]) -> Node:
    primes = 0
    while p.peek() == "'":
        primes += 1
        p.at += 1
    if p.peek() == "^" and primes == 0:
        tokens, end = script(p.tokens, p.at + 1)
        if tokens and all(t.text == "'" for t in tokens):
            primes, p.at = len(tokens), end
        elif "".join(t.text for t in tokens) == "-1" and p.scope.entities.get(entity.key + "^-1"):
            p.at = end
            entity = p.scope.entities[entity.key + "^-1"]
    key = entity.key if entity.kind != "prior" else entity.key + "#prior"
    power: list[Token] | None = None
    if p.peek() == "^" and primes == 0:
        tokens, end = script(p.tokens, p.at + 1)
        plain = all(t.kind == "number" or t.text in ("/", "{", "}", r"\frac") for t in tokens)
        if end < len(p.tokens) and p.tokens[end].text in ("(", "[") and tokens and plain:
            power, p.at = tokens, end
    definition = p.scope.definitions.get(entity.key) if entity.kind == "definition" else None
    takes_none = (
        definition is not None
        and not definition.params
        and f"{entity.key}@" not in "".join(p.scope.definitions)
    )
    args: tuple[Node, ...] = ()
    given: tuple[Node, ...] = ()
    braces = entity.kind in ("parameter", "definition") and p.peek() == r"\{"
    if _names_itself(p, entity) and p.choose("selfcall") == "product":
        takes_none = True
    if not takes_none and (p.peek() in ("(", "[") or braces):
        args, given = arguments(p)
    if len(args) == 1 and f"{key}@{_stands_for(p, args[0])}" in p.scope.definitions:
        key, args = f"{key}@{_stands_for(p, args[0])}", ()
    node = Apply(key, args, given, primes, index)
    return node if power is None else _powered(p, node, power)


def _names_itself(p: Parser, entity: Entity) -> bool:
    """Whether a defined symbol stands bare in its own brackets: `u(1-u)` is a product more likely than a value of u."""
    if entity.kind != "definition" or p.peek() != "(" or p.at == 0 or p.tokens[p.at - 1].text != entity.key:
        return False
    depth = 0
    for at in range(p.at, len(p.tokens)):
        depth += {"(": 1, ")": -1}.get(p.tokens[at].text, 0)
        if depth == 0:
            return False
        if p.tokens[at].text == entity.key and (at + 1 == len(p.tokens) or p.tokens[at + 1].text != "("):
            return True
    return False


def _stands_for(p: Parser, node: Node) -> str:
    """The name of the function whose value an argument is, also where it goes by another name: `y = g(z_0)`."""
    for _ in range(3):
        if not isinstance(node, Apply):
            return ""
        definition = p.scope.definitions.get(node.name)
        if definition is None or definition.params or not isinstance(definition.body, Apply):
            return node.name
        node = definition.body
    return ""


def _powered(p: Parser, node: Node, power: list[Token]) -> Node:
    return Op("pow", (node, p.inside(power)))


def arguments(p: Parser) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """The arguments between brackets, before and after a bar or semicolon."""
    closing = {"(": ")", "[": "]", r"\{": r"\}"}[p.token().text]
    p.at += 1
    p.fences.append("args")
    lists: list[list[Node]] = [[]]
    while True:
        lists[-1].append(argument(p))
        mark = p.token()
        if mark.text == ",":
            p.at += 1
        elif (mark.kind == "bar" or mark.text == ";") and len(lists) == 1:
            p.at += 1
            lists.append([])
        else:
            break
    p.expect(closing)
    p.fences.pop()
    return tuple(joined_list(lists[0])), tuple(joined_list(lists[1])) if len(lists) > 1 else ()


def argument(p: Parser) -> Node:
    """One argument: an expression, a dot, or `z_2 : z_K`."""
    if p.peek() == r"\cdot" and p.peek(1) in (",", ")", "]", "|", ";", r"\}", "||"):
        p.at += 1
        return Wild("dot")
    node = p.sum()
    if p.peek() == ":" and isinstance(node, Sym) and len(node.index) == 1:
        p.at += 1
        last = p.sum()
        if isinstance(last, Sym) and last.name == node.name and len(last.index) == 1:
            return Range(node.name, node.index[0], last.index[0])
        raise Unreadable("a colon between different symbols")
    return node


def variables(p: Parser) -> list[Node]:
    """A list of variables: `Z`, `Z_1, \\dots, Z_K`, `z_{2:K}`, `\\mu, \\sigma`."""
    items: list[Node] = []
    while True:
        if p.peek() == r"\dots":
            p.at += 1
            items.append(Wild("dots"))
        else:
            node = lookup(p)
            if isinstance(node, Sym | Apply) and p.peek() == "^":
                node = p.postfix(node)
            if isinstance(node, Op) or (isinstance(node, Apply) and not node.args and not node.given):
                items.append(node)
                if p.peek() != ",":
                    return joined_list(items)
                p.at += 1
                continue
            if not isinstance(node, Sym | Range):
                raise Unreadable("a list of variables was expected")
            if p.peek() == ":" and isinstance(node, Sym):
                p.at += 1
                last = p.factor()
                if not node.index or (isinstance(last, Sym) and last.index and last.name != node.name):
                    raise Unreadable("a colon between different symbols")
                end = (
                    last.index[0] if isinstance(last, Sym) and last.name == node.name and last.index else last
                )
                node = Range(node.name, node.index[0], end)
            items.append(node)
        if p.peek() != ",":
            return joined_list(items)
        p.at += 1
