"""What a command does for each of many items: the part of it that any machine can do."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

from cohort.base.code.closure import PythonSources
from cohort.base.code.contents import sha256_of
from cohort.base.errors import DataError


class Item(NamedTuple):
    """One case, or one part of many small ones.

    Attributes
    ----------
    id
        A name that no other item of the job has, and that can be a file's in some folder: slashes
        in it stand between folders.
    payload
        What a worker needs to know of it; can be pickled.
    """

    id: str
    payload: Any


class Made(NamedTuple):
    """What a worker says of an item whose files are written.

    Attributes
    ----------
    input
        `Job.digest` of the item, as it was read.
    files
        Path of each file, from `Job.place` on, to its SHA-256.
    result
        What the last step needs to know besides, as JSON has it.
    """

    input: str
    files: Mapping[str, str] = {}
    result: Any = None


class Worker(Protocol):
    """Has loaded what it needs, and does one item after the other."""

    def stream(self, items: Iterable[Item]) -> Iterator[Made | DataError]:
        """Yield for each item, in order, what was made, or why it can't be.

        All files of an item are complete when it is yielded.
        """


@dataclass(frozen=True)
class JobIdentity:
    """What results depend on besides an item's own input, each as a SHA-256.

    Attributes
    ----------
    settings
        The options that matter for an item, the device's kind, precision, libraries' versions.
    model
        The model's files; of no model "".
    code
        This program's code that does an item.
    """

    settings: str
    model: str
    code: str

    @property
    def whole(self) -> str:
        """All of it in one."""
        return digest_of([self.settings, self.model, self.code])


UNNOTED = JobIdentity("", "", "")
"""Of a job of which nothing is noted, so that nothing needs to be hashed."""


class Job(ABC):
    """A command's work on its items; can be pickled, so that other processes do it.

    Attributes
    ----------
    command
        Name of the command, as `hich` has it.
    place
        Folder that names of files are relative to.
    keeps
        Whether that is the `output`, or the `work` folder beside it.
    identity
        What results depend on besides an item's input: found out once, by who starts the work.
    """

    command: str
    place: Path
    identity: JobIdentity
    keeps: ClassVar[Literal["output", "work"]] = "output"

    @abstractmethod
    def digest(self, item: Item) -> str:
        """Return the SHA-256 of an item's input, as it is now.

        Raises
        ------
        DataError
            If it can't be read.
        """

    def paths(self, item: Item) -> Sequence[Path]:
        """Return the files and folders that an item is read from: each worker must see them."""
        return ()

    @abstractmethod
    def code_here(self) -> str:
        """Return what `identity.code` would be on this machine."""

    @abstractmethod
    def load(self) -> Worker:
        """Load what a worker needs: once for all its items."""

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is loaded: each process loads its own."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}


@dataclass(frozen=True)
class Shard:
    """Which items are this run's: every `of`-th, from the `number`-th on.

    Examples
    --------
    >>> [place for place in range(7) if Shard(2, 3).has(place)]
    [1, 4]
    """

    number: int = 1
    of: int = 1

    def has(self, place: int) -> bool:
        """Return whether the item at that place of the list, from 0, is this run's."""
        return place % self.of == self.number - 1

    @property
    def is_whole(self) -> bool:
        """Whether it is all there is."""
        return self.of == 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


@dataclass(frozen=True)
class Way:
    """How a command goes about its items.

    Attributes
    ----------
    shard
        Which items it does.
    resume
        Whether items that were done before, of the same, are kept.
    retry_failed
        Whether items that failed before are tried again.
    ray
        `local`, `auto` or a cluster's address; None without Ray.
    in_shards
        Whether a shard was asked for, be it 1/1: then another command ends the work.
    processes
        How many processes of this machine do it.
    pack
        The files of how many items are put into one archive; None if they lie loose. For shards.
    """

    shard: Shard = field(default_factory=Shard)
    resume: bool = False
    retry_failed: bool = False
    ray: str | None = None
    in_shards: bool = False
    processes: int = 1
    pack: int | None = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing of it was asked for."""
        return not (self.in_shards or self.resume or self.ray)


PLAIN = Way()
"""All items, anew."""


def digest_of(value: Any) -> str:
    """Return the SHA-256 of a value that JSON can hold."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def digest_of_files(files: Iterable[Path], besides: str = "") -> str:
    """Return what files hold, in their order, as one SHA-256; raises OSError."""
    total = hashlib.sha256(besides.encode())
    for path in files:
        total.update(sha256_of(path))
    return total.hexdigest()


def digest_of_code(modules: Iterable[str], libraries: Iterable[str] = ()) -> str:
    """Return the SHA-256 of these modules with all that they import, and libraries' versions."""
    sources = PythonSources()
    code = sources.fingerprint(sources.code_of(modules))
    return digest_of([code, *map(_version, libraries)])


def digests(files: Mapping[str, Path]) -> dict[str, str]:
    """Return the SHA-256 of each file; raises OSError."""
    return {name: sha256_of(path).hex() for name, path in sorted(files.items())}


def _version(library: str) -> str:
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return library
