"""Errors for people: which file, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any


class DataError(Exception):
    """The data is not what the step needs; commands end with exit code 1.

    Parameters
    ----------
    *problems
        One sentence each: the file, what is wrong with it, and what to do.
    """

    def __init__(self, *problems: str) -> None:
        self.problems: tuple[str, ...] = problems
        super().__init__("\n".join(problems))

    def __reduce__(self) -> tuple[type[DataError], tuple[str, ...]]:
        """Tell `pickle` how to make it anew: what another process raises comes back pickled."""
        return type(self), self.problems


class UsageError(Exception):
    """The command was called in a way that cannot work; commands end with exit code 2."""


@dataclass(frozen=True)
class Problem:
    """What kept one of several inputs from being read, where the others go on.

    Attributes
    ----------
    name
        How the input is called.
    sentences
        The file, what is wrong with it, and what to do.
    """

    name: str
    sentences: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.sentences)


def several(inputs: Any, what: str) -> Iterable[Any]:
    """Return what is to be gone through; refuse one path or text, whose characters Python gives.

    Raises
    ------
    UsageError
        If it is a path or a text, or nothing that can be gone through.

    Examples
    --------
    >>> several(["p1.nii.gz"], "scans")
    ['p1.nii.gz']
    """
    if isinstance(inputs, (str, bytes, PurePath)):
        raise UsageError(f"pipe: takes several {what}, and this is one; give a list of them.")
    if not isinstance(inputs, Iterable):
        kind = type(inputs).__name__
        raise UsageError(f"pipe: takes several {what}; give a list of them, not one {kind}.")
    return inputs


def raise_all(problems: Sequence[str]) -> None:
    """Raise one `DataError` that lists all `problems`, if there are any.

    Raises
    ------
    DataError
        If `problems` is not empty.
    """
    if problems:
        raise DataError(*problems)


def all_of(*calls: Callable[[], Any]) -> list[Any]:
    """Return what each call returns, or raise what is wrong by any of them, all at once.

    Raises
    ------
    DataError
        With the problems of each call that raises one.
    """
    results: list[Any] = []
    problems: list[str] = []
    for call in calls:
        try:
            results.append(call())
        except DataError as error:
            problems += error.problems
    raise_all(problems)
    return results


@contextmanager
def told_of(source: Path | str) -> Iterator[None]:
    """Begin each problem of a `DataError` from the block with what it is told of: a file, say."""
    try:
        yield
    except DataError as error:
        raise DataError(*(f"{source}: {problem}" for problem in error.problems)) from None


def few(names: Sequence[str], most: int = 5) -> str:
    """Return names as a sentence lists them, of many the first ones only.

    Examples
    --------
    >>> few(["p1", "p2"]), few(["p1", "p2", "p3"], most=2)
    ('p1, p2', 'p1, p2, …')
    """
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def reason(error: Exception, most: int = 300) -> str:
    """Return what an error of somebody else's code says, on one line and not too long.

    Examples
    --------
    >>> reason(ValueError("Invalid learning rate: -1.")), reason(KeyError())
    ('Invalid learning rate: -1', 'KeyError')
    """
    text = " ".join(str(error).split())
    return (text[:most].rstrip(".") or type(error).__name__) + ("…" if len(text) > most else "")
