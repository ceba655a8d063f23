"""LaTeX mathematics as tokens that know their physical line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grader.derivation._errors import Unreadable
from grader.derivation._lexer import (
    MAX_TOKENS,
    Macro,
    Token,
    expand,
    group,
    lex,
)
from grader.derivation._vocabulary import (
    ACCENTS,
    DROPPED,
    DROPPED_WITH_GROUP,
    FONTS,
    FRAMES,
    KEPT_FONTS,
    PLAIN_WORDS,
    SIZES,
    SYNONYMS,
    TEXT_COMMANDS,
    UNICODE,
    WORD_COMMANDS,
)

MAX_SOURCE = 20 * MAX_TOKENS
"""Characters of a formula that is read at all."""


def tokenize(source: str, line: int, macros: Mapping[str, Macro] | None = None) -> list[Token]:
    """Tokens of the formula that begins on physical line `line`.

    Raises Unreadable where the formula is too long, its macros never end, or a group is not closed.
    """
    if len(source) > MAX_SOURCE:
        raise Unreadable("the formula is too long")
    raw = expand(list(lex(source, line)), macros or {}, 0)
    if len(raw) > MAX_TOKENS:
        raise Unreadable("the formula is too long")
    return _Normalizer(raw).run()


class _Normalizer:
    """Takes typography away: sizes, spaces, fonts, synonyms, accents."""

    def __init__(self, raw: list[Token]) -> None:
        self._raw = raw
        self._at = 0
        self._out: list[Token] = []

    def run(self) -> list[Token]:
        while self._at < len(self._raw):
            token = self._raw[self._at]
            self._at += 1
            if token.text in (r"\frac", r"\dfrac", r"\tfrac", r"\cfrac", "^", "_"):
                self._split_number(2 if "frac" in token.text else 1)
            if token.kind == "command":
                self._command(token)
            elif token.kind == "row":
                self._emit(token, "row", r"\\")
            else:
                self._plain(token)
        return self._out

    def _split_number(self, digits: int) -> None:
        """An argument without braces is one digit: `\\frac12` is one half, `x^10` is x to the 1, times 0."""
        following = self._raw[self._at] if self._at < len(self._raw) else None
        if (
            following is None
            or following.kind != "number"
            or len(following.text) == 1
            or "." in following.text
        ):
            return
        text, start = following.text, following.start
        cuts = [text[n : n + 1] for n in range(min(digits, len(text)))] + [text[digits:]]
        pieces = [replace(following, text=part, start=start, stop=following.stop) for part in cuts if part]
        self._raw[self._at : self._at + 1] = pieces

    def _emit(self, token: Token, kind: str, text: str, side: str = "") -> None:
        stop = self._raw[self._at - 1].stop
        self._out.append(replace(token, kind=kind, text=text, side=side, stop=max(stop, token.stop)))

    def _plain(self, token: Token, *, alone: bool = False) -> None:
        text = UNICODE.get(token.text, token.text)
        if text.startswith("\\"):
            self._command(replace(token, kind="command", text=text))
        elif text == "|":
            double = (
                self._at < len(self._raw)
                and self._raw[self._at].text == "|"
                and self._raw[self._at].start == token.stop
            )
            double = double and not alone
            self._at += double
            self._emit(token, "bar", "||" if double else "|", "twice" if double else "")
        elif text in "{}":
            self._emit(token, "open" if text == "{" else "close", text)
        elif text == "&":
            self._emit(token, "cell", "&")
        elif text == "~":
            return
        else:
            self._emit(token, token.kind if token.kind != "other" else "symbol", text)

    def _command(self, token: Token) -> None:
        name = SYNONYMS.get(token.text, token.text)
        if name in SIZES:
            self._sized(token, SIZES[name])
        elif name in DROPPED:
            return
        elif name in (r"\quad", r"\qquad"):
            self._emit(token, "quad", r"\quad")
        elif name in DROPPED_WITH_GROUP:
            self._take()
        elif name in (r"\begin", r"\end"):
            self._emit(token, name[1:], _spelled(self._take()))
        elif name in TEXT_COMMANDS:
            self._emit(token, "intertext" if name.endswith("intertext") else "text", self._text())
        elif name in WORD_COMMANDS:
            self._word(token)
        elif name in FONTS or name in FRAMES:
            self._font(token, name)
        elif name in ACCENTS:
            self._accent(token, ACCENTS[name])
        elif not self._structured(token, name):
            self._simple(token, name)

    def _simple(self, token: Token, name: str) -> None:
        if name in (r"\lbrace", r"\rbrace", r"\{", r"\}"):
            self._emit(token, "symbol", r"\{" if name in (r"\lbrace", r"\{") else r"\}")
        elif name in (r"\lvert", r"\rvert", r"\lVert", r"\rVert"):
            self._emit(token, "bar", "|" if "v" in name else "||", "open" if name[1] == "l" else "close")
        elif name in (r"\vert", r"\mid", r"\Vert", r"\|", r"\parallel"):
            double = name in (r"\Vert", r"\|", r"\parallel")
            again = not double and self._at < len(self._raw) and self._raw[self._at].text == name
            self._at += again
            self._emit(token, "bar", "||" if double or again else "|", "mid" if name == r"\mid" else "")
        elif (
            name == r"\arg"
            and self._at < len(self._raw)
            and self._raw[self._at].text in (r"\min", r"\max", r"\,")
        ):
            while self._raw[self._at].text == r"\,":
                self._at += 1
            self._at += 1
            self._emit(token, "word", "arg" + self._raw[self._at - 1].text[1:])
        elif name[1:] in PLAIN_WORDS:
            self._emit(token, "word", name[1:])
        else:
            self._emit(token, "command" if name.startswith("\\") else "symbol", name)

    def _sized(self, token: Token, side: str) -> None:
        """The delimiter that follows `\\left`, `\\Big` and the like."""
        if self._at >= len(self._raw):
            return
        following = self._raw[self._at]
        if following.text in (".", "{", "}"):
            self._at += following.text == "."
            return
        before = len(self._out)
        self._at += 1
        if following.kind == "command":
            self._command(following)
        else:
            self._plain(following, alone=True)
        if side and len(self._out) == before + 1 and self._out[-1].kind == "bar":
            self._out[-1] = replace(self._out[-1], side=side)

    def _take(self) -> list[Token]:
        tokens, self._at = group(self._raw, self._at)
        return tokens

    def _text(self) -> str:
        tokens = self._take()
        parts: list[str] = []
        for previous, token in zip([None, *tokens], tokens, strict=False):
            if previous is not None and token.start > previous.stop:
                parts.append(" ")
            parts.append(token.text)
        return "".join(parts)

    def _word(self, token: Token) -> None:
        inner = self._take()
        if any(t.kind == "command" and t.text[1:].isalpha() for t in inner):
            self._out.extend(
                _Normalizer(inner).run()
            )  # \operatorname{\mathbb{E}} is the operator that it sets
            return
        word = "".join(t.text for t in inner if t.text not in (r"\,", r"\;", r"\ ", r"\!", "~", "{", "}"))
        if len(word) == 1:
            self._emit(token, "letter", word)
        elif word:
            self._emit(token, "word", word.replace("\\", ""))

    def _font(self, token: Token, name: str) -> None:
        if self._at >= len(self._raw):
            return
        inner, after = group(self._raw, self._at)
        if name in FRAMES:
            self._raw[self._at : after] = inner
        elif name in KEPT_FONTS and len(inner) == 1:
            self._at = after
            self._emit(token, "letter", rf"{KEPT_FONTS[name]}{{{inner[0].text}}}")
        elif len(inner) == 1 and inner[0].kind != "command":
            self._at = after
            if inner[0].text == "1" and after < len(self._raw) and self._raw[after].text in "_^":
                self._emit(token, "letter", r"\mathbb{1}")
                return
            self._plain(inner[0])
        elif name in KEPT_FONTS and all(t.kind in ("letter", "word") for t in inner):
            self._word(token)

    def _accent(self, token: Token, accent: str) -> None:
        before = len(self._out)
        inner = _Normalizer(self._take()).run()
        while len(inner) > 1 and inner[0].text == "{" and inner[-1].text == "}":
            inner = inner[1:-1]
        if not inner or inner[0].kind not in ("letter", "command"):
            raise Unreadable(f"an accent over more than a letter ({token.text})")
        self._out[before:] = []
        self._emit(token, "letter", rf"{accent}{{{inner[0].text}}}")
        self._out.extend(inner[1:])

    def _structured(self, token: Token, name: str) -> bool:
        if name in (r"\overset", r"\stackrel", r"\underset"):
            note, base = self._take(), self._take()
            self._out.extend(_over(token, name, _Normalizer(note).run(), _Normalizer(base).run()))
        elif name in (r"\underbrace", r"\overbrace"):
            inner = _Normalizer(self._take()).run()
            if _lists(inner):
                self._out.extend(inner)  # members of a list, which the brace only counts
            else:
                self._out.append(replace(token, kind="open", text="{"))
                self._out.extend(inner)
                self._emit(token, "close", "}")
            if self._at < len(self._raw) and self._raw[self._at].text in "_^":
                self._at += 1
                self._take()
        elif name == r"\operatorname*":
            self._word(token)
        else:
            return False
        return True


_LOOSE = frozenset(["c", "C", "+", "!", "?", "d", "D", "const", r"\mathcal{D}", r"\mathcal{L}"])
"""Set above an equality sign these mean something weaker: up to a constant, in law, to be shown."""


def _over(token: Token, name: str, note: list[Token], base: list[Token]) -> list[Token]:
    """A relation with something set above it is that relation; `\\underset{x}{min}` is `min_x`."""
    if len(base) == 1 and base[0].kind == "word" and name == r"\underset":
        fence = [replace(token, kind="symbol", text="_"), replace(token, kind="open", text="{")]
        return [*base, *fence, *note, replace(token, kind="close", text="}")]
    if len(note) == 1 and [t.text for t in base] == ["="] and note[0].text.strip() in _LOOSE:
        return [replace(base[0], kind="command", text=r"\approx")]
    if name != r"\underset" and any(t.text == "def" or t.text == r"\triangle" for t in note):
        return [replace(token, kind="command", text=r"\triangleq")]
    return base


def _lists(tokens: list[Token]) -> bool:
    """Whether a comma stands outside of all brackets."""
    depth = 0
    for token in tokens:
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
        if token.text == "," and depth == 0:
            return True
    return False


def _spelled(tokens: list[Token]) -> str:
    return "".join(token.text for token in tokens)
