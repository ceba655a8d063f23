"""Commands: parse arguments, call one function, print.

May import every room. Promises: a mistake of the user is one clear line and exit code 2, and the exit
codes mean what the documentation says.
"""

from grader.cli._app import main

__all__ = ["main"]
