"""A write-up in, the record of its derivations out."""

from __future__ import annotations

from collections.abc import Mapping

from grader.derivation._bank import Engine
from grader.derivation._definitions import compiled
from grader.derivation._doubts import Judged
from grader.derivation._goals import Linked, reached
from grader.derivation._headings import by_problem, elsewhere
from grader.derivation._lexer import Macro
from grader.derivation._reader import Found, Reader
from grader.derivation._sheet import Sheet
from grader.derivation._source import Piece, read_writeup
from grader.derivation._steps import reading_text
from grader.derivation._surroundings import Surroundings
from grader.records import Derivation, DerivationStep

MAX_STEPS = 600
"""Steps of one write-up; what follows is left to a person."""


def check_writeup(
    text: str, *, file: str, kind: str, sheets: Mapping[str, Sheet], seed: int = 0
) -> tuple[Derivation, ...]:
    """Check every derivation of a write-up against the notation sheets of its problems.

    `kind` is tex, md or ipynb. One record per problem that has a sheet and at least one step, in the order of the
    sheets; displays before any heading count for the only sheet, or else come under problem "?". Raises UserError
    for a text that is no write-up and for a sheet that does not parse; never for what a formula contains.
    """
    writeup = read_writeup(text, kind=kind, file=file)
    pieces: dict[str, list[Piece]] = {}
    for problem, piece in by_problem(writeup.pieces, tuple(sheets)):
        if problem is not None:
            pieces.setdefault(problem, []).append(piece)
    engine = Engine()
    records = []
    for problem, sheet in sheets.items():
        if problem in pieces:
            records.append(_problem(pieces[problem], sheet, file, engine, seed, writeup.macros))
    if "" in pieces:
        records.append(_problem(pieces[""], Sheet("?"), file, engine, seed, writeup.macros))
    return tuple(record for record in records if record.steps)


def unread_problems(text: str, *, file: str, kind: str, sheets: Mapping[str, Sheet]) -> tuple[str, ...]:
    """Problems that a write-up's headings name and that no notation sheet is for. Raises UserError as `check_writeup`."""
    return elsewhere(read_writeup(text, kind=kind, file=file).pieces, tuple(sheets))


def _problem(
    pieces: list[Piece], sheet: Sheet, file: str, engine: Engine, seed: int, macros: Mapping[str, Macro]
) -> Derivation:
    engine.spent = 0
    scope = compiled(sheet)
    reader = Reader(Surroundings(scope, engine, seed), macros)
    reader.read_all(pieces)
    steps = tuple(_steps(reader.found))
    goals = []
    chains = [Linked(f.sides, f.ops, f.judged) for f in reader.found if not f.cited]
    for goal in sheet.goals:
        answer, reason = reached(goal, chains, reader.where.scope, reader.where.bank)
        goals.append({"name": goal.name, "reached": answer, "reason": reason})
    answers = [goal["reached"] for goal in goals]
    together = None if not answers or None in answers else all(answers)
    if False in answers:
        together = False
    open_ends = any(step.verdict in ("undecided", "unreadable") for step in steps)
    return Derivation(file, sheet.problem, steps, tuple(goals), together, None, open_ends or together is None)


def _steps(found: list[Found]) -> list[DerivationStep]:
    steps: list[DerivationStep] = []
    for chain in found:
        for number, judged in enumerate(chain.judged):
            if len(steps) >= MAX_STEPS:
                return steps
            steps.append(_step(len(steps), chain, number, judged))
    return steps


def _step(index: int, chain: Found, number: int, judged: Judged) -> DerivationStep:
    relation = chain.relations[number]
    tokens = [relation.token, *chain.sides[number + 1].tokens]
    source = " ".join(chain.source[tokens[0].start : max(t.stop for t in tokens)].split())
    if chain.cited:
        source = " ".join(
            chain.source[min(t.start for t in chain.sides[0].tokens) : max(t.stop for t in tokens)].split()
        )
    return DerivationStep(
        index=index,
        source=source,
        line=relation.token.line,
        cell=chain.cell,
        reading=reading_text(judged, chain.ops[number], chain.scope),
        verdict=judged.verdict,
        reason=("cited reason: " if chain.cited else "") + judged.reason,
        witness=judged.witness,
    )
