"""Checks for `ruin`: estimates are judged by their exact law on tiny games, where every bug has a law of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader import RNG, Answer, Student, Topic, WrongAnswer, agree, cases, check, forall, judge, unchanged
from grader.exam import CallEnded
from grader.records import Verdict
from grader.strategies import bits, probabilities

topic = Topic(
    "ruin",
    source="Homework 10 (2024), problem 5; Homework 8 (2021), problem 6",
    functions={
        "log_likelihood_ratio(x, p, q)": "log(p-law / q-law) of a sequence x (n,) of independent 0 and 1, each 1 "
        "with probability p or q; a number.",
        "win_probability(n_sims, n_games, p, q, start, goal, rng)": "Importance-sampling estimate, from n_sims "
        "simulations with winning probability q, of the probability to go from start to goal dollars before 0 "
        "within n_games games that are won with probability p; a number.",
    },
)


class Game(NamedTuple):
    """Arguments of `win_probability` after n_sims."""

    n_games: int
    p: float
    q: float
    start: int
    goal: int


TINY = (
    Game(3, 0.3, 0.6, 2, 3),
    Game(2, 0.4, 0.65, 1, 3),
    Game(2, 0.45, 0.7, 2, 3),
    Game(9, 0.35, 0.6, 1, 2),
    Game(7, 0.45, 0.7, 3, 6),
)
"""The second is never won in one game less; one game more shows in the third, no ruin in the fourth, losses in the fifth."""
OTHERS = (Game(4, 0.4, 0.55, 2, 4), Game(6, 0.35, 0.6, 2, 4), Game(5, 0.48, 0.65, 1, 3))
HOMEWORK = Game(600, 18 / 37, 0.55, 100, 200)
CALLS, MEAN_CALLS, MEAN_SIMS, PROBES = 240, 25, 6000, 400
STYLE_CALLS = 64
"""Weights of all games are taken for stopped ones where no value tells them apart: with probability 0.688^64 < 1e-10."""
SLACK = 2.5
"""Estimators that are no plain average may have this times the standard deviation of the weights of all games."""
DIGITS = 1e-5
"""Relative rounding of a likelihood ratio in single precision stays below."""
PLAIN = ("stopped", "full")
"""Styles that average one likelihood ratio a path: of the games until the goal, or of all."""


@check(points=1)
@cases(
    {"x": np.array([1.0]), "p": 0.25, "q": 0.5},
    {"x": np.array([0.0]), "p": 0.25, "q": 0.5},
    {"x": np.array([1.0, 0.0, 1.0, 1.0]), "p": 18 / 37, "q": 0.55},
)
def check_ratio_examples(
    student: Student, reference: ModuleType, x: NDArray[np.float64], p: float, q: float
) -> None:
    """The log-likelihood ratios of three short sequences are right."""
    agree(student.log_likelihood_ratio(x, p, q), reference.log_likelihood_ratio)


@check(points=2)
@forall(
    first=[{"x": np.tile([1.0, 1.0, 0.0], 200), "p": 18 / 37, "q": 0.55}],
    x=bits(1, 40).map(lambda row: row.astype(np.float64)),
    p=probabilities(),
    q=probabilities(),
)
def check_ratio(student: Student, reference: ModuleType, x: NDArray[np.float64], p: float, q: float) -> None:
    """The log-likelihood ratio is the sum of log(p/q) over the wins and of log((1-p)/(1-q)) over the losses."""
    agree(student.log_likelihood_ratio(x, p, q), reference.log_likelihood_ratio)


@check(points=1, kind="input")
@cases(
    *({"x": x} for x in (np.ones(3), np.empty(0), np.array([1, 0]), np.array([True, False]), [1, 0], (0, 1)))
)
def check_ratio_inputs(student: Student, reference: ModuleType, x: object) -> None:
    """The sequence may be empty and is left as it was."""
    try:
        answer = student.log_likelihood_ratio(x, 0.25, 0.5)
        unchanged(answer)
        agree(answer, reference.log_likelihood_ratio)
    except (CallEnded, WrongAnswer) as ended:
        promised = getattr(x, "dtype", None) == np.float64
        if promised or ended.verdict not in (Verdict.ERROR, Verdict.FAILED):
            raise
        student.note("log_likelihood_ratio takes NumPy arrays of floats only")


@check(points=4, kind="statistical")
def check_single_simulation(student: Student, reference: ModuleType) -> None:
    """On tiny games the estimates have the law that importance sampling gives."""
    _judge_games(student, reference, TINY)


@check(points=1, kind="statistical", hidden=True)
def check_other_games(student: Student, reference: ModuleType) -> None:
    """On other games the estimates have the law that importance sampling gives."""
    _judge_games(student, reference, OTHERS)


@check(points=2, kind="statistical")
def check_average(student: Student, reference: ModuleType) -> None:
    """The estimate is the average over all simulations, those that do not win included."""
    style, game = _style(student, reference), OTHERS[0]
    if style not in PLAIN:
        _judge_mean(student, reference, style, (game,))
        return
    # Jensen: an average of simulations that depend on each other in any way spreads no more than one of them.
    interval = judge.mean_interval(_law(reference, game, style), CALLS, judge.FALSE_REJECT / 2)
    _certify(student, 2 * CALLS, interval)
    for n_sims in (2, 10):
        answers, values = _estimates(student, n_sims, game, CALLS)
        mean = math.fsum(values) / CALLS
        student.record(estimate=mean)
        if mean not in interval:
            why = f"{CALLS} estimates with n_sims={n_sims} have the mean {mean:.4g}; right ones lie in {interval}"
            raise _wrong(student, reference, why, answers[0], interval.expected)


@check(points=2, kind="statistical")
def check_homework(student: Student, reference: ModuleType) -> None:
    """On the game of the homework the estimates lie around 2.39e-6."""
    calls, n_sims, style = 5, 300, _style(student, reference)
    # The median of five leaves the interval only if three do. Half of n_sims: pairs may depend on each other.
    rate = (judge.FALSE_REJECT / math.comb(5, 3)) ** (1 / 3)
    interval = _homework_interval(reference, style, n_sims // 2, rate)
    answers, values = _estimates(student, n_sims, HOMEWORK, calls)
    _certify(student, calls * n_sims, interval)
    middle = int(np.argsort(values)[calls // 2])
    student.record(estimate=values[middle])
    if values[middle] not in interval:
        median = f"the median of {calls} estimates with n_sims={n_sims} is {values[middle]:.3g}"
        why = f"{median}; right ones lie in {interval}"
        raise _wrong(student, reference, why, answers[middle], interval.expected)


def _judge_games(student: Student, reference: ModuleType, games: tuple[Game, ...]) -> None:
    """Exact binomial tests of how often each value comes, with one simulation a call."""
    style = _style(student, reference)
    if style not in PLAIN:
        _judge_mean(student, reference, style, games)
        return
    _certify(student, len(games) * CALLS)
    for game in games:
        calls = 600 if game is TINY[3] else CALLS
        answers, values = _estimates(student, 1, game, calls)
        law = _law(reference, game, style)
        cell = judge.misfit(values, law, judge.FALSE_REJECT / len(games), DIGITS)
        if cell is not None:
            low, high = cell.interval.low, cell.interval.high
            due = f"{low:.0f} to {high:.0f} of right ones are" if high > 0 else "none of right ones is"
            why = f"of {calls} estimates with n_sims=1, {cell.count} are {cell.value:.6g}; {due}"
            shown = [
                a for a, v in zip(answers, values, strict=True) if math.isclose(v, cell.value, rel_tol=DIGITS)
            ]
            raise _wrong(student, reference, why, (shown or answers)[0], law.mean)


def _judge_mean(student: Student, reference: ModuleType, style: str, games: tuple[Game, ...]) -> None:
    """For what is no plain average of likelihood ratios: medians of estimates near the exact probability."""
    radius = judge.median_radius(MEAN_CALLS, judge.FALSE_REJECT / len(games)) * SLACK
    spread = 0.0
    _certify(student, len(games) * MEAN_CALLS * MEAN_SIMS)
    for game in games:
        law = _law(reference, game, "full")
        allowed = radius * math.sqrt(law.variance / MEAN_SIMS)
        answers, values = _estimates(student, MEAN_SIMS, game, MEAN_CALLS)
        middle = float(np.median(values))
        if abs(middle - law.mean) > allowed:
            median = f"the median of {MEAN_CALLS} estimates with n_sims={MEAN_SIMS} is {middle:.4g}"
            why = f"{median}; right ones lie within {allowed:.2g} of {law.mean:.4g}"
            raise _wrong(student, reference, why, answers[0], law.mean)
        spread = float(np.std(values))
    _refuse_ignored_arguments(student, reference, style, games[-1], spread)


def _refuse_ignored_arguments(
    student: Student, reference: ModuleType, style: str, game: Game, spread: float
) -> None:
    """Estimates that are right on average may still not heed n_sims or q, or leave out importance sampling."""
    sims = 2
    try:
        answers, few = _estimates(student, sims, game, CALLS)
    except WrongAnswer:  # two are too few for some control variates
        sims = 20
        answers, few = _estimates(student, sims, game, CALLS)
    mean = reference.exact_win_probability(game.n_games, game.p, game.start, game.goal)
    if np.ptp(few) == 0:
        student.note("the result does not vary: it is computed, not simulated")
        return
    if np.std(few) < 4 * spread:  # due is a ratio of 17 or more
        why = f"the estimates vary as much with n_sims={MEAN_SIMS} as with {sims}"
        raise _wrong(student, reference, why, answers[0], mean)
    if style == "binary":
        won = sum(value > 0.5 for value in _estimates(student, 1, game, CALLS)[1])
        chance = reference.exact_win_probability(game.n_games, game.q, game.start, game.goal)
        if won not in judge.binomial_interval(CALLS, chance):
            why = f"{won} of {CALLS} single simulations win; with probability q a game {CALLS * chance:.0f} would"
            raise _wrong(student, reference, why, answers[0], mean)
        student.note("self-normalised weights: biased for few simulations, right for many")
        return
    if judge.samples_agree(few, _estimates(student, sims, game._replace(q=0.9), CALLS)[1])[0]:
        raise _wrong(student, reference, "the estimates do not depend on q", answers[0], mean)
    slip = _cause(student, reference) if game is TINY[-1] else ""
    if slip:
        raise WrongAnswer("the estimates are right for many simulations only", answer=answers[0], slip=slip)
    student.note("no plain average of likelihood ratios: judged by its mean")


def _style(student: Student, reference: ModuleType) -> str:
    """How the estimator weights a path, from a few single simulations: `stopped`, `full`, `binary` or `other`."""
    try:
        values = _estimates(student, 1, TINY[0], STYLE_CALLS)[1]
    except (CallEnded, WrongAnswer) as ended:  # some draw n_sims // 2 pairs of paths, and have none
        if ended.verdict not in (Verdict.ERROR, Verdict.FAILED):
            raise
        return "other"
    for style in PLAIN:
        if min(judge.nearest_values(values, _law(reference, TINY[0], style).values, DIGITS)) >= 0:
            return style
    return "binary" if all(min(abs(v), abs(v - 1)) < DIGITS for v in values) else "other"


def _estimates(
    student: Student, n_sims: int, game: Game, calls: int
) -> tuple[tuple[Answer, ...], list[float]]:
    answers = student.win_probability.repeat(calls, n_sims, *game, RNG)
    return answers, [answer.scalar() for answer in answers]


def _law(reference: ModuleType, game: Game, style: str) -> judge.FiniteLaw:
    return judge.FiniteLaw.of(reference.contribution_law(*game, full=style == "full"))


def _homework_interval(reference: ModuleType, style: str, n: int, rate: float) -> judge.Interval:
    """Where an average of n lies: of the recognised weights, else of either; self-normalised ones as a quotient."""
    styles = (style,) if style in PLAIN else PLAIN
    tops = [judge.mean_interval(_law(reference, HOMEWORK, s), n, rate / 2) for s in styles]
    low, high = min(top.low for top in tops), max(top.high for top in tops)
    if style == "binary":
        laws = [judge.FiniteLaw.of(reference.ratio_law(*HOMEWORK, full=s == "full")) for s in PLAIN]
        bottoms = [judge.mean_interval(law, n, rate / 2) for law in laws]
        low, high = low / max(b.high for b in bottoms), high / min(b.low for b in bottoms)
    return judge.Interval(low, high, tops[0].expected, judge.FALSE_REJECT, n)


def _wrong(student: Student, reference: ModuleType, why: str, answer: Answer, mean: float) -> WrongAnswer:
    slip = _cause(student, reference) if student.tracing else ""
    return WrongAnswer(why, answer=answer, expected=f"{mean:.6g} on average", slip=slip)


def _cause(student: Student, reference: ModuleType) -> str:
    """Title of the known slip that has the law of the student's estimates on the tiny games, or an empty string."""
    if not student.slips("win_probability"):
        return ""
    for sims in (1, 20):
        probes = [(3 * sims, *OTHERS[0]), *((sims, *game) for game in TINY)]
        try:
            seen = [[a.scalar() for a in student.win_probability.repeat(PROBES, *p, RNG)] for p in probes]
        except (CallEnded, WrongAnswer):
            continue

        def repeats(function: Callable[..., float], probes: Sequence[Any] = probes) -> Callable[[int], list[float]]:
            return lambda probe: student.recall(drawn, function, probes[probe])

        known = [("", repeats(reference.win_probability))]
        known += [(slip.title, repeats(slip.function)) for slip in student.slips("win_probability")]
        return judge.closest_law(seen, known)
    return ""


def drawn(function: Callable[..., float], probe: Sequence[Any]) -> list[float]:
    """Estimates of a known function, the same in every call."""
    generator = np.random.default_rng(0)
    return [float(function(*probe, generator)) for _ in range(PROBES)]


def _certify(student: Student, samples: int, interval: judge.Interval | None = None) -> None:
    student.record(false_reject=judge.FALSE_REJECT, samples=samples)
    if interval is not None:
        sees = f"a mean off by {interval.smallest_discrepancy / interval.expected:.0%}"
        student.record(sees=sees, accepted=(interval.low, interval.high))
    student.certainty(f"a right estimator is rejected with probability below {judge.FALSE_REJECT:g}")
