"""Text of unknown origin, made harmless for whatever reads it: terminals, browsers, CI logs, spreadsheets."""

from __future__ import annotations

import re

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor movement
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\x9d]*(?:\x07|\x1b\\|\x9c)"  # operating system commands: titles, links
    r"|\x1b[@-_]"
)
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 and C1, but for tab and line feed
    "\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # direction, invisible
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"  # what XML forbids, language tags
)
_COMBINING = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_STACKED = re.compile(f"([{_COMBINING}]{{3}})[{_COMBINING}]+")
# GitHub obeys "::command::" at the start of a line (blanks skipped) and, like Azure and TeamCity, "##name[" anywhere.
_LINE_COMMAND = re.compile(r"^((?:\x1b\[[0-9;]*m|[^\S\n])*):(?=:)", re.MULTILINE)
_HASH_COMMAND = re.compile(r"##(?=\w*\[)")
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def printable(text: str, limit: int = 2000) -> str:
    """Text without escapes, control, direction and invisible characters, at most `limit` long.

    Line feeds and tabs stay, and so do the joiners that Persian or Hindi names need. A cut is marked by "…".
    """
    text = text[: 4 * limit].replace("\r\n", "\n").replace("\r", "\n")
    text = _STACKED.sub(r"\1", _UNPRINTABLE.sub("�", _ESCAPES.sub("", text)))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def one_line(text: str, limit: int = 300) -> str:
    """`printable` on a single line: any run of blanks and line breaks becomes one blank."""
    if len(text) <= limit and text.isascii() and text.isprintable() and "  " not in text:  # nearly always
        return text.strip()
    # Cut before joining blanks, so that giant text costs nothing; 16 leaves room for indented source.
    return printable(" ".join(printable(text, 16 * limit).split()), limit)


def without_commands(text: str) -> str:
    """Finished terminal or Markdown text in which no line is a command to a CI system."""
    return _HASH_COMMAND.sub("## ", _LINE_COMMAND.sub(r"\1: ", text))


def cell_text(text: str) -> str:
    """Text for a spreadsheet cell: one line, and never a formula (a leading apostrophe marks it as text)."""
    line = one_line(text)
    return "'" + line if line.startswith(FORMULA_STARTS) else line
