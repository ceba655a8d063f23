"""Expected values and their tolerances, computed once and shared by all hand-ins.

Every hand-in of a topic meets the same arguments, so the reference gives the same answers, the 25 evaluations behind
each tolerance the same result, and a known slip that a wrong answer is compared with the same answers, too. What an
examiner had to compute goes back to the server that forked it; later ones inherit it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, Final

from grader.bank import freeze, thaw
from grader.exam._fingerprint import fingerprint, kept_form, restored
from grader.exam._recorded import RecordedCall, RecordedFunction

_MOST_BYTES: Final = 64 << 20


@dataclass
class Memo:
    """What functions of the course's own modules gave, by function and arguments."""

    known: dict[bytes, bytes] = field(default_factory=dict)
    """Frozen results, so that nobody can change one under another's hands."""
    size: int = 0
    _new: list[bytes] = field(default_factory=list)

    def recall(
        self,
        function: Callable[..., Any],
        arguments: Sequence[object],
        about: object,
        compute: Callable[[], Any],
        asked: bytes | None = None,
    ) -> Any:
        """`compute()`, or what it gave before for these arguments; `about` is what else it depends on: text and numbers.

        asked: the fingerprint of the arguments, where it is known.

        Only where `function` is a module's own function, no closure or lambda, its arguments are told from others by
        their content, and its result is data; else it is computed each time.
        """
        if isinstance(function, RecordedCall | RecordedFunction):
            return function.recalled(arguments, about, compute)
        key = _key(function, arguments, about, asked)
        if key is None:
            return compute()
        kept = self.known.get(key)
        if kept is not None:
            return restored(kept)
        result = compute()
        try:
            frozen = kept_form(result)
        except TypeError:
            return result
        self.keep(key, frozen)
        return restored(frozen)

    def kept(self, key: bytes) -> bytes | None:
        """What was kept under a key of the caller's own making."""
        return self.known.get(key)

    def keep(self, key: bytes, data: bytes) -> None:
        """Keep bytes for later hand-ins, if there is room."""
        if key not in self.known and self.size + len(data) <= _MOST_BYTES:
            self._keep(key, data)
            self._new.append(key)

    def news(self) -> bytes:
        """All that was computed since the last call, for another memo; empty bytes when there is nothing."""
        new, self._new = self._new, []
        return freeze([[key, self.known[key]] for key in new]) if new else b""

    def everything(self) -> bytes:
        """All that is known, for `learn`."""
        return freeze([[key, data] for key, data in self.known.items()])

    def learn(self, news: bytes) -> None:
        """Take over what another memo had to compute. Raises ValueError for other bytes."""
        for key, frozen in thaw(news):
            if key not in self.known and self.size + len(frozen) <= _MOST_BYTES:
                self._keep(key, frozen)

    def _keep(self, key: bytes, frozen: bytes) -> None:
        self.known[key] = frozen
        self.size += len(key) + len(frozen)


def _key(
    function: Callable[..., Any], arguments: Sequence[object], about: object, asked: bytes | None
) -> bytes | None:
    if not isinstance(function, FunctionType) or function.__closure__ or "<" in function.__qualname__:
        return None  # what it gives may depend on more than its arguments
    try:
        asked = fingerprint(list(arguments)) if asked is None else asked
    except TypeError:
        return None
    return hashlib.sha256(repr((function.__module__, function.__qualname__, about)).encode() + asked).digest()[:16]
