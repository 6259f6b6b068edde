"""Converting records as a job: each file of documents is an item of its own.

A file ends where it ends on one machine, after so many characters. So all that is left to do at
the end is to put the files into their place; but where one ends, only who reads all records before
it knows, so that each shard reads all.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from cohort.base.cli import counted
from cohort.base.errors import DataError, few
from cohort.base.files import remove
from cohort.schema.split import PARTS
from cohort.work.completed import Completed
from cohort.work.job import (
    Item,
    Job,
    JobIdentity,
    Made,
    Shard,
    digest_of,
    digest_of_code,
    digests,
)
from cohort.work.lay import lay_file
from cohort.work.ledger import work_folder
from cohort.work.whole import refuse_failures
from text.corpus.docbin import corpus_file, corpus_folder
from text.corpus.documents import CorpusDocument

_CODE = ("text.corpus.docbin",)
"""The module that writes documents, with all that it imports."""
_LIBRARIES = ("spacy", "srsly", "numpy")


class FileOfDocuments(NamedTuple):
    """What a `.spacy` file is to hold, and what that hashes to."""

    digest: str
    documents: list[CorpusDocument]


class Spool:
    """Files of documents as they were read, kept on disk until all are: those of a shard.

    Parameters
    ----------
    shard
        Which of them are written here; of the others nothing is kept.
    """

    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self._ids: list[str] = []
        self._kept = tempfile.TemporaryFile()  # noqa: SIM115 (closed when the block ends)

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def add(self, file_id: str, documents: list[CorpusDocument]) -> tuple[str, str]:
        """Add the next file; return its id and what its documents hash to."""
        digest = digest_of(documents)
        if self._shard.has(len(self._ids)):
            pickle.dump(FileOfDocuments(digest, documents), self._kept)
        self._ids.append(file_id)
        return file_id, digest

    def items(self) -> Iterator[Item]:
        """Yield all files as a job's items, those of other shards without documents."""
        self._kept.seek(0)
        for place, file_id in enumerate(self._ids):
            yield Item(file_id, pickle.load(self._kept) if self._shard.has(place) else None)


@dataclass
class ConvertJob(Job):
    """Documents written to files.

    Attributes
    ----------
    place
        Folder that files are written to.
    """

    place: Path
    identity: JobIdentity
    command: str = "convert"
    keeps: ClassVar[Literal["output", "work"]] = "work"

    @classmethod
    def of(cls, output: Path) -> ConvertJob:
        """Return the job of a corpus in the folder `output`."""
        # How records are cut shows in the documents, which are an item's input.
        identity = JobIdentity(digest_of(None), "", digest_of_code(_CODE, _LIBRARIES))
        return cls(work_folder(output), identity)

    def digest(self, item: Item) -> str:
        """Return the SHA-256 of a file's documents."""
        return str(item.payload.digest)

    def code_here(self) -> str:
        """Return the SHA-256 of the code that writes documents, and libraries' versions."""
        return digest_of_code(_CODE, _LIBRARIES)

    def load(self) -> _Writing:
        """Return what writes."""
        return _Writing(self)


class _Writing:
    def __init__(self, job: ConvertJob) -> None:
        self._job = job

    def stream(self, items: Iterable[Item]) -> Iterator[Made | DataError]:
        """Write files of documents."""
        for item in items:
            name = f"parts/{item.id}.spacy"
            with corpus_file(self._job.place / name) as writer:
                for document in item.payload.documents:
                    writer.add(*document)
            files = digests({name: self._job.place / name})
            yield Made(self._job.digest(item), files, {"documents": len(item.payload.documents)})


def conclude_corpus(output: Path, done: Completed) -> list[Path]:
    """Put the files of each part into the folder `output`; return what was removed there.

    Raises
    ------
    DataError
        If files are of other records than those that were read last: records between them would be
        missing, or there twice.
    """
    step, entries = done.noted.last_step, {entry.id: entry for entry in done.entries}
    parts: dict[str, dict[str, str]] = step["inputs"]
    other = [
        f"{one} of shard {entries[one].shard}"
        for inputs in parts.values()
        for one, digest in inputs.items()
        if entries[one].input != digest
    ]
    if other:
        raise DataError(
            f"{work_folder(output)}: {counted(len(other), 'file')} made of other records than "
            f"those that were read last ({few(other)}); run these shards again with --resume."
        )
    with ExitStack() as all_parts:
        for part, inputs in parts.items():
            folder = all_parts.enter_context(corpus_folder(output / f"{part}.spacy"))
            names = (name for one in inputs for name in entries[one].files)
            for number, name in enumerate(names, 1):
                lay_file(work_folder(output) / name, folder / f"{number:04d}.spacy")
    return remove_other_parts(output, parts) if step["split"] else []


def remove_other_parts(output: Path, parts: Iterable[str]) -> list[Path]:
    """Remove the parts of an earlier corpus that this one lacks; return which."""
    stale = [output / f"{name}.spacy" for name in PARTS if name not in parts]
    removed = [path for path in stale if path.exists()]
    for path in removed:
        remove(path)
    return removed


def finish(output: Path, done: Completed) -> list[str]:
    """Write the corpus; return what was done, in words.

    Raises
    ------
    DataError
        If a file could not be written: the corpus would lack its records.
    """
    refuse_failures(done)
    conclude_corpus(output, done)
    documents = {entry.id: entry.result["documents"] for entry in done.entries}
    return [
        f"{sum(documents[one] for one in inputs):,} documents: {output / part}.spacy"
        for part, inputs in done.noted.last_step["inputs"].items()
    ]
