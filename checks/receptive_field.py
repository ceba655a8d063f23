"""Checks for `receptive_field`: the masks of the sheet, its four cases, and networks of any masks."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from grader import Student, Topic, agree, cases, check, forall, unchanged

Mask = NDArray[np.float64]
Pair = tuple[int, int]

topic = Topic(
    "receptive_field",
    source="Assignment 3 (2020), question 1",
    functions={
        "mask(kind)": 'The mask (3, 3) of type "A" or "B": ones in row 3, and in row 2 left of the centre (A) or up to it (B).',
        "receptive_field(masks, pixel, shape)": "The input pixels, as a bool array (H, W) = shape, that can influence the "
        "output pixel (row, column), 0-based, of a convolutional network with these masks (a list of arrays (3, 3) of 0 "
        "and 1, first layer first), padding 1 with zeros and no kernel flipping.",
    },
)

SHEET = ((2, 3), (5, 5))
"""Pixel and shape of the sheet: third row, fourth column of 5 x 5."""


@st.composite
def places(draw: Any) -> tuple[Pair, Pair]:
    """A pixel and the shape that it lies in, up to 6 x 6, not often square."""
    shape = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    return (draw(st.integers(0, shape[0] - 1)), draw(st.integers(0, shape[1] - 1))), shape


def masks_of(least: int, most: int) -> st.SearchStrategy[Mask]:
    """Masks with that many ones anywhere."""
    cells = st.sets(st.integers(0, 8), min_size=least, max_size=most)
    return cells.map(lambda ones: np.isin(np.arange(9), list(ones)).astype(np.float64).reshape(3, 3))


def step(row: int, column: int) -> Mask:
    """The mask that reads one neighbour only."""
    found = np.zeros((3, 3))
    found[1 + row, 1 + column] = 1.0
    return found


def agree_for(student: Student, reference: ModuleType, kinds: str, place: tuple[Pair, Pair]) -> None:
    """The receptive field is right for layers of these kinds of masks."""
    answer = student.receptive_field([reference.mask(kind) for kind in kinds], *place)
    agree(answer, reference.receptive_field)


@check(points=1, part="1")
def check_mask_a(student: Student, reference: ModuleType) -> None:
    """The mask of type A"""
    agree(student.mask("A"), reference.mask("A") == 1)


@check(points=1, part="1")
def check_sheet_a_a(student: Student, reference: ModuleType) -> None:
    """The pixel of the sheet, with A in both layers"""
    agree_for(student, reference, "AA", SHEET)


@check(points=2, part="1")
@forall(place=places(), examples=30)
def check_a_a(student: Student, reference: ModuleType, place: tuple[Pair, Pair]) -> None:
    """Any pixel of any shape, with A in both layers"""
    agree_for(student, reference, "AA", place)


@check(points=1, part="2")
def check_sheet_a_b(student: Student, reference: ModuleType) -> None:
    """The pixel of the sheet, with A in the first layer and B in the second"""
    agree_for(student, reference, "AB", SHEET)


@check(points=1, part="2")
@forall(place=places(), examples=20)
def check_a_b(student: Student, reference: ModuleType, place: tuple[Pair, Pair]) -> None:
    """Any pixel of any shape, with A in the first layer and B in the second"""
    agree_for(student, reference, "AB", place)


@check(points=2, part="2")
@forall(layer=masks_of(1, 9), place=places(), examples=30)
def check_one_layer(student: Student, reference: ModuleType, layer: Mask, place: tuple[Pair, Pair]) -> None:
    """One layer with any mask: kernels are not flipped"""
    agree(student.receptive_field([layer], *place), reference.receptive_field)


@check(points=1, part="3")
def check_sheet_b_a(student: Student, reference: ModuleType) -> None:
    """The pixel of the sheet, with B in the first layer and A in the second"""
    agree_for(student, reference, "BA", SHEET)


@check(points=1, part="3")
@forall(place=places(), examples=20)
def check_b_a(student: Student, reference: ModuleType, place: tuple[Pair, Pair]) -> None:
    """Any pixel of any shape, with B in the first layer and A in the second"""
    agree_for(student, reference, "BA", place)


@check(points=2, part="3")
@forall(
    masks=st.lists(masks_of(1, 4), min_size=2, max_size=2),
    place=places(),
    first=[
        {"masks": [step(0, 1), step(0, -1)], "place": ((1, 0), (2, 3))},
        {"masks": [step(-1, 0), step(1, 0)], "place": ((0, 1), (2, 3))},
    ],
)
def check_order_of_layers(
    student: Student, reference: ModuleType, masks: Sequence[Mask], place: tuple[Pair, Pair]
) -> None:
    """Two layers with any masks, in their order; a path through the border is none"""
    agree(student.receptive_field(masks, *place), reference.receptive_field)


@check(points=1, part="4")
def check_mask_b(student: Student, reference: ModuleType) -> None:
    """The mask of type B"""
    agree(student.mask("B"), reference.mask("B") == 1)


@check(points=1, part="4")
def check_sheet_b_b(student: Student, reference: ModuleType) -> None:
    """The pixel of the sheet, with B in both layers"""
    agree_for(student, reference, "BB", SHEET)


@check(points=1, part="4")
@forall(place=places(), examples=20)
def check_b_b(student: Student, reference: ModuleType, place: tuple[Pair, Pair]) -> None:
    """Any pixel of any shape, with B in both layers"""
    agree_for(student, reference, "BB", place)


@check(points=1, part="4")
@forall(masks=st.lists(masks_of(1, 3), min_size=3, max_size=5), place=places(), examples=40)
def check_deep(
    student: Student, reference: ModuleType, masks: Sequence[Mask], place: tuple[Pair, Pair]
) -> None:
    """Three to five layers with any masks"""
    agree(student.receptive_field(masks, *place), reference.receptive_field)


@check(points=1, part="4", kind="input")
@cases(
    {"masks": [step(0, 1), step(0, -1)], "place": ((1, 0), (2, 3))},
    {"masks": [step(0, 0), step(1, 1) + step(-1, 0), step(1, 0) + step(0, -1)], "place": SHEET},
    {"masks": [step(0, 1) + step(0, 0), step(0, 1) + step(0, 0)], "place": ((1, 1), (3, 4))},
)
def check_input_unchanged(student: Student, masks: Sequence[Mask], place: tuple[Pair, Pair]) -> None:
    """The call leaves the masks and their list as they were"""
    unchanged(student.receptive_field(masks, *place))
