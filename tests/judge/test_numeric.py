"""Tolerances follow the conditioning and the precision; comparisons name the worst entry."""

from __future__ import annotations

import numpy as np
import pytest

from grader.judge import DOUBLE, SINGLE, as_array, compare, perturbation_tolerance


def test_right_answers_in_single_precision_stay_well_inside_and_wrong_digits_do_not() -> None:
    rng = np.random.default_rng(5)
    matrix = rng.integers(-32, 33, (4, 4)) / 16 + 4 * np.eye(4)
    vector = rng.integers(-32, 33, 4) / 16
    tolerance = perturbation_tolerance(np.linalg.solve, (matrix, vector), SINGLE)
    exact = np.linalg.solve(matrix, vector)
    single = np.linalg.solve(matrix.astype(np.float32), vector.astype(np.float32))
    assert np.all(np.abs(single - exact) < 0.25 * np.asarray(tolerance))
    assert np.all(np.abs(exact * 1e-3) > 10 * np.asarray(tolerance))


def test_an_ill_conditioned_case_is_allowed_more_and_a_well_conditioned_one_no_more() -> None:
    good = perturbation_tolerance(lambda a, b: a + b, (1.0, 1.0), DOUBLE)
    bad = perturbation_tolerance(lambda a, b: 1 / (a - b), (1.0, 1.0 + 2.0**-20), DOUBLE)
    assert isinstance(good, float) and isinstance(bad, float)
    assert good < 1e-13
    assert bad > 1e-6


def test_small_values_are_judged_relative_to_themselves() -> None:
    tolerance = perturbation_tolerance(lambda x: x**2, (1.5e-3,), SINGLE)
    assert isinstance(tolerance, float)
    assert tolerance < 1e-4 * 2.25e-6


def test_sums_that_cancel_to_zero_may_round() -> None:
    log_w = np.zeros(3)
    tolerance = perturbation_tolerance(lambda w: np.log(np.mean(np.exp(w))), (log_w,), SINGLE)
    assert isinstance(tolerance, float)
    rounded = np.log(np.sum(np.exp(log_w.astype(np.float32)))) - np.log(np.float32(3))
    assert abs(float(rounded)) <= tolerance < 1e-5


def test_only_floating_point_arguments_move() -> None:
    seen: list[object] = []

    def f(
        n: int, flag: bool, bits: np.ndarray, x: float, items: list[float], options: dict[str, float]
    ) -> float:
        seen.append((n, flag, tuple(bits.tolist())))
        return x + sum(items) + options["c"]

    arguments = (3, True, np.array([0, 1]), 1.0, [1.0, 2.0], {"c": 1.0})
    assert perturbation_tolerance(f, arguments, DOUBLE) > 0.0  # type: ignore[operator]
    assert set(seen) == {(3, True, (0, 1))}


def test_arguments_are_not_modified() -> None:
    x = np.ones(3)

    def f(a: np.ndarray) -> np.ndarray:
        a += 1
        return a

    perturbation_tolerance(f, (x,), DOUBLE)
    assert x.tolist() == [1.0, 1.0, 1.0]


def test_the_result_has_the_structure_of_the_function() -> None:
    tolerance = perturbation_tolerance(lambda x: (x[0], (x, x[:, None] * x)), (np.array([1.0, 2.0]),), DOUBLE)
    assert isinstance(tolerance, tuple)
    assert isinstance(tolerance[0], float)
    assert tolerance[1][0].shape == (2,)
    assert tolerance[1][1].shape == (2, 2)


def test_the_edge_of_the_domain_is_survived() -> None:
    tolerance = perturbation_tolerance(
        lambda p: -np.sum(p[p > 0] * np.log(p[p > 0])), (np.array([0.0, 1.0]),), DOUBLE
    )
    assert isinstance(tolerance, float)
    assert 0 < tolerance < 1e-10
    assert np.isfinite(perturbation_tolerance(np.sqrt, (0.0,), DOUBLE))
    assert perturbation_tolerance(lambda x: -np.inf + x, (1.0,), DOUBLE) == 0.0


def test_comparison_names_the_entry_furthest_beyond_its_tolerance() -> None:
    got = as_array([[1.0, 2.0], [3.5, 4.2]])
    outcome = compare(got, [[1.0, 2.0], [3.0, 4.0]], np.array([[0.1, 0.1], [0.6, 0.1]]))
    assert not outcome.ok
    assert outcome.where == (1, 1)
    assert outcome.difference == pytest.approx(0.2)
    assert outcome.tolerance == 0.1
    assert compare(got, [[1.0, 2.0], [3.0, 4.0]], 0.6).ok


def test_infinities_match_their_own_sign_only() -> None:
    got = as_array([np.inf, -np.inf], finite=False)
    assert compare(got, [np.inf, -np.inf], 0.0).ok
    assert not compare(got, [np.inf, np.inf], 1e9).ok
    assert not compare(got, [1.0, -np.inf], np.inf).ok
    assert not compare(as_array([1.0, 1.0]), [np.inf, 1.0], 1.0).ok
    assert not compare(as_array([1.0]), [np.nan], np.inf).ok


def test_exact_comparison_and_empty_arrays() -> None:
    assert compare(as_array([0.0, -0.0]), [0.0, 0.0], 0.0).ok
    assert not compare(as_array([2.0**-60]), [0.0], 0.0).ok
    assert compare(as_array([]), [], 0.0).ok
    assert compare(as_array(1.0), 1.0, 0.0).where == ()


def test_mistakes_of_the_caller_are_loud() -> None:
    with pytest.raises(ValueError, match="shapes differ"):
        compare(as_array([1.0, 2.0]), [[1.0, 2.0]], 0.1)
    with pytest.raises(ValueError, match="tolerance"):
        compare(as_array([1.0]), [1.0], np.nan)


def test_the_share_of_a_comparison_is_that_of_the_entry_nearest_its_border() -> None:
    got = as_array([1.0, 2.1, 3.0], (3,))
    within = compare(got, [1.0, 2.0, 3.02], [0.0, 1.0, 0.03])
    assert within.ok
    assert within.share == pytest.approx(2 / 3)
    assert compare(got, [1.0, 2.0, 3.0], [0.0, 1e-3, 0.0]).share == pytest.approx(100)
    assert compare(got, [1.5, 2.1, 3.0], 0.0).share == np.inf
