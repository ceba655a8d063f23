"""The door of the local page: who may ask for anything at all.

Only this machine, only under a loopback name (a name that an attacker points at 127.0.0.1 is refused), only with the
token that was printed, which becomes a cookie, and for changes only from a form of ours. A refusal is one line.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 256 * 1024
"""Bytes of a form; a class of 500 with equal texts fits."""
MAX_URL = 8192
_SESSIONS = 100
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_HEADERS = (
    ("content-security-policy", "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self';"
     " base-uri 'none'; frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    # Not "no-referrer": with that browsers send "Origin: null" with our own forms.
    ("referrer-policy", "same-origin"),
    ("cache-control", "no-store"),
)  # fmt: skip


class Gate:
    """Wraps the application. The session's CSRF token is in the scope as `csrf`."""

    def __init__(self, app: ASGIApp, *, token: str, port: int) -> None:
        self._app, self._token, self._port = app, token, port
        self._cookie = f"grader_review_{port}"  # browsers share cookies among the ports of a machine
        self._sessions: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. Raises nothing that the application does not raise."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        answer = self._answer(scope) if scope["type"] == "http" else PlainTextResponse("refused\n", 403)
        if answer is not None:
            await answer(scope, receive, _hardened(send))
            return
        await self._app(scope, _limited(receive), _hardened(send))

    def _answer(self, scope: Scope) -> Response | None:
        """What the gate says itself; None where the request may pass."""
        headers = Headers(scope=scope)
        client = scope.get("client")
        if client is not None and client[0] not in _LOOPBACK:
            return _refused("this page is for this machine only")
        if headers.get("host", "").lower() not in self._hosts():
            return _refused("this is not the address of this page")
        if len(scope["path"]) + len(scope["query_string"]) > MAX_URL:
            return PlainTextResponse("the address is too long\n", 414)
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return PlainTextResponse("there is no such method here\n", 405)
        origin = headers.get("origin", "" if scope["method"] == "POST" else None)
        if origin is not None and origin.lower() not in self._origins():
            return _refused("the request came from another page")
        if scope["method"] == "POST" and _length(headers) > MAX_BODY:
            return PlainTextResponse("the form is too large\n", 413)
        offered = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        if offered:
            return self._enter(offered[0], scope)
        csrf = self._sessions.get(_cookie_of(headers, self._cookie))
        if csrf is None:
            return _refused("open the address that `grader review` printed: it holds the token")
        scope["csrf"] = csrf
        return None

    def _enter(self, offered: str, scope: Scope) -> Response:
        """A session for who has the token, and an address without it."""
        if scope["method"] != "GET" or not secrets.compare_digest(offered.encode(), self._token.encode()):
            return _refused("this token is not the one that `grader review` printed")
        session = secrets.token_urlsafe(32)
        self._sessions[session] = secrets.token_urlsafe(32)
        while len(self._sessions) > _SESSIONS:
            self._sessions.popitem(last=False)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self._cookie, session, httponly=True, samesite="strict", path="/")
        return answer

    def _hosts(self) -> set[str]:
        return {f"{name}:{self._port}" for name in ("127.0.0.1", "localhost", "[::1]")}

    def _origins(self) -> set[str]:
        return {f"http://{host}" for host in self._hosts()}


def _refused(why: str) -> Response:
    return PlainTextResponse(f"refused: {why}\n", 403)


def _length(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else MAX_BODY + 1


def _cookie_of(headers: Headers, name: str) -> str:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(headers.get("cookie", ""))
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""


def _limited(receive: Receive) -> Receive:
    """A body whose length was not told may not be longer either: then the client is as good as gone."""
    left = MAX_BODY

    async def part() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        return message if left >= 0 else {"type": "http.disconnect"}

    return part


def _hardened(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS:
                headers[name] = value
        await send(message)

    return with_headers
