"""Notes beside a row, as prose."""

from __future__ import annotations

from collections.abc import Sequence

from grader.derivation._lexer import Token
from grader.derivation._prose import Inline
from grader.derivation._source import Piece


def as_prose(note: Sequence[Token], piece: Piece) -> tuple[str, list[Inline]]:
    """A note beside a row as prose: words and formulas in turn."""
    text = ""
    formulas: list[Inline] = []
    run: list[Token] = []

    def close() -> None:
        nonlocal text, run
        if run:
            text += f" ⟦{len(formulas)}⟧ "
            formulas.append(Inline(tuple(run), run[0].line, piece.text))
            run = []

    if note and note[0].kind != "text" and note[0].text != r"\because":
        text = "for "
    for token in note:
        if token.kind in ("text", "intertext") or token.text == r"\because":
            close()
            text += " since " if token.text == r"\because" else token.text
        elif token.kind not in ("quad", "cell"):
            run.append(token)
    close()
    return text, formulas
