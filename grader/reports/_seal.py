"""What a page was made from, told by its last line: a page that would come out the same need not be drawn again."""

from __future__ import annotations

import contextlib
import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from grader.records import Report, to_json

_DRAWN_WITH = ("jinja2", "latex2mathml", "contourpy", "sympy")
"""Libraries that pages are drawn with."""
_DIGITS = 40


def page_source(report: Report, title: str) -> str:
    """Digest of all that a student's page is made from: the record, the assignment's title and this room."""
    return _digest(f"{title}\n{to_json(report)}\n{_room_digest()}")


def sealed(html: str, source: str) -> str:
    """The page with a last line that tells what it was made from, and that nobody has changed it since."""
    return f"{html}{_seal(html, source)}"


def is_sealed(path: Path, source: str) -> bool:
    """Whether this file is the page made from `source`, as it was written."""
    try:
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return False
    return text == sealed(text.rpartition("<!-- ")[0], source)


def _seal(html: str, source: str) -> str:
    return f"<!-- made from {source}, text {_digest(html)} -->\n"


@cache
def _room_digest() -> str:
    """Of templates and code of this room, and of what it draws with."""
    room = Path(__file__).parent
    files = [path for path in sorted(room.rglob("*")) if path.suffix in (".py", ".j2", ".js")]
    parts = [f"{path.name}\n{_digest(path.read_bytes())}" for path in files]
    for package in _DRAWN_WITH:
        with contextlib.suppress(PackageNotFoundError):
            parts.append(f"{package} {version(package)}")
    return _digest("\n".join(parts))


def _digest(content: str | bytes) -> str:
    encoded = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    return hashlib.sha256(encoded).hexdigest()[:_DIGITS]
