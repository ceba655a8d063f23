"""Tables of measured numbers, written between markers in a document by the command that measured them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *([str(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def write(document: str, name: str, text: str) -> None:
    """Put text between `<!-- name -->` and `<!-- /name -->` in a file of docs/. Raises ValueError without them."""
    path = DOCS / document
    content = path.read_text(encoding="utf-8")
    first, last = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, found, rest = content.partition(first)
    _, closed, after = rest.partition(last)
    if not found or not closed:
        raise ValueError(f"{path} has no {first.strip()} ... {last}")
    path.write_text(f"{before}{first}\n{text}\n{last}{after}", encoding="utf-8")
