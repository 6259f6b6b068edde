"""Records that two people annotated, each beside itself: by its text."""

from __future__ import annotations

from dataclasses import dataclass, field

from cohort.base.errors import DataError, few, raise_all
from text.annotators.answers import AnnotatorSet
from text.corpus.annotated import MarkedRecord
from text.scores.compare import Checked


@dataclass
class PairedSets:
    """Two sets laid side by side.

    Attributes
    ----------
    documents
        The records that both have; `gold` is the first one's, `predicted` the second's.
    only_first, only_second
        Ids of the records that one of them has alone.
    """

    documents: list[Checked] = field(default_factory=list)
    only_first: list[str] = field(default_factory=list)
    only_second: list[str] = field(default_factory=list)


def pair_sets(first: AnnotatorSet, second: AnnotatorSet) -> PairedSets:
    """Lay two sets side by side.

    Records are the same if their texts are; tools give them ids of their own. Of several with one
    text those of one id belong together, or else they do in their order.

    Raises
    ------
    DataError
        If a record of one id has another text in each set, they have no record in common, or
        nobody marked anything.
    """
    waiting: dict[str, list[MarkedRecord]] = {}
    for record in second.records:
        waiting.setdefault(record.text, []).append(record)
    found = PairedSets()
    alone: list[MarkedRecord] = []
    for record in first.records:
        same = waiting.get(record.text, [])
        if not same:
            alone.append(record)
            continue
        other = next((one for one in same if one.id == record.id), same[0])
        same.remove(other)
        found.documents.append(Checked(record.id, 0, record.text, record.entities, other.entities))
    rest = [record for records in waiting.values() for record in records]
    _refuse_changed(first, second, alone, rest)
    found.only_first = [record.id for record in alone]
    found.only_second = [record.id for record in rest]
    if not found.documents:
        raise DataError(
            f"{first.name} and {second.name} have no record in common "
            f"({few(found.only_first, 3)}; {few(found.only_second, 3)}): compare sets of the same "
            "records."
        )
    if not any(one.gold or one.predicted for one in found.documents):
        raise DataError(
            f"{first.name} and {second.name}: in the records of both nothing is marked, so there "
            "is nothing to compare."
        )
    return found


def _refuse_changed(
    first: AnnotatorSet,
    second: AnnotatorSet,
    alone: list[MarkedRecord],
    rest: list[MarkedRecord],
) -> None:
    texts = {record.id: record.text for record in rest}
    problems = []
    for record in alone:
        text = texts.get(record.id)
        if text is not None:
            pairs = zip(record.text, text, strict=False)
            shorter = min(len(record.text), len(text))
            place = next((at for at, (a, b) in enumerate(pairs) if a != b), shorter)
            problems.append(
                f"The record {record.id} has another text for {first.name} than for {second.name}, "
                f"from character {place:,} on; compare annotations of the same text."
            )
    more = len(problems) - 5
    raise_all(problems[:5] + [f"So have {more:,} more."] * (more > 0))
