"""The shell around a command: arguments in, exit code out."""

from __future__ import annotations

import codecs
import errno
import functools
import inspect
import io
import json
import re
import sys
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import track

from cohort.base.errors import DataError, UsageError
from cohort.base.files import DISK_FULL
from cohort.base.interrupt import begin

T = TypeVar("T")

_called: ContextVar[str | None] = ContextVar("_called", default=None)

SeriesOption = Annotated[
    str | None,
    typer.Option(
        "--series",
        metavar="UID",
        help="Of a DICOM folder, take the series of this UID, whatever it is; "
        "`hich series FOLDER` lists them.",
        show_default="the plain axial head CT with a soft kernel",
    ),
]
"""The option of every command that takes a scan; None to choose."""


def run(command: Callable[..., None], *, extra_arguments: bool = False) -> None:
    """Run `command` as the program: parse its arguments, report its errors to people.

    Exit codes: 0 when all went well, 1 for bad data, 2 for bad usage, 130 after Ctrl-C.

    Parameters
    ----------
    command
        A function with typer annotations; its docstring is the help text.
    extra_arguments
        Hand arguments that `command` does not declare to its `typer.Context` (`ctx.args`),
        as needed for overrides of configuration values.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What the terminal cannot show, as a file's name that is not UTF-8, ends no command.
            stream.reconfigure(errors="backslashreplace")
    sys.argv[1:] = map(as_meant, sys.argv[1:])
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    settings = {"allow_extra_args": extra_arguments, "ignore_unknown_options": extra_arguments}
    app.command(help=_paragraphs(command), context_settings=settings)(_for_people(command))
    app(prog_name=_called.get())


def as_meant(word: str, windows: bool = sys.platform == "win32") -> str:
    """Return an argument, or the value after its `name=`, without what a shell has left in it.

    bash leaves the `~` of `--key=~/key.json` as it is, cmd.exe each `~` and all single quotes. On
    Windows spaCy's `project run` leaves the double quotes of project.yml in arguments (weasel
    splits its lines by `shlex.split(posix=False)`).

    Examples
    --------
    >>> as_meant('"assets/my own"', windows=True), as_meant("hematoma='a/*.nii'", windows=True)
    ('assets/my own', 'hematoma=a/*.nii')
    >>> as_meant("'a'", windows=False), as_meant("a~/b")
    ("'a'", 'a~/b')
    """
    head = found[0] if (found := re.match(r"[\w.-]+=", word)) else ""
    value = word[len(head) :]
    if windows and len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    if re.match(r"~[/\\]" if windows else "~/", value):
        value = str(Path(value).expanduser())
    return head + value


def call_program(name: str) -> None:
    """Let `run` call the program by that name in its help, not by its module's."""
    _called.set(name)


def progress(items: Iterable[T], what: str, total: int | None = None) -> Iterable[T]:
    """Go through `items` with a progress bar on stderr, which leaves nothing in a log file.

    In a notebook it stands below the cell, where ipywidgets are installed, which rich draws it by.
    """
    console = Console(stderr=True)
    shown = find_spec("ipywidgets") is not None if console.is_jupyter else console.is_terminal
    return track(items, what, total, console=console, transient=True, disable=not shown)


def say_note(text: str) -> None:
    """Print what a person should know, and no program need read."""
    Console(stderr=True, soft_wrap=True, highlight=False).print(f"Note: {text}", markup=False)


def print_json(value: Any) -> None:
    """Print a value as JSON, which a program can read whatever the terminal's encoding.

    JSON is UTF-8 (RFC 8259). Where stdout is not, as in a pipe on Windows, it is ASCII, which is
    the same in all encodings. Not through rich, which would fold lines.
    """
    unicode = codecs.lookup(sys.stdout.encoding or "ascii").name == "utf-8"
    print(json.dumps(value, ensure_ascii=not unicode, indent=2, allow_nan=False))


def counted(number: int, what: str) -> str:
    """Say how many things there are.

    Examples
    --------
    >>> counted(1, "case"), counted(0, "case"), counted(12, "case")
    ('1 case', '0 cases', '12 cases')
    """
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _paragraphs(command: Callable[..., None]) -> str:
    """Return the docstring without the line breaks that it has for programmers."""
    paragraphs = (inspect.getdoc(command) or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _for_people(command: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> None:
        begin()
        try:
            command(*args, **kwargs)
        except DataError as error:
            _say(*error.problems)
            raise typer.Exit(1) from None
        except UsageError as error:
            _say(str(error))
            raise typer.Exit(2) from None
        except BrokenPipeError:
            raise  # typer ends quietly: the reader of the output, such as `head`, has had enough
        except OSError as error:
            _say(_sentence(error))
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            _say("Interrupted. What was being written is removed; what was complete is kept.")
            raise typer.Exit(130) from None

    return guarded


def _say(*problems: str) -> None:
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    for problem in problems:
        console.print("[red]✘[/red]", end=" ")
        console.print(problem, markup=False)
    sys.stderr.flush()


def _sentence(error: OSError) -> str:
    reason = error.strerror or str(error)
    if error.errno in DISK_FULL:
        reason += "; make room there and try again (what was complete before is kept)"
    elif sys.platform == "win32" and error.errno == errno.EACCES:
        # Windows replaces no file, and no folder with one in it, that a program has open.
        reason = f"{reason.rstrip('.')}; is it, or a file in it, open in another program?"
    end = "" if reason.endswith("?") else "."
    if not error.filename:
        return f"{reason}{end}"
    # Temporary names (cohort.base.files) mean nothing to people.
    name = re.sub(r"[.][0-9a-f]{8}[.]partial[.]", "", str(error.filename))
    return f"{name}: {reason}{end}"
