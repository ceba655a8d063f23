"""The lemma's reference against its definition: f = g + h with the h that the assumptions allow, in fractions."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from reference.argmax_lemma import maximizers_of_f

VALUES = (Fraction(-1), Fraction(1, 2), Fraction(2))


def lawful_functions(g: list[tuple[Fraction, ...]]) -> list[Fraction]:
    """f(theta) for the only f with f - g >= 0 whose minimum over phi is 0, found by trying every entry of g."""
    found = []
    for row in g:
        lawful = [f for f in row if min(f - value for value in row) == 0]
        assert len(set(lawful)) == 1
        found.append(lawful[0])
    return found


@pytest.mark.parametrize(("T", "F"), [(1, 1), (1, 3), (3, 1), (2, 2), (3, 2), (2, 3)])
def test_every_small_table(T: int, F: int) -> None:
    for g in product(product(VALUES, repeat=F), repeat=T):
        f = lawful_functions(list(g))
        joint = {theta for theta in range(T) for phi in range(F) if g[theta][phi] == max(map(max, g))}
        answer = maximizers_of_f(np.array(g, dtype=np.float64))
        assert answer == [theta for theta in range(T) if all(f[theta] >= other for other in f)]
        assert set(answer) == joint  # the lemma itself
        assert all(type(theta) is int for theta in answer)
