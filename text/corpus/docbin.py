"""spaCy's corpus files: documents in `DocBin`s, a long part in several of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import spacy
from spacy.tokens import DocBin
from srsly.msgpack import Packer

from cohort.base.files import DISK_FULL, replace, temporary_name
from cohort.tags.scheme import Span
from text.corpus.documents import file_is_full

if TYPE_CHECKING:
    from spacy.strings import StringStore

_INSIDE, _OUTSIDE, _BEGIN = 1, 2, 3  # spaCy's values of ENT_IOB
_NO_GROUPS = b"\x90"  # an empty list, packed: what spaCy writes for a document without span groups
_TOKEN = re.compile(r"(\S)( ?)|\s+")


@contextmanager
def corpus_file(path: Path) -> Iterator[CorpusWriter]:
    """Give a writer of documents; they become `path` when the block ends well.

    `path` is one file, as spaCy makes it. Of more than `text.corpus.documents.SHARD` characters it
    becomes a folder of that name with `0001.spacy`, `0002.spacy`, …: `spacy.Corpus.v1`, and so
    `spacy train`, `spacy evaluate` and `spacy debug data`, read it under the same path, one file at
    a time.
    """
    with corpus_folder(path) as folder:
        writer = CorpusWriter(folder)
        yield writer
        writer.close()


@contextmanager
def corpus_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder, whose files become `path`, or the only one that it then holds."""
    is_new = not path.parent.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = temporary_name(path)
    folder.mkdir()
    try:
        yield folder
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


class _Codes(dict[str, int]):
    """A string to its number in spaCy's string store."""

    def __init__(self, store: StringStore) -> None:
        self._store = store

    def __missing__(self, word: str) -> int:
        self[word] = self._store.add(word)
        return self[word]


class CorpusWriter:
    """Writes documents into `.spacy` files of a folder.

    The fields of the `DocBin` are filled from the characters themselves, without a `Doc`: what
    `DocBin.add` makes of the tokenizer's documents is the same, and takes ten times as long.

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
        self._vocab = spacy.blank("zh").vocab
        self._codes = _Codes(self._vocab.strings)
        # Made once: srsly looks through all installed packages for each that it makes.
        self._packer = Packer(use_bin_type=True)
        self.documents = 0
        self._start_file()

    def _start_file(self) -> None:
        self._docs = DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
        self._words: set[str] = set()
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
        words, spaces, place = _tokens(text)
        tokens = np.zeros((len(words), 3), np.uint64)  # of the order of DocBin's attributes
        tokens[:, 0] = [self._codes[word] for word in words]
        tokens[:, 1] = _OUTSIDE
        for start, end, label in entities:
            first, last = place[start], place[end - 1] + 1
            tokens[first:last, 1] = _INSIDE
            tokens[first, 1] = _BEGIN
            tokens[first:last, 2] = self._codes[label]
            self._docs.strings.add(label)
        self._words.update(words)
        self._docs.tokens.append(tokens)
        self._docs.spaces.append(np.asarray(spaces, bool).reshape(-1, 1))
        self._docs.flags.append({"has_unknown_spaces": False})
        self._docs.cats.append({})
        self._docs.span_groups.append(_NO_GROUPS)
        self._docs.user_data.append(self._packer.pack(user_data))
        self._characters += len(text)
        self.documents += 1
        if file_is_full(self._characters):
            self._write()

    def close(self) -> None:
        """Write what waits."""
        if self._characters or not self.documents:
            self._write()

    def _write(self) -> None:
        number = sum(1 for _ in self._folder.iterdir()) + 1
        norms = [self._vocab[word].norm_ for word in self._words]
        self._docs.strings.update(self._words, norms, ("",) if self._words else ())
        self._docs.to_disk(self._folder / f"{number:04d}.spacy")
        self._start_file()


def _tokens(text: str) -> tuple[Sequence[str], Sequence[bool], Sequence[int]]:
    """Return the tokens of a text, whether a space follows each, and each character's token.

    They are those of `spacy.lang.zh.ChineseTokenizer` by characters: a space behind a character
    belongs to it, and what is left of white space is one token.
    """
    if text.split() == [text]:
        return text, [False] * len(text), range(len(text))
    words: list[str] = []
    spaces: list[bool] = []
    place: list[int] = []
    for found in _TOKEN.finditer(text):
        place += [len(words)] * len(found[0])
        words.append(found[1] or found[0])
        spaces.append(bool(found[2]))
    return words, spaces, place
