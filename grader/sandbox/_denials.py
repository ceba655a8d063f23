"""What kind of denial made submitted code fail: told by the libraries that its exception passed. Runs in the worker."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence
from types import TracebackType
from typing import Final

NEW_PROCESS: Final = "process"
NETWORK: Final = "network"
FILE: Final = "file"
OTHER: Final = "other"
DENIALS: Final = frozenset({"", NEW_PROCESS, NETWORK, FILE, OTHER})
"""The vocabulary; empty where nothing was denied."""

_ERRORS: Final = frozenset({errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EROFS})
_LIBRARIES: Final = (
    ("/multiprocessing/", NEW_PROCESS),
    ("/subprocess.py", NEW_PROCESS),
    ("/torch/_inductor/", NEW_PROCESS),
    ("/concurrent/futures/process.py", NEW_PROCESS),
    ("/socket.py", NETWORK),
    ("/torch/distributed/", NETWORK),
    ("/urllib/", NETWORK),
    ("/http/", NETWORK),
)


def denial(chain: Sequence[BaseException], place: str) -> str:
    """Why the sandbox said no, in a word of `DENIALS`; empty where it did not.

    chain: the exception and what it was raised from. place: the working folder, which is all that can be written.
    """
    if not chain or not isinstance(chain[0], OSError | ImportError | RuntimeError):
        return ""
    for error in reversed(chain):
        if isinstance(error, socket.gaierror):  # no name is resolved here
            return NETWORK
        if isinstance(error, FileNotFoundError):
            reason = _of_missing_file(error, place)
        elif isinstance(error, PermissionError) or (isinstance(error, OSError) and error.errno in _ERRORS):
            reason = _of_library(error) or (OTHER if _is_inside(error.filename, place) else FILE)
        elif type(error).__name__ == "DistNetworkError":  # of torch.distributed: no OSError, and no number
            reason = NETWORK
        else:
            reason = ""
        if reason:
            return reason
    return ""


def _of_missing_file(error: FileNotFoundError, place: str) -> str:
    """A root of its own lacks most of the machine: what is not there may well be there outside."""
    if _of_library(error) == NEW_PROCESS:  # semaphores and shared memory need /dev/shm
        return NEW_PROCESS
    return "" if _is_inside(error.filename, place) else FILE


def _is_inside(name: object, place: str) -> bool:
    """Whether a file of this name lies in the working folder; so does what has no name that one could look for."""
    if not isinstance(name, str | bytes):
        return True
    path = os.path.abspath(os.fsdecode(name))  # noqa: PTH100 - a hostile name must not raise here
    return (path + "/").startswith(place.rstrip("/") + "/")


def _of_library(error: BaseException) -> str:
    """The kind of the innermost library on the list that the exception passed."""
    found, following = "", error.__traceback__
    while isinstance(following, TracebackType):
        file = following.tb_frame.f_code.co_filename
        found = next((kind for part, kind in _LIBRARIES if part in file), found)
        if found == "" and following.tb_next is None:
            calls = following.tb_frame.f_code.co_names
            found = NEW_PROCESS if {"fork", "execv", "posix_spawn", "system", "popen"} & set(calls) else found
            found = NETWORK if not found and "socket" in calls else found
        following = following.tb_next
    return found
