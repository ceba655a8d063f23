"""Every lawful way to hand in the same numbers is taken; everything else is refused in one sentence."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from grader.judge import DOUBLE, SINGLE, Mismatch, as_array, as_boolean_array, as_label, as_scalar, as_tuple

VECTOR = np.array([1.0, 0.5])


@pytest.mark.parametrize(
    "value",
    [
        [1, 0.5],
        (1.0, 0.5),
        VECTOR,
        VECTOR.astype(np.float32),
        VECTOR[::-1][::-1],
        np.array([[1.0, 9.0], [0.5, 9.0]], order="F")[:, 0],
        [np.float64(1), np.array(0.5)],
    ],
)
def test_the_same_numbers_are_equal_without_a_note(value: object) -> None:
    canonical = as_array(value, (2,))
    assert canonical.array.dtype == np.float64
    assert canonical.array.tolist() == [1.0, 0.5]
    assert canonical.notes == ()


@pytest.mark.parametrize(
    "value",
    [
        [Fraction(1), Fraction(1, 2)],
        [Decimal(1), Decimal("0.5")],
        np.array([1, Fraction(1, 2)], dtype=object),
        np.ma.masked_array([1.0, 0.5]),
        np.array([1.0 + 0j, 0.5]),
        [1 + 1e-17j, 0.5],
        [[1.0], [0.5]],
        [[1.0, 0.5]],
        {"a": 1.0, "b": 0.5},
    ],
)
def test_unusual_forms_are_taken_with_a_note(value: object) -> None:
    canonical = as_array(value, (2,))
    assert canonical.array.tolist() == [1.0, 0.5]
    assert canonical.notes


@pytest.mark.parametrize(
    ("value", "came"),
    [
        (None, "None"),
        ("1.0", "a str"),
        ([1.0, None], "None"),
        ([True, False], "truth value"),
        (np.array([True, False]), "an array of bool and shape (2,) came where an array of shape (2,) of numbers"),
        ([1.0, float("nan")], "NaN"),
        ([1.0, -float("inf")], "infinity"),
        ((x for x in (1.0, 0.5)), "a generator"),
        ([{"a": 1.0, "b": 0.5}, 2.0], "a dict"),
        ({1.0, 0.5}, "a set"),
        (frozenset({1.0, 0.5}), "a set"),
        ([1.0, [0.5]], "ragged"),
        ([1.0, 0.5, 0.0], "shape (3,)"),
        ([], "shape (0,)"),
        (1.0, "a single number"),
        ([1j, 0.5], "complex"),
        (np.ma.masked_array([1.0, 0.5], mask=[False, True]), "masked"),
        (np.array(["1", "2"]), "U1"),
        ([10**400, 1], "beyond"),
        (np.array([np.zeros(2), None], dtype=object), ""),
        (object(), "object"),
    ],
)
def test_what_is_no_vector_is_refused_saying_what_came_and_what_is_due(value: object, came: str) -> None:
    with pytest.raises(Mismatch) as refusal:
        as_array(value, (2,))
    assert came in refusal.value.reason
    assert " is due" in refusal.value.reason
    assert "\n" not in refusal.value.reason


def test_a_transposed_matrix_is_refused_also_where_it_would_broadcast() -> None:
    for got, due in (((2, 3), (3, 2)), ((1, 3), (3, 1)), ((3,), (3, 1)), ((6,), (2, 3))):
        with pytest.raises(Mismatch):
            as_array(np.zeros(got), due)


def test_additional_axes_of_length_one_are_taken_only_where_the_lengths_due_are_known() -> None:
    assert as_array(np.ones((1, 2, 3)), (2, 3)).array.shape == (2, 3)
    assert as_array(np.ones((4, 1)), (None,)).array.shape == (4,)
    with pytest.raises(Mismatch):
        as_array(np.ones((1, 4)), (None,))
    with pytest.raises(Mismatch):
        as_array(np.ones((1, 2, 3)), (None, 3))


@pytest.mark.parametrize(
    "value", [2, 2.0, np.float32(2), np.array(2), [2.0], np.array([[2]]), Fraction(2), 2 + 0j]
)
def test_a_scalar_comes_in_many_forms(value: object) -> None:
    assert float(as_scalar(value).array) == 2.0


def test_an_empty_array_is_no_scalar_and_no_vector() -> None:
    with pytest.raises(Mismatch):
        as_scalar(np.array([]))
    assert as_array([], (0,)).array.shape == (0,)


def test_precision_is_that_of_the_coarsest_number() -> None:
    assert as_array([1.0, 2]).unit_roundoff == DOUBLE
    assert as_array([np.float32(1), 2.0]).unit_roundoff == SINGLE
    assert as_scalar(np.float16(1)).unit_roundoff == SINGLE
    assert as_scalar(np.complex64(1)).unit_roundoff == SINGLE


def test_infinities_pass_where_the_caller_allows_them_and_nan_never() -> None:
    assert as_scalar(-np.inf, finite=False).array == -np.inf
    with pytest.raises(Mismatch):
        as_scalar(np.nan, finite=False)


def test_complex_numbers_pass_where_they_are_due() -> None:
    got = as_array([1 + 2j, 3], (2,), complex_ok=True)
    assert got.array.dtype == np.complex128
    assert got.array.tolist() == [1 + 2j, 3 + 0j]
    assert as_array([1.0, 2.0], (2,), complex_ok=True).array.dtype == np.float64


def test_masks_are_truth_values_or_zeros_and_ones() -> None:
    for value in ([True, False], [1, 0], np.array([1.0, 0.0]), np.array([True, False])):
        got = as_boolean_array(value, (2,)).array
        assert got.dtype == np.bool_
        assert got.tolist() == [True, False]
    for value in ([2, 0], [0.5, 1], [float("nan"), 0.0], ["a", "b"], [True]):
        with pytest.raises(Mismatch):
            as_boolean_array(value, (2,))


def test_labels_are_text() -> None:
    assert as_label(" cycles\n") == "cycles"
    assert as_label(np.str_("cycles")) == "cycles"
    assert as_label(np.array("cycles")) == "cycles"
    for value in (None, 1, b"cycles", ["cycles"]):
        with pytest.raises(Mismatch):
            as_label(value)


def test_tuples_lists_arrays_and_dictionaries_have_parts() -> None:
    assert as_tuple((1, "a"), 2) == ((1, "a"), ())
    assert as_tuple([1, 2], 2)[0] == (1, 2)
    assert as_tuple(np.array([1.0, 2.0]), 2)[0] == (1.0, 2.0)
    parts, notes = as_tuple({"mu": 1, "sigma": 2}, 2)
    assert parts == (1, 2)
    assert notes
    for value in ((1, 2, 3), "ab", None, 1.0, np.array(1.0), {1, 2}):
        with pytest.raises(Mismatch):
            as_tuple(value, 2)
