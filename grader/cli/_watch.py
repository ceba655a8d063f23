"""`grader check --watch`: again after each save."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from grader.records import UserError, clean_text

_SUFFIXES = (".py", ".ipynb", ".tex", ".md")
_SETTLED_MS = 400
"""An editor writes a file in several steps, and may take it away for a moment."""
_LOOK_MS = 100
"""How often it looks up without a change; the first check begins after this."""


def keep_checking(path: Path, once: Callable[[], int]) -> int:
    """Run `once` now and after every change of a file that counts, until Ctrl-C; gives back 0: that is how it ends.

    path: the hand-in, a file or a folder. Wrong use is said and waited out, but for the first time. Raises UserError
    where it is not there at the start, or watchfiles is not installed.
    """
    try:
        from watchfiles import watch
    except ImportError:
        raise UserError("--watch needs watchfiles: pip install -c constraints.txt watchfiles") from None
    if not path.exists():
        raise UserError(f"{path} is not there; give a folder of hand-ins or one file")
    path = path.resolve()
    folder = path if path.is_dir() else path.parent

    def counts(change: object, name: str) -> bool:
        changed = Path(name)
        if changed.suffix not in _SUFFIXES or any(
            part.startswith((".", "__")) for part in changed.relative_to(folder).parts
        ):
            return False
        return path.is_dir() or changed == path

    first = True
    try:
        # It watches before the first check begins: what is saved meanwhile is not missed.
        for changes in watch(
            folder, watch_filter=counts, debounce=_SETTLED_MS, step=50, rust_timeout=_LOOK_MS, yield_on_timeout=True,
            raise_interrupt=True, recursive=path.is_dir(),
        ):  # fmt: skip
            if first or (changes and path.exists()):  # else an editor is replacing it, and there is a change to come
                sys.stdout.write("" if first else "\n")
                _attempt(once, path)
            first = False
    except KeyboardInterrupt:
        sys.stderr.write("grader: no longer watching\n")
    return 0


def _attempt(once: Callable[[], int], path: Path) -> None:
    try:
        once()
    except UserError as error:
        sys.stderr.write(f"grader: {' '.join(clean_text(str(error), 4000).split())}\n")
    sys.stdout.flush()
    sys.stderr.write(f"grader: watching {path.name}; save it to check again, Ctrl-C ends\n")
    sys.stderr.flush()
