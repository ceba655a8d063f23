"""The pytest plugin: `check_*` functions decorated with `@check` are tests of a hand-in.

`pytest checks/projection.py --submission FILE` gives the verdicts that `grader run` gives. Without a
`@check` in sight the plugin does nothing.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

    from grader.bank import Topic
    from grader.exam._desk import Desk
    from grader.exam._examine import Exam
    from grader.exam._recorded import Recorded
    from grader.records import CheckResult
    from grader.sandbox import Zygote

DESK: pytest.StashKey[Desk] = pytest.StashKey()
"""Set beforehand by whoever runs checks for many hand-ins."""
_ZYGOTE: pytest.StashKey[Zygote] = pytest.StashKey()
_ASKS_PYTEST = re.compile(r"^\s*assert\b|\bpytest_plugins\b", re.MULTILINE)


class CheckNotPassed(Exception):
    """Makes pytest show a check as failed; carries the record."""

    def __init__(self, result: CheckResult) -> None:
        super().__init__(f"{result.id}: {result.verdict}: {result.message}")
        self.result = result


class CheckItem(pytest.Function):
    """One check as a pytest item."""

    exam: Exam

    @cached_property
    def bare(self) -> bool:
        """Whether pytest adds nothing to this check: no mark, no fixture but the reference, no `assert` that it explains."""
        sources = self._fixtureinfo.name2fixturedefs
        ours = set(self.fixturenames) <= {"reference", "request"} and all(len(found) == 1 for found in sources.values())
        return ours and not any(self.iter_markers()) and not _asks_pytest(self.module)

    def repr_failure(self, excinfo: Any) -> Any:  # type: ignore[override]
        """The message block that students read, instead of a traceback."""
        if isinstance(excinfo.value, CheckNotPassed):
            from grader.exam._explain import explain

            return explain(excinfo.value.result)
        return super().repr_failure(excinfo)


@cache
def _asks_pytest(module: ModuleType) -> bool:
    """Whether a file of checks has an `assert`, or names plugins."""
    return _ASKS_PYTEST.search(inspect.getsource(module)) is not None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --submission and --isolation."""
    group = parser.getgroup("grader")
    group.addoption("--submission", metavar="PATH", help="hand-in (file or folder) that @check functions examine")
    group.addoption("--isolation", metavar="LEVEL", default="", help="L3, L2 or L1 (default: the best there is, L2 at least)")


def pytest_pycollect_makeitem(
    collector: pytest.Collector, name: str, obj: object
) -> pytest.Item | list[Any] | None:
    """Collect functions decorated with @check."""
    if not inspect.isfunction(obj) or not hasattr(obj, "__grader_check__"):
        return None
    from grader.bank import Topic, check_spec

    spec = check_spec(obj)
    assert isinstance(collector, pytest.Module)
    topic = getattr(collector.obj, "topic", None)
    if spec is None or not isinstance(topic, Topic):
        raise pytest.UsageError(f'{collector.path}: a file of checks needs `topic = Topic("name", ...)`')
    desk = _desk(collector.config, collector.path)
    exam = desk.prepare(spec, topic)

    def put(**fixtures: Any) -> None:
        _ensure_bench(collector.config, desk)
        result = desk.examine(exam, fixtures)
        if result.verdict != "passed":
            raise CheckNotPassed(result)

    kinds = [inspect.Parameter(p, inspect.Parameter.KEYWORD_ONLY) for p in spec.fixtures if p != "student"]
    put.__signature__ = inspect.Signature(kinds)  # type: ignore[attr-defined]
    item = CheckItem.from_parent(collector, name=name, callobj=put)
    item.exam = exam
    return [item]


@pytest.fixture(scope="module")
def reference(request: pytest.FixtureRequest) -> ModuleType | Recorded:
    """The trusted solution of the topic whose checks are running."""
    topic: Topic = request.module.topic
    return _desk(request.config, request.path).reference(topic.name)


def _desk(config: pytest.Config, path: Path) -> Desk:
    desk = config.stash.get(DESK, None)
    if desk is None:
        from grader.bank import find_course
        from grader.exam._desk import Desk
        from grader.records import UserError

        try:
            desk = Desk(find_course(path.parent))
        except UserError as error:
            raise pytest.UsageError(str(error)) from None
        config.stash[DESK] = desk
    return desk


def _ensure_bench(config: pytest.Config, desk: Desk) -> None:
    if desk.bench is not None:
        return
    given = config.getoption("--submission")
    if not given:
        pytest.fail("no hand-in to examine; name one with --submission FILE", pytrace=False)
    path = Path(given)
    if not path.exists():
        pytest.exit(f"{path} is not there; give a hand-in with --submission FILE", returncode=4)
    from grader.exam._bench import Bench
    from grader.exam._levels import choose_level
    from grader.exam._start import start_zygote
    from grader.intake import read_source
    from grader.records import UserError
    from grader.sandbox import Limits

    try:
        zygote, _ = start_zygote(choose_level(config.getoption("--isolation")))
    except UserError as error:
        pytest.exit(str(error), returncode=4)
    config.stash[_ZYGOTE] = zygote
    desk.lay(Bench(zygote.connect(), read_source(path), Limits(), seed=0))


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """End the worker and the zygote."""
    yield
    zygote = session.config.stash.get(_ZYGOTE, None)
    if zygote is not None:
        desk = session.config.stash[DESK]
        if desk.bench is not None:
            desk.bench.close()
        zygote.close()
