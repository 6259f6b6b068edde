"""What the doctor says of one thing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from cohort.base.errors import DataError, UsageError, reason

_FOLDERS = re.compile(r"(?:[A-Za-z]:|~)?[\\/](?:[^\\/:*?\"'<>|\s]+[\\/])+")
"""Folders of an absolute path; what follows them is a file's name, which tells of nobody."""


@dataclass(frozen=True)
class Diagnosis:
    """What was found of one thing.

    Attributes
    ----------
    name
        Of what.
    value
        What was found, in words.
    ok
        False if it is wrong; None where there is no right and wrong.
    remedy
        What to do about it.
    """

    name: str
    value: str
    ok: bool | None = None
    remedy: str = ""


def attempted(name: str, look: Callable[[], Diagnosis]) -> Diagnosis:
    """Return what `look` found; if it fails, that."""
    try:
        return look()
    except (DataError, UsageError) as error:
        return Diagnosis(name, without_folders(str(error)), False)
    except Exception as error:  # whatever a broken installation makes of it
        said = f"{type(error).__name__}: {reason(error)}"
        return Diagnosis(name, without_folders(said), False)


def without_folders(text: str) -> str:
    r"""Return a text whose paths are names of files alone, on one line.

    Examples
    --------
    >>> without_folders("/home/ann/env/torch.so: no such file"), without_folders("C:\\Users\\b\\x")
    ('torch.so: no such file', 'x')
    """
    return _FOLDERS.sub("", " ".join(text.split()))
