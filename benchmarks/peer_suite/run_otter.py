"""otter in process: `python -m peer_suite.run_otter NOTEBOOK AUTOGRADER.zip RESULTS.json`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from otter.api import grade_submission


def main() -> None:
    """Grades, and writes which test cases passed."""
    notebook, autograder, results = sys.argv[1:]
    graded = grade_submission(notebook, autograder, quiet=True)
    passed = {
        case.test_case.name: case.passed
        for file in graded.results.values()
        for case in file.test_case_results
    }
    Path(results).write_text(json.dumps(passed))


main()
