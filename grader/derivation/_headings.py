"""Which problem each piece of a write-up belongs to, by the nearest heading."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

from grader.derivation._source import Piece

_WORD = (
    r"(?:problem[ae]?|question|exercise|task|solution|answer|proof|ex|q|p|prob|pb|nr|no|aufgabe|übung|lösung|beweis|frage"
    r"|exercice|question|réponse|preuve|ejercicio|pregunta|solución|tarea|esercizio|domanda|soluzione|exercício|questão"
    r"|solução|opgave|vraag|oplossing|uppgift|oppgave|övning|tehtävä|zadanie|úloha|příklad|feladat|soru|задача|задание"
    r"|упражнение|вопрос|решение|문제|풀이|題目|题目|問題|问题|習題|习题|練習|练习|第|問|问)"
)
_USUAL = re.compile(
    r"(?:solution|answer|proof|problem|question|exercise|task|ex|q|p|prob)\b|[qp]\d", re.IGNORECASE
)
_STOPS = re.compile(r"\s*(?:$|[.:)–—-])")
"""What follows a heading that is set like prose; after the usual English words anything may."""
_PIECE = r"(?:part|teil|partie|parte|subproblem|deel|del|часть)"
_LEAD = re.compile(
    r"^(?:my\s+)?(?:(?:home\s?work|hw|assignment|(?:problem|exercise)?\s*(?:sheet|set)|ps|blatt|übungsblatt|serie|série|tarea)\s*"
    r"[#.]?\s*\d{1,3}\s*[,.:;–—-]*\s+)(?=\D)",
    re.IGNORECASE,
)
"""What stands before the problem: `HW10, Problem 4a`."""
_SOLVED = r"(?:(?:my\s+)?(?:solution|answer|proof|lösung|beweis|solution|réponse|solución|soluzione)\s*(?:to|of|for|zu|von|de|à|di)?\s*:?\s+(?:the\s+)?)?"
_COUNT = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[ivx]{1,4}(?![\w.]))"
_END = r"(?=\s*(?:$|[).:,;–—-]))"
_SUB = (
    rf"(?:\s*[.,:;/_–—-]*\s*(?:{_PIECE}\s*\(?(?P<part>[a-h]|\d{{1,2}}|[ivx]{{1,4}})\)?(?!\w)|\((?P<par>[a-h]|\d{{1,2}}|[ivx]{{1,4}})\)"
    rf"|(?P<closed>[a-h]|\d{{1,2}})\)|(?P<alone>[a-h]){_END})"
    r"|[./_-]?(?P<close>[a-h])(?!\w)|[.:/_-](?P<digit>\d{1,2})(?![\w]))"
)
_NAMED = re.compile(
    rf"^{_SOLVED}{_WORD}\s*(?:no|nr|number|n°)?\s*[.:#]*\s*(?P<main>{_COUNT})(?:\s*(?:题|번|題|問))?(?:{_SUB})?(?![\d\w])",
    re.IGNORECASE,
)
_TURNED = re.compile(
    rf"^(?:{_PIECE}\s*)?\(?(?P<par>[a-h])\)?\s*(?:of|von|de|di)\s+{_WORD}\s*[.:#]*\s*(?P<main>\d{{1,2}})(?!\w)",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    rf"^(?P<main>\d{{1,2}})\s*\.?\s*(?:{_WORD}|번)(?:\s*(?:\((?P<par>[a-h])\)|(?P<alone>[a-h]){_END}))?(?!\w)",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"^(?P<main>\d{1,2})\s*(?:[.)]?\s*\((?P<par>[a-h])\)|[.)/_-]?\s*(?P<close>[a-h])(?![\w'])|[.-](?P<digit>\d{1,2})(?!\d))",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^(?:\((?P<par>\d{1,2})\)|(?P<main>\d{1,2})[.):]?)(?P<rest>\s+\S.*|\s*)$", re.DOTALL)
_PART = re.compile(
    rf"^(?:(?:solution|answer|proof|lösung)\s*[.:]?\s*)?(?:{_PIECE}\s*)?(?:\((?P<par>[a-h])\)|(?P<sub>[a-h])[.)](?=\s|$)|(?P<bare>[a-h])$)",
    re.IGNORECASE,
)
_PARTED = re.compile(rf"^{_PIECE}\s*\(?(?P<part>\d{{1,2}}|[a-h])\)?(?!\w)", re.IGNORECASE)
_LABEL = re.compile(r"\(?\d{0,2}\s*[./-]?\s*\(?(?:[a-h]|\d{1,2})\)?\s*[).:]{0,2}", re.IGNORECASE)
"""A line that is nothing but a number."""
_BOLD = re.compile(
    r"\s*(?:[-+]\s+|\d{1,2}[.)]\s+|\\noindent\s*|>\s*)*(?:\*\*|__|\\textbf|\{?\\bf|\\underline|<b>|<strong>|<h\d)"
)
_SLANTED = re.compile(r"\s*([*_])[^*_]+\1\s*")
_MARKER = re.compile(r"^(?:[-+]|\d{1,2}[.)])\s+(?=\*\*|__)")
_TYPOGRAPHY = re.compile(
    r"<[^<>]{1,60}>|\\(?:textbf|textit|textsc|emph|underline|large|Large|bf|bfseries|noindent|medskip|bigskip|smallskip|newpage"
    r"|clearpage|quad|qquad)\b\*?|\\[,;:! ]|~|[*#{}>\\]|(?<!\w)_+|_+(?!\w)|^[-•–—]\s"
)
_ACCENT = re.compile(r"\\([\"'`^~])\{?([A-Za-z])\}?")
_MARKS = {'"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303"}
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


class Headings:
    """Follows the headings of a write-up; `problem` is where it stands."""

    def __init__(self, problems: Collection[str]) -> None:
        self._problems = frozenset(problems)
        self._mains = frozenset(re.match(r"\d+", p).group() for p in problems if re.match(r"\d+", p))  # type: ignore[union-attr]
        self._main = ""
        self._sub = ""
        self._lists: list[int] = []
        self.seen = self._named = False

    @property
    def problem(self) -> str | None:
        """The problem of what follows; None where it is none of those that have a notation sheet."""
        if not self.seen:
            return next(iter(self._problems)) if len(self._problems) == 1 else ""
        for name in (self._main + self._sub, f"{self._main}.{self._sub}", self._main):
            if name in self._problems:
                return name
        return None

    @property
    def label(self) -> str:
        """What the last heading named, whether there is such a problem or not."""
        return self._main + (f".{self._sub}" if self._sub.isdigit() else self._sub)

    def follow(self, piece: Piece) -> None:
        """Take a heading, a list item or the first words of a paragraph into account."""
        if piece.kind == "open":
            self._lists.append(0)
        elif piece.kind == "close" and self._lists:
            self._lists.pop()
        elif piece.kind == "item":
            self._item(piece.text)
        elif piece.kind == "heading":
            self._line(piece.text, strong=True, titled=True)
        elif piece.kind == "text":
            for line in piece.text.split("\n"):
                if line:
                    self._line(
                        line[:200],
                        strong=bool(_BOLD.match(line) or _SLANTED.fullmatch(line)) or len(line.strip()) <= 3,
                    )

    def _item(self, label: str) -> None:
        if label:
            self._line(label, strong=True)
        elif self._lists:
            self._lists[-1] += 1
            self._to(self._main, str(self._lists[-1])) or self._to(
                self._main, chr(96 + min(self._lists[-1], 26))
            )

    def _line(self, line: str, *, strong: bool, titled: bool = False) -> None:
        """`strong`: set off from the text; `titled`: a heading by its markup."""
        text = _plain(line)
        strong = strong or _LABEL.fullmatch(text) is not None
        text = re.sub(
            r"^(\d+(?:\.\d+)+)\s+(?=(?:problem|question|exercise)\b)", "", text, flags=re.IGNORECASE
        )
        text = _LEAD.sub("", text)
        bare = titled or not self._named  # below `Problem 4` a bold 1 is a step
        if match := _NAMED.match(text) or (_TURNED.match(text) or _ORDINAL.match(text) if strong else None):
            main = match["main"].lower()
            if strong or (main.isdigit() and (_USUAL.match(text) or _STOPS.match(text[match.end() :]))):
                self._enter(_number(main), _sub(match), named=True)
        elif (match := _JOINED.match(text)) and (match["par"] or (strong and (bare or not match["digit"]))):
            self._enter(match["main"], _sub(match))
        elif match := _PART.match(text):
            self._to(self._main, (match["par"] or match["sub"] or match["bare"]).lower())
        elif strong and (match := _PARTED.match(text)):
            self._part(match["part"].lower())
        elif match := _NUMBER.match(text):
            number = match["par"] or match["main"]
            if not self._to(self._main, number) and strong and bare and (number in self._mains or self._main):
                self._enter(number, "")

    def _enter(self, main: str, sub: str, *, named: bool = False) -> None:
        self.seen, self._named = True, self._named or named
        if main != self._main:
            self._main, self._sub = main, ""
        if sub and named:
            self._part(sub)
        elif sub:
            self._to(main, sub)

    def _part(self, sub: str) -> None:
        """A part by its letter or number; where the sheet counts otherwise, the one of the same place."""
        place = _ROMAN.index(sub) + 1 if sub in _ROMAN else int(sub) if sub.isdigit() else ord(sub) - 96
        known = (
            self._to(self._main, sub)
            or self._to(self._main, str(place))
            or self._to(self._main, chr(96 + min(place, 26)))
        )
        if not known and self._main not in self._problems:
            self._sub = sub

    def _to(self, main: str, sub: str) -> bool:
        known = main + sub in self._problems or f"{main}.{sub}" in self._problems
        if known and main:
            self._sub = sub
        return known and bool(main)


def _plain(line: str) -> str:
    """A heading without its typography, accents as letters."""
    text = _ACCENT.sub(
        lambda m: unicodedata.normalize("NFC", m[2] + _MARKS[m[1]]), _MARKER.sub("", line.strip())
    )
    return " ".join(_TYPOGRAPHY.sub(" ", unicodedata.normalize("NFC", text)).split())


def _number(word: str) -> str:
    for names in (_ROMAN, _WORDS):
        if word in names:
            return str(names.index(word) + 1)
    return str(int(word)) if word.isdigit() else word


def _sub(match: re.Match[str]) -> str:
    names = ("part", "par", "closed", "alone", "close", "digit")
    found = match.groupdict()
    return next((found[name].lower() for name in names if found.get(name)), "")


def by_problem(pieces: Collection[Piece], problems: Collection[str]) -> Iterator[tuple[str | None, Piece]]:
    """Each piece with the problem it belongs to: "" before any heading, None in a problem without a sheet."""
    headings = Headings(problems)
    for piece in pieces:
        headings.follow(piece)
        yield headings.problem, piece


def elsewhere(pieces: Collection[Piece], problems: Collection[str]) -> tuple[str, ...]:
    """Problems that headings with displays below them name and that have no notation sheet, in order."""
    headings = Headings(problems)
    found: dict[str, None] = {}
    for piece in pieces:
        headings.follow(piece)
        if piece.kind == "display" and headings.problem is None:
            found[headings.label] = None
    return tuple(found)
