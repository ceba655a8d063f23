"""From problem scores to the total: exact, never negative, never above the cap, never less for more points."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.records import (
    EVERYTHING,
    HandedIn,
    LateRule,
    Policy,
    ProblemResult,
    Report,
    Settlement,
    from_json,
    settled,
    to_json,
)
from tests.records.test_records import report

DUE = "2030-11-20T23:59:00+01:00"
UNKNOWN = HandedIn()
NUMBERS = ("1", "2", "3", "4", "5")


def handed(after: timedelta) -> HandedIn:
    return HandedIn((datetime.fromisoformat(DUE) + after).isoformat(), "moodle")


def made(scores: list[float], most: list[float], policy: Policy, handed_in: HandedIn = UNKNOWN) -> Report:
    problems = tuple(
        ProblemResult(n, "t", "T", s, m, ()) for n, s, m in zip(NUMBERS, scores, most, strict=False)
    )
    return settled(replace(report(), problems=problems, settlement=Settlement(policy, handed_in)))


def total(
    *scores: float, most: float = 10, after: timedelta | None = None, **rules: Any
) -> tuple[float, float]:
    found = made(
        list(scores),
        [most] * len(scores),
        Policy(due=DUE, **rules),
        handed(after) if after is not None else HandedIn(),
    )
    return found.score, found.max_score


cents = st.integers(0, 1000).map(lambda n: n / 100)
amounts = st.one_of(cents.map(str), st.integers(0, 120).map(lambda n: f"{n}%"))
some = st.lists(st.sampled_from(NUMBERS), unique=True, max_size=3)
tables = st.dictionaries(st.sampled_from(NUMBERS), amounts, max_size=3)
late_rules = st.builds(
    LateRule,
    per=st.sampled_from(["day", "hour"]),
    amount=amounts,
    of=st.sampled_from(["max", "earned"]),
    grace_s=st.integers(0, 3600),
    last_s=st.none() | st.integers(3600, 400_000),
    after=st.sampled_from(["zero", "refused"]),
    at_most=st.just("") | amounts,
)
policies = st.builds(
    Policy,
    due=st.just(DUE),
    late=st.none() | late_rules,
    minimum=tables,
    caps=tables,
    drop=st.integers(0, 3),
    drop_by=st.sampled_from(["score", "loss"]),
    bonus=some.map(tuple),
    extra=st.just("") | amounts,
    cap=st.just("") | amounts,
    rounding=st.just("") | st.sampled_from(["0.01", "0.25", "0.5", "1", "3"]),
    direction=st.sampled_from(["half up", "up", "down"]),
    excused=some.map(tuple) | st.just((EVERYTHING,)),
)
times = st.just(HandedIn()) | st.integers(-100_000, 500_000).map(lambda s: handed(timedelta(seconds=s)))
shares = st.integers(0, 1_000_000).map(lambda n: n / 1_000_000)


@st.composite
def classes(draw: st.DrawFn) -> tuple[list[float], list[float], Policy, HandedIn]:
    most = draw(st.lists(st.integers(1, 80).map(lambda n: n / 4), min_size=1, max_size=5))
    scores = [round(m * draw(shares), 6) for m in most]
    return scores, most, draw(policies), draw(times)


@settings(max_examples=400, deadline=None)
@given(classes())
def test_the_lines_add_up_exactly_and_settling_again_changes_nothing(
    given: tuple[list[float], list[float], Policy, HandedIn],
) -> None:
    once = made(*given)
    lines = [Decimal(repr(line.points)) for line in once.adjustments]
    room = [Decimal(repr(line.max_points)) for line in once.adjustments]
    assert sum((Decimal(repr(s)) for s in given[0]), Decimal(0)) + sum(lines) == Decimal(repr(once.score))
    assert sum((Decimal(repr(m)) for m in given[1]), Decimal(0)) + sum(room) == Decimal(repr(once.max_score))
    assert settled(once) == once
    assert settled(from_json(Report, to_json(once))) == once


@settings(max_examples=400, deadline=None)
@given(classes())
def test_a_score_is_never_negative_and_never_above_the_cap(
    given: tuple[list[float], list[float], Policy, HandedIn],
) -> None:
    found, policy = made(*given), given[2]
    assert found.score >= 0
    assert 0 <= found.max_score <= sum(given[1])
    if policy.cap and not policy.cap.endswith("%"):
        assert Decimal(repr(found.score)) <= Decimal(policy.cap)
    if not (policy.bonus or policy.extra):
        assert found.score <= found.max_score


@settings(max_examples=400, deadline=None)
@given(classes(), st.lists(shares, min_size=5, max_size=5))
def test_more_points_never_give_a_lower_score(
    given: tuple[list[float], list[float], Policy, HandedIn], gains: list[float]
) -> None:
    scores, most, policy, handed_in = given
    better = [round(s + (m - s) * gain, 6) for s, m, gain in zip(scores, most, gains, strict=False)]
    assert made(better, most, policy, handed_in).score >= made(scores, most, policy, handed_in).score


def test_without_rules_the_score_is_the_sum() -> None:
    bare = settled(replace(report(), problems=tuple(ProblemResult(n, "t", "T", 0.1, 0.7, ()) for n in "123")))
    assert (bare.score, bare.max_score, bare.adjustments) == (0.3, 2.1, ())


@pytest.mark.parametrize(
    ("after", "score"),
    [
        (timedelta(days=-1), 20.0),
        (timedelta(0), 20.0),
        (timedelta(minutes=15), 20.0),
        (timedelta(minutes=15, seconds=1), 18.0),
        (timedelta(days=1), 18.0),
        (timedelta(days=1, seconds=1), 16.0),
        (timedelta(days=3), 14.0),
        (timedelta(days=3, seconds=1), 0.0),
        (None, 20.0),
    ],
)
def test_each_started_day_costs_up_to_the_last_moment(after: timedelta | None, score: float) -> None:
    rule = LateRule("day", "10%", grace_s=900, last_s=3 * 86400)
    assert total(10, 10, after=after, late=rule) == (score, 20.0)


def test_a_percentage_is_of_what_can_be_had_or_of_what_was_earned() -> None:
    day = timedelta(hours=3)
    assert total(4, 1, after=day, late=LateRule("day", "20%"))[0] == 1.0
    assert total(4, 1, after=day, late=LateRule("day", "20%", of="earned"))[0] == 4.0
    assert total(4, 1, after=day, late=LateRule("hour", "1.5"))[0] == 0.5
    assert total(10, 10, after=9 * day, late=LateRule("day", "30%", at_most="50%"))[0] == 10.0
    (line,) = made(
        [4.0], [10.0], Policy(due=DUE, late=LateRule("day", "10%", last_s=10, after="refused")), handed(day)
    ).adjustments
    assert (line.rule, line.points) == ("refused", -4.0)


def test_drop_cap_bonus_minimum_and_excused() -> None:
    assert total(10, 2, 7, drop=1) == (17.0, 20.0)
    assert total(10, 2, 7, drop=1, drop_by="loss") == (27.0, 30.0)
    assert total(10, 2, 7, bonus=("3",)) == (19.0, 20.0)
    assert total(10, 10, 7, bonus=("3",), cap="110%") == (22.0, 20.0)
    assert total(10, 10, 7, cap="25") == (25.0, 25.0)
    assert total(10, 10, 7, caps={"1": "80%", "3": "9"}) == (25.0, 27.0)
    assert total(10, 3.999999, 4, minimum={"2": "40%", "3": "40%"})[0] == 17.999999
    assert total(10, 3.9, 4, minimum={"2": "40%", "3": "4"})[0] == 14.0
    assert total(10, 3, 4, excused=("2",)) == (14.0, 20.0)
    assert total(10, 3, 4, excused=(EVERYTHING,), extra="3") == (0.0, 0.0)
    assert total(10, 3, 4, extra="2.5")[0] == 19.5
    unequal = made([0.0, 20.0], [10.0, 30.0], Policy(drop=1))
    assert (unequal.score, unequal.max_score) == (30.0, 40.0)


def test_rounding_is_exact_half_up_and_leaves_full_marks() -> None:
    assert total(2.25, rounding="0.5")[0] == 2.5
    assert total(2.2499, rounding="0.5")[0] == 2.0
    assert total(1.005, rounding="0.01")[0] == 1.01
    assert total(0.333333, 0.333333, 0.083333, rounding="0.5")[0] == 1.0
    assert total(2.1, rounding="0.5", direction="up")[0] == 2.5
    assert total(2.4, rounding="0.5", direction="down")[0] == 2.0
    assert total(10.3, most=10.3, rounding="0.5") == (10.3, 10.3)
    assert total(7, rounding="0.1")[0] == 7.0


def test_a_time_without_offset_is_in_the_zone_of_the_due_date() -> None:
    rule = LateRule("hour", "1")
    found = made([10.0], [10.0], Policy(due=DUE, late=rule), HandedIn("2030-11-21T00:30:00", "moodle"))
    assert found.score == 9.0
    other = made(
        [10.0], [10.0], Policy(due=DUE, late=rule), HandedIn("2030-11-20T22:58:00+00:00", "gradescope")
    )
    assert other.score == 10.0
