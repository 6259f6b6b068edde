"""spaCy's corpus files: documents in `DocBin`s, a long part in several of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import spacy
from spacy.tokens import DocBin

from cohort.base.files import DISK_FULL, replace, temporary_name
from cohort.tags.scheme import Span

SHARD = 500_000
"""Characters of one `.spacy` file, some 50 MB in memory; a longer part becomes a folder."""


@contextmanager
def corpus_file(path: Path) -> Iterator[CorpusWriter]:
    """Give a writer of documents; they become `path` when the block ends well.

    `path` is one file, as spaCy makes it. Of more than `SHARD` characters it becomes a folder of
    that name with `0001.spacy`, `0002.spacy`, …: `spacy.Corpus.v1`, and so `spacy train`, `spacy
    evaluate` and `spacy debug data`, read it under the same path, one file at a time.
    """
    is_new = not path.parent.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = temporary_name(path)
    folder.mkdir()
    try:
        writer = CorpusWriter(folder)
        yield writer
        writer.close()
        shards = sorted(folder.iterdir())
        replace(shards[0] if len(shards) == 1 else folder, path)
    except OSError as error:
        if error.errno in DISK_FULL:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if is_new and not any(path.parent.iterdir()):
            path.parent.rmdir()


@cache
def _tokenizer() -> Callable[[str], Any]:
    """Return what makes documents, made once; not `make_doc`, which refuses long texts."""
    tokenize: Callable[[str], Any] = spacy.blank("zh").tokenizer
    return tokenize


class CorpusWriter:
    """Writes documents into `.spacy` files of a folder.

    Parameters
    ----------
    folder
        Where to; it is empty.

    Attributes
    ----------
    documents
        How many were added.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tokenize = _tokenizer()
        self.documents = 0
        self._start_file()

    def _start_file(self) -> None:
        self._docs = DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
        self._characters = 0

    def add(self, text: str, entities: list[Span], user_data: dict[str, Any]) -> None:
        """Add a document.

        Parameters
        ----------
        text
            At least one character.
        entities
            Entities in characters of `text`; none overlaps another, nor begins or ends with
            white space.
        user_data
            What becomes its `doc.user_data`.
        """
        doc = self._tokenize(text)
        doc.ents = [doc.char_span(start, end, label=label) for start, end, label in entities]
        doc.user_data.update(user_data)
        self._docs.add(doc)
        self._characters += len(text)
        self.documents += 1
        if self._characters >= SHARD:
            self._write()

    def close(self) -> None:
        """Write what waits."""
        if self._characters or not self.documents:
            self._write()

    def _write(self) -> None:
        number = sum(1 for _ in self._folder.iterdir()) + 1
        self._docs.to_disk(self._folder / f"{number:04d}.spacy")
        self._start_file()
