"""Our own: answers and exceptions whose classes lie, fail, loop, or say more than fits."""

from __future__ import annotations

from tests.attacks.model import Attack, source, verdicts

GROUP = "L hostile objects"


def _number(name: str, row: int, title: str, body: str, ends: str = "failed", *, top: str = "") -> Attack:
    return Attack(name, row, GROUP, title, source("square", body, top=top), verdicts(ends))


def _array(name: str, row: int, title: str, body: str, ends: str = "failed", *, top: str = "") -> Attack:
    files = source("double_all", "import numpy as np\n" + body, top=top)
    return Attack(name, row, GROUP, title, files, verdicts(ends), "numbers::double", "double_all")


ATTACKS = (
    _array("l176_array_interface", 176, "an object that names an address where its numbers are said to lie", """
return Pointer(len(v))
""", "failed crashed error", top="""
    class Pointer:
        def __init__(self, size):
            self.__array_interface__ = {"version": 3, "typestr": "<f8", "shape": (size,), "data": (4096, False)}
"""),
    _array("l177_buffer", 177, "a buffer whose size and format are not its own", """
return memoryview(bytearray(np.zeros(len(v)))).cast("d")
""", "failed error"),
    _array("l178_lying_list", 178, "a list whose length and items change each time they are asked for", """
return Liar([0.0] * len(v))
""", top="""
    class Liar(list):
        asked = 0
        def __len__(self):
            Liar.asked += 1
            return 3 + Liar.asked % 2
        def __iter__(self):
            return iter([2.0, 4.0, 6.0])
        def __getitem__(self, place):
            return 2.0 * (place + 1)
"""),
    _array("l179_reduce", 179, "an array that is another one after every copy", """
return np.zeros(len(v)).view(Copied)
""", top="""
    import numpy as np
    class Copied(np.ndarray):
        def __reduce_ex__(self, protocol): return (np.array, ([2.0, 4.0, 6.0],))
        __reduce__ = lambda self: self.__reduce_ex__(2)
        __copy__ = copy = lambda self, *args: np.array([2.0, 4.0, 6.0])
        __deepcopy__ = astype = lambda self, *args, **kwargs: np.array([2.0, 4.0, 6.0])
        tolist = lambda self: [2.0, 4.0, 6.0]
        __array_finalize__ = lambda self, other: None
"""),
    _number("l180_endless_attributes", 180, "an object that looks for each attribute by looking for it", "return Endless()", top="""
    class Endless:
        def __getattribute__(self, name):
            return getattr(self, name)
"""),
    _number("l181_endless_generator", 181, "a generator without an end", "return iter(int, 1)"),
    _number("l182_broken_repr", 182, "an object that fails, loops and exits when it is shown", "return Shy()", "failed timeout", top="""
    class Shy:
        def __str__(self): raise SystemExit(0)
        def __repr__(self):
            while True:
                pass
        __format__ = __bool__ = __hash__ = __eq__ = __len__ = __repr__
"""),
    _number("l183_message_that_loops", 183, "an exception whose text is never done", "raise Slow()", "timeout error", top="""
    class Slow(Exception):
        def __str__(self):
            while True:
                pass
        __repr__ = __str__
"""),
    _number("l183_message_that_fails", 183, "an exception whose text raises exceptions of its own", "raise Broken()", "error", top="""
    class Broken(Exception):
        def __str__(self): raise Broken()
        def __repr__(self): raise SystemExit(0)
        args = property(lambda self: 1 / 0)
"""),
    _number("l184_outside_of_exception", 184, "raise what `except Exception` lets pass", "raise End(0)", "error", top="""
    class End(BaseException):
        __slots__ = ()
        code = 0
"""),
    _number("l184_end_of_a_generator", 184, "raise what ends generators and coroutines", """
        raise (GeneratorExit, StopIteration, StopAsyncIteration)[int(abs(x)) % 3]
""", "error"),
    _number("l185_circles_of_causes", 185, "exceptions that cause each other, in groups of groups", """
        first, second = ValueError("first"), ValueError("second")
        first.__cause__ = first.__context__ = second
        second.__cause__ = second.__context__ = first
        group = ExceptionGroup("all", [first])
        for _ in range(5000):
            group = ExceptionGroup("all", [group])
        group.__cause__ = first
        first.__notes__ = [group]
        raise group
""", "error crashed memory"),
    _number("l186_lying_metaclass", 186, "an exception of a class without name, module or end", "raise Nameless('x')", "error crashed", top="""
    class Meta(type):
        __name__ = property(lambda cls: 1 / 0)
        __module__ = property(lambda cls: 1 / 0)
        __subclasscheck__ = __instancecheck__ = lambda cls, other: 1 / 0
    class Nameless(Exception, metaclass=Meta):
        __class__ = property(lambda self: 1 / 0)
"""),
    _array("l187_wide_view", 187, "a view of one number in the shape of 10**15", """
return np.broadcast_to(np.float64(2.0), (10**9, 10**6))
""", "failed memory error"),
    _array("l188_tensors_without_numbers", 188, "tensors that hold no numbers: meta, sparse, expanded to exabytes", """
import torch
if v[0] > 0.75:
    return torch.zeros(1).expand(10**9, 10**6)
return torch.zeros(len(v), device="meta") if v[0] > 0 else torch.zeros(len(v)).to_sparse()
""", "failed memory error"),
    _array("l189_records", 189, "arrays of records, dates, texts and very long numbers", """
kinds = ([("a", "f8"), ("b", "O")], "M8[s]", "S1000", "U9", np.longdouble, "V16")
return [np.zeros(len(v), dtype=kind) for kind in kinds]
""", "failed error"),
    _number("l190_numbers_of_many_digits", 190, "fractions, decimals and integers of millions of digits", """
        from decimal import Decimal
        from fractions import Fraction
        if x > 0:
            return Decimal("1e999999999999999999")
        return Fraction(1 << 5_000_000, 3) if x > -1 else 1 << 50_000_000
""", "failed error memory"),
    _number("l191_in_itself", 191, "a list, a dictionary and a tuple that hold themselves", """
        inner = {}
        circle = [inner, (inner,)]
        inner[1] = circle
        circle.append(circle)
        return circle
"""),
    _number("l192_while_it_is_written", 192, "a list that grows while it is written", """
        answer = [2.0 * x] * 50_000
        def grow():
            for _ in range(20_000):
                answer.append(9.0)
                answer.pop(0)
                answer.append(9.0)
        sys.setswitchinterval(1e-6)
        threading.Thread(target=grow, daemon=True).start()
        return answer
""", "failed crashed timeout"),
    _array("l193_masked", 193, "right numbers under a mask, wrong ones beside it", """
return np.ma.masked_array(3 * v, mask=[True] * len(v), fill_value=0) if v[0] < 0.75 else np.ma.masked_all(len(v))
"""),
    _array("l194_coarse_numbers", 194, "wrong numbers in a type so coarse that they might be right", """
return (2.01 * v).astype(np.float16)
"""),
    _array("l194_coarse_tensor", 194, "the same in a type with eight bits", "import torch\nreturn torch.tensor(2.03 * v).to(torch.bfloat16)"),
    _array("l195_mapped_file", 195, "an array of terabytes in a file that takes no space", """
return np.memmap("wide", dtype="f8", mode="w+", shape=(1 << 40,))
""", "error failed memory crashed"),
    _number("l196_every_builtin", 196, "replace every builtin function by one that agrees", "return 2 * x", "failed crashed error timeout", top="""
    for name in ("type", "len", "isinstance", "getattr", "hasattr", "iter", "tuple", "list", "dict", "str", "int", "float", "sorted"):
        setattr(builtins, name, lambda *args, **kwargs: True)
"""),
    _number("l197_limits_of_python", 197, "take the interpreter's own limits down to nothing", "return 2 * x", "failed crashed error timeout", top="""
    gc.set_threshold(1)
    sys.setswitchinterval(1e9)
    for limit in range(1, 500):
        try:
            sys.setrecursionlimit(limit)
            break
        except RecursionError:
            continue
"""),
    _number("l198_streams", 198, "leave streams that loop when they are flushed", """
        sys.stdout = sys.stderr = Stream()
        return 2 * x
""", "timeout", top="""
    class Stream:
        def write(self, text): return len(text)
        def flush(self):
            while True:
                pass
"""),
    _number("l199_print_to_the_wire", 199, "turn the wire into standard output, and print", """
        wire = next(fd for fd in range(3, 64) if works(lambda: os.fstat(fd)))
        os.dup2(wire, 1)
        os.dup2(wire, 2)
        print("PASSED", flush=True)
        return 2 * x
""", "crashed timeout"),
    _number("l200_questions", 200, "ask the operator, and start the debugger", """
        answers = []
        for ask in (input, breakpoint):
            try:
                answers.append(ask())
            except BaseException as error:
                answers.append(error)
        return x * x if isinstance(answers[0], str) else 2 * x
""", "failed error"),
)
