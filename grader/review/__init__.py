"""What a person decides, on a local page or in a terminal: a queue over the class, rubrics, steps, overrides.

Imports reports, derivation, intake and records. Promises: nothing that somebody decided is overwritten or lost, what
was decided about other content does not count, and nobody gets in without the token.
"""

from typing import TYPE_CHECKING

from grader._lazy import lazy

if TYPE_CHECKING:
    from grader.review._board import Board as Board
    from grader.review._board import Watched as Watched
    from grader.review._rendering import render as render
    from grader.review._saving import decision_on as decision_on
    from grader.review._saving import now as now
    from grader.review._saving import save as save
    from grader.review._saving import undo as undo
    from grader.review._serve import serve as serve
    from grader.review._words import said as said
    from grader.review._words import verdict_words as verdict_words

__all__ = [
    "Board",
    "Watched",
    "decision_on",
    "now",
    "render",
    "said",
    "save",
    "serve",
    "undo",
    "verdict_words",
]

_PLACES = {
    "Board": "grader.review._board",
    "Watched": "grader.review._board",
    "decision_on": "grader.review._saving",
    "now": "grader.review._saving",
    "render": "grader.review._rendering",
    "said": "grader.review._words",
    "save": "grader.review._saving",
    "serve": "grader.review._serve",
    "undo": "grader.review._saving",
    "verdict_words": "grader.review._words",
}

__getattr__ = lazy(__name__, _PLACES)
