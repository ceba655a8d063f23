"""Random numbers in a worker: every generator follows the call's seed, also one that submitted code seeds itself.

A submission that calls `seed(0)` inside its function would return one and the same sample a thousand times;
such a seed is mixed with the call's, so equal seeds within a call still give equal streams.
"""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.random import bit_generator

_BIT_GENERATORS: Final = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
_MASK: Final = (1 << 63) - 1
_Random: Final = random.Random
_RandomState: Final = np.random.RandomState
_default_rng: Final = np.random.default_rng


def generator(seed: int) -> np.random.Generator:
    """NumPy's generator of exactly this seed."""
    return _default_rng(seed)


class Seeds:
    """Owns the randomness of one process. `install` once, before submitted code; `start` before each call."""

    def __init__(self) -> None:
        self._seed = 0
        self._asked = 0
        self.used = False
        """Whether the code seeded a generator itself since `start`."""
        self._seeders: list[Callable[[int], object]] = [random.seed, np.random.seed]
        torch: Any = sys.modules.get("torch")
        if torch is not None:
            self._seeders.append(torch.default_generator.manual_seed)

    def start(self, seed: int) -> None:
        """Seed everything for one call."""
        self._seed, self._asked, self.used = seed & _MASK, 0, False
        short = self._seed & 0xFFFFFFFF
        for seeder in self._seeders:
            seeder(short)

    def mixed(self, own: object) -> int:
        """The 32-bit seed that stands for the code's own in this call."""
        self.used = True
        return self._mix("own", own)

    def _mix(self, *parts: object) -> int:
        text = repr((self._seed, *parts)).encode("utf-8", "replace")
        return int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "little")

    def fresh(self, bits: int) -> int:
        """Bits that stand for the operating system's entropy: others at each request, the same at each run."""
        self._asked += 1
        return _Random(self._mix("fresh", self._asked)).getrandbits(bits)

    def legacy(self, seed: Any) -> int:
        """A seed for the generators that want a number."""
        return self.fresh(32) if seed is None else self.mixed(np.asarray(seed).tolist())

    def argument(self, seed: Any) -> Any:
        """A seed argument of NumPy: mixed where it is a number or an array of such, else as it is."""
        ready = (np.random.BitGenerator, np.random.Generator, _RandomState, bit_generator.ISeedSequence)
        return seed if seed is None or isinstance(seed, ready) else self.mixed(np.asarray(seed).tolist())

    def install(self) -> None:
        """Put wrappers in place of the public seeding functions and classes."""
        bit_generator.randbits = self.fresh  # type: ignore[attr-defined]
        _install_random(self)
        _install_numpy(self)
        if "torch" in sys.modules:
            _install_torch(self, sys.modules["torch"])


def _stand_in(original: Any, **methods: Any) -> Any:
    """A subclass that replaces `original`: whatever is an instance of the original counts as one of it, too."""

    class Like(type(original)):  # type: ignore[misc]
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, original)

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, original)

    body = {"__doc__": original.__doc__, "__module__": original.__module__, **methods}
    return Like(original.__name__, (original,), body)


def _install_random(seeds: Seeds) -> None:
    original = random.seed

    def reseed(self: random.Random, a: Any = None, version: int = 2) -> None:
        _Random.seed(self, seeds.fresh(64) if a is None else seeds.mixed(a))

    def seed(a: Any = None, version: int = 2) -> None:
        """Initialize the random number generator."""
        original(seeds.fresh(64) if a is None else seeds.mixed(a))

    random.seed = seed
    random.Random = _stand_in(_Random, seed=reseed)  # type: ignore[misc]


def _install_numpy(seeds: Seeds) -> None:
    original = np.random.seed

    def reseed(self: np.random.RandomState, seed: Any = None) -> None:
        _RandomState.seed(self, seeds.legacy(seed))

    def default_rng(seed: Any = None) -> np.random.Generator:
        """Construct a new Generator with the default BitGenerator (PCG64)."""
        return _default_rng(seeds.argument(seed))

    def seed(seed: Any = None) -> None:
        """Reseed the singleton RandomState instance."""
        original(seeds.legacy(seed))

    np.random.default_rng = default_rng
    np.random.seed = seed
    for name in (*_BIT_GENERATORS, "SeedSequence"):
        original_class = getattr(np.random, name)
        setattr(np.random, name, _stand_in(original_class, __init__=_initializer(seeds, original_class)))
    made = _stand_in(_RandomState, __init__=_initializer(seeds, _RandomState), seed=reseed)
    np.random.RandomState = made  # type: ignore[misc]


def _initializer(seeds: Seeds, original: Any) -> Callable[..., None]:
    """`__init__` for a stand-in of a class of NumPy whose first argument is a seed."""

    def initialize(self: Any, *args: Any, **kwargs: Any) -> None:
        for name in ("seed", "entropy"):
            if name in kwargs:
                args = (kwargs.pop(name), *args)
        original.__init__(self, *map(seeds.argument, args[:1]), *args[1:], **kwargs)

    return initialize


def _install_torch(seeds: Seeds, torch: Any) -> None:
    original, default, plain = torch.manual_seed, torch.default_generator, torch.Generator
    unseeded: int = plain().initial_seed()

    def own(seed: int) -> int:
        """Mixed, but said to be the code's own only where torch does not call itself, as its samplers do."""
        used, caller = seeds.used, sys._getframe(2).f_globals.get("__name__", "")
        mixed = seeds.mixed(seed)
        seeds.used = used if str(caller).startswith("torch.") else True
        return mixed

    def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
        made = plain.__new__(cls, *args, **kwargs)
        plain.manual_seed(made, own(unseeded))
        return made

    def reseed(self: Any, seed: int) -> Any:
        return plain.manual_seed(self, own(int(seed)))

    def entropy(self: Any) -> int:
        fresh = seeds.fresh(32)
        plain.manual_seed(self, fresh)
        return fresh

    def manual_seed(seed: Any) -> Any:
        """Set the seed for generating random numbers on all devices."""
        return original(seeds.mixed(int(seed)))

    def seed() -> int:
        """Set the seed for generating random numbers to a non-deterministic random number."""
        fresh = seeds.fresh(32)
        default.manual_seed(fresh)
        return fresh

    torch.Generator = _stand_in(plain, __new__=new, manual_seed=reseed, seed=entropy)
    torch.manual_seed = torch.random.manual_seed = manual_seed
    torch.seed = torch.random.seed = seed
