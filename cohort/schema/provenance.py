"""`provenance.json`, which says of the files in its folder how they were made, and of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from cohort.schema.problems import Flag, Integer, Number, Wanted

OPEN = ConfigDict(extra="ignore", defer_build=True)

Hashes = Mapping[str, str]


@dataclass(frozen=True, config=OPEN)
class CodeUsed:
    """The program, as it ran.

    Attributes
    ----------
    version
        Of the program; null where it is not installed.
    commit
        Of its git repository; null where it ran from none, as from a wheel.
    dirty
        Whether its code or configurations differed from that commit; null without one.
    """

    version: str | None
    commit: str | None
    dirty: Flag | None


@dataclass(frozen=True, config=OPEN)
class CohortUsed:
    """The cohort that something was made of, directly or by way of other files.

    Attributes
    ----------
    folder
        Name of its folder in the project; without the way there if it lay elsewhere.
    fingerprint
        SHA-256 of the names and contents of all files that were read of it.
    files
        Each of them, named relative to the cohort, to its SHA-256; empty where the cohort was not
        read itself, but by way of `of`.
    """

    folder: str
    fingerprint: str
    files: Hashes = field(default_factory=dict)


@dataclass(frozen=True, config=OPEN)
class MadeBy:
    """One run of a command, and what it made.

    Attributes
    ----------
    command
        Its words; null where it was called by a program of the user's.
    made
        Each file that it made, relative to this file's folder, to its SHA-256.
    of
        Each file that it was made of, to its SHA-256, and each folder (`corpus/imaging/`) to that
        of the names and contents of its files. Named relative to the project; `…/` stands for the
        way to one elsewhere.
    config
        Each file of the configuration, named like those of `of`, to its SHA-256.
    split
        The split's file, likewise.
    cohort
        The cohort; null where none was used.
    code
        This program.
    seeds
        Name of a seed to its value.
    libraries
        Versions of Python and of the libraries that were used.
    device
        What it was computed on; null where nothing was computed with a network.
    seconds
        How long it took; null where nobody measured it, as of `spacy evaluate`.
    finished
        When this was written, in UTC, by the machine's clock.
    """

    made: Hashes
    command: tuple[str, ...] | None
    of: Hashes
    config: Hashes
    split: Hashes
    cohort: CohortUsed | None
    code: CodeUsed
    seeds: Mapping[str, Integer]
    libraries: Mapping[str, str]
    device: str | None
    seconds: Number | None
    finished: str


@dataclass(frozen=True, config=OPEN)
class Provenance:
    """How the files of a folder were made.

    Attributes
    ----------
    folder
        The folder's name in the project; null if it lay elsewhere.
    runs
        What made them. Of a file that was made several times, the last run.
    """

    folder: str | None
    runs: Annotated[tuple[MadeBy, ...], Wanted("must be a list of runs")]
