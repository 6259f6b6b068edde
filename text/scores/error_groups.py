"""The errors of a pipeline: like ones in one group, the most frequent first."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from text.scores.alignment import CORRECT, EntityPair
from text.scores.compare import Checked

CONTEXT = 24
"""Characters of context on either side of an error, about a line of a narrow screen."""
NAMES = ("gold", "predicted")
"""What columns of a table begin with."""
_OF_ENTITY = ("start", "end", "label", "text")


class Key(NamedTuple):
    """What errors of one group have in common; None where nothing is annotated, or predicted."""

    kind: str
    gold_label: str | None
    gold_text: str | None
    predicted_label: str | None
    predicted_text: str | None

    @property
    def entity(self) -> tuple[str, str]:
        """Label and text of what is annotated, or where nothing is, of what is predicted."""
        if self.gold_label is None:
            return self.predicted_label or "", self.predicted_text or ""
        return self.gold_label, self.gold_text or ""


class Error(NamedTuple):
    """A pair that is not correct, and the document it stands in."""

    pair: EntityPair
    document: Checked

    @property
    def key(self) -> Key:
        """The group it belongs to."""
        (gold, predicted), text = self.pair, self.document.text
        return Key(
            self.pair.kind,
            gold.label if gold else None,
            text[gold.start : gold.end] if gold else None,
            predicted.label if predicted else None,
            text[predicted.start : predicted.end] if predicted else None,
        )

    def to_json(self, names: tuple[str, str] = NAMES) -> dict[str, Any]:
        """Return it as a row of a table; offsets are those in the record.

        `names` are what columns of what is annotated and of what is predicted begin with.
        """
        text, shift = self.document.text, self.document.offset
        row: dict[str, Any] = {"kind": self.pair.kind, "record": self.document.record}
        for name, span in zip(names, (self.pair.gold, self.pair.predicted), strict=True):
            row[f"{name}_start"] = span.start + shift if span else None
            row[f"{name}_end"] = span.end + shift if span else None
            row[f"{name}_label"] = span.label if span else None
            row[f"{name}_text"] = text[span.start : span.end] if span else None
        row["before"] = text[max(self.pair.start - CONTEXT, 0) : self.pair.start]
        row["after"] = text[self.pair.end : self.pair.end + CONTEXT]
        return row


@dataclass
class Group:
    """Errors that are alike: the same kind, labels and texts.

    Attributes
    ----------
    key
        What they have in common.
    errors
        Where they are, in corpus order.
    annotated
        How often the corpus annotates just this text with this label: the annotated ones, or
        where nothing is annotated, the predicted ones. A spurious entity that is annotated
        elsewhere hints at annotations that differ from record to record.
    found
        How many of those are found exactly.
    """

    key: Key
    errors: list[Error] = field(default_factory=list)
    annotated: int = 0
    found: int = 0

    def examples(self, most: int) -> list[Error]:
        """Return at most `most` errors, of as many records as possible."""
        first: dict[str, Error] = {}
        for error in self.errors:
            first.setdefault(error.document.record, error)
        chosen = set(map(id, first.values()))
        others = [error for error in self.errors if id(error) not in chosen]
        return [*first.values(), *others][:most]

    def to_json(self) -> dict[str, Any]:
        """Return the group, its errors counted."""
        counts = {"count": len(self.errors), "annotated": self.annotated, "found": self.found}
        return self.key._asdict() | counts


def errors_of(documents: Sequence[Checked]) -> Iterator[Error]:
    """Yield all errors in corpus order."""
    for document in documents:
        for pair in document.pairs:
            if pair.kind != CORRECT:
                yield Error(pair, document)


def group_errors(documents: Sequence[Checked]) -> list[Group]:
    """Group the errors of `documents`, the largest group first, of equals the first in the corpus.

    Returns
    -------
    list of Group
        Every error is in exactly one.
    """
    groups: dict[Key, Group] = {}
    for error in errors_of(documents):
        groups.setdefault(error.key, Group(error.key)).errors.append(error)
    annotated: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    for document in documents:
        for gold, predicted in document.pairs:
            if gold:
                name = gold.label, document.text[gold.start : gold.end]
                annotated[name] += 1
                found[name] += gold == predicted
    for one in groups.values():
        one.annotated, one.found = annotated[one.key.entity], found[one.key.entity]
    return sorted(groups.values(), key=lambda one: -len(one.errors))


def write_csv(
    path: Path,
    documents: Sequence[Checked],
    names: tuple[str, str] = NAMES,
    kinds: Mapping[str, str] | None = None,
) -> None:
    """Write all errors to `path`, one per row.

    `names` are those of `Error.to_json`; `kinds` says kinds of errors in other words.
    """
    entities = (f"{name}_{part}" for name in names for part in _OF_ENTITY)
    columns = ("kind", "record", *entities, "before", "after")
    # The byte order mark tells spreadsheets that the Chinese is UTF-8.
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        for error in errors_of(documents):
            kind = error.pair.kind
            writer.writerow({**error.to_json(names), "kind": (kinds or {}).get(kind, kind)})
