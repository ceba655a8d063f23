"""What a check draws on the grader's side, from whatever generator, is drawn again by the next run."""

from __future__ import annotations

from pathlib import Path

from grader.bank import Course
from grader.engine import Options, run_handins
from grader.intake import discover

CHECKS = '''
import random

import numpy as np
import torch

from grader import Topic, check, holds

topic = Topic("drawn", source="a test", functions={"f()": "Anything."})


@check(points=10)
def check_drawn(student):
    """Draws."""
    drawn = random.random(), np.random.random(), torch.rand(1).item()
    answer = student.f()
    slips = [slip.function() for slip in student.slips("f")]
    holds(False, f"drawn: {drawn}, {slips}", answer=answer)
'''
VARIANTS = '''
import torch

from grader import slip


@slip("a random one", of="f")
def f():
    return torch.rand(1).item()
'''


def test_two_runs_draw_the_same(tmp_path: Path) -> None:
    for name, text in {
        "checks/drawn.py": CHECKS,
        "checks/variants/drawn.py": VARIANTS,
        "checks/assignments/hw1.toml": 'title = "One"\n[[problem]]\nnumber = "1"\ntopic = "drawn"\ntitle = "x"\npoints = 10\n',
        "reference/drawn.py": "def f():\n    return 1.0\n",
        "submissions/hw1/ann/solution.py": "def f():\n    return 2.0\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    course = Course(tmp_path)
    found = discover(tmp_path / "submissions", course.assignments).handins
    runs = [run_handins(course, found, Options(jobs=1, fresh=True)) for _ in range(2)]
    first, second = (run.reports[0].problems[0].checks[0] for run in runs)
    assert first.message.startswith("drawn: (0.")
    assert (first.message, first.slip) == (second.message, second.slip)
