"""`grader review`: what a person decides."""

from __future__ import annotations

import getpass
import shutil
import subprocess
import sys
import threading
import webbrowser
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from grader.cli._common import DEFAULT_OUT, EXIT_FAULT, show
from grader.cli._results import STORE
from grader.records import Decision, Item, UserError, clean_text
from grader.review import Board, Watched, decision_on, now, render, said, save, undo, verdict_words


def review(
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the results.")] = DEFAULT_OUT,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page; 0: any that is free.")] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address only, open nothing.")
    ] = False,
    author: Annotated[
        str, typer.Option(help="Who decides; by default git's user.name, else the user's name.")
    ] = "",
    list_: Annotated[bool, typer.Option("--list", help="Print what waits, and end.")] = False,
    every: Annotated[bool, typer.Option("--all", help="With --list: also what is decided.")] = False,
    assignment: Annotated[
        str | None, typer.Option("-a", "--assignment", help="With --list: only this assignment.")
    ] = None,
    decide: Annotated[str, typer.Option(metavar="ITEM", help="Decide one item of --list, and end.")] = "",
    points: Annotated[str, typer.Option(help="With --decide: its points.")] = "",
    step: Annotated[str, typer.Option(help="With --decide: right, wrong or uncounted, for a step.")] = "",
    reason: Annotated[str, typer.Option(help="With --decide: why; the student reads it.")] = "",
    withdraw: Annotated[
        str, typer.Option("--undo", metavar="ITEM", help="Withdraw the decision on an item, and end.")
    ] = "",
) -> None:
    """Decide what waits for a person, on a page in the browser (this machine only) or with --list and --decide."""
    store = out / STORE if out.is_dir() or out.suffix != ".sqlite" else out
    if not store.is_file():
        raise UserError(f"there are no results in {out}; `grader run` makes them, -o names its folder")
    if sum(map(bool, (list_, decide, withdraw))) > 1:
        raise UserError("--list, --decide and --undo are for one at a time")
    if not decide and (points or step or reason):
        raise UserError("--points, --step and --reason belong to --decide ITEM")
    who = clean_text(author.strip() or _user(), 80)
    if list_:
        show(_listed(Watched(store).board(), assignment, every))
    elif decide or withdraw:
        raise typer.Exit(_recorded(store, decide, withdraw, (points, step, reason), who))
    else:
        from grader.review import serve  # a web server is for those only who want one

        serve(store, author=who, port=port, ready=lambda url: _announce(url, not no_browser))
        sys.stdout.write(
            f"report: {store.parent / 'report.html'}   gradebook: {store.parent / 'gradebook.csv'}\n"
        )


def _user() -> str:
    """Git's name for the user, else the system's."""
    if shutil.which("git"):
        found = subprocess.run(
            ["git", "config", "user.name"], capture_output=True, text=True, timeout=10, check=False
        )
        if found.stdout.strip():
            return found.stdout.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise UserError("nobody knows who you are: give --author NAME") from None


def _announce(url: str, browse: bool) -> None:
    sys.stdout.write(f"review: {url}\n(for this machine only; Ctrl-C ends it)\n")
    sys.stdout.flush()
    if browse:  # a browser in the terminal would hold up the page that it waits for
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _listed(board: Board, assignment: str | None, every: bool) -> str:
    """Counts by problem, then one line per item: state, name, points, what the grader said, what it is about."""
    items = [i for i in board.queue("all" if every else "open", "") if assignment in (None, i.assignment)]
    counts = Counter((i.assignment, i.problem) for i in items if board.is_open(i))
    lines = [f"{a} {number}: {count} open" for (a, number), count in counts.items()]
    old = sum(bool(board.earlier(i)) for i in items)
    if old:
        lines.append(f"{old} of the items were decided on an earlier hand-in")
    lines += [_line(board, item) for item in items]
    return "".join(f"{line}\n" for line in lines or ["nothing waits"])


def _line(board: Board, item: Item) -> str:
    held = board.held.get(item.name)
    state = "open" if board.is_open(item) else "done"
    worth = "right/wrong/uncounted" if item.kind == "step" else f"0..{item.max_score:g}"
    text = f"{said(held, item)} ({held.author})" if held else verdict_words(item)
    return "\t".join(
        clean_text(part, 300).replace("\n", " ") for part in (state, item.name, worth, text, item.text)
    )


def _recorded(store: Path, decide: str, withdraw: str, typed: tuple[str, str, str], who: str) -> int:
    board = Watched(store).board()
    item = board.named(decide or withdraw)
    if decide:
        wish = decision_on(item, *typed, author=who, made=now())
        added = save(board, [(wish, board.version(item))])
    else:
        held = board.held.get(item.name)
        if held is None:
            raise UserError(f"{item.name} has no decision that counts: there is nothing to withdraw")
        added = undo(board, [held], author=who, made=now())
    for conflict in added.conflicts:
        sys.stderr.write(
            f"grader: {item.name}: {conflict.there.author} decided meanwhile; look again and repeat\n"
        )
    if not added.saved:
        return 1
    sys.stdout.write(f"{item.name}: {_told(added.saved[0], item)}\n")
    try:
        render(Watched(store).board(), {(item.assignment, item.student)})
    except UserError as error:
        sys.stderr.write(
            f"grader: the decision is kept, its pages are not: {error}; `grader report` writes them\n"
        )
        return EXIT_FAULT
    return 0


def _told(entry: Decision, item: Item) -> str:
    return f"withdrawn by {entry.author}" if entry.undoes else f"{said(entry, item)}, by {entry.author}"
