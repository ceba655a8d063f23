"""Corpora on disk: read instead of drawn, the same to the bit, and drawn again when anything they depend on changes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from grader.bank import RNG, CheckSpec, Corpora, check, check_spec, corpus, forall, freeze, thaw
from grader.strategies import reals, vectors

DRAWN: list[int] = []


def _spec(examples: int = 20, *, plain: bool = True) -> CheckSpec:
    def counted(value: Any) -> Any:
        DRAWN.append(1)
        return value if plain else object()

    @check()
    @forall(y=vectors(st.integers(1, 3)).map(counted), a=reals(), examples=examples)
    def check_kept(student: Any, y: Any, a: Any) -> None:
        """Something holds."""

    spec = check_spec(check_kept)
    assert spec is not None
    return spec


@pytest.fixture
def corpora(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Corpora:
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path))
    found = Corpora.of_user()
    assert found is not None
    DRAWN.clear()
    return found


def test_a_corpus_is_drawn_once_and_then_read_equal_to_the_bit(corpora: Corpora) -> None:
    first = corpus(_spec(), "t", corpora, "content")
    drawn = len(DRAWN)
    again = corpus(_spec(), "t", corpora, "content")
    assert len(DRAWN) == drawn > 0
    assert freeze(list(first)) == freeze(list(again)) == freeze(list(corpus(_spec(), "t")))
    assert all(row["y"].flags.writeable for row in again)


@pytest.mark.parametrize(
    ("examples", "topic", "course"), [(21, "t", "content"), (20, "u", "content"), (20, "t", "other content")]
)
def test_whatever_it_depends_on_is_in_the_key(corpora: Corpora, examples: int, topic: str, course: str) -> None:
    corpus(_spec(), "t", corpora, "content")
    DRAWN.clear()
    corpus(_spec(examples), topic, corpora, course)
    assert DRAWN


def test_other_versions_draw_anew(corpora: Corpora) -> None:
    corpus(_spec(), "t", corpora, "content")
    DRAWN.clear()
    corpus(_spec(), "t", replace(corpora, content="other versions"), "content")
    assert DRAWN


@pytest.mark.parametrize("content", [b"", b"\xc1", freeze([1, 2]), freeze({"y": 1}), b"\x80\x04N."])
def test_what_is_no_corpus_is_drawn_again(corpora: Corpora, content: bytes) -> None:
    due = corpus(_spec(), "t", corpora, "content")
    corpora.shelf.put(corpora.key(_spec(), "t", "content"), content)
    assert freeze(list(corpus(_spec(), "t", corpora, "content"))) == freeze(list(due))


def test_rows_that_hold_objects_are_drawn_each_time(corpora: Corpora) -> None:
    spec = _spec(plain=False)
    corpus(spec, "t", corpora, "content")
    DRAWN.clear()
    assert len(corpus(spec, "t", corpora, "content")) == 20
    assert DRAWN


VALUES = [
    None, True, 0, -1, 2**80, 1.5, float("inf"), -0.0, "text", b"bytes", 1j, Fraction(1, 3), [1, [2.0, ()]], (1, (2,)),
    {"a": [1], 2: (3,)}, np.float32(0.1), np.int64(3), np.bool_(True), np.arange(6.0).reshape(2, 3), np.empty((0, 2)),
    np.array(1.0), np.array([True, False]), np.array([1 + 2j]), np.zeros(3, dtype=np.float32), RNG,
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_keep_their_types(value: Any) -> None:
    again = thaw(freeze(value))
    assert type(again) is type(value)
    assert repr(again) == repr(value)
    assert getattr(again, "dtype", None) == getattr(value, "dtype", None)
    assert freeze(again) == freeze(value)


@pytest.mark.parametrize("value", [object(), {1, 2}, np.array([object()]), [lambda: 1], np.ones((2, 3)).T], ids=repr)
def test_what_is_no_plain_data_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        freeze(value)


def test_a_list_without_end_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(TypeError):
        freeze(loop)
