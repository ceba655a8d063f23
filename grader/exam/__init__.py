"""The examiner: puts the checks of a topic to a hand-in, through pytest, and records what came of it.

Imports sandbox, judge, bank, intake and records. Promises: a failing check names the smallest input found,
an error of ours is the verdict `fault`, and nothing that submitted code does ends the examiner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader._lazy import lazy

if TYPE_CHECKING:
    from grader.exam._answer import Answer as Answer
    from grader.exam._levels import LOWEST as LOWEST
    from grader.exam._levels import choose_level as choose_level
    from grader.exam._levels import libraries_for as libraries_for
    from grader.exam._outcomes import CallEnded as CallEnded
    from grader.exam._outcomes import NeedsReview as NeedsReview
    from grader.exam._outcomes import WrongAnswer as WrongAnswer
    from grader.exam._start import start_zygote as start_zygote
    from grader.exam._student import Student as Student
    from grader.exam._symbolic import proves as proves
    from grader.exam._verbs import agree as agree
    from grader.exam._verbs import holds as holds
    from grader.exam._verbs import unchanged as unchanged

__all__ = [
    "LOWEST",
    "Answer",
    "CallEnded",
    "NeedsReview",
    "Student",
    "WrongAnswer",
    "agree",
    "choose_level",
    "holds",
    "libraries_for",
    "proves",
    "start_zygote",
    "unchanged",
]

_PLACES = {
    "CallEnded": "grader.exam._outcomes",
    "NeedsReview": "grader.exam._outcomes",
    "WrongAnswer": "grader.exam._outcomes",
    "LOWEST": "grader.exam._levels",
    "choose_level": "grader.exam._levels",
    "libraries_for": "grader.exam._levels",
    "start_zygote": "grader.exam._start",
    "Answer": "grader.exam._answer",
    "Student": "grader.exam._student",
    "proves": "grader.exam._symbolic",
    "agree": "grader.exam._verbs",
    "holds": "grader.exam._verbs",
    "unchanged": "grader.exam._verbs",
}

__getattr__ = lazy(__name__, _PLACES)
