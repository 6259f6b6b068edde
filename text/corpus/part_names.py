"""Which part of a corpus a file is, by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from cohort.base.errors import DataError
from cohort.schema.split import PARTS

_WORDS = {
    "train": ("train", "training", "trn"),
    "val": ("val", "valid", "validation", "dev", "devel", "development"),
    "test": ("test", "testing", "tst"),
}
_PART = {word: part for part, words in _WORDS.items() for word in words}
# Inside of a name the words are read more freely: trainset, testdata, 训练集.
_CHINESE = {"训练": "train", "验证": "val", "开发": "val", "测试": "test"}
_INSIDE = {f"{word}{end}": part for word, part in _PART.items() for end in ("", "set", "data")}
_INSIDE.update(_CHINESE)
_FREE = re.compile("|".join(["[a-z]+", *_CHINESE]))


def part_of(word: str) -> str | None:
    """Return the part that a word means, None if it means none.

    Examples
    --------
    >>> part_of("Train"), part_of(".dev"), part_of("ward3")
    ('train', 'val', None)
    """
    return _PART.get(word.removeprefix(".").lower())


def named_part(name: str) -> str | None:
    """Return the part that a file's or folder's name starts or ends with, up to a dot.

    Examples
    --------
    >>> named_part("train.char.bmes"), named_part("example.test"), named_part("train_2.txt")
    ('train', 'test', None)
    """
    words = name.split(".")
    return part_of(words[0]) or part_of(words[-1])


def parts_of(folder: Path, names: Sequence[str]) -> list[str | None]:
    """Return the part of each file or folder in `folder`, None for one that is of no part.

    If no name is a part's (see `named_part`), a word inside of the names counts, as in
    `ward-train.txt` and `ward-test.txt`, or in `trainset.txt` and `testset.txt`.

    Raises
    ------
    DataError
        If words inside of the names tell of several parts, but not of one for each file: read as
        one corpus, records to train on and to score would be mixed.
    """
    strict = [named_part(name) for name in names]
    if any(strict):
        return strict
    loose = [_inside(name) for name in names]
    known = [part for part in loose if part]
    if len(set(known)) < 2:
        return strict
    if len(known) == len(names) == len(set(known)):
        return loose
    found = ", ".join(name for name, part in zip(names, loose, strict=True) if part)
    raise DataError(
        f"{folder}: {found} look like parts of a corpus, but not one for each of "
        f"{', '.join(PARTS)}; name them train.*, val.* and test.*, and move other files elsewhere."
    )


def _inside(name: str) -> str | None:
    parts = {_INSIDE[word] for word in _FREE.findall(name.lower()) if word in _INSIDE}
    return parts.pop() if len(parts) == 1 else None
