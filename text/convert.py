"""Convert tagged records to spaCy's training format: `train.spacy`, `val.spacy`, `test.spacy`.

Run `python -m text.convert --help`.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from cohort.cli import run
from cohort.files import atomic_file
from cohort.splitfile import PARTS

if TYPE_CHECKING:
    from text.docs import Repairs
    from text.sources import Note, Source


@dataclass(frozen=True)
class Converted:
    """One file of spaCy documents.

    Attributes
    ----------
    path
        The `.spacy` file.
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
    """Convert the tagged records at `source` to `.spacy` files in the folder `output`.

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
    from text.sources import read_source

    found = read_source(source, split)
    result = Conversion(found)
    with ExitStack() as files:
        for part, notes in found.parts.items():
            path = output / f"{part}.spacy"
            temporary = files.enter_context(atomic_file(path))
            length = max_length if part not in ("val", "test") else 0
            result.parts[part] = _write(notes, path, temporary, length)
    if found.split:
        for part in PARTS:
            stale = output / f"{part}.spacy"
            if part not in found.parts and stale.exists():
                stale.unlink()
                result.removed.append(stale)
    return result


def _write(notes: list[Note], path: Path, temporary: Path, max_length: int) -> Converted:
    import spacy
    from spacy.tokens import DocBin

    from text.docs import Repairs, make_docs

    nlp = spacy.blank("zh")
    nlp.max_length = max(len(note.text) for note in notes) + 1
    docs = DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
    labels: Counter[str] = Counter()
    repairs = Repairs()
    for note in track(
        notes, path.name, console=Console(stderr=True), transient=True, update_period=0.5
    ):
        for doc in make_docs(nlp, note, repairs, max_length):
            docs.add(doc)
            labels.update(span.label_ for span in doc.ents)
    docs.to_disk(temporary)
    characters = sum(len(note.text) for note in notes)
    return Converted(path, len(docs), len(notes), characters, labels, repairs)


def main(
    source: Annotated[
        Path,
        typer.Argument(
            help="A cohort, a tag file, a folder of tag files, or a folder with train.*, "
            "val.* (or dev.*) and test.*"
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
    """Convert tagged records to spaCy's training format."""
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
    repairs = {
        "characters without a tag, read as O": [source.untagged[part] for part in result.parts],
        "illegal tags repaired": [source.repaired[part] for part in result.parts],
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
        f"Tag files: {count} ({scheme}; separator: {separator}; {encoding})"
        for (scheme, separator, encoding), count in source.kinds.items()
    ]
    for reason, names in source.left_out.items():
        shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        lines.append(f"Left out, {reason}: {len(names)} ({shown})")
    lines += [f"Removed, since this source lacks the part: {path}" for path in result.removed]
    lines.append("Written: " + ", ".join(str(part.path) for part in result.parts.values()))
    return lines


if __name__ == "__main__":
    run(main)
