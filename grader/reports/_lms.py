"""Grades into the sheets of Canvas and Moodle, as downloaded there."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from grader.records import Report, UserError, Verdict
from grader.reports._format import fraction, number
from grader.reports._roster import Pairing, Person, pair
from grader.reports._safe import one_line
from grader.reports._settlement import account_lines, score_status
from grader.reports._sheet import final_status, ordered
from grader.reports._sheetfile import read_sheet, write_sheet
from grader.reports._view import points

_TITLED = re.compile(r"^(?P<title>.*\S)\s*\((?P<id>\d+)\)$", re.DOTALL)
_PARTICIPANT = re.compile(r"\D+\d+")
_SHORT = re.compile(r"\bhw\s*0*(\d+)\b")
_IDENTIFIER = ("identifier", "id", "identifiant", "identificador", "identificativo")
_GRADE = ("grade", "bewertung", "note", "calificación", "valutazione", "nota", "cijfer")
_MAXIMUM = (
    "maximum grade",
    "bestwertung",
    "note maximale",
    "calificación máxima",
    "valutazione massima",
    "nota máxima",
)
_FEEDBACK = ("feedback comments", "feedback als kommentar", "commentaires de feedback", "comentarios de retroalimentación",
             "commenti di feedback", "comentários de feedback")  # fmt: skip
_NAMES = (
    "full name",
    "vollständiger name",
    "nom complet",
    "nombre completo",
    "nome completo",
    "cognome nome",
)
_OTHER_IDS = ("email address", "e-mail-adresse", "adresse de courriel", "dirección de correo", "indirizzo email",
              "id number", "id-nummer", "numéro d'identification", "número de id", "username")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filled:
    """A sheet with grades in it."""

    content: bytes
    filled: int
    """Rows that got a grade."""
    absent: int
    """Rows of students without a hand-in; their cells are as they were."""
    left_out: tuple[str, ...]
    """Hand-ins whose grade is not in the sheet, each with the reason."""
    remarks: tuple[str, ...]
    """What one should know before uploading it."""


def fill_canvas(
    sheet: bytes, reports: Iterable[Report], *, title: str = "", column: str = "", name: str = "the sheet"
) -> Filled:
    """The gradebook export of Canvas with the scores of one assignment in its column.

    `column` picks it by header, title or number; else the column that is titled like the assignment (`title` or id),
    else the only one with a number. Excused students (`EX`) stay so. Students are matched by ID, SIS User ID, SIS Login
    ID, then name. Raises UserError when the sheet is none of Canvas or the column is not clear.
    """
    rows, shape = read_sheet(sheet, name)
    head, reports = [cell.strip() for cell in rows[0]], ordered(reports)
    names = _canvas_names(head)
    if "ID" not in head or not names:
        raise UserError(
            f"{name} has no columns Student and ID; give the gradebook that was exported from Canvas"
        )
    at = _canvas_column(head, reports, title, column, name)
    keys = [head.index(key) for key in ("ID", "SIS User ID", "SIS Login ID", "Integration ID") if key in head]
    spots = [n for n, row in enumerate(rows) if n and _at(row, head.index("ID")).strip()]
    people = [
        Person(tuple(_at(rows[n], key) for key in keys), (", ".join(_at(rows[n], part) for part in names),))
        for n in spots
    ]
    limits = [_at(row, at) for row in rows[1:4] if _at(row, 0).strip().startswith("Points Possible")]
    paired, remarks = pair(people, [r.student for r in reports]), _limit_remarks(limits, reports)

    def put(row: list[str], report: Report) -> str:
        if _at(row, at).strip().upper() == "EX":
            return "is excused in the sheet"
        _set(row, at, "EX" if score_status(report) == "excused" else number(report.score))
        return ""

    return _fill(
        rows, [rows[n] for n in spots], paired, reports, put, lambda: write_sheet(rows, shape), remarks
    )


def fill_moodle(
    sheet: bytes, reports: Iterable[Report], *, column: str = "", feedback: str = "", name: str = "the sheet"
) -> Filled:
    """The grading worksheet of Moodle with scores and a summary as feedback (HTML, with no text of the submission).

    Headers are known in several languages; `column` and `feedback` name them otherwise. Numbers are written with a
    comma where the sheet's own are. Raises UserError when a column is not found.
    """
    rows, shape = read_sheet(sheet, name)
    head, reports = [cell.strip() for cell in rows[0]], ordered(reports)
    at = _column(head, (column,) if column else _GRADE, "grades", "--column", name)
    identifier = _moodle_identifier(head, rows[1:], name)
    said = _column(head, (feedback,), "feedback", "--feedback", name) if feedback else _find(head, _FEEDBACK)
    most, names = _find(head, _MAXIMUM), _find(head, _NAMES)
    keys = [identifier, *(n for n, cell in enumerate(head) if cell.casefold() in _OTHER_IDS)]
    spots = [n for n, row in enumerate(rows) if n and _at(row, identifier).strip()]
    people = [
        Person(tuple(_at(rows[n], key) for key in keys), (_at(rows[n], names),) if names is not None else ())
        for n in spots
    ]
    limits = sorted({_at(rows[n], most) for n in spots}) if most is not None else []
    comma = any("," in limit for limit in limits)
    paired, remarks = pair(people, [r.student for r in reports]), _limit_remarks(limits, reports)
    if said is None:
        remarks = [*remarks, "the sheet has no column for feedback, or one of unknown name (--feedback)"]

    def put(row: list[str], report: Report) -> str:
        if score_status(report) == "excused":
            return "is excused by the rules of the assignment"
        _set(row, at, number(report.score).replace(".", "," if comma else "."))
        if said is not None:
            _set(row, said, summary(report))
        return ""

    return _fill(
        rows, [rows[n] for n in spots], paired, reports, put, lambda: write_sheet(rows, shape), remarks
    )


def summary(report: Report) -> str:
    """Scores by problem, the known slips and what people decided as one line of HTML; no word of the submission."""
    parts = [
        f"Score {fraction(report.score, report.max_score)}"
        + (" (provisional)" if not report.complete else "")
    ]
    for problem in report.problems:
        visible = [c for c in problem.checks if c.verdict is not Verdict.PASSED and c.visibility == "visible"]
        slips = dict.fromkeys(one_line(c.slip, 120) for c in visible if c.slip)
        causes = "; ".join(slips) or ", ".join(dict.fromkeys(one_line(c.title, 120) for c in visible[:3]))
        text = f"{one_line(problem.number, 20)} {one_line(problem.title or problem.topic, 120)}: {points(problem)}"
        parts.append(text + (f" ({causes})" if causes else ""))
    parts += account_lines(report)
    parts += [one_line(line, 300) for line in report.decisions[:20]]
    return "<br>".join(html.escape(part) for part in parts)


def _fill(
    rows: list[list[str]],
    students: Sequence[list[str]],
    paired: Pairing,
    reports: Sequence[Report],
    put: Callable[[list[str], Report], str],
    write: Callable[[], bytes],
    remarks: Sequence[str],
) -> Filled:
    left_out, filled, provisional = [], 0, 0
    for report in reports:
        row = paired.rows.get(report.student)
        why = paired.strangers.get(report.student, "")
        if row is not None and report.faulty:
            why = "the grader itself failed on a part: grade it again"
        elif row is not None and score_status(report) == "refused":
            why = "came after the last moment: by the rules of the assignment it is not accepted"
        elif row is not None:
            why = put(students[row], report)
        if why:
            left_out.append(f"{one_line(report.student, 120)}: {why}")
        else:
            filled += 1
            provisional += final_status(report) == "review"
    if provisional:
        remarks = [*remarks, f"{provisional} of the scores are provisional: a part waits for a person"]
    return Filled(write(), filled, len(students) - len(paired.rows), tuple(left_out), tuple(remarks))


def _canvas_column(head: Sequence[str], reports: Sequence[Report], title: str, column: str, name: str) -> int:
    titled = {n: match for n, cell in enumerate(head) if (match := _TITLED.match(cell))}
    if column:
        wanted = {column.strip().casefold()}
        hits = [n for n, m in titled.items() if {m[0].casefold(), m["title"].casefold(), m["id"]} & wanted]
    else:
        ours = [_spelled(text) for text in (title, *(r.assignment for r in reports[:1])) if text]
        likeness = {
            n: max((_likeness(_spelled(m["title"]), text) for text in ours), default=0)
            for n, m in titled.items()
        }
        best = max(likeness.values(), default=0)
        hits = [n for n, like in likeness.items() if like == best > 0] or (
            list(titled) if len(titled) == 1 else []
        )
    if len(hits) == 1:
        return hits[0]
    there = "; ".join(one_line(head[n], 80) for n in titled) or "none"
    reason = "more than one such column" if hits else "no column for this assignment"
    raise UserError(f"{name} has {reason}; name it with --column (assignments there: {there})")


def _canvas_names(head: Sequence[str]) -> list[int]:
    """The column of `Last, First`, or those of its two parts, which Canvas writes where the gradebook shows them so."""
    sets = (("Student",), ("LastName", "FirstName"))
    return next(([head.index(part) for part in parts] for parts in sets if set(parts) <= set(head)), [])


def _moodle_identifier(head: Sequence[str], students: Sequence[Sequence[str]], name: str) -> int:
    """The column of `Participant 12`, in a language that is not known the first one where all cells are such."""
    first = [cell for row in students if (cell := _at(row, 0).strip())]
    if _find(head, _IDENTIFIER) is None and first and all(map(_PARTICIPANT.fullmatch, first)):
        return 0
    return _column(head, _IDENTIFIER, "identifiers", "the worksheet of the assignment", name)


def _spelled(title: str) -> str:
    """`HW10` and `Homework 10` are one title."""
    return " ".join(_SHORT.sub(r"homework \1", title.casefold()).split())


def _likeness(one: str, other: str) -> int:
    """How many characters two titles share from their start, where one of them ends there at the end of a word."""
    short, long = sorted((one, other), key=len)
    whole = long.startswith(short) and not long[len(short) :][:1].isalnum()
    return len(short) if whole else 0


def _find(head: Sequence[str], names: Sequence[str]) -> int | None:
    folded = [cell.casefold() for cell in head]
    return next(
        (folded.index(name.strip().casefold()) for name in names if name.strip().casefold() in folded), None
    )


def _column(head: Sequence[str], names: Sequence[str], what: str, remedy: str, name: str) -> int:
    found = _find(head, names)
    if found is None:
        there = "; ".join(one_line(cell, 60) for cell in head)
        raise UserError(f"{name} has no column for {what}; give {remedy} (columns: {there})")
    return found


def _limit_remarks(limits: Iterable[str], reports: Sequence[Report]) -> list[str]:
    most = max((report.max_score for report in reports), default=0.0)
    for limit in limits:
        try:
            value = float(limit.strip().replace(",", "."))
        except ValueError:
            continue
        if abs(value - most) > 0.005:
            return [
                f"the sheet gives {number(value)} points, the grades are out of {number(most)}; they are not scaled"
            ]
    return []


def _at(row: Sequence[str], column: int) -> str:
    return row[column] if column < len(row) else ""


def _set(row: list[str], column: int, text: str) -> None:
    row.extend([""] * (column + 1 - len(row)))
    row[column] = text
