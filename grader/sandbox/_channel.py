"""One worker's wire and output, waited on together: no wait is without a deadline, no flood blocks anybody."""

from __future__ import annotations

import select
import socket
import time
from typing import Final

from grader.sandbox._clock import Deadline
from grader.sandbox._output import Output
from grader.sandbox._wire import Frame, FrameReader

_PAUSE_S: Final = 0.001
"""Answers that follow each other within less than this are read together: to be woken for each costs more than the call."""


class TimeUp(Exception):
    """The deadline passed."""


class Gone(Exception):
    """The other side closed the wire: the worker is dead, or about to be."""


class Channel:
    """Frames to and from one worker. Its output is drained during every wait."""

    def __init__(self, stream: socket.socket, output: Output) -> None:
        self._stream = stream
        self._output = output
        self._reader = FrameReader()
        self._listening = True
        stream.setblocking(False)
        self._reading = select.poll()
        self._writing = select.poll()
        for poll, events in ((self._reading, select.POLLIN), (self._writing, select.POLLOUT)):
            poll.register(stream, events)
            poll.register(output.descriptor, select.POLLIN)

    def send(self, parts: list[memoryview], deadline: Deadline) -> None:
        """Write one frame. Raises TimeUp or Gone."""
        for part in parts:
            at = 0
            while at < len(part):
                try:
                    at += self._stream.send(part[at:])
                except BlockingIOError:
                    self._wait(self._writing, deadline)
                except OSError as error:
                    raise Gone from error

    def receive(self, deadline: Deadline, *, more: bool = False) -> Frame:
        """Read one frame; `more`: others follow it. Raises TimeUp, Gone or WireError."""
        while True:
            frame = self._reader.next()
            if frame is not None:
                return frame
            try:
                if not self._reader.fill(self._stream):
                    raise Gone
            except BlockingIOError:
                if more:
                    time.sleep(_PAUSE_S)
                    more = False
                else:
                    self._wait(self._reading, deadline)
            except OSError as error:
                raise Gone from error

    def unexpected(self) -> bool:
        """Whether something arrived that nobody asked for."""
        if self._reader.pending:
            return True
        try:
            return self._reader.fill(self._stream)
        except OSError:
            return False

    def _wait(self, poll: select.poll, deadline: Deadline) -> None:
        """Wait until the wire is ready, draining the output. Raises TimeUp."""
        while True:
            wait_ms = deadline.wait_ms()
            if wait_ms == 0:
                raise TimeUp
            ready = dict(poll.poll(wait_ms))
            if self._output.descriptor in ready and not self._output.drain() and self._listening:
                self._listening = False
                self._reading.unregister(self._output.descriptor)
                self._writing.unregister(self._output.descriptor)
            if self._stream.fileno() in ready:
                return

    def close(self) -> None:
        """Close the wire; what was printed until now is kept."""
        self._stream.close()
        self._output.drain()
        self._output.close()
