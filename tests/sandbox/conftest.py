"""One zygote a level for the whole session; workers are fresh in every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from grader.sandbox import Level, LevelStatus, Zygote, available
from tests.support.submissions import Desk


@pytest.fixture(scope="session")
def statuses() -> dict[Level, LevelStatus]:
    """What this machine offers."""
    return {status.level: status for status in available().levels}


@pytest.fixture(scope="session")
def best(statuses: dict[Level, LevelStatus]) -> Level:
    """The highest level of this machine."""
    return max(level for level, status in statuses.items() if status.available)


@pytest.fixture(scope="session")
def zygotes(statuses: dict[Level, LevelStatus]) -> Iterator[Callable[[Level], Zygote]]:
    """A zygote of each level, started when first asked for; skips a level that this machine does not have."""
    started: dict[Level, Zygote] = {}

    def start(level: Level) -> Zygote:
        if not statuses[level].available:
            pytest.skip(f"level {level.name} is not available: {statuses[level].reason}")
        if level not in started:
            started[level] = Zygote.start(level)
        return started[level]

    yield start
    for zygote in started.values():
        zygote.close()


def _desk(zygote: Zygote) -> Iterator[Desk]:
    with zygote.connect() as connection:
        desk = Desk(connection)
        yield desk
        desk.close()


@pytest.fixture(params=list(Level), ids=lambda level: level.name)
def every_desk(request: pytest.FixtureRequest, zygotes: Callable[[Level], Zygote]) -> Iterator[Desk]:
    """Workers of each level in turn."""
    yield from _desk(zygotes(request.param))


@pytest.fixture
def desk(zygotes: Callable[[Level], Zygote], best: Level) -> Iterator[Desk]:
    """Workers of the highest level of this machine."""
    yield from _desk(zygotes(best))
