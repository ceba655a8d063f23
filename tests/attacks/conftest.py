"""Each setting's two runs, with and without attackers, are made once and looked at by many tests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.attacks.catalogue import ATTACKS
from tests.attacks.grading import Graded, Setting, grade, grounds, settings
from tests.attacks.honest import DATA, DENIED, WORK, working
from tests.attacks.model import Attack

HONEST = {("numbers", f"work_{name}"): working(body) for name, body in WORK.items()}
HONEST |= {("numbers", f"denied_{name}"): working(body) for name, (body, _) in DENIED.items()}


def tried(setting: Setting) -> list[Attack]:
    """The attacks that are made in a setting: those after the examiner in the first one only."""
    return [a for a in ATTACKS if not a.once or setting == settings()[0]]


@pytest.fixture(scope="session")
def attacked() -> Iterator[Callable[[Setting], Graded]]:
    """The run of a setting in which attackers and honest neighbours are graded together."""
    yield from _runs(lambda stage, setting: grade(stage, setting, tried(setting)))


@pytest.fixture(scope="session")
def peaceful() -> Iterator[Callable[[Setting], Graded]]:
    """The run of a setting without attackers, with honest work of all kinds instead."""

    def run(stage: object, setting: Setting) -> Graded:
        folder = stage.course / "submissions" / "numbers" / "data"  # type: ignore[attr-defined]
        for name, text in DATA.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return grade(stage, setting, (), more=HONEST)  # type: ignore[arg-type]

    yield from _runs(run)


def _runs(run: Callable[..., Graded]) -> Iterator[Callable[[Setting], Graded]]:
    done: dict[Setting, Graded] = {}
    with ExitStack() as stack:

        def of(setting: Setting) -> Graded:
            if not sys.platform.startswith("linux"):
                pytest.skip("levels L2 and L3 are for Linux")
            if setting not in done:
                done[setting] = run(stack.enter_context(grounds(setting)), setting)
            return done[setting]

        yield of
