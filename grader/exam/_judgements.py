"""Answers that a check has judged before, told from others by their bytes.

Whether a row of a check passes depends on the row, on the seeds and on what the call gave. Hand-ins that are right, or wrong
in the same way, give the same answers to the last bit, most of the time, and one judgement serves them all. Nothing
else is ever taken for judged.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from typing import Final, NamedTuple

_MOST: Final = 1 << 17
"""Answers that are remembered: some 20 MiB."""
_ENTRY: Final = struct.Struct(">16s?Q?")


class Judged(NamedTuple):
    """What a row's check made of an answer, where it had no remark."""

    passed: bool
    weight: int
    """Bytes that it takes once it is read, about."""
    unjudged: bool
    """Whether the check looked at what the call did to its arguments only."""


@dataclass
class Judgements:
    """What came of answers, for all hand-ins of a run."""

    _known: dict[bytes, Judged] = field(default_factory=dict)
    _new: list[bytes] = field(default_factory=list)

    @staticmethod
    def key(seed: int, asked: bytes, content: bytes) -> bytes:
        """16 bytes for an answer. seed: of the call, which is made of the check's id; asked: fingerprint of the arguments."""
        return hashlib.sha256(b"".join((seed.to_bytes(8, "big"), asked, content))).digest()[:16]

    def get(self, key: bytes) -> Judged | None:
        """What came of it before; None where it is to be judged."""
        return self._known.get(key)

    def keep(self, key: bytes, judged: Judged) -> None:
        """It was judged."""
        if len(self._known) < _MOST and key not in self._known:
            self._known[key] = judged
            self._new.append(key)

    def news(self) -> bytes:
        """All that was judged since the last call, for `learn`."""
        new, self._new = self._new, []
        return b"".join(_ENTRY.pack(key, *self._known[key]) for key in new)

    def learn(self, news: bytes) -> None:
        """Take over what others judged."""
        for key, *judged in _ENTRY.iter_unpack(news):
            self.keep(key, Judged(*judged))
        self._new.clear()
