"""From the scores of problems to the score of a report: the rules of the sheet, one line for each that changes something."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from grader.records._lateness import Lateness, lateness_of
from grader.records._model import ProblemResult, Report
from grader.records._policy import EVERYTHING, Adjustment, HandedIn, LateRule, Policy, amount_of

_DIGITS = 6
"""Decimals of a score; each step rounds to them, so that all lines add up exactly."""
_SLACK = Fraction(1, 10**_DIGITS)
"""A score of thirds is off by less than this, which must not cost a limit that it meets."""


def settled(report: Report) -> Report:
    """The report with its totals by the rules of its sheet: `score`, `max_score` and `adjustments`.

    A function of `problems` and `settlement` alone, so it may be repeated, and follows whatever changed the score
    of a problem. Order: excused problems, minimum, cap of a problem, problems dropped, bonus, points on top, cap of
    the sheet, lateness, rounding. The score is never negative and never above the sheet's cap; more points in a
    problem never give less. Without rules it is the sum of the problems. Raises ValueError for amounts that are none.
    """
    sums = _Sums(
        {p.number: _exact(p.score) for p in report.problems},
        {p.number: _exact(p.max_score) for p in report.problems},
    )
    if report.settlement is not None:
        policy, handed_in = report.settlement.policy, report.settlement.handed_in
        _excuse(sums, policy, report.problems)
        _limit(sums, policy)
        _drop(sums, policy)
        _on_top(sums, policy)
        _whole(sums, policy)
        _late(sums, policy, handed_in)
        _round(sums, policy)
    return replace(
        report, score=float(sums.score), max_score=float(sums.max_score), adjustments=tuple(sums.lines)
    )


@dataclass
class _Sums:
    """What counts so far: of each problem, and of all."""

    scores: dict[str, Fraction]
    most: dict[str, Fraction]
    lines: list[Adjustment] = field(default_factory=list)
    score: Fraction = Fraction(0)
    max_score: Fraction = Fraction(0)
    cap: Fraction | None = None

    def __post_init__(self) -> None:
        self.score = sum(self.scores.values(), Fraction(0))
        self.max_score = sum(self.most.values(), Fraction(0))

    def problem(
        self, rule: str, number: str, text: str, score: Fraction, most: Fraction | None = None
    ) -> None:
        """What counts of one problem from now on."""
        most = self.most[number] if most is None else _rounded(most)
        gain, room = _rounded(score) - self.scores[number], most - self.most[number]
        self.scores[number] += gain
        self.most[number] = most
        self._add(Adjustment(rule, text, float(gain), float(room), number), gain, room)

    def total(self, rule: str, text: str, score: Fraction, max_score: Fraction | None = None) -> None:
        """What counts of all."""
        room = Fraction(0) if max_score is None else _rounded(max_score) - self.max_score
        gain = _rounded(score) - self.score
        self._add(Adjustment(rule, text, float(gain), float(room)), gain, room)

    def _add(self, line: Adjustment, gain: Fraction, room: Fraction) -> None:
        self.score += gain
        self.max_score += room
        if gain or room:
            self.lines.append(line)


def _excuse(sums: _Sums, policy: Policy, problems: tuple[ProblemResult, ...]) -> None:
    if EVERYTHING in policy.excused:
        sums.scores, sums.most = (
            dict.fromkeys(sums.scores, Fraction(0)),
            dict.fromkeys(sums.most, Fraction(0)),
        )
        sums.total("excused", "the sheet is excused and does not count", Fraction(0), Fraction(0))
        return
    for problem in problems:
        if problem.number in policy.excused:
            text = f"problem {problem.number} is excused and does not count"
            sums.problem("excused", problem.number, text, Fraction(0), Fraction(0))


def _limit(sums: _Sums, policy: Policy) -> None:
    """The least and the most that counts of a problem."""
    for number, score in list(sums.scores.items()):
        most = sums.most[number]
        if number in policy.minimum and most:
            least = amount_of(policy.minimum[number], most)
            if 0 < score < least - _SLACK:
                text = f"problem {number} counts from {_of(least)} on, and has {points_text(score)}"
                sums.problem("minimum", number, text, Fraction(0))
    for number, score in list(sums.scores.items()):
        most = sums.most[number]
        if number in policy.caps and most:
            cap = amount_of(policy.caps[number], most)
            text = f"at most {_of(cap)} of problem {number} count"
            sums.problem("cap", number, text, min(score, cap), min(most, cap))


def _drop(sums: _Sums, policy: Policy) -> None:
    """The worst problems: gone with their points where all have equal points, else with their loss given back.

    To leave out the greatest loss of unequal problems would be unsound: one more point in one problem could
    then change which one goes, and lower the total.
    """
    open_ = [n for n, most in sums.most.items() if most and n not in policy.bonus]
    by_loss = policy.drop_by == "loss" or len({sums.most[n] for n in open_}) > 1
    loss = {n: max(sums.most[n] - sums.scores[n], Fraction(0)) for n in open_}
    worst = sorted(open_, key=lambda n: -loss[n])[: min(policy.drop, max(len(open_) - 1, 0))]
    for number in sorted(worst, key=open_.index):
        if by_loss:
            text = f"problem {number} is among the {policy.drop} where most is lost: its loss is given back"
            sums.problem("drop", number, text, sums.scores[number] + loss[number])
        else:
            text = f"problem {number} is dropped: the lowest {policy.drop} do not count"
            sums.problem("drop", number, text, Fraction(0), Fraction(0))


def _on_top(sums: _Sums, policy: Policy) -> None:
    for number in policy.bonus:
        if sums.most.get(number):
            text = f"problem {number} is a bonus: its points come on top"
            sums.problem("bonus", number, text, sums.scores[number], Fraction(0))
    if policy.extra and sums.max_score:
        extra = amount_of(policy.extra, sums.max_score)
        sums.total("extra", f"{_of(extra)} on top", sums.score + extra)


def _whole(sums: _Sums, policy: Policy) -> None:
    if policy.cap:
        sums.cap = cap = amount_of(policy.cap, sums.max_score)
        text = f"at most {_of(cap)} count"
        sums.total("total", text, min(sums.score, cap), min(sums.max_score, cap))


def _late(sums: _Sums, policy: Policy, handed_in: HandedIn) -> None:
    late, rule = lateness_of(policy, handed_in), policy.late
    if rule is None or not late.counts or not sums.max_score:
        return
    if late.too_late:
        text = f"handed in {late.text} late, which is after the last moment"
        sums.total("refused" if rule.after == "refused" else "late", text, Fraction(0))
        return
    taken = late.units * amount_of(rule.amount, _base(sums, rule))
    if rule.at_most:
        taken = min(taken, amount_of(rule.at_most, _base(sums, rule)))
    sums.total("late", _late_text(rule, late), max(sums.score - taken, Fraction(0)))


def _base(sums: _Sums, rule: LateRule) -> Fraction:
    return sums.max_score if rule.of == "max" else sums.score


def _late_text(rule: LateRule, late: Lateness) -> str:
    percent = rule.amount.strip().endswith("%")
    of = (" of the points" if rule.of == "max" else " of the score") if percent else " points"
    at_most = f", at most {rule.at_most}" if rule.at_most else ""
    return (
        f"handed in {late.text} late: {rule.amount}{of} for each started {rule.per} ({late.units}){at_most}"
    )


def _round(sums: _Sums, policy: Policy) -> None:
    """To the multiple; full marks stay full marks, and no cap is passed."""
    if not policy.rounding:
        return
    step = Fraction(policy.rounding)
    steps = Fraction(round(sums.score * 10_000), 10_000) / step  # thirds had been cut to six decimals
    whole = {"half up": (steps + Fraction(1, 2)) // 1, "up": -(-steps // 1), "down": steps // 1}[
        policy.direction
    ]
    score = step * whole
    limit = sums.max_score if sums.score <= sums.max_score else None
    for bound in (limit, sums.cap):
        score = score if bound is None else min(score, bound)
    way = "" if policy.direction == "half up" else f" {policy.direction}"
    sums.total("rounding", f"rounded{way} to multiples of {policy.rounding}", score)


def points_text(points: Fraction) -> str:
    """A number of points as a person writes it, with at most six decimals."""
    return f"{float(_rounded(points)):.6f}".rstrip("0").rstrip(".")


def _of(points: Fraction) -> str:
    return f"{points_text(points)} point{'s' * (points != 1)}"


def _exact(points: float) -> Fraction:
    """The decimal number that a score is written as."""
    return _rounded(Fraction(repr(points)))


def _rounded(points: Fraction) -> Fraction:
    """To the decimals of a score, half up."""
    scale = 10**_DIGITS
    return Fraction((points * scale + Fraction(1, 2)) // 1, scale)
