"""The `grader` command: its subcommands and what their exit codes mean."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import Annotated, NoReturn

import typer

import grader
from grader.cli._common import EXIT_FAULT
from grader.records import StoreFault, UserError, clean_text, user_shelf

COMMANDS = ("run", "check", "derivation", "replay", "report", "review", "diff", "export", "collect", "new", "kit", "package", "autograde", "problems", "audit", "doctor")
"""In the order of the help. Command `x` is the function `x` of the module `grader.cli._x`."""
_OBJECTS = 20_000
"""New objects until the collector looks for cycles: reports of a class are many, have none, and stay."""
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


def _version(wanted: bool) -> None:
    if wanted:
        print(f"grader {grader.__version__}")  # noqa: T201
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Grade mathematical homework: reference, symbolic, property and statistical checks behind walls."""


def build(only: str = "") -> typer.Typer:
    """The command-line application; with the name of one of COMMANDS, that command alone, so that no other loads."""
    app = typer.Typer(
        no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )
    app.callback()(_options)
    for name in [only] if only in COMMANDS else COMMANDS:
        app.command(name)(getattr(import_module(f"grader.cli._{name}"), name))
    return app


def _one_line(error: UserError | OSError) -> str:
    """The message as harmless text: it may name hand-ins, which are called what their authors liked."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename is not None else error.strerror
    return " ".join(clean_text(text, 4000).split())


def main() -> NoReturn:
    """Run the command line and exit: 0 done, 1 something failed, 2 wrong use, 3 the grader failed, 130 interrupted."""
    gc.set_threshold(_OBJECTS)
    if os.environ.get("NO_COLOR"):
        os.environ["TERM"] = os.environ.get("TERM", "dumb")
    shelf = user_shelf("matplotlib")
    if shelf is not None:  # it makes a folder for its settings when it is imported: not beside the user's own
        os.environ.setdefault("MPLCONFIGDIR", str(shelf.folder))
    try:
        code = build(only=sys.argv[1] if len(sys.argv) > 1 else "")(standalone_mode=True)
    except StoreFault as error:
        sys.stderr.write(f"grader: {_one_line(error)}\n")
        sys.exit(EXIT_FAULT)
    except UserError as error:
        sys.stderr.write(f"grader: {_one_line(error)}\n")
        sys.exit(EXIT_USAGE)
    except KeyboardInterrupt:
        sys.stderr.write("grader: interrupted\n")
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(EXIT_FAILED)
    except OSError as error:  # a path that was given and cannot be used; or, without one, the machine itself
        sys.stderr.write(f"grader: {_one_line(error)}\n")
        sys.exit(EXIT_FAULT if error.filename is None else EXIT_USAGE)
    finally:
        gc.freeze()  # the process ends: nothing needs to be collected any more
    sys.exit(code or 0)
