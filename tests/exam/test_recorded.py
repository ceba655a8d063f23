"""What a reference gave, kept as data and given again."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest
import sympy

from grader.exam._fingerprint import fingerprint
from grader.exam._recorded import NotRecordedError, Record, Recorded, Recorder
from grader.records import UserError


class Law(NamedTuple):
    mean: float
    covariance: Any


def scaled(factor: float) -> Callable[[float], float]:
    return lambda x: factor * x


def module(**functions: Any) -> ModuleType:
    found = ModuleType("solution")
    vars(found).update(functions)
    return found


def law(mean: float, *, size: int = 1) -> Law:
    return Law(mean, np.eye(size)[:, ::-1])


def root(x: float) -> float:
    if x < 0:
        raise ZeroDivisionError("no root")
    return float(x**0.5)


def test_answers_come_back_from_a_file_as_they_were(tmp_path: Path) -> None:
    recorder = Recorder(module(law=law, root=root, LIMIT=Fraction(1, 3)), Record())
    first = recorder.law(0.5, size=2)
    assert Fraction(1, 3) == recorder.LIMIT and recorder.root(4.0) == 2.0
    with pytest.raises(ZeroDivisionError):
        recorder.root(-1.0)
    assert recorder.unkept == []
    (tmp_path / "record").write_bytes(recorder.record.write())
    kept = Recorded(Record.read(tmp_path / "record"))
    again = kept.law(0.5, size=2)
    assert again.mean == first.mean and np.array_equal(again.covariance, first.covariance)
    assert Fraction(1, 3) == kept.LIMIT and kept.root(4.0) == 2.0
    with pytest.raises(ValueError, match="no root"):
        kept.root(-1.0)


def test_other_arguments_have_no_answer_and_no_check_can_overlook_that() -> None:
    recorder = Recorder(module(root=root), Record())
    recorder.root(4.0)
    kept = Recorded(recorder.record)
    with pytest.raises(NotRecordedError):
        try:
            kept.root(4.000001)
        except Exception:  # noqa: BLE001 - as a check may write
            pytest.fail("a check could take it for something else")
    assert kept.missed == ["root"]


def test_formulas_and_objects_are_named_as_what_cannot_be_kept() -> None:
    recorder = Recorder(module(formula=lambda x: x**2), Record())
    recorder.formula(sympy.Symbol("x"))
    assert len(recorder.unkept) == 1 and recorder.record.answers == {}


def test_functions_differ_by_what_they_enclose_and_symbols_by_their_assumptions() -> None:
    assert fingerprint(scaled(2.0)) == fingerprint(scaled(2.0)) != fingerprint(scaled(3.0))
    x, positive = sympy.Symbol("x"), sympy.Symbol("x", positive=True)
    assert fingerprint(x) == fingerprint(sympy.Symbol("x")) != fingerprint(positive)
    turned = np.arange(6.0).reshape(2, 3).T
    assert fingerprint(turned) == fingerprint(np.ascontiguousarray(turned)) != fingerprint(turned.T)
    with pytest.raises(TypeError):
        fingerprint(np.random.default_rng(0))


def test_a_damaged_record_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "record").write_bytes(b"\x93damaged")
    with pytest.raises(UserError, match="get the kit again"):
        Record.read(tmp_path / "record")
