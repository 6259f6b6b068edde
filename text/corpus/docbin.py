"""spaCy's corpus files, written without making documents: numpy builds what a `DocBin` would hold.

A `Doc` of Chinese text costs spaCy some five microseconds a character (one token each), but what a
`.spacy` file keeps of it is three numbers a token, which arrays find for a million characters at
once. The documents that come out of the file are those of `nlp.make_doc` with `doc.char_span`,
byte for byte (`tests/text/corpus/test_docbin.py`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import spacy
from isal import isal_zlib
from spacy.attrs import ENT_IOB, ENT_TYPE, ORTH  # type: ignore[import-not-found]
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab
from srsly.msgpack import Packer  # type: ignore[import-untyped]

from cohort.base.files import DISK_FULL, replace, temporary_name
from cohort.tags.scheme import Span

SHARD = 4_000_000
"""Characters of one `.spacy` file, about 100 MB in memory; a longer part becomes a folder."""

_BATCH = 500_000  # characters turned to arrays at once
_SLICE = 1 << 20  # bytes compressed at once
_UNICODE = 0x110000
_INSIDE, _OUTSIDE, _BEGINS = 1, 2, 3  # spaCy's ENT_IOB

Array = npt.NDArray[Any]


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
        self._tokens = _Tokenizer()
        self._pack = _packer().pack
        self._shard = _Shard(self._tokens)
        self._texts: list[str] = []
        self._entities: list[list[Span]] = []
        self._user_data: list[bytes] = []
        self._waiting = 0
        self.documents = 0

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
        self._texts.append(text)
        self._entities.append(entities)
        self._user_data.append(self._pack(user_data))
        self._waiting += len(text)
        self.documents += 1
        if self._waiting >= _BATCH or self._shard.characters + self._waiting >= SHARD:
            self._flush()

    def close(self) -> None:
        """Write what waits."""
        if self._texts or not self.documents:
            self._flush()
        if self._shard.characters or not self.documents:
            self._write()

    def _flush(self) -> None:
        if self._texts:
            self._shard.add(self._tokens(self._texts, self._entities), self._user_data)
            self._shard.characters += self._waiting
        self._texts, self._entities, self._user_data, self._waiting = [], [], [], 0
        if self._shard.characters >= SHARD:
            self._write()

    def _write(self) -> None:
        number = sum(1 for _ in self._folder.iterdir()) + 1
        write(self._folder / f"{number:04d}.spacy", self._shard.chunks())
        self._shard = _Shard(self._tokens)


def write(path: Path, chunks: Iterator[bytes]) -> None:
    """Write `chunks` to `path`, one after the other."""
    with path.open("wb") as file:
        file.writelines(chunks)


class _Tokenizer:
    """Texts to token arrays, by the rules of spaCy's Chinese tokenizer for single characters.

    Each character is a token, but a run of white space is one, and a space behind another
    token is that token's `whitespace_`, not in the run.
    """

    def __init__(self) -> None:
        self.vocab = _vocab()
        # A document of one token shows everything that is the same in all of them.
        self.pattern = DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
        self.pattern.add(Doc(self.vocab, words=["。"], spaces=[False]))
        self.strings = set(self.pattern.strings)
        self._orth = np.zeros(_UNICODE, dtype=np.uint64)
        self._is_space = np.zeros(_UNICODE, dtype=bool)
        self._is_space[[code for code in range(0x3001) if chr(code).isspace()]] = True

    def __call__(self, texts: list[str], entities: list[list[Span]]) -> tuple[Array, Array, Array]:
        """Return the tokens' attributes [token, attribute], their spaces, and tokens a text."""
        text = "".join(texts)
        code = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
        size = np.array(list(map(len, texts)))
        first = np.cumsum(size) - size
        space = self._is_space[code]
        after_space = np.zeros(len(code), dtype=bool)
        after_space[1:] = space[:-1]
        after_space[first] = False
        folded = space & ~after_space & (code == ord(" "))
        folded[first] = False
        after_folded = np.zeros(len(code), dtype=bool)
        after_folded[1:] = folded[:-1]
        is_token = ~space | ((~after_space | after_folded) & ~folded)
        token = np.cumsum(is_token) - 1  # of each character: its own, or the one it is part of
        place = np.flatnonzero(is_token)

        orth = self._orths(code[place])
        goes_on = np.append((space & ~is_token & ~folded)[1:], False)
        goes_on[first[1:] - 1] = False
        ends = np.append(place[1:], len(code))
        for number in np.flatnonzero(goes_on[place]).tolist():
            run = text[place[number] : ends[number]]
            orth[number] = self._add(run)
        spaces = np.zeros(len(place), dtype=bool)
        spaces[token[folded]] = True
        iob, kind = self._entities(len(place), token, first.tolist(), entities)
        lengths = np.diff(np.append(token[first], len(place)))
        columns = {ORTH: orth, ENT_IOB: iob, ENT_TYPE: kind}
        attributes = np.stack([columns[name] for name in self.pattern.attrs], axis=1)
        return attributes, spaces, lengths

    def _orths(self, code: Array) -> Array:
        orth = self._orth[code]
        missing = np.unique(code[orth == 0])
        if len(missing):
            self._orth[missing] = [self._add(chr(character)) for character in missing.tolist()]
            orth = self._orth[code]
        return orth

    def _add(self, word: str) -> int:
        lexeme = self.vocab[word]
        self.strings |= {word, lexeme.norm_}
        return int(lexeme.orth)

    def _entities(
        self, tokens: int, token: Array, first: list[int], entities: list[list[Span]]
    ) -> tuple[Array, Array]:
        iob = np.full(tokens, _OUTSIDE, dtype=np.uint64)
        kind = np.zeros(tokens, dtype=np.uint64)
        flat = [
            (offset + start, offset + end, label)
            for offset, spans in zip(first, entities, strict=True)
            for start, end, label in spans
        ]
        if not flat:
            return iob, kind
        starts, ends, labels = zip(*flat, strict=True)
        known = {label: self.vocab.strings.add(label) for label in set(labels)}
        self.strings |= known.keys()
        begin = token[np.array(starts)]
        length = token[np.array(ends) - 1] + 1 - begin
        # Of three entities of 2, 1 and 3 tokens: 0 1, 0, 0 1 2.
        step = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
        inside = np.repeat(begin, length) + step
        iob[inside] = _INSIDE
        iob[begin] = _BEGINS
        orths = np.array([known[label] for label in labels], dtype=np.uint64)
        kind[inside] = np.repeat(orths, length)
        return iob, kind


def _packer() -> Packer:
    """Return what `srsly.msgpack_dumps` packs with; that one looks for plugins at each call."""
    return Packer(use_bin_type=True)


@cache
def _vocab() -> Vocab:
    """Return one vocabulary for all files: making a pipeline takes spaCy longer than all else."""
    return spacy.blank("zh").vocab


class _Shard:
    """What one `.spacy` file will hold."""

    def __init__(self, tokens: _Tokenizer) -> None:
        self._tokenizer = tokens
        self._tokens = bytearray()
        self._spaces = bytearray()
        self._lengths = bytearray()
        self._user_data: list[bytes] = []
        self.characters = 0

    def add(self, arrays: tuple[Array, Array, Array], user_data: list[bytes]) -> None:
        """Add tokens, spaces and lengths, as `_Tokenizer` returns them."""
        tokens, spaces, lengths = arrays
        self._tokens += tokens.tobytes()
        self._spaces += spaces.tobytes()
        self._lengths += lengths.astype("<i4").tobytes()
        self._user_data += user_data

    def chunks(self) -> Iterator[bytes]:
        """Yield the file, laid out as `spacy.tokens.DocBin` says it in its docstring.

        ISA-L writes the same zlib format as `DocBin.to_bytes` nine times as fast.
        """
        pattern, count = self._tokenizer.pattern, len(self._user_data)
        message: dict[str, object] = {
            "version": pattern.version,
            "attrs": pattern.attrs,
            "tokens": self._tokens,
            "spaces": self._spaces,
            "lengths": self._lengths,
            "strings": sorted(self._tokenizer.strings),
            "cats": [pattern.cats[0]] * count,
            "flags": [pattern.flags[0]] * count,
            "span_groups": [pattern.span_groups[0]] * count,
            "user_data": self._user_data,
        }
        zlib = isal_zlib.compressobj(1)
        for piece in _packed(message):
            yield zlib.compress(piece)
        yield zlib.flush()


def _packed(message: dict[str, object]) -> Iterator[bytes | memoryview]:
    """Yield `message` in msgpack, byte arrays in slices instead of a copy of all that."""
    packer = _packer()
    yield packer.pack_map_header(len(message))
    for key, value in message.items():
        yield packer.pack(key)
        if isinstance(value, bytearray):
            yield b"\xc6" + len(value).to_bytes(4, "big")  # msgpack's bin 32
            view = memoryview(value)
            for start in range(0, len(value), _SLICE):
                yield view[start : start + _SLICE]
        else:
            yield packer.pack(value)
