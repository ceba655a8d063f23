"""Coverage-guided fuzzing of what reads a worker's bytes: frames, values, answers, formula trees, and their judgement.

    pip install atheris            (Linux; not a dependency of the grader)
    python benchmarks/fuzz_wire.py -max_total_time=300 [CORPUS_FOLDER]

Any exception but the readers' own, any hang (-timeout) and any growth (-rss_limit_mb) is a find; libFuzzer's options
pass through. Ends with the number of inputs tried.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import tempfile
from typing import Any

import atheris

with atheris.instrument_imports(include=["grader.sandbox", "grader.judge._canonical"]):
    from grader import judge
    from grader.sandbox import TreeError, check_tree, free_names
    from grader.sandbox._decode import Decoder
    from grader.sandbox._replies import read_loaded, read_outcome
    from grader.sandbox._wire import FrameReader, WireError, pack_tokens

_WORDS = [
    *"sbicqDltfdagxmh",
    "b1",
    "i8",
    "f8",
    "c16",
    "returned",
    "raised",
    "loaded",
    "Pow",
    "Integer",
    "Symbol",
    "Float",
]


def _frame(head: bytes, blob: bytes) -> bytes:
    start = struct.pack("<II", len(head), len(blob)) + head
    return start + (bytes(-len(start) % 16) + blob if blob else b"")


def _tokens(data: atheris.FuzzedDataProvider) -> list[Any]:
    """Scalars of the kinds that the wire knows, so that the fuzzer need not find out what msgpack is."""
    tokens: list[Any] = []
    for _ in range(data.ConsumeIntInRange(0, 40)):
        kind = data.ConsumeIntInRange(0, 6)
        if kind <= 2:
            tokens.append(_WORDS[data.ConsumeIntInRange(0, len(_WORDS) - 1)])
        elif kind == 3:
            tokens.append(data.ConsumeIntInRange(-3, 6))
        elif kind == 4:
            tokens.append(data.ConsumeInt(8))
        elif kind == 5:
            tokens.append(data.ConsumeFloat())
        else:
            tokens.append(
                [None, True, False, data.ConsumeUnicodeNoSurrogates(5), data.ConsumeBytes(9)][kind % 5]
            )
    return tokens


def _read(data: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(data[: 1 << 16])
        ours.shutdown(socket.SHUT_WR)
        reader, frame = FrameReader(), None
        with contextlib.suppress(WireError):
            reader.fill(theirs)
            frame = reader.next()
    if frame is None:
        return
    for read in (_values, _answer):
        try:
            read(Decoder(frame))
        except WireError:
            continue


def _values(reply: Decoder) -> None:
    value = reply.value()
    for read in (judge.as_array, judge.as_scalar, judge.as_boolean_array, judge.as_label):
        try:
            read(value)
        except judge.Mismatch:
            continue
    try:
        check_tree(value)
        free_names(value)
    except TreeError:
        return


def _answer(reply: Decoder) -> None:
    kind, _ = reply.take(str), reply.take(int)
    (read_loaded if kind == "loaded" else read_outcome)(kind, reply)


def one_input(raw: bytes) -> None:
    """Read the same bytes as a stream, as the inside of a frame, and as a recipe for scalars."""
    _read(raw)
    half = len(raw) // 2
    _read(_frame(raw[:half], raw[half:]))
    data = atheris.FuzzedDataProvider(raw)
    tokens = _tokens(data)
    _read(_frame(pack_tokens(tokens), data.ConsumeBytes(64)))


if __name__ == "__main__":
    options = [
        "-timeout=20",
        "-rss_limit_mb=2048",
        "-max_len=4096",
        f"-artifact_prefix={tempfile.gettempdir()}/",
    ]
    atheris.Setup([sys.argv[0], *options, *sys.argv[1:]], one_input)
    atheris.Fuzz()
