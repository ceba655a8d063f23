"""Examples drawn once per check and replayed for every hand-in: the same for everybody, in every process.

A drawn corpus can be kept on disk by the content of all that it depends on; drawing costs about a millisecond an
example, reading microseconds.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any, Protocol
from unittest import mock

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import Flaky, NoSuchExample
from hypothesis.internal.cache import LRUCache
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.strategies import SearchStrategy, fixed_dictionaries
from sortedcontainers import SortedSet

from grader.bank._check import CheckSpec, Row
from grader.bank._freeze import freeze, thaw
from grader.records import Shelf, user_shelf

SHRINK_CALLS = 300
"""How often a failing check is tried again, at most, to find a smaller input, ..."""
SHRINK_CALLS_AN_EXAMPLE = 8
"""... and at most for each example that the check draws."""


class _EnoughError(BaseException):
    """Ends a search; no Exception, so that Hypothesis lets it through."""


@dataclass(frozen=True)
class Corpora:
    """Where corpora are kept, and the part of their keys that all checks share."""

    shelf: Shelf
    content: str
    """Hash of the grader's own drawing code and the versions of what it draws with."""

    @classmethod
    def of_user(cls) -> Corpora | None:
        """Those of the user who runs this process; None where nothing is to be kept."""
        shelf = user_shelf("corpora")
        if shelf is None:
            return None
        total = hashlib.sha256()
        for path in sorted(Path(__file__).parent.glob("*.py")):
            total.update(path.name.encode() + path.read_bytes())
        versions = [platform.python_version(), *(version(p) for p in ("numpy", "hypothesis"))]
        total.update(json.dumps(versions).encode())
        return cls(shelf, total.hexdigest())

    def key(self, spec: CheckSpec, topic: str, course: str) -> str:
        """Of one check's drawn rows; `course` is the content of the topic's files."""
        drawn = spec.rows.drawn if spec.rows else 0
        parts = [self.content, course, topic, spec.name, _seed(spec, topic), drawn]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def corpus(spec: CheckSpec, topic: str, kept: Corpora | None = None, course: str = "") -> tuple[Row, ...]:
    """All rows of a check: the fixed ones, then as many drawn ones as it asks for. Equal on every call.

    kept: where drawn rows are looked up and put; `course` is then the content hash of the topic's files
    (`Course.digest`). Rows that hold other than plain data are drawn anew each time.
    """
    if spec.rows is None:
        return ()
    if not spec.rows.strategies:
        return spec.rows.fixed
    key = kept.key(spec, topic, course) if kept else ""
    drawn = _kept_rows(kept.shelf, key) if kept else None
    if drawn is None:
        drawn = _drawn(spec, topic)
        with contextlib.suppress(TypeError):
            # What is replayed later is what the bytes say; so is what is replayed now.
            frozen = freeze(drawn)
            drawn = thaw(frozen)
            if kept:
                kept.shelf.put(key, frozen)
    return (*spec.rows.fixed, *drawn)


def _kept_rows(shelf: Shelf, key: str) -> list[Row] | None:
    content = shelf.get(key)
    with contextlib.suppress(ValueError):
        rows = None if content is None else thaw(content)
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            return rows
    return None


def _drawn(spec: CheckSpec, topic: str) -> list[Row]:
    drawn: list[Row] = []

    def collect(row: Row) -> bool:
        drawn.append(row)
        return False

    with contextlib.suppress(NoSuchExample):
        assert spec.rows is not None and spec.rows.strategies
        _search(spec.rows.strategies, collect, _seed(spec, topic), spec.rows.drawn, shrink=False)
    return drawn


class Trail(Protocol):
    """What a search asked, by its answers (`"0110"`): the next row depends on nothing else, so it need not be sought twice."""

    def at(self, answers: str) -> Row | None:
        """What is asked after these answers: an empty row where the search ends, None where nobody has come by."""

    def extend(self, answers: str, row: Row) -> None:
        """Tell what is asked after these answers."""


def smallest(
    spec: CheckSpec,
    topic: str,
    fails: Callable[[Row], bool],
    *,
    calls: int | None = None,
    enough: Callable[[], bool] = lambda: False,
    trail: Trail | None = None,
) -> Row | None:
    """The smallest row found on which `fails` holds.

    Tries at most `calls` rows after the first failure (by default as many as the check's own number of examples
    suggests: authors draw few where a call takes long), and none once `enough()`. Where `fails` does not give the
    same result for the same row twice, the best row so far. trail: followed as far as it leads, without Hypothesis.
    """
    if spec.rows is None or not spec.rows.strategies:
        return None
    most = min(SHRINK_CALLS, SHRINK_CALLS_AN_EXAMPLE * spec.rows.drawn) if calls is None else calls
    search = _Shrinking(fails, most, enough, trail)
    with contextlib.suppress(Flaky, _EnoughError):
        if not search.followed():
            with contextlib.suppress(NoSuchExample):
                _search(spec.rows.strategies, search.condition, _seed(spec, topic), spec.rows.drawn, shrink=True)
            search.ended()
    return search.best


@dataclass
class _Shrinking:
    """One search for a small row that fails."""

    fails: Callable[[Row], bool]
    most: int
    enough: Callable[[], bool]
    trail: Trail | None
    best: Row | None = None
    _tried: int = 0
    _answers: str = ""
    _repeated: int = 0

    def followed(self) -> bool:
        """Go along the trail; whether that was the whole way."""
        while self.trail is not None and (row := self.trail.at(self._answers)) is not None:
            if not row:
                return True
            self._ask(row)
        return False

    def condition(self, row: Row) -> bool:
        """What Hypothesis asks: what was asked on the trail has its answer already."""
        if self._repeated < len(self._answers):
            self._repeated += 1
            return self._answers[self._repeated - 1] == "1"
        if self.trail is not None:
            self.trail.extend(self._answers, row)
        self._repeated += 1
        return self._ask(row)

    def ended(self) -> None:
        """Nothing smaller is left to ask for."""
        if self.trail is not None and self._repeated == len(self._answers):
            self.trail.extend(self._answers, {})

    def _ask(self, row: Row) -> bool:
        self._tried += self.best is not None
        if self._tried > self.most or self.enough():
            raise _EnoughError
        failed = self.fails(row)
        self._answers += "1" if failed else "0"
        if failed:
            self.best = row
        return failed


def _seed(spec: CheckSpec, topic: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{topic}::{spec.name}".encode()).digest()[:8], "big")


def _search(
    strategies: Mapping[str, SearchStrategy[Any]],
    condition: Callable[[Row], bool],
    seed: int,
    examples: int,
    *,
    shrink: bool,
) -> None:
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    config = settings(
        max_examples=examples,
        phases=phases,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    with _without_local_constants():
        find(fixed_dictionaries(dict(strategies)), condition, settings=config, random=Random(seed))


@contextlib.contextmanager
def _without_local_constants() -> Iterator[None]:
    """Hypothesis mixes in constants found in modules that happen to be loaded; a corpus must not depend on them."""
    none: dict[str, Any] = {
        "_get_local_constants": lambda: Constants(
            integers=SortedSet(), floats=SortedSet(), bytes=SortedSet(), strings=SortedSet()
        ),
        "CONSTANTS_CACHE": LRUCache(1024),
    }
    with mock.patch.multiple(providers, **none):
        yield
