"""A write-up as pieces in reading order: headings, prose, formulas in it, displays; each with its physical line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from grader.derivation._lexer import Macro
from grader.records import UserError

MAX_CHARACTERS = 400_000
"""A longer write-up is refused with a message."""

_DISPLAYS = [
    "align",
    "alignat",
    "aligned",
    "gather",
    "gathered",
    "equation",
    "eqnarray",
    "multline",
    "flalign",
    "split",
    "displaymath",
    "math",
    "dmath",
]
_SKIPPED = [
    "verbatim",
    "Verbatim",
    "lstlisting",
    "minted",
    "comment",
    "tikzpicture",
    "filecontents",
    "tabular",
    "thebibliography",
]
_OPENERS = re.compile(
    r"(?P<comment>(?<!\\)%[^\n]*)|(?P<fence>^[ \t]*(?:```|~~~)[^\n]*$)|(?P<code>`[^`\n]+`)|(?P<dollars>\$\$)|(?P<bracket>\\\[)"
    r"|(?P<paren>\\\()|(?P<escaped>\\\$|\\\\)|(?P<dollar>\$)|\\begin\{(?P<env>[A-Za-z]+)(?P<star>\*?)\}"
    r"|(?P<heading>^[ \t]*\\(?:(?:sub)*section|paragraph|chapter|subparagraph|question|problem|exercise|part)\*?\s*\{(?P<title>[^{}\n]*(?:\{[^{}\n]*\}[^{}\n]*)*)\})"
    r"|(?P<md>^#{1,6}[ \t]+(?P<mdtitle>[^\n]*)$)|(?P<item>\\item\b[ \t]*(?:\[(?P<label>[^\]\n]*)\])?)"
    r"|\\end\{(?P<endenv>[A-Za-z]+)\*?\}|(?P<break>\n[ \t]*\n)",
    re.MULTILINE,
)
_TITLED = frozenset({"problem", "exercise", "question", "task", "solution", "aufgabe"})
"""Environments that may name their problem: `\\begin{problem}[4a]`."""
_LABELLED = re.compile(
    r"\s*[\[{]\s*(?:problem|exercise|question|aufgabe)?\s*(\(?\d{1,2}[^\]}\n]{0,40})[\]}]", re.IGNORECASE
)
_CLOSERS = MappingProxyType({"dollars": "$$", "bracket": r"\]", "paren": r"\)", "dollar": "$"})
_MACRO = re.compile(
    r"\\(?:re)?(?:newcommand|providecommand)\*?\s*\{?\s*(?P<new>\\[A-Za-z]+)\s*\}?\s*(?:\[(?P<count>\d)\])?\s*(?:\[(?P<default>[^\[\]\n]{0,60})\])?\s*(?=\{)"
    r"|\\def\s*(?P<def>\\[A-Za-z]+)(?P<marks>(?:#\d)*)\s*(?=\{)|\\DeclareMathOperator\*?\s*\{?\s*(?P<operator>\\[A-Za-z]+)\s*\}?\s*(?=\{)"
    r"|\\DeclarePairedDelimiter\s*\{?\s*(?P<pair>\\[A-Za-z]+)\s*\}?\s*\{(?P<open>[^{}\n]{1,20})\}\s*\{(?P<close>[^{}\n]{1,20})\}"
)
_KEPT = frozenset({r"\log", r"\sum", r"\int", r"\frac"})
"""Not the writer's to define anew."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a write-up."""

    kind: str
    """heading, item, text, inline, display, break (a paragraph's end), open or close (of a list)."""
    text: str
    line: int
    """Physical line (1-based) on which `text` begins; within its cell for a notebook."""
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Writeup:
    """A write-up as read."""

    file: str
    pieces: tuple[Piece, ...]
    macros: MappingProxyType[str, Macro]


def read_writeup(text: str, *, kind: str, file: str) -> Writeup:
    """The pieces of a write-up in LaTeX (`tex`), Markdown (`md`) or a notebook's Markdown (`ipynb`, JSON).

    Raises UserError for another kind, for a notebook that is none, and for a text beyond 400,000 characters.
    """
    cells = markdown_cells(text, file) if kind == "ipynb" else []
    # A notebook's pictures do not count: only its Markdown is read.
    if (sum(len(source) for _, source in cells) if kind == "ipynb" else len(text)) > MAX_CHARACTERS:
        raise UserError(
            f"{file}: longer than {MAX_CHARACTERS} characters, which no derivation is; hand in the write-up alone"
        )
    if kind == "ipynb":
        pieces = tuple(piece for number, source in cells for piece in _scan(source, number, tex=False))
        return Writeup(file, pieces, read_macros("\n".join(source for _, source in cells)))
    if kind not in ("tex", "md"):
        raise UserError(f"{file}: a write-up is a .tex, .md or .ipynb file")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Writeup(file, tuple(_scan(text, None, tex=kind == "tex")), read_macros(text))


def markdown_cells(text: str, file: str) -> list[tuple[int, str]]:
    """The Markdown cells of a notebook with their numbers (from 0). Raises UserError where the text is none."""
    try:
        cells = json.loads(text)["cells"]
        sources = [
            (number, cell.get("cell_type"), cell.get("source", "")) for number, cell in enumerate(cells)
        ]
        return [
            (number, (source if isinstance(source, str) else "".join(map(str, source))).replace("\r\n", "\n"))
            for number, kind, source in sources
            if kind == "markdown"
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UserError(f"{file}: not a notebook (open it in Jupyter and save it again)") from None


def read_macros(text: str) -> MappingProxyType[str, Macro]:
    """The commands that the writer defined, by name."""
    macros: dict[str, Macro] = {}
    for match in _MACRO.finditer(text):
        if match["pair"]:
            macros[match["pair"]] = Macro(1, rf"\left{match['open']} #1 \right{match['close']}", paired=True)
            continue
        body = _braced(text, match.end())
        name = match["new"] or match["def"] or match["operator"]
        if body is None or len(body) > 2000:
            continue
        if match["operator"]:
            macros[name] = Macro(0, rf"\operatorname{{{body}}}")
        elif name not in _KEPT:
            count = int(match["count"]) if match["count"] else (match["marks"] or "").count("#")
            macros[name] = Macro(count, body, match["default"] if count else None)
    return MappingProxyType(macros)


def _braced(text: str, at: int) -> str | None:
    depth = 0
    for end in range(at, min(len(text), at + 4000)):
        if text[end] in "{}" and text[end - 1] != "\\":
            depth += 1 if text[end] == "{" else -1
            if depth == 0:
                return text[at + 1 : end]
    return None


def _scan(text: str, cell: int | None, *, tex: bool) -> Iterator[Piece]:
    scanner = _Scanner(text, cell, tex)
    yield from scanner.run()


class _Scanner:
    """One pass over a source; every closing mark is looked for once, so that nothing is quadratic."""

    def __init__(self, text: str, cell: int | None, tex: bool) -> None:
        self._text, self._cell, self._tex = text, cell, tex
        self._lines = [m.start() for m in re.finditer("\n", text)]
        self._at = self._from = 0
        self._absent: set[str] = set()

    def run(self) -> Iterator[Piece]:
        begin = re.search(r"\\begin\{document\}", self._text) if self._tex else None
        self._at = self._from = begin.end() if begin else 0
        while (match := _OPENERS.search(self._text, self._at)) is not None:
            piece, stop = self._piece(match)
            if stop is None:
                self._at = match.end()
                continue
            yield from self._prose(match.start())
            if piece is not None:
                yield piece
            self._at = self._from = stop
        yield from self._prose(len(self._text))

    def _prose(self, stop: int) -> Iterator[Piece]:
        if self._text[self._from : stop].strip():
            yield self._make("text", self._from, stop)

    def _make(self, kind: str, start: int, stop: int, text: str | None = None) -> Piece:
        return Piece(kind, self._text[start:stop] if text is None else text, self._line(start), self._cell)

    def _line(self, at: int) -> int:
        low, high = 0, len(self._lines)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self._lines[middle] < at else (low, middle)
        return low + 1

    def _find(self, closer: str, start: int) -> int | None:
        if closer in self._absent:
            return None
        found = self._text.find(closer, start)
        if found < 0:
            self._absent.add(closer)
            return None
        return found

    def _piece(self, match: re.Match[str]) -> tuple[Piece | None, int | None]:
        """The piece that starts here and where reading goes on; None to read on as prose."""
        kind = match.lastgroup
        if match["env"] or match["endenv"]:
            return self._environment(match)
        if match["heading"] or match["md"]:
            title = match["title"] if match["heading"] else match["mdtitle"]
            if match["md"] and self._tex:
                return None, None
            return self._make("heading", match.start(), match.end(), title), match.end()
        if match["item"]:
            return self._make("item", match.start(), match.end(), match["label"] or ""), match.end()
        if match["comment"]:
            return (None, match.end()) if self._tex else (None, None)
        if match["fence"]:
            return (None, None) if self._tex else (None, self._after_fence(match))
        if match["code"]:
            return (None, None) if self._tex else (None, match.end())
        if match["break"]:
            return self._make("break", match.start(), match.end()), match.start() + 1
        return self._formula(str(kind), match)

    def _after_fence(self, match: re.Match[str]) -> int:
        mark = match["fence"].strip()[:3]
        close = self._find("\n" + mark, match.end())
        return len(self._text) if close is None else close + 1 + len(mark)

    def _formula(self, kind: str, match: re.Match[str]) -> tuple[Piece | None, int | None]:
        closer = _CLOSERS.get(kind)
        if closer is None:
            return None, None
        stop = self._find(closer, match.end())
        while stop is not None and kind == "dollar" and self._text[stop - 1] == "\\":
            stop = self._find(closer, stop + 1)
        if stop is None:
            return None, None
        body = self._text[match.end() : stop]
        if kind == "dollar" and ("\n\n" in body or len(body) > 1500 or not body.strip()):
            return None, None
        shape = "inline" if kind in ("dollar", "paren") else "display"
        return self._make(shape, match.end(), stop), stop + len(closer)

    def _environment(self, match: re.Match[str]) -> tuple[Piece | None, int | None]:
        name = match["env"] or match["endenv"]
        if name in ("enumerate", "parts", "subparts", "itemize"):
            return self._make(
                "open" if match["env"] else "close", match.start(), match.end(), name
            ), match.end()
        if match["env"] and name in _TITLED and (label := _LABELLED.match(self._text, match.end())):
            return self._make("heading", match.start(), label.end(), f"Problem {label[1]}"), label.end()
        if not match["env"] or (name not in _DISPLAYS and name not in _SKIPPED):
            return None, (match.end() if name != "document" else None)
        closer = rf"\end{{{name}{match['star']}}}"
        stop = self._find(closer, match.end())
        if stop is None:
            return None, None
        if name in _SKIPPED:
            return None, stop + len(closer)
        return self._make("display", match.start(), stop + len(closer)), stop + len(closer)
