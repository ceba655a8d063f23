"""How many checks we have, how many tests the peers have, and how often each calls submitted functions.

    python -m benchmarks.peer_counts COURSE

As JSON, by topic: our checks, our calls, their tests, their calls; then the names of their tests.

The hand-in is the reference, whose functions count the calls from outside. COURSE has the peers' tests in it.
"""

from __future__ import annotations

import functools
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.classroom import ASSIGNMENT
from benchmarks.limit import Limit
from grader.bank import Course

_CALLS: Counter[str] = Counter()
_INSIDE: list[str] = []
_WRAPPED = """
from benchmarks.peer_counts import counted
for _name in {functions!r}:
    globals()[_name] = counted({topic!r}, globals()[_name])
"""


def counted(topic: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, whose calls are counted unless they come from another one."""

    @functools.wraps(function)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        _CALLS[topic] += not _INSIDE
        _INSIDE.append(topic)
        try:
            return function(*arguments, **named)
        finally:
            _INSIDE.pop()

    return wrapped


def main() -> int:
    """Count and print."""
    folder = Path(sys.argv[1])
    sys.path.insert(0, str(folder))
    from peer_suite import TESTS, load  # type: ignore[import-not-found]

    course, found = Course(folder), {}
    for topic in course.assignment(ASSIGNMENT).topics:
        with tempfile.TemporaryDirectory() as name:
            text = (folder / "reference" / f"{topic}.py").read_text()
            functions = list(course.topic(topic).functions)
            handin = Path(name) / f"{topic}.py"
            handin.write_text(text + _WRAPPED.format(functions=functions, topic=topic))
            Limit(course, [topic]).cpu_s(Path(name))
            ours = _CALLS.pop(topic)
            tests = [test for named, test in TESTS.items() if named.startswith(f"{topic}::")]
            for test in tests:
                test(load(Path(name), topic))
            found[topic] = (len(course.checks(topic)), ours, len(tests), _CALLS.pop(topic))
    print(json.dumps([found, list(TESTS)]))
    return 0


if __name__ == "__main__":
    from benchmarks.peer_counts import main as counting  # the module that the hand-ins import

    sys.exit(counting())
