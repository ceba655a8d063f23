"""`python -m grader` is the `grader` command."""

import os
import sys

if __name__ == "__main__":
    # `-m` puts the current folder first, which may be a hand-in with a `json.py` in it; our own folder takes its place.
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib is not imported yet
    from grader.cli import main

    main()
