"""One hand-in on the examiner's bench: its workers, its time, and what loading it gave."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from grader.exam._near import Definition, definitions, near_miss
from grader.exam._outcomes import CallEnded
from grader.exam._placeholders import placeholders
from grader.exam._raised import failed_load
from grader.intake import Source as HandedIn
from grader.records import Verdict
from grader.sandbox import (
    Connection,
    Died,
    Limits,
    Loaded,
    Outcome,
    Prepared,
    Returned,
    Skim,
    Source,
    Submitted,
    Unread,
    Worker,
)

_CHEAP_LOAD_S = 2.0
_MOST_AT_ONCE = 256 << 20
"""Bytes of the answers to one exchange: a check holds them all at the same time."""
_MOST_ANSWERS = 1 << 30
"""Bytes of all answers to a topic: reading and comparing them takes time that is not the hand-in's, so that no time limit holds it."""
_ALGEBRA_S = 10.0
"""Processor time a topic that is spent on turning a hand-in's formulas into numbers, where it takes long at all."""
_THREADLESS = 4
"""Times that a topic's checks are begun anew where no thread was to be had and a neighbour may have had them all."""
_TOO_MUCH = f"its answers take more than {_MOST_AT_ONCE >> 20} MiB at a time, or more than {_MOST_ANSWERS >> 20} MiB in all"


@dataclass
class Bench:
    """Keeps a loaded worker at hand: a new one after a death, and for a topic whose first check does not pass in an old one."""

    connection: Connection
    source: HandedIn
    limits: Limits
    seed: int
    brief: bool = False
    """Wanted is only whether the hand-in is right: no cause, no smaller example; for audits."""
    shrinks: bool = True
    """Whether a smaller input is looked for where an answer is wrong."""
    output: str = ""
    _worker: Worker | None = None
    _loaded: Loaded | None = None
    _load_failure: CallEnded | None = None
    _load_s: float = 0.0
    _retired_s: float = 0.0
    seen_others: bool = False
    """Whether the worker has been called for another topic."""
    _placeholders: frozenset[str] | None = None
    _answered: int = 0
    _let_go: int = 0
    """Bytes of answers, of those that came, that nobody holds together with the next ones."""
    _threadless: int = 0
    algebra_s: float = _ALGEBRA_S
    """Seconds of processor time that are left for formulas that came where numbers are due."""
    notes: list[str] = field(default_factory=list)
    """Remarks on loading the hand-in for this topic."""
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Other names under which functions count."""
    known: frozenset[str] = frozenset()
    """Names of functions on the sheet."""
    _definitions: list[Definition] | None = None

    def begin_topic(self) -> None:
        """Give the next topic its full time, and the worker that has seen other topics while nothing speaks against it."""
        if self._worker is not None and not self._worker.begin_topic():
            self._retire()
        self.seen_others = self._worker is not None
        self.notes = [] if self._loaded is None else list(self._loaded.notes)
        self._retired_s = 0.0
        self._answered = self._threadless = 0
        self.algebra_s = _ALGEBRA_S

    @property
    def spent_s(self) -> float:
        """Seconds of the topic's time that calls took; waiting while others had the processor does not count."""
        return self._retired_s + (self._worker.spent_s if self._worker is not None else 0.0)

    @property
    def _left_s(self) -> float:
        """Seconds of the topic's time that are left; where a call has its full time, at least."""
        left = self.limits.topic_s - self._retired_s
        return left if self._worker is None else self._worker.left_s(left, self.limits.call_s)

    @property
    def unloadable(self) -> tuple[str, ...]:
        """Verdict and reason, where the hand-in does not load."""
        failure = self._load_failure
        return () if failure is None else (failure.verdict.value, failure.why)

    def give_up(self, verdict: Verdict, why: str) -> None:
        """Do not load the hand-in: it is known already that it cannot be."""
        self._load_failure = CallEnded(verdict, why)

    def anew(self) -> None:
        """Begin the topic once more: with a worker that has seen no call yet, however long loading takes, and its full time."""
        self._retire()
        self._retired_s = 0.0
        self._answered = 0
        self.algebra_s = _ALGEBRA_S

    @property
    def quick(self) -> bool:
        """Whether a fresh worker is to be had in no time."""
        return self._load_s <= _CHEAP_LOAD_S

    def close(self) -> None:
        """End the worker."""
        self._retire()

    def fresh(self) -> bool:
        """Make the next call meet a worker that has seen no call yet; False where loading is too slow for that."""
        if self.quick:
            self._retire()
        return self.quick

    def let_go(self) -> None:
        """What came so far is not held together with what comes next."""
        self._let_go = self._answered

    def regain_threads(self) -> bool:
        """Give a worker that has seen no call to a hand-in that found no thread, once its neighbours left some.

        False where they cannot have taken any, each worker's threads being counted by themselves, and after a few times.
        """
        if self._threadless >= _THREADLESS or not self.connection.regain_tasks():
            return False
        self._threadless += 1
        self._retire()
        self._load_failure = None
        return True

    def module_of(self, function: str) -> str:
        """The module that defines a function."""
        loaded = self._ready()[1]
        return loaded.callables.get(self._counted(function, loaded), "solution")

    def name_of(self, function: str) -> str:
        """What the hand-in calls a function: its name, or an alias that counts."""
        return self._counted(function, self._ready()[1])

    def calls(
        self,
        function: str,
        rows: Sequence[Sequence[object]],
        seeds: Sequence[int],
        *,
        through: Source | None = None,
    ) -> Iterator[Outcome]:
        """Outcomes of calling `function` on each row, in order; ends early after a death.

        through: public source that is called instead, with the function as the first argument.
        Raises CallEnded when the hand-in does not load or lacks the function.
        """

        def ask(worker: Worker, name: str, timeout: float) -> Iterator[Outcome]:
            if through is None:
                return worker.calls(name, rows, seeds=seeds, timeout=timeout)
            return worker.calls(through, [(Submitted(name), *row) for row in rows], seeds=seeds, timeout=timeout)

        return cast("Iterator[Outcome]", self._put(function, len(rows[0]) if rows else None, ask))

    def skimmed(self, calls: Prepared, skim: Skim) -> Iterator[Outcome | Unread]:
        """As `calls`; answers whose content `skim` knows are not read."""

        def ask(worker: Worker, name: str, timeout: float) -> Iterator[Outcome | Unread]:
            return worker.skimmed(calls.named(name), skim, timeout=timeout)

        return self._put(calls.function, len(calls.rows[0]) if calls.rows else None, ask)

    def _put(
        self,
        function: str,
        arguments: int | None,
        ask: Callable[[Worker, str, float], Iterator[Outcome | Unread]],
    ) -> Iterator[Outcome | Unread]:
        worker, loaded = self._ready()
        asked, function = function, self._counted(function, loaded)
        if function not in loaded.callables:
            raise CallEnded(Verdict.MISSING, self._missing(asked, loaded, arguments))
        if function in self._blank():
            raise CallEnded(Verdict.MISSING, f"{function} is still the starter's placeholder")
        left = self._left_s
        if left <= 0:
            raise CallEnded(Verdict.TIMEOUT, f"the {self.limits.topic_s:g} s for this topic are used up")
        if self._answered > _MOST_ANSWERS:
            raise CallEnded(Verdict.MEMORY, _TOO_MUCH)
        self.let_go()
        started = time.monotonic()
        for outcome in ask(worker, function, min(self.limits.call_s, left)):
            if isinstance(outcome, Died):
                self._retire()
                yield outcome
                return
            self._answered += outcome.weight if isinstance(outcome, Returned | Unread) else 0
            if self._answered > min(_MOST_ANSWERS, self._let_go + _MOST_AT_ONCE):
                self._retire()
                yield Died("memory", _TOO_MUCH)
                return
            if time.monotonic() - started > left and self.spent_s > self.limits.topic_s:
                self._retire()
                yield Died("timeout", f"the {self.limits.topic_s:g} s for this topic are used up")
                return
            yield outcome

    def _ready(self) -> tuple[Worker, Loaded]:
        if self._load_failure is not None:
            raise self._load_failure
        if not self.source.modules:
            raise CallEnded(
                Verdict.MISSING, self.source.notes[-1] if self.source.notes else "nothing was handed in"
            )
        if self._worker is not None and not self._worker.usable():  # it died of calls whose answers nobody waited for
            self._retire()
        if self._worker is None or self._loaded is None:
            worker = self.connection.spawn(self.limits)
            loaded = worker.load(self.source.files, self.source.modules, seed=self.seed)
            self._load_s = worker.load_s
            failure = failed_load(loaded)
            if failure is not None or isinstance(loaded, Died):
                worker.close()
                self._load_failure = failure
                assert failure is not None
                raise failure
            self._worker, self._loaded = worker, loaded
            self.notes.extend(n for n in loaded.notes if n not in self.notes)
        return self._worker, self._loaded

    def _retire(self) -> None:
        if self._worker is not None:
            self.output = self.output or self._worker.output()
            self._worker.close()
            self._retired_s += self._worker.spent_s
        self._worker = self._loaded = None
        self.seen_others = False

    def _counted(self, function: str, loaded: Loaded) -> str:
        """The name itself where the hand-in defines it, else the one alias of it that the hand-in defines."""
        if function in loaded.callables and function not in self._blank():
            return function
        there = [a for a in self.aliases.get(function, ()) if a in loaded.callables and a not in self._blank()]
        if len(there) > 1:
            names = " and ".join(there)
            raise CallEnded(Verdict.MISSING, f"there is no function {function}, and {names} may be it: keep one of them")
        if not there:
            return function
        note = f"{there[0]} counts as {function}: the sheet takes this name too"
        if note not in self.notes:
            self.notes.append(note)
        return there[0]

    def _missing(self, function: str, loaded: Loaded, arguments: int | None) -> str:
        if self._definitions is None:
            self._definitions = definitions(self.source)
            named = {d.name for d in self._definitions}
            self._definitions += [Definition(n, loaded.callables[n], "", 0, float("inf")) for n in loaded.callables if n not in named]
        hint = near_miss(function, arguments, self.known - {function}, self._definitions)
        return f"there is no function {function}{hint}"

    def _blank(self) -> frozenset[str]:
        if self._placeholders is None:
            self._placeholders = placeholders(self.source)
        return self._placeholders
