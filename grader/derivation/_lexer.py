"""LaTeX mathematics as raw tokens, macros expanded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from grader.derivation._errors import Unreadable
from grader.derivation._vocabulary import (
    PLAIN_WORDS,
)

MAX_TOKENS = 6000
"""Tokens of one display after macros are expanded; a longer one is not read."""


MAX_EXPANSION_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a formula."""

    kind: str
    """letter, number, word, command, text, intertext, symbol, open, close, bar, begin, end, row, cell, quad."""
    text: str
    line: int
    start: int = 0
    """Offset in the source of the display, for showing what was typed."""
    stop: int = 0
    side: str = ""
    """Of a bar: open, close, mid, or empty where only the context tells; `twice` for two bars typed side by side."""


@dataclass(frozen=True, slots=True)
class Macro:
    """A command that the writer defined."""

    arguments: int
    body: str
    default: str | None = None
    """What stands for the first argument where none is given in square brackets."""
    paired: bool = False
    """Whether it sets delimiters: then a star or a size may stand before its argument."""


_LEX = re.compile(
    r"(?P<comment>(?<!\\)%[^\n]*\n?)|(?P<space>\s+)|(?P<row>\\\\\*?(?:\s*\[[^\]\n]{0,12}\])?)|(?P<command>\\(?:(?:operatorname|tag|[hv]space)\*|[A-Za-z]+|.))"
    r"|(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<word>[A-Za-z]+)|(?P<other>.)",
    re.DOTALL,
)


_WORDS = re.compile("|".join(sorted(PLAIN_WORDS, key=lambda word: (-len(word), word))))


def lex(source: str, line: int) -> Iterator[Token]:
    for match in _LEX.finditer(source):
        kind, text = str(match.lastgroup), match.group()
        if kind == "word":
            yield from _letters(text, line, match.start())
        elif kind not in ("comment", "space"):
            yield Token(kind, text, line, match.start(), match.end())
        line += text.count("\n")


def _letters(run: str, line: int, start: int) -> Iterator[Token]:
    """Single letters, but for whole names such as KL that were typed without a backslash."""
    if len(run) > 1 and _WORDS.fullmatch(run):
        yield Token("word", run, line, start, start + len(run))
        return
    for offset, letter in enumerate(run):
        yield Token("letter", letter, line, start + offset, start + offset + 1)


def expand(tokens: list[Token], macros: Mapping[str, Macro], depth: int) -> list[Token]:
    if not macros:
        return tokens
    if depth > MAX_EXPANSION_DEPTH:
        raise Unreadable("a macro that never ends")
    result: list[Token] = []
    at = 0
    changed = False
    while at < len(tokens):
        token = tokens[at]
        at += 1
        macro = macros.get(token.text) if token.kind == "command" else None
        if macro is None:
            result.append(token)
            continue
        arguments = []
        if macro.paired:
            at += at < len(tokens) and tokens[at].text == "*"
            _, at = _optional(tokens, at, "")
        if macro.default is not None:
            argument, at = _optional(tokens, at, macro.default)
            arguments.append(argument)
        for _ in range(macro.arguments - len(arguments)):
            argument, at = group(tokens, at)
            arguments.append(argument)
        result.extend(_instance(macro, arguments, token))
        changed = True
        if len(result) > MAX_TOKENS:
            raise Unreadable("the formula is too long once its macros are expanded")
    return expand(result, macros, depth + 1) if changed else result


def _placed(token: Token, place: Token) -> Token:
    """A token that was typed elsewhere, where it takes effect."""
    return replace(token, line=place.line, start=place.start, stop=place.stop)


def _optional(tokens: list[Token], at: int, default: str) -> tuple[list[Token], int]:
    """The argument in square brackets at `at`, or the default; and what follows."""
    if at >= len(tokens) or tokens[at].text != "[":
        place = tokens[at - 1]
        return [_placed(t, place) for t in lex(default, place.line)], at
    end = next((n for n in range(at, len(tokens)) if tokens[n].text == "]"), None)
    if end is None:
        raise Unreadable("a bracket that is not closed")
    return tokens[at + 1 : end], end + 1


def _instance(macro: Macro, arguments: list[list[Token]], place: Token) -> list[Token]:
    body = [_placed(t, place) for t in lex(macro.body, place.line)]
    result: list[Token] = []
    at = 0
    while at < len(body):
        if body[at].text == "#" and at + 1 < len(body) and body[at + 1].text.isdigit():
            number = int(body[at + 1].text)
            if not 1 <= number <= len(arguments):
                raise Unreadable("a macro with a missing argument")
            result.extend(arguments[number - 1])
            at += 2
        else:
            result.append(body[at])
            at += 1
    return result


def group(tokens: list[Token], at: int) -> tuple[list[Token], int]:
    """The tokens of the group or single token at `at`, without its braces, and what follows."""
    if at >= len(tokens):
        raise Unreadable("something is missing at the end of the formula")
    if tokens[at].text != "{":
        return [tokens[at]], at + 1
    depth = 0
    for end in range(at, len(tokens)):
        depth += {"{": 1, "}": -1}.get(tokens[end].text, 0)
        if depth == 0:
            return tokens[at + 1 : end], end + 1
    raise Unreadable("a brace that is not closed")
