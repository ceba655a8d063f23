"""The pages: an overview, an item, a student; and what forms do. Handlers parse, ask the board, and draw."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlencode

from jinja2 import ChoiceLoader, PackageLoader, StrictUndefined
from jinja2 import Environment as Templates
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from grader.records import Added, Conflict, Decision, Item, StoreFault, UserError
from grader.reports import number, one_line
from grader.review._board import Board, Watched
from grader.review._overview import overview, student_page
from grader.review._rendering import Renderer
from grader.review._saving import decision_on, save, undo
from grader.review._views import RULINGS, Form, Where, filters, item_page
from grader.review._words import said, verdict_words

MAX_FIELDS = 3000


@dataclass(frozen=True)
class Desk:
    """What the pages work on."""

    watched: Watched
    renderer: Renderer
    author: str
    now: Callable[[], str]
    """The time, ISO 8601, UTC."""


Fields = Mapping[str, Sequence[str]]


class Site:
    """The application's handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._templates = Templates(
            loader=ChoiceLoader([PackageLoader("grader.review"), PackageLoader("grader.reports")]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(number=number)
        self._script = self._templates.get_template("review.js").render()
        self._style = self._templates.get_template("review.css.j2").render()

    def app(self) -> Starlette:
        """The application without its gate."""
        routes = [
            Route("/", self.home),
            Route("/item", self.item),
            Route("/student", self.student),
            Route("/decide", self.decide, methods=["POST"]),
            Route("/undo", self.undo, methods=["POST"]),
            Route("/favicon.ico", lambda _: Response(status_code=204)),
            Route("/review.js", lambda _: Response(self._script, media_type="text/javascript")),
            Route("/review.css", lambda _: Response(self._style, media_type="text/css")),
        ]
        said_once: dict[Any, Any] = {
            HTTPException: _refusal,
            UserError: _complaint,
            StoreFault: _complaint,
            Exception: _failure,
        }
        return Starlette(routes=routes, exception_handlers=said_once)

    def home(self, request: Request) -> Response:
        """Problems, how far each is, faults, students."""
        board, where = self._desk.watched.board(), _where(_query(request))
        return self._page(
            "home.html.j2", request, board, where, view=overview(board, where), done=_done(board)
        )

    def student(self, request: Request) -> Response:
        """Everything about one hand-in, for overrides."""
        board, query = self._desk.watched.board(), _query(request)
        report = board.graded.by_student.get((_one(query, "a"), _one(query, "s")))
        if report is None:
            return PlainTextResponse("there is no such hand-in\n", 404)
        view = student_page(board, report)
        return self._page("student_items.html.j2", request, board, _where(query), view=view)

    def item(self, request: Request) -> Response:
        """One item: the text, the form, its history."""
        board, query = self._desk.watched.board(), _query(request)
        item = board.graded.by_name.get(_one(query, "i"))
        if item is None:
            return PlainTextResponse("there is no such item: the hand-in may have been graded again\n", 404)
        return self._item(request, board, item, _where(query))

    async def decide(self, request: Request) -> Response:
        """Save one decision, and the same for equal texts where asked."""
        fields = await _fields(request)
        return await run_in_threadpool(self._decide, request, fields)

    async def undo(self, request: Request) -> Response:
        """Withdraw a batch of decisions, or the one on an item."""
        fields = await _fields(request)
        return await run_in_threadpool(self._undo, request, fields)

    def _decide(self, request: Request, fields: Fields) -> Response:
        board, where = self._desk.watched.board(), _where(fields)
        item = board.graded.by_name.get(_one(fields, "i"))
        if item is None:
            return PlainTextResponse("that item is gone: the hand-in was graded again\n", 409)
        points = _one(fields, "quick") or _one(fields, "points")
        form = Form(points, _one(fields, "ruling"), _one(fields, "comment"))
        if _one(fields, "digest") != item.digest:
            why = (
                "The hand-in was graded again since you opened this page. Look once more; nothing was saved."
            )
            return self._item(request, board, item, where, form, trouble=why, status=409)
        try:
            wish = decision_on(item, form.points, form.ruling, form.comment, **self._by())
            more = self._others(board, item, fields, wish) if _one(fields, "all") else []
            added = save(board, [(wish, _number(_one(fields, "version"))), *more])
        except StoreFault:
            raise
        except UserError as error:
            return self._item(request, board, item, where, form, trouble=f"Not saved: {error}.", status=400)
        self._render(added)
        mine = [c for c in added.conflicts if c.wanted.key == wish.key]
        board = self._desk.watched.board()
        if mine:
            return self._item(request, board, item, where, form, conflict=mine[0], status=409)
        return RedirectResponse(_onward(board, item, where, self._desk.author, added), 303)

    def _others(self, board: Board, item: Item, fields: Fields, wish: Decision) -> list[tuple[Decision, int]]:
        """The same decision for those that the form listed, if they are still what was listed."""
        alike = {o.name: o for o in board.alike(item)}
        entries = []
        for token in fields.get("also", ()):
            version, digest, name = [*token.split(" ", 2), "", ""][:3]
            other = alike.get(name)
            if other is not None and other.digest == digest:
                same = replace(wish, assignment=other.assignment, student=other.student, item=other.id)
                entries.append((replace(same, digest=digest, problem=other.problem), _number(version)))
        return entries

    def _undo(self, request: Request, fields: Fields) -> Response:
        board, where = self._desk.watched.board(), _where(fields)
        item = board.graded.by_name.get(_one(fields, "i"))
        batch = _one(fields, "batch")
        entries = [d for d in board.held.values() if batch and d.batch == batch]
        if not batch and item is not None and item.name in board.held:
            standing = board.held[item.name]
            entries = [standing] if str(standing.id) == _one(fields, "version") else []
        added = undo(board, entries, **self._by())
        self._render(added)
        left = len(added.conflicts) + (not entries)
        more = {"undone": str(len(added.saved)), "left": str(left) if left else ""}
        if item is None:
            return RedirectResponse("/", 303)
        return RedirectResponse(where.item(item, **more), 303)

    def _by(self) -> dict[str, str]:
        return {"author": self._desk.author, "made": self._desk.now()}

    def _render(self, added: Added) -> None:
        if added.saved:
            self._desk.renderer.changed((d.assignment, d.student) for d in added.saved)

    def _item(
        self, request: Request, board: Board, item: Item, where: Where, form: Form | None = None, *,
        trouble: str = "", conflict: Conflict | None = None, status: int = 200,
    ) -> Response:  # fmt: skip
        page = item_page(board, item, where, self._desk.author, form)
        theirs = "" if conflict is None else _theirs(conflict, item)
        return self._page(
            "item.html.j2", request, board, where, status=status, page=page, trouble=trouble, theirs=theirs,
            verdict=verdict_words(item), rulings=RULINGS, all_chosen=False,
        )  # fmt: skip

    def _page(
        self, name: str, request: Request, board: Board, where: Where, *, status: int = 200, **more: object
    ) -> Response:
        query = _query(request)
        text = self._templates.get_template(name).render(
            where=where,
            filters=filters(board, where, self._desk.author),
            author=one_line(self._desk.author, 80),
            csrf=request.scope["csrf"],
            flash=_flash(board, query),
            rendering=one_line(self._desk.renderer.trouble, 400),
            **more,
        )
        return HTMLResponse(text, status)


def _theirs(conflict: Conflict, item: Item) -> str:
    there = conflict.there
    text = "withdrew the decision" if there.undoes else f"decided {said(there, item)}"
    because = f": {there.comment}" if there.comment else ""
    return one_line(f"{there.author} {text}{because} ({there.made[:16].replace('T', ' ')} UTC)", 1200)


def _onward(board: Board, item: Item, where: Where, author: str, added: Added) -> str:
    """The next item in the queue, from the top again after the last; the overview when all is done."""
    queue = [i for i in board.queue(where.show, author, where.of) if i.name != item.name]
    order = {i.name: n for n, i in enumerate(board.graded.items)}
    following = next((i for i in queue if order[i.name] > order[item.name]), queue[0] if queue else None)
    more = {"saved": added.saved[0].batch if added.saved else "", "from": item.name}
    if added.conflicts:
        more["left"] = str(len(added.conflicts))
    if following is None:
        return f"/?{urlencode({k: v for k, v in more.items() if v})}"
    return where.item(following, **more)


def _flash(board: Board, query: Fields) -> dict[str, str] | None:
    """What the last form did."""
    left = _number(_one(query, "left"))
    kept = f" {left} not: somebody else decided there meanwhile." if left else ""
    if _one(query, "undone"):
        return {"text": f"Withdrawn: {_number(_one(query, 'undone'))}.{kept}", "batch": "", "item": ""}
    batch = _one(query, "saved")
    entries = [d for d in board.held.values() if batch and d.batch == batch]
    if not entries:
        return {"text": kept, "batch": "", "item": ""} if left else None
    first = next((d for d in entries if "/".join(d.key) == _one(query, "from")), entries[0])
    item = board.graded.by_name["/".join(first.key)]
    others = f", and {len(entries) - 1} more" if len(entries) > 1 else ""
    text = f"Saved: {one_line(item.student, 80)}, {item.problem}: {said(first, item)}{others}.{kept}"
    return {"text": text, "batch": batch, "item": item.name}


def _done(board: Board) -> bool:
    return not any(map(board.is_open, board.graded.items))


def _query(request: Request) -> Fields:
    try:
        return parse_qs(request.url.query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise HTTPException(400, "that is no address of this page") from None


def _one(fields: Fields, name: str) -> str:
    return (fields.get(name) or [""])[0]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _where(fields: Fields) -> Where:
    return Where(_one(fields, "show") or "open", _one(fields, "a"), _one(fields, "p"))


async def _fields(request: Request) -> Fields:
    """The form, if it is one of ours."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, "this is no form of this page")
    try:
        body = (await request.body()).decode("ascii")
        fields = parse_qs(body, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ClientDisconnect:
        raise HTTPException(413, "the form is too large") from None
    except ValueError:
        raise HTTPException(400, "this is no form of this page") from None
    if not secrets.compare_digest(_one(fields, "csrf").encode(), request.scope["csrf"].encode()):
        raise HTTPException(403, "refused: the form is not from this page; open it again")
    return fields


def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(f"{error.detail}\n", error.status_code)


def _complaint(_: Request, error: Exception) -> Response:
    status = 500 if isinstance(error, StoreFault) else 400
    return PlainTextResponse(f"{one_line(str(error), 1000)}\n", status)


def _failure(_: Request, error: Exception) -> Response:
    sys.stderr.write(f"grader: review: {type(error).__name__}: {one_line(str(error), 400)}\n")
    return PlainTextResponse("the page failed; nothing that was saved is lost\n", 500)
