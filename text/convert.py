"""Convert annotated records to spaCy's training format: `train.spacy`, `val.spacy`, `test.spacy`.

Read are files of character tags, doccano's JSONL, Label Studio's JSON and brat's standoff files
(see `text.formats`); which it is shows in a file's name and its first row. Records are read,
converted and written one after the other, so a million of them need no more memory than a few
thousand. Run `python -m text.convert --help`.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from cohort.cli import progress, run
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
        What was changed so that spaCy can take the entities.
    """

    path: Path
    documents: int
    records: int
    characters: int
    entities: Counter[str]
    repairs: Repairs


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
        0 to keep them whole. Records to be scored (val, test) are always whole.

    Raises
    ------
    DataError
        If a file cannot be read or a part has no tagged records.
    UsageError
        If there is a split but no cohort.
    """
    from text.docbin import corpus_file
    from text.sources import read_source

    found = read_source(source, split)
    result = Conversion(found)
    with ExitStack() as files:
        for name, part in found.parts.items():
            path = output / f"{name}.spacy"
            writer = files.enter_context(corpus_file(path))
            length = max_length if name not in ("val", "test") else 0
            result.parts[name] = _write(part, path, writer, length)
        found.raise_problems()
        _refuse_empty(source, result)
    if found.split:
        for name in PARTS:
            stale = output / f"{name}.spacy"
            if name not in found.parts and stale.exists():
                remove(stale)
                result.removed.append(stale)
    return result


def _write(part: Part, path: Path, writer: CorpusWriter, max_length: int) -> Converted:
    from text.docs import Repairs, pieces

    labels: Counter[str] = Counter()
    repairs = Repairs()
    records = characters = 0
    for note in progress(part, path.name):
        records += 1
        characters += len(note.text)
        for start, text, entities in pieces(note, repairs, max_length):
            writer.add(text, entities, {"case": note.id, "start": start})
            labels.update([entity.label for entity in entities])
    return Converted(path, writer.documents, records, characters, labels, repairs)


def _refuse_empty(source: Path, result: Conversion) -> None:
    raise_all(
        [
            f"{source}: the part {name!r} has no annotated records."
            for name, part in result.parts.items()
            if not part.records
        ]
    )


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
            "characters; 0 keeps them whole. Val and test are never split.",
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
    }
    for name, counts in repairs.items():
        if any(counts):
            table.add_row(name, *(f"{count:,}" for count in counts), style="yellow")
    return table


def _remarks(result: Conversion) -> list[str]:
    source = result.source
    lines = [
        f"Tag files: {count} ({kind.scheme}; separator: {kind.separator}; {kind.encoding})"
        if kind.separator
        else f"{kind.scheme}: {count} ({kind.encoding})"
        for kind, count in source.kinds.items()
    ]
    for reason, names in source.left_out.items():
        lines.append(f"Left out, {reason}: {len(names)} ({few(names)})")
    lines += [f"Removed, since this source lacks the part: {path}" for path in result.removed]
    lines.append("Written: " + ", ".join(str(part.path) for part in result.parts.values()))
    return lines


if __name__ == "__main__":
    run(main)
