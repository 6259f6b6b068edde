"""`hich NAME …`: the command behind a name, run as `python -m` runs its module.

Nothing heavy is imported before the command is known, and then only what it imports itself.
"""

from __future__ import annotations

import io
import os
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, TextIO

from hich.shell.table import COMMANDS, GROUPS, NamedCommand, commands_of, find_command, meant_by

ASKED = "_HICH_COMPLETE"
"""What a shell sets when it asks for completions, as typer names it."""
COMPLETION = ("--install-completion", "--show-completion")
"""What typer answers beside: write the shell's script to where the shell reads it, or print it."""
USAGE = "Usage: hich COMMAND [ARGUMENTS]..."
ABOUT = (
    "Head CT and Chinese medical records of hypertensive intracerebral hemorrhage.\n"
    "For research; no medical device."
)


def run_hich() -> None:
    """Run the command that the program's arguments name."""
    words = sys.argv[1:]
    if ASKED in os.environ or words[:1] in ([option] for option in COMPLETION):
        from hich.shell.completion import answer_shell

        answer_shell()
    elif words == ["--version"]:
        from hich.doctor.versions import version_lines

        _tell("\n".join(version_lines()))
    elif not words or words[0] == "--help":
        _tell(help_text())
        sys.exit(0 if words else 2)
    elif found := find_command(words):
        run_command(*found)
    elif listed := commands_of(words[0]):
        _choose(words, listed)
    else:
        _refuse(words[:1], meant_by(words))


def run_command(command: NamedCommand, arguments: Sequence[str]) -> None:
    """Run a command with these arguments, as `python -m` does; ends the program."""
    from cohort.base.cli import call_program

    sys.argv = [f"hich {command.name}", *arguments]
    call_program(sys.argv[0])
    # `python -m` finds modules in the working directory, such as those a configuration names. Last,
    # so that nothing there stands in for a library.
    if "" not in sys.path and not getattr(sys.flags, "safe_path", False):
        sys.path.append(str(Path.cwd()))
    runpy.run_module(command.module, run_name="__main__", alter_sys=True)


def help_text() -> str:
    """Return what `hich --help` prints."""
    parts = [USAGE, ABOUT]
    for heading, commands in GROUPS.items():
        parts.append("\n".join([f"{heading}:", *_lines(commands)]))
    parts.append(
        "`hich COMMAND --help` says more. `hich --version`: what is installed.\n"
        "`hich --install-completion`: let the shell complete names and options."
    )
    return "\n\n".join(parts)


def _lines(commands: Sequence[NamedCommand]) -> list[str]:
    width = max(map(len, COMMANDS))
    return [f"  {command.name:{width}}  {command.line}" for command in commands]


def _choose(words: list[str], listed: Sequence[NamedCommand]) -> NoReturn:
    """Say which commands begin with the first word."""
    first, *others = words
    if others and others[0] != "--help":
        _refuse(words[:2], meant_by(words))
    _tell("\n\n".join([f"Usage: hich {first} KIND [ARGUMENTS]...", "\n".join(_lines(listed))]))
    sys.exit(0 if others else 2)


def _refuse(words: list[str], meant: str | None) -> NoReturn:
    said = " ".join(words)
    what = "option" if words[0].startswith("-") else "command"
    hint = f"; did you mean `hich {meant}`?" if meant else "."
    _tell(f"✘ {said}: no such {what}{hint} `hich --help` lists all.", sys.stderr)
    sys.exit(2)


def _tell(text: str, stream: TextIO | None = None) -> None:
    stream = stream or sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")  # what the terminal cannot show
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:  # the reader of the output, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        sys.exit(1)
