"""What a check passes in besides plain data, what stays in the worker, and what a call did to its arguments."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import sympy as sp

from grader.sandbox import (
    Callback,
    Expression,
    ExpressionMatrix,
    Handle,
    Method,
    Rng,
    Source,
    Submitted,
    Tensor,
    build,
)
from tests.support.submissions import Desk, raised, value


def test_expressions_travel_both_ways(every_desk: Desk) -> None:
    x, s = sp.Symbol("x", real=True), sp.Symbol("s", positive=True)
    worker = every_desk.hand_in(
        "import sympy\ndef f(x, s):\n    return sympy.sqrt(x**2) + sympy.sqrt(s**2)\n"
    )
    got = value(worker.call("f", [x, s], seed=0))
    assert isinstance(got, Expression)
    assert build(got.tree, {"x": x, "s": s}) == sp.Abs(x) + s


def test_matrices_of_expressions_travel_both_ways(desk: Desk) -> None:
    x = sp.Symbol("x")
    got = value(desk.run("def f(m):\n    return m.T * 2\n", sp.Matrix([[x, 1, 2]])))
    assert isinstance(got, ExpressionMatrix)
    assert (got.rows, got.cols) == (3, 1)
    assert [build(tree, {"x": x}) for tree in got.trees] == [2 * x, 2, 4]
    nested = value(desk.run("import numpy\ndef f(x):\n    return numpy.array([[1, -x], [x, 1]])\n", x))
    assert nested[1][0] == Expression(("Symbol", "x"))


def test_an_expression_that_comes_back_is_inert(desk: Desk) -> None:
    outcome = desk.run(
        """
        import sympy
        class Evil(sympy.Function):
            @classmethod
            def eval(cls, x): return None
        def f(x): return Evil(x)
        """,
        sp.Symbol("x"),
    )
    assert isinstance(value(outcome), Handle)


def test_tensors_arrive_as_tensors(desk: Desk) -> None:
    text = """
    import torch
    def f(t):
        assert isinstance(t, torch.Tensor), type(t)
        return [str(t.dtype), t.requires_grad, t.is_leaf, t * 2]
    """
    for dtype, grad in [(np.float32, True), (np.float64, False), (np.bool_, False), (np.int64, False)]:
        got = value(desk.run(text, Tensor(np.ones((2, 3), dtype), requires_grad=grad)))
        assert got[1:3] == [grad, True]
        assert got[3].shape == (2, 3)


def test_the_generator_is_numpys_own_of_the_calls_seed(desk: Desk) -> None:
    worker = desk.hand_in("def f(rng, n):\n    return rng.standard_normal(n)\n")
    for seed in (0, 5):
        got = value(worker.call("f", [Rng(), 4], seed=seed))
        assert np.array_equal(got, np.random.default_rng(seed).standard_normal(4))


def test_callbacks_run_here(every_desk: Desk) -> None:
    seen: list[Any] = []

    def square(x: Any, scale: float = 1.0) -> Any:
        seen.append(x)
        return scale * x**2

    worker = every_desk.hand_in("def f(g, x):\n    return g(x) + g(g(x), scale=10)\n")
    assert value(worker.call("f", [Callback(square), 2.0], seed=0)) == 164.0
    assert seen == [2.0, 2.0, 4.0]
    got = value(worker.call("f", [Callback(square), np.array([1.0, 2.0])], seed=0))
    assert np.array_equal(got, [11.0, 164.0])
    assert all(type(x) in (float, np.ndarray) for x in seen)


def test_two_callbacks_are_told_apart(desk: Desk) -> None:
    text = "def f(g, h):\n    return [g(1), h(1), [k(1) for k in (h, g)]]\n"
    got = value(desk.run(text, Callback(lambda x: x + 1), Callback(lambda x: "h")))
    assert got == [2, "h", ["h", 2]]


def test_what_a_callback_raises_is_a_value_error_there(desk: Desk) -> None:
    def picky(x: Any) -> Any:
        raise RuntimeError(f"no {x}")

    outcome = raised(desk.run("def f(g):\n    return g(3)\n", Callback(picky)))
    assert (outcome.type, outcome.message) == ("ValueError", "RuntimeError: no 3")
    assert (
        value(desk.run("def f(g):\n    try: g(3)\n    except ValueError: return 'ok'\n", Callback(picky)))
        == "ok"
    )


def test_a_callback_kept_for_later_is_refused(desk: Desk) -> None:
    worker = desk.hand_in("kept = []\ndef f(g):\n    kept.append(g)\n    return kept[0](1)\n")
    assert value(worker.call("f", [Callback(lambda x: x)], seed=0)) == 1
    assert raised(worker.call("f", [Callback(lambda x: x)], seed=0)).type == "RuntimeError"


def test_torch_callbacks_give_tensors_and_refuse_gradients(desk: Desk) -> None:
    text = """
    import torch
    def f(g, x):
        y = g(x.detach())
        assert isinstance(y, torch.Tensor)
        with torch.no_grad():
            g(x)
        return g(x)
    """
    outcome = desk.run(text, Callback(lambda x: x * 2, torch=True), Tensor(np.ones(2), requires_grad=True))
    assert raised(outcome).type == "TypeError"
    got = value(desk.run(text, Callback(lambda x: x * 2, torch=True), Tensor(np.ones(2))))
    assert np.array_equal(got, [2.0, 2.0])


def test_support_source_gives_callables_that_torch_can_differentiate(desk: Desk) -> None:
    decoder = Source("import torch\ndef decode(z):\n    return torch.tanh(z).sum()\n", "decode")
    text = "def f(decode, z):\n    decode(z).backward()\n    return z.grad\n"
    got = value(desk.run(text, decoder, Tensor(np.zeros(3), requires_grad=True)))
    assert np.array_equal(got, np.ones(3))


def test_support_source_takes_arguments_and_submitted_functions(desk: Desk) -> None:
    worker = desk.hand_in("def double(x):\n    return 2 * x\n")
    twice = Source("def twice(g, x):\n    return g(g(x))\n", "twice")
    assert value(worker.call(twice, [Submitted("double"), 5], seed=0)) == 20
    scaled = Source("def make(a):\n    return lambda x: a * x\n", "make", (3,))
    assert value(worker.call("double", [2], seed=0)) == 4
    assert value(worker.call(scaled, [7], seed=0)) == 21


def test_objects_stay_in_the_worker_behind_handles(every_desk: Desk) -> None:
    worker = every_desk.hand_in(
        """
        import torch
        class Net(torch.nn.Module):
            def __init__(self, n=2):
                super().__init__()
                self.layer = torch.nn.Linear(n, 1, bias=False)
            def forward(self, x):
                return self.layer(x)
            @property
            def broken(self): return 1 / 0
        """
    )
    net = value(worker.call("Net", [3], seed=0))
    assert net.type_name == "Net"
    weights = {"layer.weight": Tensor(np.array([[1.0, 2.0, 3.0]], np.float32))}
    worker.call(Method(net, "load_state_dict"), [weights], seed=0)
    got = value(worker.call(Method(net), [Tensor(np.ones((1, 3), np.float32))], seed=0))
    assert np.array_equal(got, [[6.0]])
    layer = value(worker.get(net, "layer"))
    assert layer.type_name == "Linear"
    assert value(worker.get(layer, "in_features")) == 3
    assert raised(worker.get(net, "nothing")).type == "AttributeError"
    assert raised(worker.get(net, "broken")).type in ("ZeroDivisionError", "AttributeError")
    worker.release(net)
    assert raised(worker.call(Method(net), [1], seed=0)).type == "KeyError"
    assert value(worker.get(layer, "in_features")) == 3


def test_a_handle_passes_as_an_argument(desk: Desk) -> None:
    worker = desk.hand_in("class A:\n    n = 5\ndef f(a):\n    return a.n\n")
    assert value(worker.call("f", [value(worker.call("A", [], seed=0))], seed=0)) == 5


MUTATIONS = [
    ("x[0] = 9", np.zeros(2), True),
    ("x += 0", np.zeros(2), False),
    ("x.append(1)", [1], True),
    ("x[0][0] = 5", [[1]], True),
    ("x[0][0] = 5", (np.zeros(1),), True),
    ("x['k'] = 2", {"k": 1}, True),
    ("x = x + 1", np.zeros(2), False),
    ("x.mul_(2)", Tensor(np.ones(2)), True),
    ("x.requires_grad_()", Tensor(np.ones(2)), False),
    ("(x * 2).sum().backward()", Tensor(np.ones(2), requires_grad=True), False),
    ("x[0, 0] = 7", sp.Matrix([[1]]), True),
    ("x.sort()", np.array([2.0, 1.0]), True),
    ("x.resize(3, refcheck=False)", np.zeros(2), True),
    ("x[0] = float('nan')", np.array([math.nan]), False),
]


@pytest.mark.parametrize(
    ("code", "argument", "expected"), MUTATIONS, ids=[f"{m[0]} {m[2]}" for m in MUTATIONS]
)
def test_changed_arguments_are_noticed(desk: Desk, code: str, argument: Any, expected: bool) -> None:
    worker = desk.hand_in(f"def f(a, x):\n    {code}\n")
    outcome = worker.call("f", [1.0, argument], seed=0)
    value(outcome)
    assert outcome.mutated == ((1,) if expected else ())


def test_what_cannot_be_sent_is_the_checks_mistake(desk: Desk) -> None:
    worker = desk.hand_in("def f(x):\n    return x\n")
    with pytest.raises(TypeError, match="object"):
        worker.call("f", [object()], seed=0)
    assert value(worker.call("f", [1], seed=0)) == 1
