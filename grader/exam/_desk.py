"""The examiner's desk: exams made ready once, the hand-in that lies on the bench, the results so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import ModuleType
from typing import Any

from grader.bank import CheckSpec, Corpora, Course, Topic, Variant, corpus
from grader.exam._ahead import Foreseen
from grader.exam._bench import Bench
from grader.exam._diagnosis import Seen, caused
from grader.exam._examine import Exam, examine
from grader.exam._judgements import Judgements
from grader.exam._memo import Memo
from grader.exam._recorded import Record, Recorded
from grader.records import CheckResult, Kind, UserError, Verdict, clean_text


@dataclass
class Desk:
    """Owns what all hand-ins share (corpora, references, variants) and what belongs to the present one."""

    course: Course
    corpora: Corpora | None = field(default_factory=Corpora.of_user)
    memo: Memo = field(default_factory=Memo)
    judgements: Judgements = field(default_factory=Judgements)
    bench: Bench | None = None
    results: dict[str, CheckResult] = field(default_factory=dict)
    _exams: dict[str, Exam] = field(default_factory=dict)
    _references: dict[str, ModuleType | Recorded | None] = field(default_factory=dict)
    _records: dict[str, Record] = field(default_factory=dict)
    _variants: dict[str, tuple[Variant, ...]] = field(default_factory=dict)
    """Read when a wrong answer is first to be diagnosed, or before: such a file may import what takes seconds."""
    _contents: dict[str, str] = field(default_factory=dict)
    foreseen: dict[str, Foreseen] = field(default_factory=dict)
    """Calls that checks will make, by their ids."""
    _topic: str = ""
    _seen: Seen = field(default_factory=Seen)

    def prepare(self, spec: CheckSpec, topic: Topic) -> Exam:
        """The exam for a check, its corpus drawn. The same object on every call."""
        name = f"{topic.name}::{spec.name}"
        if name not in self._exams:
            if topic.name not in self._contents:
                self._references[topic.name] = self.course.reference(topic.name)
                self._contents[topic.name] = self.course.digest((topic.name,))
            record = self._record(topic.name)
            drawn = None if record is None else record.drawn(spec.name)
            if drawn is None or spec.rows is None:
                rows = corpus(spec, topic.name, self.corpora, self._contents[topic.name])
            else:
                rows = (*spec.rows.fixed, *drawn)
            self._exams[name] = Exam(spec, topic, rows, partial(self.variants, topic.name), self.memo, self.judgements)
        return self._exams[name]

    def variants(self, topic: str) -> tuple[Variant, ...]:
        """Known right and wrong variants of a topic."""
        if topic not in self._variants:
            self._variants[topic] = self.course.variants(topic)
        return self._variants[topic]

    def reference(self, topic: str) -> ModuleType | Recorded:
        """The trusted solution, in a kit the record of its answers. Raises UserError where the course has neither."""
        module = self._references.get(topic) or self.course.reference(topic)
        record = self._record(topic)
        if module is None and record is None:
            raise UserError(f"reference/{topic}.py is missing in {self.course.root}")
        if module is None and record is not None:
            module = Recorded(record)
        self._references[topic] = module
        assert module is not None
        return module

    def _record(self, topic: str) -> Record | None:
        path = self.course.recorded(topic)
        if topic not in self._records and path.is_file():
            self._records[topic] = Record.read(path)
        return self._records.get(topic)

    def foretell(self, seed: int) -> None:
        """Write down the calls of checks that are foreseen: whoever is forked from now on has them. seed: of the run."""
        for check, foreseen in self.foreseen.items():
            foreseen.calls(check, seed).write()

    def lay(self, bench: Bench) -> None:
        """Put a hand-in on the bench; results start anew."""
        self.bench = bench
        self.results = {}
        self._topic = ""

    def examine(self, exam: Exam, fixtures: Mapping[str, Any]) -> CheckResult:
        """Put one check to the hand-in on the bench, unless one that it requires did not pass."""
        if self.bench is None:
            raise UserError("there is no hand-in to examine; name one with --submission FILE")
        if self._topic != exam.topic.name:
            self.bench.begin_topic()
            self._seen = Seen()
            self._topic = exam.topic.name
        for name in exam.spec.requires:
            before = self.results.get(f"{exam.topic.name}::{name}")
            if before is None or before.verdict is not Verdict.PASSED:
                result = self._skipped(exam, name)
                break
        else:
            result = examine(exam, self.bench, fixtures, self._seen, self.foreseen.get(exam.id))
        self.results[exam.id] = result
        return result

    def settled(self, results: Sequence[CheckResult]) -> list[CheckResult]:
        """All results of the topic that was last examined, once more: what came of later checks may tell causes apart."""
        return [self._settled(result) for result in results]

    def _settled(self, result: CheckResult) -> CheckResult:
        slip = self._seen.cause(result.id) if result.id in self._seen.wrong else result.slip
        if slip != result.slip:
            message = clean_text(caused(self._seen.wrong[result.id].why, slip))
            result = replace(result, slip=slip, message=message)
            self.results[result.id] = result
        return result

    def _skipped(self, exam: Exam, name: str) -> CheckResult:
        return CheckResult(
            id=exam.id,
            title=exam.spec.title,
            kind=Kind(exam.spec.kind),
            visibility=exam.spec.visibility,
            verdict=Verdict.SKIPPED,
            score=0.0,
            max_score=exam.spec.points,
            message=f"not tried, because {exam.topic.name}::{name} did not pass",
        )
