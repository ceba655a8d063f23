"""The tests that other harnesses run on the class of benchmarks/classroom.py: plain asserts, nothing of the grader.

One test for each of our checks of the same six topics, with about as many calls of submitted functions and drawn from
a seeded NumPy generator, which costs less than Hypothesis. It is lenient as to types and precision. It needs a
course's folder (`reference/`, `checks/support/`) on the path; each harness has a file here that runs it there.
"""

from __future__ import annotations

from ._chance import GAUSSIAN_SGD, RUIN
from ._geometry import GLOW, PROJECTION
from ._images import INPAINTING
from ._orders import PERMUTATIONS
from ._values import Test, load, name_of, outcome, work_of

__all__ = ["TESTS", "Test", "load", "name_of", "outcome", "work_of"]

TESTS: dict[str, Test] = {
    name_of(topic, test): test
    for topic, tests in (
        ("projection", PROJECTION),
        ("glow", GLOW),
        ("ruin", RUIN),
        ("gaussian_sgd", GAUSSIAN_SGD),
        ("permutations", PERMUTATIONS),
        ("inpainting", INPAINTING),
    )
    for test in tests
}
"""By `topic::test`. Each takes the functions of one hand-in as attributes and raises where they are wrong."""
