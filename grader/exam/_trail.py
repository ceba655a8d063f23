"""The ways that searches for smaller inputs took, kept for later hand-ins: the same mistake leads the same way."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from grader.bank import Row, Shipped, Support
from grader.exam._arguments import is_tensor
from grader.exam._fingerprint import fingerprint, kept_form, restored
from grader.exam._fresh import UNCHANGING
from grader.exam._memo import Memo

_SHIPPED: Final = "\0shipped"
"""Key of a dictionary that stands for shipped source; no row has such a key itself."""


@dataclass(frozen=True)
class MemoTrail:
    """The trail of one check. Rows that hold more than data, tensors and shipped source are not kept."""

    memo: Memo
    check: str

    def at(self, answers: str) -> Row | None:
        """What is asked after these answers; an empty row at the end, None where that is not known."""
        return kept_row(self.memo, self._key(answers))

    def extend(self, answers: str, row: Row) -> None:
        """Keep what is asked after these answers."""
        keep_row(self.memo, self._key(answers), row)

    def _key(self, answers: str) -> bytes:
        return fingerprint("smaller", self.check, answers)


def kept_row(memo: Memo, key: bytes) -> Row | None:
    """The row kept under this key, if there is one."""
    data = memo.kept(key)
    return None if data is None else _from_data(restored(data))


def keep_row(memo: Memo, key: bytes, row: Row) -> None:
    """Keep a row for later hand-ins, if it holds nothing but data, tensors and shipped source."""
    with contextlib.suppress(TypeError):
        memo.keep(key, kept_form(_as_data(dict(row))))


def _as_data(value: Any) -> Any:
    kind = type(value)
    if kind in UNCHANGING or isinstance(value, np.generic | np.ndarray) or is_tensor(value):
        return value
    if kind in (list, tuple):
        return kind(map(_as_data, value))
    if kind is dict:
        return {key: _as_data(item) for key, item in value.items()}
    if isinstance(value, Shipped):
        return {_SHIPPED: [str(value.support.path), value.name, _as_data(value.arguments)]}
    raise TypeError(f"a {kind.__name__} is not kept")


def _from_data(value: Any) -> Any:
    if type(value) in (list, tuple):
        return type(value)(map(_from_data, value))
    if not isinstance(value, Mapping):
        return value
    if set(value) == {_SHIPPED}:
        path, name, arguments = value[_SHIPPED]
        return Support(Path(path)).ship(name, *_from_data(arguments))
    return {key: _from_data(item) for key, item in value.items()}
