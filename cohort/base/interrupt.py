"""Ctrl-C before a command has begun: nothing was done yet, so the program ends with a sentence.

What a command imports takes a second or more. Interrupted meanwhile, Python shows a traceback, or
a library takes the interruption for its own. So the packages, which Python imports before the
module that `python -m` names, let the system's signal end the program until `cohort.base.cli.run`
begins the command, which ends cleanly by itself.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

PACKAGES = ("cohort", "hich", "imaging", "text")
CODE = 130
"""What shells call a program that Ctrl-C has ended (128 and the signal's number)."""
BEGUN = time.monotonic()
"""When this process began, as near as can be told: every package imports this module first."""
_SAID = "✘ Interrupted before anything was done.\n"


def end_at_once_by_interrupt() -> None:
    """Let Ctrl-C end the program at once, if this is a program of ours that is starting.

    Does nothing where Python was started for something else, such as a user's own script, tests or
    `python -m spacy`, nor where Ctrl-C does not reach the program, as in a shell's background.
    """
    if not is_starting(sys.argv, sys.orig_argv):
        return
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return
    signal.signal(signal.SIGINT, _end)


def begin() -> None:
    """Let Ctrl-C raise `KeyboardInterrupt` again, for a command that is beginning."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def is_starting(argv: Sequence[str], orig_argv: Sequence[str]) -> bool:
    """Return whether Python was started for a module of ours, or by the script `hich`.

    Parameters
    ----------
    argv, orig_argv
        Those of `sys`: while Python looks for the module of `-m`, the first word is `-m`.

    Examples
    --------
    >>> is_starting(["-m", "x"], ["python", "-m", "hich.patient", "x"])
    True
    >>> is_starting(["-m", "train"], ["python", "-m", "spacy", "train"])
    False
    >>> is_starting(["/bin/hich", "read"], ["python", "/bin/hich", "read"])
    True
    """
    first = argv[0] if argv else ""
    if first != "-m":
        return os.path.splitext(os.path.basename(first))[0] in ("hich", "hich-script")
    for word, following in zip(orig_argv, [*orig_argv[1:], ""], strict=True):
        if word.startswith("-m"):
            module = word[2:] or following
            return module.partition(".")[0] in PACKAGES
    return False


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    try:
        os.write(2, _SAID.encode(getattr(sys.stderr, "encoding", None) or "ascii", "replace"))
    finally:
        os._exit(CODE)
