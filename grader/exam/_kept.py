"""Expected values of earlier runs, by the content of all that they depend on: the first examiner has them at once."""

from __future__ import annotations

import contextlib
from typing import Final

from grader.exam._memo import Memo
from grader.records import user_shelf

_MOST_BYTES: Final = 24 << 20
"""More than this is not kept: reading it would take as long as it saves."""


class KeptValues:
    """What a memo knows, kept on the user's shelf between runs."""

    def __init__(self, memo: Memo, key: str) -> None:
        """Take over what is there. key: of the content that the values depend on (hexadecimal); nothing is kept without."""
        self._memo, self._key = memo, key
        self._shelf = user_shelf("values") if key else None
        content = None if self._shelf is None else self._shelf.get(key)
        if content is not None:
            with contextlib.suppress(ValueError):
                memo.learn(content)
        self._there = len(memo.known)

    def save(self) -> None:
        """Keep what is known, if that is more than before."""
        if self._shelf is not None and len(self._memo.known) > self._there and self._memo.size <= _MOST_BYTES:
            self._shelf.put(self._key, self._memo.everything())
