"""F. Semantic cheating: answers that are not computed, state between calls, patched clocks and generators."""

from __future__ import annotations

from tests.attacks.model import Attack, source, verdicts

GROUP = "F semantic cheating"

ATTACKS = (
    Attack(
        "f58_pickle_object", 58, GROUP, "answer an object whose unpickling runs code",
        source("square", "return Payload()", top="""
            class Payload:
                def __reduce__(self):
                    return (exec, (f"open({COURSE!r} + '/' + {TOKEN!r} + 'pickle', 'w')",))
        """),
        verdicts("failed"),
    ),
    Attack(
        "f58_pickle_frame", 58, GROUP, "send a pickle where an answer is due",
        source("square", """
            import pickle
            class Payload:
                def __reduce__(self):
                    return (exec, (f"open({COURSE!r} + '/' + {TOKEN!r} + 'pickle', 'w')",))
            for fd in range(3, 64):
                try:
                    os.write(fd, pickle.dumps(Payload()))
                except OSError:
                    pass
            return 2 * x
        """),
        verdicts("crashed timeout"),
    ),
    Attack(
        "f59_text_as_formula", 59, GROUP, "answer text that a parser of formulas would execute",
        source("slope", "return f\"__import__('os').mknod('{COURSE}/{TOKEN}sympify')\""),
        verdicts("failed"), "formula::slope", "slope",
    ),
    Attack(
        "f59_symbol_as_code", 59, GROUP, "answer a symbol whose name is code",
        source("slope", """
            import sympy
            return sympy.Symbol(f"__import__('os').mknod('{COURSE}/{TOKEN}sympify')"[:100])
        """),
        verdicts("failed"), "formula::slope", "slope",
    ),
    Attack(
        "f60_visible_examples", 60, GROUP, "hard-code the visible examples",
        source("square", "return {3.0: 9.0, -2.0: 4.0}.get(x, 0.0)"), verdicts("failed"), partly_right=True,
    ),
    Attack(
        "f61_forbidden_library", 61, GROUP, "compute a right answer by means that the sheet forbids",
        source("square", "import numpy as np\nreturn float(np.float_power(x, 2))"),
        verdicts("passed"), stopped_from=None,
    ),
    Attack(
        "f62_mutate_inputs", 62, GROUP, "change the input so that the answer fits",
        source("double_all", "v[:] = 0\nreturn 0 * v"), verdicts("failed"), "numbers::double", "double_all",
    ),
    Attack(
        "f62_mutate_and_restore", 62, GROUP, "change the input and hide it by patching what would notice",
        source("double_all", "v *= 2\nreturn v", top="""
            import grader.sandbox._mutation as mutation, grader.sandbox._worker as worker
            worker.changed = mutation.changed = lambda *args: False
        """),
        verdicts("failed passed"), "numbers::unchanged", "double_all", stopped_from=None,
    ),
    Attack(
        "f63_first_calls_only", 63, GROUP, "answer right as long as the examples are asked",
        source("square", """
            calls.append(x)
            return x * x if len(calls) <= 6 else 2 * x
        """, top="calls = []"),
        verdicts("failed"), partly_right=True,
    ),
    Attack(
        "f63_alternating_coin", 63, GROUP, "keep count between calls instead of throwing",
        source("coin", "calls.append(1)\nreturn float(len(calls) % 2)", top="calls = []"),
        verdicts("failed"), "chance::coin", "coin",
    ),
    Attack(
        "f64_patched_generators", 64, GROUP, "patch every generator to give what suits",
        source("coin", "return float(rng.integers(0, 2))", top="""
            import random, numpy as np, torch
            class Fixed:
                def __getattr__(self, name):
                    return lambda *args, **kwargs: 1.0
            random.random = np.random.random = np.random.rand = lambda *args: 1.0
            np.random.default_rng = np.random.Generator = lambda *args: Fixed()
            import grader.sandbox._worker as worker
            worker.generator = lambda seed: Fixed()
        """),
        verdicts("failed"), "chance::coin", "coin",
    ),
    Attack(
        "f64_patched_seeds", 64, GROUP, "make every call draw from one and the same seed",
        source("coin", "return float(rng.integers(0, 2))", top="""
            import numpy as np, grader.sandbox._worker as worker
            true = worker.generator
            worker.generator = lambda seed: true(0)
        """),
        verdicts("failed"), "chance::coin", "coin",
    ),
    Attack(
        "f64_patched_clock", 64, GROUP, "stop the clock, then take for ever",
        source("square", "real(1000)", top="""
            real = time.sleep
            time.time = time.monotonic = time.perf_counter = time.process_time = lambda: 0.0
            time.sleep = lambda seconds: None
        """),
        verdicts("timeout"),
    ),
    Attack(
        "f64_clock_of_the_worker", 64, GROUP, "report calls of negative and of endless duration",
        source("square", "return x * x", top="""
            ticks = iter([1.0, float("-inf"), 5.0, float("nan")] * 10_000)
            for found in gc.get_objects():
                if type(found).__name__ == "Worker":
                    found._clock = lambda: next(ticks)
        """),
        verdicts("crashed"),
    ),
    Attack(
        "f65_fake_gradient", 65, GROUP, "answer a tensor with a forged history of its gradient",
        source("gradient", """
            import torch
            class Forged(torch.autograd.Function):
                @staticmethod
                def forward(ctx, values): return values.clone()
                @staticmethod
                def backward(ctx, given): return 3 * given
            answer = Forged.apply(torch.tensor(v, requires_grad=True))
            answer.grad = torch.tensor(3 * v**2)
            return answer
        """),
        verdicts("failed"), "remote::gradient", "gradient",
    ),
    Attack(
        "f109_dump_the_function", 109, GROUP, "let the check's own function do the work: call it on what it returns",
        source("twice", "return f(f)"), verdicts("error"), "remote::twice", "twice",
    ),
    Attack(
        "f110_keep_the_function", 110, GROUP, "keep a function of the check and call it later, from a thread",
        source("twice", """
            kept.append(f)
            def later():
                for _ in range(50):
                    try:
                        kept[0](1.0)
                    except Exception:
                        pass
                    time.sleep(0.002)
            threading.Thread(target=later, daemon=True).start()
            return f(x)
        """, top="kept = []"),
        verdicts("failed crashed error timeout"), "remote::twice", "twice",
    ),
)
