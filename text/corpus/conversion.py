"""What `text.convert` read and wrote, and what it says about that."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from cohort.base.cli import counted
from cohort.base.errors import few
from text.corpus.docs import Repairs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from text.corpus.sources import Source


@dataclass
class Converted:
    """One file of spaCy documents.

    Attributes
    ----------
    path
        The `.spacy` file, or the folder of them (see `text.corpus.docbin.corpus_file`).
    documents
        How many documents it holds; more than `records` if long records were split.
    records
        How many records they are.
    characters
        Their characters.
    entities
        Entities by label.
    repairs
        What was changed so that spaCy can take the records.
    hashes
        A hash of each record's text.
    marked
        A hash of each record's text and entities.
    """

    path: Path
    documents: int = 0
    records: int = 0
    characters: int = 0
    entities: Counter[str] = field(default_factory=Counter)
    repairs: Repairs = field(default_factory=Repairs)
    hashes: array[int] = field(default_factory=lambda: array("q"))
    marked: array[int] = field(default_factory=lambda: array("q"))


@dataclass(frozen=True)
class Conversion:
    """What `convert` read and wrote.

    Attributes
    ----------
    source
        The tagged records, with counts of repairs and of what was left out.
    parts
        Name of the part to its file.
    removed
        Parts of an earlier conversion that this source lacks, removed from the folder.
    """

    source: Source
    parts: dict[str, Converted] = field(default_factory=dict)
    removed: list[Path] = field(default_factory=list)

    @property
    def unlearnt(self) -> dict[str, Counter[str]]:
        """Part to the entities, by label, whose labels training never has; parts without, left out.

        No model can find them, so each counts as missed when the part is scored.
        """
        if not self.source.split or "train" not in self.parts:
            return {}
        learnt = self.parts["train"].entities
        found = {
            name: Counter({k: n for k, n in part.entities.items() if k not in learnt})
            for name, part in self.parts.items()
        }
        return {name: labels for name, labels in found.items() if labels}

    @property
    def seen(self) -> dict[str, int]:
        """Part to its records that training has too, word for word; parts without, left out."""
        if not self.source.split or "train" not in self.parts:
            return {}
        import numpy as np

        train = _distinct(self.parts["train"].hashes)
        found = {
            name: int(np.isin(np.asarray(part.hashes), train).sum())
            for name, part in self.parts.items()
            if name != "train"
        }
        return {name: count for name, count in found.items() if count}

    @property
    def contradicting(self) -> dict[str, int]:
        """Part to its records that stand there again with other entities; parts without, left out.

        So it is where the answers of several annotators are read as records of their own.
        """
        found = {
            name: len(_distinct(part.marked)) - len(_distinct(part.hashes))
            for name, part in self.parts.items()
        }
        return {name: count for name, count in found.items() if count}


def _distinct(hashes: array[int]) -> npt.NDArray[np.int64]:
    """Return each of the hashes once. Python's sets of a million take 100 MB."""
    import numpy as np

    return np.unique(np.asarray(hashes))


def table(result: Conversion) -> Table:
    """Return the counts of each part as a table."""
    shown = Table(title="Records as spaCy documents")
    shown.add_column("")
    for part in result.parts:
        shown.add_column(part, justify="right")
    converted = list(result.parts.values())
    source = result.source
    shown.add_row("records", *(f"{c.records:,}" for c in converted))
    shown.add_row("documents", *(f"{c.documents:,}" for c in converted))
    shown.add_row("characters", *(f"{c.characters:,}" for c in converted))
    shown.add_row("entities", *(f"{c.entities.total():,}" for c in converted), end_section=True)
    for label in sorted({label for c in converted for label in c.entities}):
        shown.add_row(label, *(f"{c.entities[label]:,}" for c in converted))
    shown.add_section()
    found = sorted({r for part in source.parts.values() for r in part.tally.remarks})
    repairs = {
        **{remark: [source.remarks(remark)[p] for p in result.parts] for remark in found},
        "entities trimmed of white space": [c.repairs.trimmed for c in converted],
        "entities of white space, left out": [c.repairs.blank for c in converted],
        "sentences longer than --max-length": [c.repairs.too_long for c in converted],
        "sentences too long, cut inside": [c.repairs.cut_sentences for c in converted],
    }
    for name, counts in repairs.items():
        if any(counts):
            shown.add_row(name, *(f"{count:,}" for count in counts), style="yellow")
    return shown


def remarks(result: Conversion) -> list[str]:
    """Return what is to be said beside the counts, a line each."""
    from text.corpus.docs import TRAINABLE, longest_of

    source = result.source
    lines = [
        f"Tag files: {count} ({kind.scheme}; separator: {kind.separator}; {kind.encoding})"
        if kind.separator
        else f"{kind.scheme}: {count} ({kind.encoding})"
        for kind, count in source.kinds.items()
    ]
    for reason, names in source.left_out.items():
        lines.append(f"Left out, {reason}: {len(names)} ({few(names)})")
    for name, labels in result.unlearnt.items():
        shown = few([f"{label}: {count:,}" for label, count in labels.most_common()])
        share = labels.total() / result.parts[name].entities.total()
        lines.append(
            f"In {name} but never in train: {shown}. No model learns these labels, so each of "
            f"these entities counts as missed: recall in {name} is {1 - share:.1%} at most."
        )
    for name, count in result.seen.items():
        lines.append(
            f"Records of {name} that stand in train too, word for word: {count:,}. What is scored "
            "on them says nothing about new records."
        )
    for name, count in result.contradicting.items():
        lines.append(
            f"Records of {name} that stand there again with other entities: {count:,}. Are they of "
            "several annotators? Give one answer for each record, or the answers contradict."
        )
    for name, part in result.parts.items():
        long, cut = part.repairs.long, part.repairs.cut
        if cut:
            lines.append(
                f"Cut in {name}, since longer than {longest_of(name, source.split):,} characters: "
                f"{counted(len(cut), 'record')} ({few(cut)}). In a tag file, blank lines part the "
                "records."
            )
        if long and name not in ("val", "test"):
            lines.append(
                f"Documents of {name} with more than {TRAINABLE:,} characters: {long:,}. If they "
                f"are to be trained on, cut them with --max-length {TRAINABLE}; each needs some "
                "gigabytes of memory."
            )
    lines += [f"Removed, since this source lacks the part: {path}" for path in result.removed]
    lines.append("Written: " + ", ".join(str(part.path) for part in result.parts.values()))
    return lines
