"""Our own: poisoning reports: terminals, CI logs, browsers, spreadsheets, XML, sheer size."""

from __future__ import annotations

from tests.attacks.model import Attack, Files, source, verdicts

GROUP = "K poisoned reports"

_TEXT = (
    "=HYPERLINK(1)<script>forged()</script><img src=x onerror=forged()>\\x1b[31mred\\x1b]0;title\\x07"
    "\\n::error::forged\\n::set-output name=a::b\\n##[error]forged ]]>forged & \\x00\\x08\\ufffe\\u202e `forged` | forged |"
)


def _attack(name: str, row: int, title: str, files: Files, ends: str) -> Attack:
    return Attack(name, row, GROUP, title, files, verdicts(ends))


ATTACKS = (
    _attack("k165_message", 165, "raise an error whose message is markup, commands and control characters",
            source("square", f'raise ValueError("{_TEXT}")'), "error"),
    _attack("k166_type_name", 166, "raise an error whose class is named so",
            source("square", f'raise type("{_TEXT}".replace("\\x00", ""), (Exception,), {{}})("{_TEXT}")'), "error"),
    _attack("k167_text_answer", 167, "answer text that is markup and commands", source("square", f'return "{_TEXT}"'), "failed"),
    _attack("k168_answer_type", 168, "answer an object whose class is named so",
            source("square", f'return type("{_TEXT}".replace("\\x00", ""), (), {{}})()'), "failed"),
    _attack("k169_function_name", 169, "name a function almost as the one that is due",
            {"solution.py": f'globals()["squar<script>forged()</script>"] = lambda x: x * x\nglobals()["{_TEXT}"] = print\n'},
            "missing"),
    _attack("k170_giant_message", 170, "raise an error with a message of 50 MB",
            source("square", 'raise ValueError("forged " * 7_000_000)'), "error"),
    _attack("k171_long_traceback", 171, "raise from ten thousand frames and through a long chain of causes", source("square", """
        def down(n):
            if n == 0:
                raise ValueError("end")
            try:
                down(n - 1)
            except ValueError as error:
                raise ValueError(f"level {n}") from error
        sys.setrecursionlimit(100_000)
        down(900)
    """), "error"),
    _attack("k172_surrogates", 172, "answer and raise half a character",
            source("square", 'raise ValueError("\\ud800 \\udfff" + chr(0x10FFFF) + "\\U000e0041")'), "error"),
    _attack("k173_file_of_error", 173, "raise from code whose file and source are forged", source("square", """
        code = compile("\\n" * 10**6 + "raise ValueError('end')", COURSE + "/checks/numbers.py<script>forged()</script>", "exec")
        exec(code)
    """), "error"),
    _attack("k174_dictionary", 174, "answer a dictionary with such keys",
            source("square", f'return {{"{_TEXT}": "{_TEXT}"}}'), "failed"),
    _attack("k175_spreadsheet", 175, "raise errors that begin as formulas do", source("square", """
        raise ValueError("=cmd|' /C calc'!A0")
    """), "error"),
)
