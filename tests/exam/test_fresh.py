"""Copies of rows share nothing that can be changed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from grader.exam._fresh import fresh


@pytest.mark.parametrize(
    "value",
    [
        np.arange(6.0).reshape(2, 3).T,
        np.array([1, "a"], dtype=object),
        np.ma.masked_array([1.0, 2.0], [True, False]),
        torch.ones(2, 2).T,
        torch.ones(2, requires_grad=True),
        [1, [2.0, (3, Fraction(1, 2))], {"a": np.zeros(2)}],
        bytearray(b"ab"),
    ],
)
def test_a_copy_is_equal_and_its_own(value: Any) -> None:
    copied = fresh({"x": value})["x"]
    assert repr(copied) == repr(value)
    assert type(copied) is type(value)
    if isinstance(value, list):
        copied[2]["a"][0] = 7
        assert value[2]["a"][0] == 0
    elif isinstance(value, torch.Tensor):
        assert copied.requires_grad == value.requires_grad
        with torch.no_grad():
            copied.fill_(7)
        assert value.sum() != 7 * value.numel()
    else:
        before = repr(value)
        copied[0] = 97
        assert repr(value) == before
