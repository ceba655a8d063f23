"""A written derivation as a student sees it: the first wrong step on top, then every step with how it was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from markupsafe import Markup

from grader.records import Derivation, DerivationStep
from grader.reports._format import number, value_text
from grader.reports._mathml import mathml
from grader.reports._safe import one_line, printable

STEP_TONES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "proved": ("✓", "good"),
        "supported": ("✓", "good"),
        "recovers": ("~", "warn"),
        "undecided": ("?", "quiet"),
        "unreadable": ("?", "quiet"),
        "refuted": ("✗", "bad"),
    }
)
_LABELS = MappingProxyType(
    {
        "left": "Left side",
        "right": "Right side",
        "model": "Where",
        "repair": "Would hold",
    }
)
"""Names of what a counterexample says, in the order in which it is read."""


@dataclass(frozen=True, slots=True)
class Said:
    """One labelled line about a step."""

    label: str
    text: str
    drawn: bool = False
    """Whether the text is a formula."""

    @property
    def formula(self) -> Markup | None:
        """The text as MathML, where it is a formula that can be drawn."""
        return mathml(self.text) if self.drawn else None


@dataclass(frozen=True, slots=True)
class StepView:
    """One line of a derivation as a student sees it."""

    glyph: str
    tone: str
    place: str
    source: str
    reading: str
    verdict: str
    reason: str
    witness: tuple[Said, ...]

    @property
    def formula(self) -> Markup | None:
        """The reading as MathML, where it can be drawn."""
        return mathml(self.reading)


@dataclass(frozen=True, slots=True)
class DerivationView:
    """A written derivation as a student sees it."""

    heading: str
    summary: str
    """`5 supported, 1 refuted`."""
    wrong: StepView | None
    """The first wrong step."""
    goal: str
    steps: tuple[StepView, ...]


def derivation_view(derivation: Derivation) -> DerivationView:
    """The view of one derivation; a step with a verdict that we do not know looks undecided."""
    steps = tuple(_step(step) for step in derivation.steps)
    counts = Counter(step.verdict for step in steps)
    return DerivationView(
        heading=f"Derivation of {one_line(derivation.problem, 60)} in {one_line(derivation.file, 200)}",
        summary=", ".join(
            f"{counts[v]} {v}" for v in (*STEP_TONES, *sorted(set(counts) - set(STEP_TONES))) if counts[v]
        ),
        wrong=next((step for step in steps if step.verdict == "refuted"), None),
        goal=_goal(derivation),
        steps=steps,
    )


def _goal(derivation: Derivation) -> str:
    words: dict[object, str] = {True: "reached", False: "not reached"}
    goals = [
        f"{one_line(str(goal.get('name', '')), 120)}: {words.get(goal.get('reached'), 'undecided')}"
        for goal in derivation.goals[:20]
    ]
    text = f"Goal {words.get(derivation.goal_reached, 'undecided')}"
    if goals:
        text += f" ({'; '.join(goals)})"
    if derivation.score is None:
        return f"{text}."
    waiting = "; a person will look at it" if derivation.needs_review else ""
    return f"{text}, score {number(derivation.score)}{waiting}."


def _step(step: DerivationStep) -> StepView:
    glyph, tone = STEP_TONES.get(step.verdict, ("?", "quiet"))
    cell = "" if step.cell is None else f"cell {step.cell}, "
    return StepView(
        glyph=glyph,
        tone=tone,
        place=f"{cell}line {step.line}",
        source=one_line(step.source, 600),
        reading=one_line(step.reading, 1500),
        verdict=one_line(step.verdict, 40),
        reason=printable(step.reason, 1000),
        witness=tuple(_said(step.witness or {})),
    )


def _said(witness: Mapping[str, object]) -> Iterable[Said]:
    known = [key for key in _LABELS if key in witness]
    # How many models speak against a step is part of its reason.
    others = [key for key in witness if key not in _LABELS and key != "models_against"]
    for key in [*known, *others][:40]:
        label = _LABELS.get(key, one_line(str(key), 80))
        yield Said(label, value_text(witness[key], 1500), drawn=key == "repair")
