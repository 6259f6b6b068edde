"""What was replaced, and what a second look found: places and kinds, never the words."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from text.components.deidentify.finder import Finder
from text.components.deidentify.identity import AGE, DATE, NAME, Identity
from text.components.deidentify.replace import Replaced

REPORT = "deidentified.json"
AGAIN = "what was replaced elsewhere stands here again"
LIKE_ONE = "looks like an identity"
_LOOSE = re.compile(
    r"\d[\d\- ]{6,}\d|\S@\S|(?<=[\u4e00-\u9fff])[省市县](?=[\u4e00-\u9fff]{1,6}[区县镇乡村路])"
    r"|(?:姓名|身份证号?|电话|手机|住址|住院号|签名|联系人)[ ]?[:：][ ]?(?=[^\s\[，,。])"
)


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
    """

    records: int = 0
    characters: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    of_records: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def leftovers(self) -> int:
        """How many places a person should look at."""
        return sum(len(one["look_at"]) for one in self.of_records.values())

    def add(self, name: str, before: str, replaced: Replaced, finder: Finder) -> None:
        """Count what was replaced in a record, and look at it once more."""
        self.records += 1
        self.characters += len(before)
        kinds = Counter(one.kind for one in replaced.identities)
        self.kinds.update(kinds)
        told = self.of_records.setdefault(name, {"replaced": {}, "look_at": []})
        told["replaced"] = dict(sorted((Counter(told["replaced"]) + kinds).items()))
        told["look_at"] += [
            {"start": one.start, "end": one.end, "kind": one.kind, "why": why}
            for one, why in leftovers(before, replaced, finder)
        ]

    def as_json(self) -> dict[str, Any]:
        """Return what the report's file holds."""
        return {
            "records": self.records,
            "characters": self.characters,
            "replaced": dict(sorted(self.kinds.items())),
            "to_look_at": self.leftovers,
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
    for one in replaced.origin:
        words = before[one.start : one.end].strip()
        if one.kind in (DATE, AGE) or len(words) < (2 if one.kind == NAME else 4):
            continue
        for match in re.finditer(re.escape(words), text):
            if is_new(*match.span()):
                take(one._replace(start=match.start(), end=match.end()), AGAIN)
    for one in finder.find(text):
        if is_new(one.start, one.end) and text[one.start : one.end] != "[" + one.kind + "]":
            take(one, LIKE_ONE)
    for match in _LOOSE.finditer(text):
        start, end = match.span()
        if is_new(start, end + 1):
            take(Identity(start, end, "NUMBER" if match[0][0].isdigit() else "OTHER"), LIKE_ONE)
    return sorted(found)
