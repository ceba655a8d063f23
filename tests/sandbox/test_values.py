"""Values into a worker and back: what a student may hand over, and what a check may pass in."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from grader.sandbox import (
    Expression,
    Handle,
    notes,
)
from tests.support.submissions import Desk, value

IDENTITY = "def f(x):\n    return x\n"

PLAIN: list[Any] = [
    None,
    True,
    0,
    -5,
    2**63,
    -(2**63) - 1,
    10**4000,
    1.5,
    -0.0,
    math.inf,
    1 - 2j,
    "σ text\n",
    b"\0bytes",
    [],
    [1, [2.0, "x"], None],
    (),
    (1, (2, 3)),
    {"a": 1, "b": [2]},
    Fraction(-22, 7),
]


def same(a: Any, b: Any) -> bool:
    """Equal in value and in exact type, all the way down."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    return (
        bool(a == b) and math.copysign(1, a) == math.copysign(1, b) if isinstance(a, float) else bool(a == b)
    )


def test_plain_values_come_back_as_they_were(every_desk: Desk) -> None:
    worker = every_desk.hand_in(IDENTITY)
    for sent in PLAIN:
        assert same(value(worker.call("f", [sent], seed=0)), sent), sent
    assert math.isnan(value(worker.call("f", [math.nan], seed=0)))


@pytest.mark.parametrize(
    "code", ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
)
def test_arrays_of_every_dtype_come_back(desk: Desk, code: str) -> None:
    worker = desk.hand_in(IDENTITY)
    for shape in [(), (0,), (3,), (2, 0, 4), (2, 3), (1, 2, 3, 1)]:
        sent = np.arange(math.prod(shape)).astype(code).reshape(shape)
        got = value(worker.call("f", [sent], seed=0))
        assert same(got, sent)
        assert got.flags.writeable and got.flags.c_contiguous
    scalar = np.dtype(code).type(1)
    assert same(value(worker.call("f", [scalar], seed=0)), scalar)


def test_arrays_that_lie_oddly_in_memory_arrive_right(desk: Desk) -> None:
    worker = desk.hand_in(IDENTITY)
    base = np.arange(24.0).reshape(4, 6)
    for sent in (
        base.T,
        base[::-1, ::2],
        np.asfortranarray(base),
        np.broadcast_to(base[0], (3, 6)),
        base.astype(">f8"),
    ):
        assert np.array_equal(value(worker.call("f", [sent], seed=0)), sent)


def test_thirty_megabytes_there_and_back(every_desk: Desk) -> None:
    sent = np.arange(30 << 17, dtype=np.float64)
    got = value(every_desk.run("def f(x):\n    return x[::-1]\n", sent))
    assert np.array_equal(got, sent[::-1])


def test_an_answer_too_large_to_send_stays_behind_with_a_note(desk: Desk) -> None:
    outcome = desk.run("import numpy\ndef f():\n    return numpy.zeros(10**7)\n")
    assert value(outcome) == Handle(1, "ndarray")
    assert outcome.notes == (notes.TOO_LARGE,)
    assert isinstance(value(desk.run("def f():\n    return 10**6000\n")), Handle)
    assert isinstance(value(desk.run("def f():\n    x = []\n    x.append(x)\n    return x\n")), Handle)
    assert isinstance(value(desk.run("def f():\n    return {k: k for k in range(10**5)}\n")), Handle)


CONVERTED: list[tuple[str, Any, tuple[str, ...]]] = [
    ("numpy.float32(0.1)", np.float32(0.1), ()),
    ("numpy.bool_(True)", np.bool_(True), ()),
    ("numpy.longdouble(2)", np.float64(2), (notes.REDUCED,)),
    ("numpy.array([1, 2], dtype=object)", np.array([1, 2]), (notes.OBJECT_ARRAY,)),
    ("numpy.array([Fraction(1, 2), 2.0], dtype=object)", np.array([0.5, 2.0]), (notes.OBJECT_ARRAY,)),
    ("numpy.array([1j, 2], dtype=object)", np.array([1j, 2]), (notes.OBJECT_ARRAY,)),
    ("numpy.array([True, False], dtype=object)", np.array([True, False]), (notes.OBJECT_ARRAY,)),
    ("numpy.ma.array([1.0, 2.0])", np.array([1.0, 2.0]), (notes.MASKED,)),
    ("numpy.matrix([[1.0, 2.0]])", np.array([[1.0, 2.0]]), (notes.MATRIX,)),
    ("numpy.array(['a', 'b'])", ["a", "b"], (notes.TEXT_ARRAY,)),
    ("numpy.longdouble([1, 2])", np.array([1.0, 2.0]), (notes.REDUCED,)),
    ("torch.tensor([1.0, 2.0])", np.array([1.0, 2.0], np.float32), ()),
    ("torch.tensor(3)", np.array(3), ()),
    ("torch.ones(2, requires_grad=True) * 2", np.array([2.0, 2.0], np.float32), ()),
    ("torch.nn.Parameter(torch.ones(1))", np.ones(1, np.float32), ()),
    ("torch.ones(2, dtype=torch.bfloat16)", np.ones(2, np.float32), (notes.HALF,)),
    ("torch.eye(2).to_sparse()", np.eye(2, dtype=np.float32), (notes.SPARSE,)),
    ("torch.tensor([1 + 1j]).conj()", np.array([1 - 1j], np.complex64), ()),
    ("[torch.tensor(1.0), numpy.int8(2), 3]", [np.array(1, np.float32), np.int8(2), 3], ()),
    ("Point(1, 2.0)", (1, 2.0), (notes.NAMED_TUPLE,)),
    ("range(3)", [0, 1, 2], (notes.RANGE,)),
    ("{'a': 1}.values()", [1], (notes.SEQUENCE,)),
    ("collections.deque([1, 2])", [1, 2], (notes.SEQUENCE,)),
    ("collections.OrderedDict(a=1)", {"a": 1}, ()),
    ("{1, 2}", frozenset({1, 2}), ()),
    ("{1: 'a', (1, 2): 'b', numpy.int64(3): 'c'}", {1: "a", (1, 2): "b", 3: "c"}, ()),
    ("Decimal('1.50')", Decimal("1.50"), ()),
    ("mpmath.mpf('0.5')", 0.5, (notes.MPMATH,)),
    ("mpmath.mpc(1, 2)", 1 + 2j, (notes.MPMATH,)),
    ("bytearray(b'x')", b"x", ()),
    ("sympy.true", True, ()),
    ("sympy.Poly(sympy.Symbol('x'))", Expression(("Symbol", "x")), ()),
    ("sympy.Tuple(1, 2)", (Expression(("Integer", 1)), Expression(("Integer", 2))), ()),
    ("'\\ud800'", "?", ()),
]


@pytest.mark.parametrize(("code", "expected", "noted"), CONVERTED, ids=[c[0] for c in CONVERTED])
def test_answers_of_other_types_are_converted(
    desk: Desk, code: str, expected: Any, noted: tuple[str, ...]
) -> None:
    outcome = desk.run(
        f"""
import collections, mpmath, numpy, sympy, torch
from decimal import Decimal
from fractions import Fraction
Point = collections.namedtuple("Point", "x y")
def f():
    return {code}
"""
    )
    assert same(value(outcome), expected), outcome
    assert outcome.notes == noted


OPAQUE = {
    "lambda: 1": "function",
    "(n for n in [1])": "generator",
    "map(str, [1])": "map",
    "Thing": "type",
    "Thing()": "Thing",
    "numpy.ma.array([1.0, 2.0], mask=[True, False])": "MaskedArray",
    "numpy.array([(1, 2)], dtype='i4,i4')": "ndarray",
    "numpy.array(['2020-01-01'], dtype='M8[D]')": "ndarray",
    "torch.nn.Linear(2, 2)": "Linear",
    "sympy.MatrixSymbol('A', 2, 2)": "MatrixSymbol",
    "{Thing(): 1}": "dict",
    "object()": "object",
    "NotImplemented": "NotImplementedType",
}


@pytest.mark.parametrize("code", OPAQUE)
def test_what_has_no_plain_form_stays_behind(desk: Desk, code: str) -> None:
    outcome = desk.run(f"import numpy, sympy, torch\nclass Thing: pass\ndef f():\n    return {code}\n")
    assert value(outcome).type_name == OPAQUE[code]


def test_lying_subclasses_are_made_plain_without_asking_them(desk: Desk) -> None:
    worker = desk.hand_in(
        """
        import numpy as np, torch
        class Liar(float):
            def __float__(self): return 42.0
            def __eq__(self, other): return True
            __hash__ = float.__hash__
        class Count(int):
            def __int__(self): return 42
            def __index__(self): return 42
        class Word(str):
            def __str__(self): return "lie"
            def encode(self, *a): return b"lie"
        class Items(list):
            def __iter__(self): return iter([42])
            def __len__(self): return 1
        class Array(np.ndarray):
            def __array__(self, *a, **k): return np.array([42.0])
            def __array_function__(self, *a): return True
            def __array_ufunc__(self, *a, **k): return True
            def tobytes(self): return b"x" * 8
            def view(self, *a): return self
        class Lying(torch.Tensor):
            @classmethod
            def __torch_function__(cls, *a, **k): return torch.tensor(42.0)
        def f(which):
            return {"float": Liar(1.5), "int": Count(7), "str": Word("word"), "list": Items([1, 2]),
                    "array": np.ones(3).view(Array), "tensor": torch.ones(2).as_subclass(Lying)}[which]
        """
    )
    expected: dict[str, Any] = {
        "float": 1.5,
        "int": 7,
        "str": "word",
        "list": [1, 2],
        "array": np.ones(3),
        "tensor": np.ones(2, np.float32),
    }
    for which, plain in expected.items():
        assert same(value(worker.call("f", [which], seed=0)), plain), which
