"""check50: becomes the `__init__.py` of a folder of checks, one for each test."""

from __future__ import annotations

from collections.abc import Callable

import check50
import check50.py

from peer_suite import TESTS


def _check(name: str) -> Callable[[], None]:
    topic = name.partition("::")[0]

    def check() -> None:
        work = check50.py.import_(f"{topic}.py")
        try:
            TESTS[name](work)
        except check50.Failure:  # its time is over
            raise
        except Exception as error:
            raise check50.Failure(f"{type(error).__name__}: {error}") from error

    check.__name__ = name.replace("::", "__")
    check.__doc__ = name
    return check


for _name in TESTS:
    globals()[_name.replace("::", "__")] = check50.check(timeout=10)(_check(_name))
