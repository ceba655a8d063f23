"""pytest: the hand-ins whose folders the variable HANDINS lists, one test for each test of each."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import pytest

from peer_suite import TESTS, load

HANDINS = [Path(folder) for folder in os.environ["HANDINS"].split(os.pathsep)]
CASES = [pytest.param(folder, name, id=f"{folder.name} {name}") for folder in HANDINS for name in TESTS]
work = functools.cache(load)


@pytest.mark.parametrize(("folder", "name"), CASES)
def test(folder: Path, name: str) -> None:
    """It is right."""
    TESTS[name](work(folder, name.partition("::")[0]))
