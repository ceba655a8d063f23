"""Every source of randomness follows the call's seed, also one that the code seeds itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.sandbox import notes
from tests.support.submissions import Desk, value

PRELUDE = """
import random, numpy as np, torch
from numpy.random import default_rng, RandomState, PCG64, Generator
from random import Random
import scipy.stats
def f():
    return {code}
"""

UNSEEDED = [
    "random.random()",
    "random.gauss(0, 1)",
    "random.Random().random()",
    "random.sample(range(10**6), 3)",
    "np.random.rand(3)",
    "np.random.RandomState().rand()",
    "np.random.default_rng().random(3)",
    "default_rng().random()",
    "Generator(PCG64()).random()",
    "np.random.Generator(np.random.MT19937()).random()",
    "default_rng(np.random.SeedSequence()).random()",
    "torch.rand(3)",
    "torch.randperm(1000)[:5]",
    "torch.nn.Linear(2, 2).weight.detach()",
    "scipy.stats.norm.rvs(size=2)",
    "[b.tolist() for b in torch.utils.data.DataLoader(torch.arange(1000), batch_size=999, shuffle=True)][1:]",
]
SEEDED = [
    "(random.seed(0), random.random())[1]",
    "(random.seed('text'), random.random())[1]",
    "random.Random(5).random()",
    "Random(5).random()",
    "(lambda r: (r.seed(3), r.random())[1])(random.Random())",
    "(np.random.seed(0), np.random.rand())[1]",
    "(np.random.seed([1, 2, 3]), np.random.rand())[1]",
    "np.random.default_rng(0).random()",
    "np.random.default_rng(seed=42).random()",
    "default_rng([1, 2]).random()",
    "np.random.RandomState(0).rand()",
    "RandomState(seed=3).rand()",
    "(lambda r: (r.seed(3), r.rand())[1])(np.random.RandomState())",
    "Generator(PCG64(7)).random()",
    "default_rng(np.random.SeedSequence(5)).random()",
    "default_rng(np.random.SeedSequence(5).spawn(2)[1]).random()",
    "(torch.manual_seed(0), torch.rand(1))[1]",
    "(torch.random.manual_seed(0), torch.rand(1))[1]",
    "torch.rand(1, generator=torch.Generator().manual_seed(1))",
    "torch.rand(1, generator=torch.Generator())",
    "scipy.stats.norm.rvs(random_state=0)",
    "scipy.stats.norm.rvs(random_state=np.random.default_rng(0))",
]


def draw(desk: Desk, code: str, seeds: list[int]) -> list[Any]:
    worker = desk.hand_in(PRELUDE.format(code=code))
    return [worker.call("f", [], seed=seed) for seed in seeds]


@pytest.mark.parametrize("code", UNSEEDED + SEEDED)
def test_equal_seeds_give_equal_draws_and_others_give_others(desk: Desk, code: str) -> None:
    first = [repr(value(o)) for o in draw(desk, code, [1, 2, 1, 2**63 - 1])]
    again = [repr(value(o)) for o in draw(desk, code, [1])]
    assert first[0] == first[2] == again[0]
    assert len(set(first)) == 3


@pytest.mark.parametrize("code", UNSEEDED)
def test_code_that_does_not_seed_is_not_said_to(desk: Desk, code: str) -> None:
    assert draw(desk, code, [1])[0].notes == ()


@pytest.mark.parametrize("code", SEEDED)
def test_code_that_seeds_itself_is_noted(desk: Desk, code: str) -> None:
    assert draw(desk, code, [1])[0].notes == (notes.SEEDED,)


def test_equal_seeds_within_a_call_stay_equal(desk: Desk) -> None:
    code = "[np.random.default_rng(3).random() == np.random.default_rng(3).random(), (np.random.seed(1), np.random.rand())[1] == (np.random.seed(1), np.random.rand())[1]]"
    assert value(draw(desk, code, [1])[0]) == [True, True]


def test_fresh_generators_within_a_call_differ(desk: Desk) -> None:
    code = "[np.random.default_rng().random() for _ in range(50)] + [random.Random().random() for _ in range(50)]"
    drawn = value(draw(desk, code, [1])[0])
    assert len(set(drawn)) == 100


def test_a_function_that_seeds_itself_still_samples_its_law(every_desk: Desk) -> None:
    text = "import numpy as np\ndef f():\n    np.random.seed(0)\n    return np.random.rand() < 0.5\n"
    worker = every_desk.hand_in(text)
    outcomes = [value(o) for o in worker.calls("f", [[]] * 600, seeds=range(600))]
    assert 220 < sum(map(bool, outcomes)) < 380  # a fair coin leaves this with probability below 1e-10


def test_types_and_instance_checks_are_as_ever(desk: Desk) -> None:
    code = """[
        isinstance(np.random.RandomState(1), np.random.RandomState),
        isinstance(np.random.mtrand._rand, np.random.RandomState),
        isinstance(PCG64(1), np.random.BitGenerator),
        isinstance(np.random.default_rng(1), np.random.Generator),
        isinstance(random.Random(1), random.Random),
        isinstance(random._inst, random.Random),
        isinstance(torch.Generator(), torch.Generator),
        isinstance(torch.default_generator, torch.Generator),
        issubclass(type("Mine", (random.Random,), {}), random.Random),
        type(np.random.RandomState(1)).__name__ == "RandomState",
        scipy.stats.qmc.Sobol(2, seed=1).random(2).shape == (2, 2),
        type("Mine", (random.Random,), {})(3).random() >= 0,
        isinstance(3, random.Random) is False,
        list(np.random.RandomState(2).permutation(4)) != None,
        np.random.default_rng(np.random.default_rng(1)).random() >= 0,
    ]"""
    assert value(draw(desk, code, [1])[0]) == [True] * 15


def test_a_generator_made_at_the_top_level_goes_on(desk: Desk) -> None:
    worker = desk.hand_in(
        "import numpy as np\nrng = np.random.default_rng(0)\ndef f(): return rng.random()\n"
    )
    outcomes = [value(worker.call("f", [], seed=n)) for n in range(3)]
    assert len(set(outcomes)) == 3
    assert (
        desk.hand_in("import numpy as np\nrng = np.random.default_rng(0)\ndef f(): return rng.random()\n")
        .call("f", [], seed=0)
        .value
        == outcomes[0]
    )  # type: ignore[union-attr]


def test_the_order_of_sets_of_text_is_the_same_in_every_worker(desk: Desk) -> None:
    text = "def f(): return ''.join({str(n) for n in range(50)})\n"
    assert value(desk.run(text)) == value(desk.run(text))


def test_seeds_of_any_size_are_taken(desk: Desk) -> None:
    worker = desk.hand_in("def f(rng): return rng.random()\n")
    from grader.sandbox import Rng

    for seed in (0, 2**31, 2**63 - 1):
        assert value(worker.call("f", [Rng()], seed=seed)) == np.random.default_rng(seed).random()
