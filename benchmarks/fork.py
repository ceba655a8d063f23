"""What a worker costs: fork and lock-down of a warm process, side by side with a fresh interpreter that imports the same.

    python benchmarks/fork.py [--forks N] [--rounds N]        (about a minute)

Both are measured in turns, in one run: one fresh interpreter, then its share of forks at each level. A fork counts from
the request until the locked worker says that it is ready for submitted code; a fresh interpreter until its libraries are
imported and warmed up as they are in the process that workers are forked from. Neither has run anything yet. The first
few dozen forks cost more: they come before that process's memory lies in huge pages, and count like all others.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from grader.sandbox import WARM, Connection, Level, Limits, Zygote, available

_FRESH = "from grader.sandbox._warm import warm_up; import sys; warm_up(sys.argv[1:])"
_EXIT_S = 0.02
"""A killed worker has ended after this, and takes no processor from the next one."""
_BOUND_MS, _BOUND_RATIO = 15.0, 100.0


def fresh_s() -> float:
    """Seconds until a new interpreter has imported what the zygote has."""
    start = time.perf_counter()
    command = [sys.executable, "-s", "-B", "-c", _FRESH, *WARM]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[1])
    return time.perf_counter() - start


def fork_s(connection: Connection, limits: Limits) -> float:
    """Seconds until a forked worker is locked and waits for files."""
    start = time.perf_counter()
    worker = connection.spawn(limits)
    taken = time.perf_counter() - start
    worker.close()
    time.sleep(_EXIT_S)
    return taken


def main() -> int:
    """Measure and print; exit code 1 where a bound is missed at the best level."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--forks", type=int, default=200, help="at each level (200)")
    parser.add_argument("--rounds", type=int, default=5, help="fresh interpreters, and turns of forks (5)")
    asked = parser.parse_args()
    forks, rounds = asked.forks, asked.rounds
    levels = [status.level for status in available().levels if status.available]
    fresh: list[float] = []
    forked: dict[Level, list[float]] = {level: [] for level in levels}
    with ExitStack() as stack:
        zygotes = {level: stack.enter_context(Zygote.start(level)) for level in levels}
        connections = {level: stack.enter_context(zygote.connect()) for level, zygote in zygotes.items()}
        for _ in range(rounds):
            fresh.append(fresh_s())
            for level, connection in connections.items():
                forked[level] += [fork_s(connection, Limits()) for _ in range(forks // rounds)]
    middle = statistics.median(fresh)
    print(f"fresh interpreter with {', '.join(WARM)}: median {middle:.2f} s of {len(fresh)}")
    for level, taken in forked.items():
        median, best = statistics.median(taken), min(taken)
        print(
            f"fork and lock-down at {level.name}: median {1000 * median:.1f} ms of {len(taken)}"
            f" (best {1000 * best:.1f}): {middle / median:.0f} times faster"
        )
    median = statistics.median(forked[levels[-1]])
    good = 1000 * median < _BOUND_MS and middle / median > _BOUND_RATIO
    print(f"bounds (below {_BOUND_MS:g} ms, above {_BOUND_RATIO:g} times): {'met' if good else 'missed'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
