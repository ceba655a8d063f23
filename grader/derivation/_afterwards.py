"""What the words after a display say about it: what its signs mean, and where it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from grader.derivation._prose import Inline, Remark, remarks
from grader.derivation._source import Piece

LOOK_AHEAD = 12
"""Pieces after a display that are looked at."""
_MEANING = re.compile(r"[\s.,;]*(?:where|with|in which|here)\b", re.IGNORECASE)
_LIMITING = re.compile(r"\s*,?\s*(?:for|if|when|whenever|provided|as long as|valid|which holds)\b")
"""In small letters: the display's own sentence goes on."""
_SENTENCE_ENDS = re.compile(r"\.\s|\n[ \t]*\n")


def afterwards(
    display: Piece, pieces: Sequence[Piece], tokens: Callable[[Piece], Inline]
) -> tuple[list[Remark], list[Remark]]:
    """The definitions ("where w = ...") and the conditions ("for r > 0") in the words after a display."""
    text = ""
    formulas: list[Inline] = []
    for piece in pieces[:LOOK_AHEAD]:
        if piece.kind == "text":
            text += piece.text
        elif piece.kind == "inline":
            text += f"⟦{len(formulas)}⟧"
            formulas.append(tokens(piece))
        elif piece.kind != "break" or text.strip():
            break
    if _MEANING.match(text):
        return [r for r in remarks(text.split(". ")[0], formulas) if r.kind == "define"], []
    if _LIMITING.match(text) and not _ended(display):
        found = remarks(_SENTENCE_ENDS.split(text)[0].lstrip(" \n\t,"), formulas)
        return [], [r for r in found if r.kind in ("condition", "unclear")]
    return [], []


def _ended(display: Piece) -> bool:
    """Whether a full stop ends the display."""
    inner = re.sub(r"(?:\$\$|\\\]|\\end\{[a-z]+\*?\}|\\\\|\s)+$", "", display.text)
    return inner.endswith(".")
