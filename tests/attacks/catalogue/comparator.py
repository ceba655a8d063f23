"""B. Subverting the comparison: patched functions, lying types, answers that compare to anything."""

from __future__ import annotations

from tests.attacks.model import Attack, source, verdicts

GROUP = "B comparator subversion"

ATTACKS = (
    Attack(
        "b13_patched_allclose", 13, GROUP, "make NumPy and torch call everything close",
        source("square", "return 2 * x", top="""
            import math, numpy as np, torch
            yes = lambda *args, **kwargs: True
            for module in (np, np.testing, torch, torch.testing):
                for name in ("allclose", "isclose", "array_equal", "equal", "assert_allclose", "assert_close"):
                    if hasattr(module, name):
                        setattr(module, name, yes)
            math.isclose = yes
        """),
        verdicts("failed"),
    ),
    Attack(
        "b14_patched_builtins", 14, GROUP, "patch builtins and the assertions of unittest and pytest",
        source("square", "return 2 * x", top="""
            import unittest
            builtins.abs = lambda value: 0
            builtins.AssertionError = type("Quiet", (BaseException,), {})
            for name in dir(unittest.TestCase):
                if name.startswith("assert"):
                    setattr(unittest.TestCase, name, lambda *args, **kwargs: None)
        """),
        verdicts("failed crashed error"),
    ),
    Attack(
        "b15_swapped_code", 15, GROUP, "swap the code of checks and of comparisons wherever they lie in memory",
        source("square", """
            names = ("check_square", "check_example", "agree", "holds", "compare", "examine", "_agree", "as_array")
            for found in gc.get_objects():
                if type(found).__name__ == "function" and found.__name__ in names:
                    found.__code__ = (lambda *args, **kwargs: None).__code__
            return 2 * x
        """),
        verdicts("failed crashed error"),
    ),
    Attack(
        "b16_array_function", 16, GROUP, "an array whose class answers every comparison with true",
        source("double_all", "return np.zeros(len(v)).view(Liar)", top="""
            import numpy as np
            class Liar(np.ndarray):
                def __array_function__(self, *args, **kwargs): return np.True_
                def __array_ufunc__(self, *args, **kwargs): return np.True_
                def __eq__(self, other): return np.True_
                def tobytes(self, *args): return np.array([2.0, 4.0, 6.0]).tobytes()
                def __array__(self, *args, **kwargs): return np.array([2.0, 4.0, 6.0])
        """),
        verdicts("failed"), "numbers::double", "double_all",
    ),
    Attack(
        "b17_torch_function", 17, GROUP, "a tensor whose class answers every operation with true",
        source("double_all", "return torch.zeros(len(v)).as_subclass(Liar)", top="""
            import torch
            class Liar(torch.Tensor):
                @classmethod
                def __torch_function__(cls, func, types, args=(), kwargs=None): return torch.tensor(True)
                def numpy(self, *args, **kwargs): return [2.0, 4.0, 6.0]
        """),
        verdicts("failed"), "numbers::double", "double_all",
    ),
    Attack(
        "b18_lying_float", 18, GROUP, "a float that equals everything and differs from nothing by nothing",
        source("square", "return Liar(2 * x)", top="""
            class Liar(float):
                __eq__ = __ge__ = __le__ = lambda self, other: True
                __ne__ = __lt__ = __gt__ = lambda self, other: False
                __sub__ = __rsub__ = __abs__ = lambda self, *other: 0.0
                __float__ = __array__ = __getnewargs__ = lambda self, *other: self.true
                __hash__ = float.__hash__
                true = 9.0
        """),
        verdicts("failed"),
    ),
    Attack(
        "b18_lying_class", 18, GROUP, "an object that lies about its class and its conversions",
        source("square", "return Liar()", top="""
            class Meta(type):
                __instancecheck__ = __subclasscheck__ = lambda cls, other: True
            class Liar(metaclass=Meta):
                __class__ = property(lambda self: float)
                __float__ = __index__ = __array__ = lambda self, *args: 9.0
                __eq__ = lambda self, other: True
        """),
        verdicts("failed error crashed"),
    ),
    Attack(
        "b19_lying_formula", 19, GROUP, "a formula whose class claims to equal every other",
        source("slope", "return Liar('x')", top="""
            import sympy
            class Liar(sympy.Symbol):
                __eq__ = lambda self, other: True
                __hash__ = sympy.Symbol.__hash__
                equals = lambda self, other, **kwargs: True
                is_zero = True
                def _eval_simplify(self, **kwargs): return sympy.Integer(0)
                __sub__ = __rsub__ = lambda self, other: sympy.Integer(0)
        """),
        verdicts("failed review"), "formula::slope", "slope",
    ),
    Attack(
        "b20_not_a_number", 20, GROUP, "answer NaN, which some comparisons let pass",
        source("square", "return float('nan')"), verdicts("failed"),
    ),
    Attack(
        "b20_infinite", 20, GROUP, "answer an infinity within any relative tolerance",
        source("double_all", "return v * float('inf')"), verdicts("failed"), "numbers::double", "double_all",
    ),
    Attack(
        "b21_empty", 21, GROUP, "answer an empty array that differs nowhere",
        source("double_all", "return v[:0]"), verdicts("failed"), "numbers::double", "double_all",
    ),
    Attack(
        "b21_broadcast", 21, GROUP, "answer rows of every candidate, to be broadcast against the right one",
        source("double_all", "return [[2 * v, 3 * v], [v, 0 * v]]"), verdicts("failed"), "numbers::double", "double_all",
    ),
    Attack(
        "b22_object_dtype", 22, GROUP, "answer an array of objects that compare as they like",
        source("double_all", "return np.array([Any() for _ in v], dtype=object)", top="""
            import numpy as np
            class Any:
                __eq__ = lambda self, other: True
                __sub__ = __rsub__ = lambda self, other: 0.0
                __float__ = lambda self: 0.0
        """),
        verdicts("failed"), "numbers::double", "double_all",
    ),
    Attack(
        "b22_complex_dtype", 22, GROUP, "answer complex numbers whose real part is right",
        source("double_all", "return 2 * v + 5j"), verdicts("failed"), "numbers::double", "double_all",
    ),
    Attack(
        "b23_change_after_answer", 23, GROUP, "answer a buffer and correct it once the answer is known",
        source("double_all", """
            answer = 0 * v
            def later():
                for _ in range(200):
                    answer[:] = 2 * v
                    time.sleep(0.001)
            kept.append(answer)
            threading.Timer(0.002, later).start()
            return answer
        """, top="kept = []"),
        verdicts("failed"), "numbers::double", "double_all",
    ),
    Attack(
        "b24_shared_memory", 24, GROUP, "cut off memory that is shared with the grader",
        source("double_all", """
            for fd in range(3, 64):
                try:
                    os.ftruncate(fd, 0)
                except OSError:
                    pass
            for line in open("/proc/self/maps") if os.path.exists("/proc/self/maps") else ():
                if "memfd" in line or "/dev/shm" in line:
                    return 2 * v
            return 3 * v
        """),
        verdicts("failed"), "numbers::double", "double_all",
    ),
)
