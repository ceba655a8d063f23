"""The HTML pages: one per hand-in, one for the class. Templates lie in `templates/`; all text is escaped there."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from jinja2 import Environment as Templates
from jinja2 import PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.records import Environment, ProblemResult, Report, Run
from grader.reports._format import duration, moment, number, percent, ratio
from grader.reports._formula import formulas
from grader.reports._names import page_names
from grader.reports._pictures import Picture, pictures
from grader.reports._safe import one_line
from grader.reports._seal import page_source, sealed
from grader.reports._settlement import account, handed_in_text
from grader.reports._sheet import BINS, Sheet, final_status, ordered, sheets, total
from grader.reports._stamp import isolation_warning
from grader.reports._steps import DerivationView, derivation_view
from grader.reports._topic_pictures import TOPICS
from grader.reports._view import (
    MARKS,
    CheckView,
    check_view,
    points,
    tally,
    waits,
)


class CheckPart(NamedTuple):
    """One check on a student's page."""

    view: CheckView
    formulas: tuple[tuple[str, Markup], ...]
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class ProblemView:
    """One problem on a student's page."""

    number: str
    title: str
    score: str
    share: float | None
    tally: str
    waits: bool
    checks: tuple[CheckPart, ...]
    derivation: DerivationView | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a histogram, in units of its drawing."""

    label: str
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A histogram of score shares as SVG geometry."""

    bars: tuple[Bar, ...]
    width: float
    height: float
    base: float
    mean_x: float | None
    words: str
    """What the picture says, for those who do not see it."""


class Pages:
    """The compiled templates; make one for many pages."""

    def __init__(self) -> None:
        self._templates = Templates(
            loader=PackageLoader("grader.reports"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._templates.filters.update(percent=percent, number=number)

    def of_student(self, report: Report, title: str) -> str:
        """The page of one hand-in, sealed; `title` is the assignment's."""
        html = self._templates.get_template("student.html.j2").render(
            assignment=one_line(report.assignment, 80),
            title=one_line(title, 200),
            student=one_line(report.student, 120) or "(no name)",
            total=total(report).partition("/"),
            share=None if report.faulty else ratio(report.score, report.max_score),
            status=final_status(report),
            warning=isolation_warning(report.environment.isolation),
            problems=[_problem(problem) for problem in report.problems],
            handed_in=handed_in_text(report),
            account=account(report),
            notes=[one_line(note, 500) for note in report.remarks[:50]],
            files=[(one_line(f.path, 200), one_line(f.sha256, 64)) for f in report.submission.files[:200]],
            facts=_facts(report),
        )
        return sealed(html, page_source(report, title))

    def of_class(
        self,
        run: Run,
        reports: Sequence[Report],
        names: Mapping[tuple[str, str], str],
        made: Sequence[Sheet] | None = None,
    ) -> str:
        """The page of a run; `names` gives each report's page without the suffix. made: its `sheets`, where they are at hand."""
        shown = sheets(run, reports) if made is None else made
        script = self._script("class.js")
        levels = sorted({run.isolation, *(r.environment.isolation for r in reports)})
        return self._templates.get_template("class.html.j2").render(
            sheets=[(f"a{index}", sheet, _drawing(sheet)) for index, sheet in enumerate(shown)],
            heading=_heading(shown),
            links={key: quote(name + ".html") for key, name in names.items()},
            script=script,
            script_hash=_csp_hash(script),
            count=len(reports),
            reviews=sum(final_status(r) == "review" for r in reports),
            faults=sum(r.faulty for r in reports),
            warnings=[text for text in map(isolation_warning, levels) if text],
            levels=", ".join(one_line(level, 20) for level in levels),
            missing=[one_line(path, 500) for path in run.missing],
            run={
                "id": one_line(run.id, 80),
                "started": one_line(moment(run.started), 40),
                "seed": str(run.seed),
            },
            took=duration(run.duration_s),
            versions=_versions(reports),
            legend=[(mark.letter, mark.tone, verdict) for verdict, mark in MARKS.items()],
        )

    def _script(self, name: str) -> Markup:
        """A script of our own, as it stands in its file."""
        assert self._templates.loader is not None
        return Markup(self._templates.loader.get_source(self._templates, name)[0])


def _heading(shown: Sequence[Sheet]) -> str:
    """The title of the assignment; of several their ids, since titles are long."""
    if len(shown) > 1:
        return ", ".join(sheet.assignment for sheet in shown)
    return shown[0].title or shown[0].assignment if shown else "Nothing graded"


def _csp_hash(script: str) -> str:
    """What a content security policy calls a script by, so that no other one runs."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def student_html(report: Report, title: str) -> str:
    """The self-contained page of one hand-in (no script, no outside resource); `title` is the assignment's.

    A hidden check shows its title and verdict only.
    """
    return Pages().of_student(report, title)


def class_html(run: Run, reports: Iterable[Report]) -> str:
    """The instructor's self-contained page of a run: scores, means, histogram, what waits, faults, versions.

    Links to the students' pages as `write_all` names them.
    """
    reports = ordered(reports)
    return Pages().of_class(run, reports, page_names(reports))


def _problem(problem: ProblemResult) -> ProblemView:
    score = points(problem)
    return ProblemView(
        number=one_line(problem.number, 20),
        title=one_line(problem.title or problem.topic, 200),
        score=score,
        share=None if score.startswith("–") else ratio(problem.score, problem.max_score),
        tally=tally(problem.checks) or "no checks",
        waits=waits(problem),
        checks=tuple(CheckPart(check_view(c), formulas(c), pictures(c, TOPICS)) for c in problem.checks),
        derivation=None if problem.derivation is None else derivation_view(problem.derivation),
    )


def _facts(report: Report) -> list[tuple[str, str]]:
    environment = report.environment
    facts = [
        ("Report", report.id),
        ("Graded", f"{moment(report.started)}, in {duration(report.duration_s)}"),
        ("Isolation", environment.isolation),
        ("Seed", str(environment.seed)),
        ("Versions", _version_line(environment)),
        ("Handed in as", report.submission.kind),
    ]
    return [(name, one_line(value)) for name, value in facts if value]


def _version_line(environment: Environment) -> str:
    packages = ("grader", "python", "numpy", "scipy", "sympy", "torch")
    named = [f"{name} {getattr(environment, name)}" for name in packages if getattr(environment, name)]
    return one_line(", ".join([*named, environment.platform]))


def _versions(reports: Iterable[Report]) -> list[str]:
    """More than one line when a cached report comes from elsewhere."""
    return sorted({_version_line(report.environment) for report in reports})


def _drawing(sheet: Sheet) -> Drawing | None:
    if sheet.mean is None or sum(sheet.histogram) < 2:
        return None
    step, gap, top, tall = 40.0, 3.0, 22.0, 170.0
    most = max(sheet.histogram)
    bars = []
    for index, count in enumerate(sheet.histogram):
        height = round(tall * count / most, 1)
        label = f"{index * 100 // BINS} to {(index + 1) * 100 // BINS} %"
        bars.append(
            Bar(label, count, index * step + gap, round(top + tall - height, 1), step - 2 * gap, height)
        )
    counted = ", ".join(f"{bar.label}: {bar.count}" for bar in bars if bar.count)
    words = f"Students by share of the points. {counted}. Mean {percent(sheet.mean)}."
    return Drawing(
        tuple(bars), BINS * step, top + tall + 24, top + tall, round(sheet.mean * BINS * step, 1), words
    )
