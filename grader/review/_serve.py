"""`grader review` as a server: on this machine only, until it is interrupted."""

from __future__ import annotations

import contextlib
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from grader.records import UserError
from grader.review._app import Desk, Site
from grader.review._board import Watched
from grader.review._gate import Gate
from grader.review._rendering import Renderer
from grader.review._saving import now

HOST = "127.0.0.1"


def serve(store: Path, *, author: str, port: int = 0, ready: Callable[[str], None]) -> None:
    """Serve the review pages of a store until an interrupt; then all report pages are up to date.

    `ready` is told the address, which holds the token, once requests are answered. port 0: any that is free.
    Raises UserError where the port is taken, StoreFault where the store cannot be used.
    """
    watched = Watched(store)
    watched.board()
    with _bound(port) as listening, Renderer(watched) as renderer:
        number, token = listening.getsockname()[1], secrets.token_urlsafe(32)
        site = Site(Desk(watched, renderer, author, now)).app()
        config = uvicorn.Config(
            Gate(site, token=token, port=number),
            log_config=None,  # the token would stand in a log
            access_log=False,
            log_level="critical",
            proxy_headers=False,  # nobody may say for a client where it is
            server_header=False,
            lifespan="off",
            ws="none",
            limit_concurrency=50,
            timeout_graceful_shutdown=3,
        )
        server = _Announcing(config, lambda: ready(f"http://{HOST}:{number}/?token={token}"))
        with _ended_gently(), contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listening])


class _Announcing(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


@contextlib.contextmanager
def _ended_gently() -> Iterator[None]:
    """A request to terminate is an interrupt here: pages that are due are still written."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _bound(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise UserError(
            f"port {port} cannot be used ({error.strerror}); choose another --port, or none"
        ) from error
    return listening
