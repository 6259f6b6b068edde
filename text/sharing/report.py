"""What was replaced, and what a second look found: places and kinds, never the words."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from cohort.base.files import open_table, write_json
from text.components.deidentify.finder import Finder
from text.components.deidentify.identity import AGE, CONTACT, DATE, NAME, NUMBER, PHONE, Identity
from text.components.deidentify.lexicon import spaced
from text.components.deidentify.replace import Replaced
from text.components.deidentify.stand_ins import plain

REPORT = "deidentified.json"
FAILED = "failed.csv"
AGAIN = "what was replaced elsewhere stands here again"
LIKE_ONE = "looks like an identity"
UNCHANGED = "what stands here is what stood here"
_LOOSE = r"\d[\d\- ]{6,}\d|\S@\S|(?<=[\u4e00-\u9fff])[省市县](?=[\u4e00-\u9fff]{1,6}[区县镇乡村路])"
_SPOKEN = r"[零〇一二三四五六七八九幺两]{7,}(?![年月日十百千万])"
_WHO = ("姓名", "签名", "签字", "联系人", "监护人", "代理人")


@dataclass
class Sharing:
    """What was done.

    Attributes
    ----------
    records, characters
        How many were read.
    kinds
        Kind of identity to how many were replaced.
    of_records
        Name of each record to what was replaced in it, and what a second look found.
    columns
        Columns of a table that a person should look at, with the reason.
    failed
        Name of each record that was left out since it could not be read, with the reason; neither
        says who anybody is.
    problems
        The same for who ran it, with the files' own names.
    left_out
        Why something was left out, to what it is.
    """

    records: int = 0
    characters: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    of_records: dict[str, dict[str, Any]] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    failed: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)

    @property
    def leftovers(self) -> int:
        """How many places a person should look at."""
        return sum(len(one["look_at"]) for one in self.of_records.values()) + len(self.columns)

    def add(self, name: str, before: str, replaced: Replaced, finder: Finder) -> None:
        """Count what was replaced in a record, and look at it once more."""
        self.records += 1
        self.add_piece(name, before, replaced, finder, always=True)

    def add_piece(
        self, name: str, before: str, replaced: Replaced, finder: Finder, always: bool = False
    ) -> None:
        """Count what was replaced in a piece of a record, and tell of it if there is anything."""
        kinds = self.count(before, replaced)
        found = leftovers(before, replaced, finder)
        if not (kinds or found or always):
            return
        told = self.of_records.setdefault(name, {"replaced": {}, "look_at": []})
        told["replaced"] = dict(sorted((Counter(told["replaced"]) + kinds).items()))
        told["look_at"] += [
            {"start": one.start, "end": one.end, "kind": one.kind, "why": why} for one, why in found
        ]

    def count(self, before: str, replaced: Replaced) -> Counter[str]:
        """Count what was replaced in a text, by kind."""
        self.characters += len(before)
        kinds = Counter(one.kind for one in replaced.identities)
        self.kinds.update(kinds)
        return kinds

    def fail(self, name: str, error: Exception, path: Path | None = None) -> None:
        """Remember that a record was left out.

        Parameters
        ----------
        name
            What it would have been called; no identity.
        error
            What is wrong with it: of a `DataError` the sentences, of another fault its kind alone,
            since its words may quote the record.
        path
            The file, which the sentences may name.
        """
        if isinstance(error, DataError):
            self.problems += error.problems
            told = [problem.removeprefix(f"{path}: ") for problem in error.problems]
            # A sentence that names a file still, or quotes what stands in it, isn't passed on.
            bare = path is not None and not any(path.stem in sentence for sentence in told)
            why = " ".join(told) if bare else "could not be read."
        else:
            why = f"the rules stumbled over it ({type(error).__name__})."
            self.problems.append(f"{path or name}: {why} Please report it, without the record.")
        self.failed.append((name, why))

    def write(self, folder: Path) -> None:
        """Write the report into `folder`, and beside it what failed, if anything did."""
        write_json(folder / REPORT, self.as_json())
        if self.failed:
            with open_table(folder / FAILED, "w") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(("record", "why"))
                writer.writerows(self.failed)

    def as_json(self) -> dict[str, Any]:
        """Return what the report's file holds."""
        return {
            "records": self.records,
            "characters": self.characters,
            "replaced": dict(sorted(self.kinds.items())),
            "failed": len(self.failed),
            "to_look_at": self.leftovers,
            "columns": dict(self.columns),
            "of_records": self.of_records,
        }


def leftovers(before: str, replaced: Replaced, finder: Finder) -> list[tuple[Identity, str]]:
    """Return where identities may be left in a record, and why each place is named.

    Looked for is what stood in the place of a stand-in and stands elsewhere still, what the rules
    find in the new text, and with looser patterns what resembles a number, an address or a field.
    """
    text = replaced.text
    found: list[tuple[Identity, str]] = []
    taken = bytearray(len(text) + 1)  # 1 where a stand-in, or a place that was found, is

    def is_new(start: int, end: int) -> bool:
        return taken.find(1, start, end) < 0

    def take(one: Identity, why: str) -> None:
        taken[one.start : one.end] = b"\1" * (one.end - one.start)
        found.append((one, why))

    for one in replaced.identities:
        taken[one.start : one.end] = b"\1" * (one.end - one.start)
    for was, now in zip(replaced.origin, replaced.identities, strict=True):
        words = before[was.start : was.end].strip()
        if was.kind in (DATE, AGE):
            continue
        if plain(words) == plain(text[now.start : now.end]):
            found.append((now, UNCHANGED))
        if len(words) < (2 if was.kind == NAME else 4):
            continue
        for match in _as_written(words, was.kind).finditer(text):
            if is_new(*match.span()):
                take(was._replace(start=match.start(), end=match.end()), AGAIN)
    for one in finder.find(text):
        if is_new(one.start, one.end) and text[one.start : one.end] != "[" + one.kind + "]":
            take(one, LIKE_ONE)
    for match in _loose(finder).finditer(text):
        start, end = match.span()
        if is_new(start, end + 1):
            take(Identity(start, end, "NUMBER" if match[0][0].isdigit() else "OTHER"), LIKE_ONE)
    return sorted(found)


def _as_written(words: str, kind: str) -> re.Pattern[str]:
    """Return the pattern of an identity, with or without what may part its characters."""
    if kind in (NUMBER, PHONE, CONTACT):
        characters = [c for c in words if not c.isspace() and c not in "-()"]
        return re.compile(r"[\s\-()]{0,3}".join(map(re.escape, characters)), re.IGNORECASE)
    if kind == NAME and not words.isascii():
        return re.compile(r"[\s·]{0,2}".join(map(re.escape, words.split())))
    return re.compile(re.escape(words))


@lru_cache(maxsize=4)
def _loose(finder: Finder) -> re.Pattern[str]:
    """Return the pattern of what may be left: long numbers, addresses, filled-in fields."""
    heads, columns = finder.lists["heads"], finder.lists["columns"]
    words = [
        *(word for word in heads["name"] if word.endswith(_WHO)),
        *(word for word in heads["phone"] + heads["address"] if not word.isascii()),
        *(word for word in columns["number"] if not word.isascii()),
    ]
    fields = rf"(?:{spaced(words)})[ ]?[:：][ ]?(?=[^\s\[，,。])"
    return re.compile(f"{_LOOSE}|{_SPOKEN}|{fields}")
