"""unittest and gradescope-utils: `python -m peer_suite.run_unittest HAND-IN RESULTS.json`."""

from __future__ import annotations

import functools
import sys
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gradescope_utils.autograder_utils.decorators import weight
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

from . import TESTS, load


def main() -> None:
    """One test method for each test, named in its first line of documentation."""
    folder, results = map(Path, sys.argv[1:])
    work = functools.cache(functools.partial(load, folder))
    suite = unittest.TestSuite()
    for name in TESTS:
        methods = {"test": weight(1)(_method(name, work))}
        suite.addTest(type("TestHandIn", (unittest.TestCase,), methods)("test"))
    with results.open("w") as stream:
        JSONTestRunner(stream=stream).run(suite)


def _method(name: str, work: Callable[[str], Any]) -> Callable[[Any], None]:
    def test(self: unittest.TestCase) -> None:
        TESTS[name](work(name.partition("::")[0]))

    test.__doc__ = name
    return test


main()
