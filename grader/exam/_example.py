"""The counterexample of a record: the call, what came of it and what was due, and how to do it again."""

from __future__ import annotations

from collections.abc import Sequence

from grader.bank import Topic
from grader.exam._answer import Answer
from grader.exam._bench import Bench
from grader.exam._outcomes import CallEnded, CheckEnded, WrongAnswer
from grader.exam._render import call_text, replay_line, shown
from grader.records import Counterexample, clean_text


def counterexample(topic: Topic, bench: Bench, ended: CheckEnded) -> Counterexample | None:
    """What a check that ended so shows of it; None where no call is to blame."""
    if isinstance(ended, CallEnded) and ended.call:
        return _pack(topic, bench, ended.call, "", ended.arguments, 0, "a value", ended.verdict.value, None)
    if not isinstance(ended, WrongAnswer) or ended.answer is None:
        return None
    answer: Answer = ended.answer
    got = answer.value if ended.got is None else ended.got
    expected = ended.expected if ended.expected is not None else ""
    return _pack(
        topic,
        bench,
        answer.function,
        answer.part,
        answer.arguments,
        answer.seed,
        expected if isinstance(expected, str) else shown(expected),
        got if isinstance(got, str) and ended.got is not None else shown(got),
        ended.difference,
    )


def _pack(
    topic: Topic,
    bench: Bench,
    function: str,
    part: str,
    arguments: Sequence[object],
    seed: int,
    expected: str,
    got: str,
    difference: float | None,
) -> Counterexample:
    names = topic.functions[function].parameters if function in topic.functions else ()
    labels = [names[i] if i < len(names) else f"argument {i + 1}" for i in range(len(arguments))]
    try:
        module, name = bench.module_of(function), bench.name_of(function)
    except CallEnded:
        module, name = "solution", function
    return Counterexample(
        call=call_text(function, arguments) + part,
        arguments={label: shown(a) for label, a in zip(labels, arguments, strict=True)},
        expected=clean_text(expected, 400),
        got=clean_text(got, 400),
        difference=difference,
        replay=replay_line(module, name, arguments, seed),
    )
