"""Convert annotated records to spaCy's training format: `train.spacy`, `val.spacy`, `test.spacy`.

Read are files of character tags, doccano's JSONL, Label Studio's JSON and brat's standoff files
(see `text.formats`); which it is shows in a file's name and its first row. Records are read,
converted and written one after the other, so a million of them need no more memory than a few
thousand. What cannot be trained or scored is cut, where that changes no entity, or refused. Run `python -m text.convert --help`.
"""

from __future__ import annotations

from array import array
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from cohort.cli import counted, progress, run
from cohort.errors import few, raise_all
from cohort.files import remove
from cohort.splitfile import PARTS

if TYPE_CHECKING:
    from text.docbin import CorpusWriter
    from text.docs import Repairs
    from text.sources import Part, Source


@dataclass(frozen=True)
class Converted:
    """One file of spaCy documents.

    Attributes
    ----------
    path
        The `.spacy` file, or the folder of them (see `text.docbin.corpus_file`).
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
    """

    path: Path
    documents: int
    records: int
    characters: int
    entities: Counter[str]
    repairs: Repairs
    hashes: array[int]


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
        """Part to its records that stand in training too, word for word; parts without, left out."""
        if not self.source.split or "train" not in self.parts:
            return {}
        train = set(self.parts["train"].hashes)
        found = {
            name: sum(one in train for one in part.hashes)
            for name, part in self.parts.items()
            if name != "train"
        }
        return {name: count for name, count in found.items() if count}


def convert(
    source: Path, output: Path, *, split: Path | None = None, max_length: int = 0
) -> Conversion:
    """Convert the annotated records at `source` to `.spacy` files in the folder `output`.

    A source with parts becomes `train.spacy`, `val.spacy` and `test.spacy`; one without becomes
    one file of the source's name. Either all files are written or none.

    Parameters
    ----------
    source, split
        See `text.sources.read_source`.
    output
        Folder to write to.
    max_length
        Split longer records into pieces of at most so many characters, at sentence ends;
        0 to keep them whole. Records to be scored (val, test) are always whole, unless spaCy
        could not take them; see `text.docs`.

    Raises
    ------
    DataError
        If a file cannot be read, or a part has no tagged records; of train, val and test also if
        one has no entities, since then there is nothing to learn or to score.
    UsageError
        If there is a split but no cohort.
    """
    from text.docbin import corpus_file
    from text.docs import LONGEST, longest_of
    from text.sources import read_source

    found = read_source(source, split)
    result = Conversion(found)
    with ExitStack() as files:
        for name, part in found.parts.items():
            path = output / f"{name}.spacy"
            writer = files.enter_context(corpus_file(path))
            length = max_length if name not in ("val", "test") else 0
            longest = longest_of(name, found.split)
            result.parts[name] = _write(part, path, writer, min(length, LONGEST), longest)
        found.raise_problems()
        _refuse_empty(source, result)
    if found.split:
        for name in PARTS:
            stale = output / f"{name}.spacy"
            if name not in found.parts and stale.exists():
                remove(stale)
                result.removed.append(stale)
    return result


def _write(
    part: Part, path: Path, writer: CorpusWriter, max_length: int, longest: int
) -> Converted:
    from text.docs import Repairs, pieces

    labels: Counter[str] = Counter()
    repairs = Repairs()
    hashes = array("q")
    characters = 0
    for note in progress(part, path.name):
        characters += len(note.text)
        hashes.append(hash(note.text))
        for start, text, entities in pieces(note, repairs, max_length, longest=longest):
            writer.add(text, entities, {"case": note.id, "start": start})
            labels.update([entity.label for entity in entities])
    return Converted(path, writer.documents, len(hashes), characters, labels, repairs, hashes)


def _refuse_empty(source: Path, result: Conversion) -> None:
    problems = []
    for name, part in result.parts.items():
        remarks = result.source.parts[name].tally.remarks
        left_out = "; ".join(f"{remark}: {count}" for remark, count in remarks.items() if count)
        why = f" ({left_out})" if left_out else ""
        if not part.records:
            problems.append(f"{source}: the part {name!r} has no annotated records{why}.")
        elif result.source.split and not part.entities:
            done = "learnt" if name == "train" else "scored"
            problems.append(
                f"{source}: the part {name!r} has no entity in its {part.records:,} records{why}, "
                f"so nothing can be {done}; put annotated records into it."
            )
    raise_all(problems)


def main(
    source: Annotated[
        Path,
        typer.Argument(
            help="A cohort; a file of tags, of doccano, Label Studio or brat; a folder of such "
            "files; or a folder with train.*, val.* (or dev.*) and test.*"
        ),
    ],
    output: Annotated[Path, typer.Argument(help="Folder for the .spacy files.")],
    split: Annotated[
        Path | None, typer.Option(help="The cohort's split, from `python -m cohort.split`.")
    ] = None,
    max_length: Annotated[
        int,
        typer.Option(
            min=0,
            help="Split longer training records at sentence ends into pieces of at most so many "
            "characters; 0 keeps them whole. Val and test are never split, and longer records than "
            "spaCy takes always are.",
        ),
    ] = 0,
) -> None:
    """Convert annotated records to spaCy's training format."""
    result = convert(source, output, split=split, max_length=max_length)
    console = Console(soft_wrap=True, highlight=False)
    console.print(_table(result))
    for line in _remarks(result):
        console.print(line, markup=False)


def _table(result: Conversion) -> Table:
    table = Table(title="Records as spaCy documents")
    table.add_column("")
    for part in result.parts:
        table.add_column(part, justify="right")
    converted = list(result.parts.values())
    source = result.source
    table.add_row("records", *(f"{c.records:,}" for c in converted))
    table.add_row("documents", *(f"{c.documents:,}" for c in converted))
    table.add_row("characters", *(f"{c.characters:,}" for c in converted))
    table.add_row("entities", *(f"{c.entities.total():,}" for c in converted), end_section=True)
    for label in sorted({label for c in converted for label in c.entities}):
        table.add_row(label, *(f"{c.entities[label]:,}" for c in converted))
    table.add_section()
    remarks = sorted({r for part in source.parts.values() for r in part.tally.remarks})
    repairs = {
        **{remark: [source.remarks(remark)[p] for p in result.parts] for remark in remarks},
        "entities trimmed of white space": [c.repairs.trimmed for c in converted],
        "entities of white space, left out": [c.repairs.blank for c in converted],
        "sentences longer than --max-length": [c.repairs.too_long for c in converted],
        "sentences too long, cut inside": [c.repairs.cut_sentences for c in converted],
    }
    for name, counts in repairs.items():
        if any(counts):
            table.add_row(name, *(f"{count:,}" for count in counts), style="yellow")
    return table


def _remarks(result: Conversion) -> list[str]:
    from text.docs import TRAINABLE, longest_of

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


if __name__ == "__main__":
    run(main)
