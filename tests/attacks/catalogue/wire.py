"""Our own: the wire of this grader, and the worker that speaks it, both in the attacker's hands."""

from __future__ import annotations

from grader.sandbox import Level
from tests.attacks.model import Attack, source, verdicts

GROUP = "G wire and worker"

TOOLS = """
    import msgpack
    def frame(*tokens, blob=b""):
        head = b"".join(msgpack.packb(token) for token in tokens)
        data = struct.pack("<II", len(head), len(blob)) + head
        return data + (bytes(-len(data) % 16) + blob if blob else b"")
    def worker():
        return next(found for found in gc.get_objects() if type(found).__name__ == "Worker")
    def say(data):
        worker()._stream.sendall(data)
    def number():
        return worker()._current
"""


def _attack(
    name: str, row: int, title: str, body: str, ends: str, *, top: str = "", since: Level | None = Level.L2
) -> Attack:
    files = source("square", body, top=TOOLS + top)
    return Attack(name, row, GROUP, title, files, verdicts(ends), stopped_from=since)


_AT_IMPORT = """
    caller = sys._getframe()
    while type(caller.f_locals.get("number")) is not int:
        caller = caller.f_back
    request = caller.f_locals["number"]
"""

ATTACKS = (
    _attack("g111_forged_answer", 111, "answer by a frame of its own, then end", """
        say(frame("returned", number(), 0.0, 2 * x, 0, 0))
        os._exit(0)
    """, "failed crashed"),
    _attack("g112_answers_in_advance", 112, "answer requests that have not come yet", """
        for later in range(1000):
            say(frame("returned", number() + later, 0.0, x * x, 0, 0))
        return 2 * x
    """, "crashed failed"),
    _attack("g113_verdict_as_kind", 113, "answer with kinds of message that do not exist", """
        say(frame("passed", number()))
        time.sleep(1000)
    """, "crashed"),
    _attack("g114_callback_never_passed", 114, "call functions that the check never passed", """
        say(frame("callback", number(), 0, "t", 0, "d", 0))
        time.sleep(1000)
    """, "crashed"),
    _attack("g115_negative_places", 115, "claim notes and changes that cannot be", """
        say(frame("returned", number(), 0.0, x * x, 1, -1, 0))
        time.sleep(1000)
    """, "crashed"),
    _attack("g116_invented_notes", 116, "send remarks of its own with a wrong answer", """
        say(frame("returned", number(), 0.0, 2 * x, 0, 1, "full marks"))
        time.sleep(1000)
    """, "crashed"),
    _attack("g117_arrays_without_bytes", 117, "announce arrays of exabytes", """
        say(frame("returned", number(), 0.0, "a", "f8", 2, 1 << 39, 1 << 39, 0, 0))
        time.sleep(1000)
    """, "crashed"),
    _attack("g118_colliding_keys", 118, "answer a dictionary whose keys all collide", """
        alike = [((1 << 61) - 1) * (n + 1) for n in range(4900)]  # all hash to 0
        keys = [token for key in alike for token in ("i", key.to_bytes(16, "little", signed=True), 0.0)]
        say(frame("returned", number(), 0.0, "d", 4900, *keys, 0, 0))
        time.sleep(1000)
    """, "failed crashed timeout"),
    _attack("g119_many_answers", 119, "answer a list of four hundred thousand numbers", "return [1.0] * 400_000", "failed"),
    _attack("g120_huge_reply", 120, "answer 240 MB", "import numpy as np\nreturn np.ones(30_000_000)", "failed memory"),
    _attack("g121_patched_msgpack", 121, "patch the packer of messages in its own process", "return 2 * x", "failed crashed", top="""
    import msgpack, grader.sandbox._wire as wire
    wire.msgpack.packb = msgpack.packb = lambda *args, **kwargs: b"\\xc3"
"""),
    _attack("g122_patched_exporter", 122, "patch what turns answers into messages", "patch()\nreturn 2 * x", "failed crashed", top="""
    import grader.sandbox._export as export, grader.sandbox._encode as encode
    def patch():
        for kind in (export.Exporter, encode.Encoder):
            kind.put = lambda self, value: self.tokens.append(True)
"""),
    _attack("g123_patched_worker", 123, "send verdicts in place of every reply", "return 2 * x", "crashed", top="""
    import grader.sandbox._worker as module
    module.send = lambda stream, parts: stream.sendall(frame({"verdict": "passed", "score": 3.0}))
"""),
    _attack("g124_emptied_worker", 124, "empty every module of the sandbox in its own process", "return x * x", "crashed timeout", top="""
    for name, module in list(sys.modules.items()):
        if name.startswith("grader"):
            for attribute in list(vars(module)):
                if not attribute.startswith("__"):
                    vars(module)[attribute] = None
"""),
    _attack("g125_names_without_end", 125, "claim to define three hundred thousand functions", "return 2 * x", "crashed", top=_AT_IMPORT + """
    rows = [token for n in range(300_000) for token in ("t", 2, "s", f"square{n:0280d}"[:60], "s", "solution")]
    say(frame("loaded", request, "l", 300_000, *rows, "l", 0, "l", 0, "l", 0, False, False))
    time.sleep(100)
"""),
    _attack("g126_notes_without_end", 126, "claim a hundred thousand double definitions", "return 2 * x", "crashed", top=_AT_IMPORT + """
    rows = [token for n in range(100_000) for token in ("t", 3, "s", f"<b>{n}", "s", "one", "s", "two")]
    say(frame("loaded", request, "l", 1, "t", 2, "s", "square", "s", "solution", "l", 0, "l", 100_000, *rows, "l", 0, False, False))
    time.sleep(100)
"""),
    _attack("g126_rows_of_other_width", 126, "send a table of definitions with rows of the wrong width", "return 2 * x", "crashed", top=_AT_IMPORT + """
    say(frame("loaded", request, "l", 1, "t", 2, "s", "square", "s", "solution", "l", 0, "l", 1, "t", 2, "s", "a", "s", "b", "l", 0, False, False))
    time.sleep(100)
"""),
    _attack("g127_steal_requests", 127, "read the grader's requests in a thread and answer at random", "return 2 * x", "failed crashed timeout", top="""
    def steal():
        wire = worker()._stream
        while True:
            try:
                wire.recv(16)
            except OSError:
                pass
            time.sleep(0.001)
    threading.Thread(target=steal, daemon=True).start()
"""),
    _attack("g128_shut_the_wire", 128, "close one direction of the wire and go on", """
        worker()._stream.shutdown(socket.SHUT_WR)
        time.sleep(1000)
    """, "crashed timeout"),
    _attack("g129_answer_of_handles", 129, "answer a handle to an object that does not exist", """
        say(frame("returned", number(), 0.0, "h", 99, "float", 0, 0))
        time.sleep(1000)
    """, "failed crashed timeout"),
    _attack("g130_trace_the_worker", 130, "trace and profile the worker to change its variables", "return 2 * x", "failed crashed error timeout", top="""
    def tracer(frame, event, arg):
        if "value" in frame.f_locals and frame.f_code.co_name in ("_call_one", "_returned"):
            frame.f_locals["value"] = 0.0
        return tracer
    sys.settrace(tracer)
    sys.setprofile(tracer)
    threading.settrace(tracer)
"""),
    _attack("g131_hooks", 131, "install hooks for audits, imports, exceptions and garbage", "return 2 * x", "failed crashed error", top="""
    def refuse(*args):
        raise SystemExit(0)
    sys.excepthook = sys.unraisablehook = threading.excepthook = refuse
    sys.meta_path.insert(0, type("Finder", (), {"find_spec": staticmethod(refuse)})())
    gc.callbacks.append(lambda *args: None)
    sys.addaudithook(lambda event, args: refuse() if event == "os._exit" else None)
"""),
)
