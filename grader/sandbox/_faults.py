"""What an exception of submitted code looks like from outside; runs in the worker."""

from __future__ import annotations

import errno
import linecache
import re
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Final

from grader.sandbox._denials import denial
from grader.sandbox._encode import Encoder, type_name

_MEMORY_WORDS: Final = (
    "can't allocate memory",
    "not enough memory",
    "std::bad_alloc",
    "Cannot allocate memory",
)
_MAX_CHAIN: Final = 20
_MAX_FRAMES: Final = 20
_MAX_TEXT: Final = 4000


def put_exception(encoder: Encoder, error: BaseException, files: Mapping[str, str], place: str) -> None:
    """Append type, message, kind of denial, whether memory ran out, and the frames in submitted files (`files`: path -> name as handed in).

    The path of the working folder, `place`, differs from run to run and is left out of the message.
    """
    frames = _frames(error, files)
    message = re.sub(rf"(?<![\w/.]){re.escape(place.rstrip('/'))}/", "", _message(error))
    encoder.message(type_name(error), message, denial(_chain(error), place), _memory(error), len(frames))
    for file, line, function, source in frames:
        encoder.message(_text(file), line, _text(function), _text(source))


def _text(text: str) -> str:
    return text[:_MAX_TEXT].encode("utf-8", "replace").decode("utf-8")


def _message(error: BaseException) -> str:
    try:
        if isinstance(error, KeyError) and error.args:
            return _text(repr(error.args[0]))
        if isinstance(error, SyntaxError) and type(error.msg) is str:
            return _text(error.msg)
        return _text(str(error))
    except Exception:  # noqa: BLE001 - the message of a submitted exception class is submitted code
        return ""


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and len(chain) < _MAX_CHAIN:
        chain.append(following)
        following = following.__cause__ or following.__context__
    return chain


def _memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return isinstance(error, RuntimeError) and any(words in _message(error) for words in _MEMORY_WORDS)


def _frames(error: BaseException, files: Mapping[str, str]) -> list[tuple[str, int, str, str]]:
    found: list[tuple[str, int, str, str]] = []
    if isinstance(error, SyntaxError) and (error.filename or "") in files and error.lineno:
        found.append((files[error.filename or ""], error.lineno, "<module>", (error.text or "").strip()))
        return found
    following: TracebackType | None = error.__traceback__
    while following is not None:
        name = following.tb_frame.f_code.co_filename
        if name in files:
            line = following.tb_lineno or 0
            source = linecache.getline(name, line).strip()
            found.append((files[name], line, following.tb_frame.f_code.co_name, source))
            if len(found) > 2 * _MAX_FRAMES:
                del found[_MAX_FRAMES // 2]
        following = following.tb_next
    if len(found) > _MAX_FRAMES:
        found = found[: _MAX_FRAMES // 2] + found[-_MAX_FRAMES // 2 :]
    return found


def forget_frames(error: BaseException) -> None:
    """Release what the frames of an exception hold, such as the arrays that filled the memory."""
    for part in _chain(error):
        traceback.clear_frames(part.__traceback__)
