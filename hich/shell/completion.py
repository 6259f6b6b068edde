"""Names of commands, and their options, completed by the shell: typer's own mechanism.

The typer app is built only when a shell asks, or when its script is asked for; of all commands the
one that stands on the line alone is imported, for its options.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec

import typer

from hich.shell.table import COMMANDS, NamedCommand, find_command

_LINE = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")  # of bash, and of other shells


def answer_shell() -> None:
    """Answer a shell, or one of `hich.shell.main.COMPLETION`; ends the program."""
    completion_app(_typed(os.environ))(prog_name="hich")


def completion_app(words: list[str]) -> typer.Typer:
    """Return an app of all commands; of that which `words` begin with it knows the options."""
    found = find_command(words)
    app = typer.Typer(add_completion=True, no_args_is_help=True)
    groups: dict[str, typer.Typer] = {}
    for command in COMMANDS.values():
        first, _, second = command.name.partition(" ")
        place = app
        if second:
            if first not in groups:
                groups[first] = typer.Typer()
                app.add_typer(groups[first], name=first, help="Make a cohort.")
            place = groups[first]
        known = found is not None and found[0] is command
        function = main_of(command) if known else _unasked
        place.command(second or first, help=command.line)(function)
    return app


def main_of(command: NamedCommand) -> Callable[..., None]:
    """Return the function that a command's module runs."""
    package = find_spec(f"{command.module}.__main__") if _is_package(command.module) else None
    module = import_module(package.name if package else command.module)
    main: Callable[..., None] = module.main
    return main


def _is_package(module: str) -> bool:
    spec = find_spec(module)
    return spec is not None and spec.submodule_search_locations is not None


def _unasked() -> None:
    """Stand for a command whose options nobody asks for."""


def _typed(environment: Mapping[str, str]) -> list[str]:
    """Return the words after `hich` on the line that a shell asks about."""
    line = next((environment[name] for name in _LINE if environment.get(name)), "")
    try:
        return shlex.split(line)[1:]
    except ValueError:  # a quote is still open
        return line.split()[1:]
