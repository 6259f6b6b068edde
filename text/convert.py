"""Convert annotated records to spaCy's training format: `train.spacy`, `val.spacy`, `test.spacy`.

Read are files of character tags, doccano's JSONL, Label Studio's JSON, tables (CSV) with a column
of annotations and brat's standoff files (see `text.corpus.formats`); which it is shows in a file's
name and its first row. Records are read, converted and written one after the other, so a million of
them need no more memory than a few thousand. What cannot be trained or scored is cut, where that
changes no entity, or refused. Run `python -m text.convert --help`.
"""

from __future__ import annotations

from array import array
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cohort.base.cli import progress, run
from cohort.base.errors import raise_all
from cohort.base.files import remove
from cohort.provenance.note import note_made
from cohort.schema.split import PARTS
from text.corpus.conversion import Conversion, Converted, remarks, table

if TYPE_CHECKING:
    from text.corpus.docbin import CorpusWriter
    from text.corpus.sources import Part


def convert(
    source: Path, output: Path, *, split: Path | None = None, max_length: int = 0
) -> Conversion:
    """Convert the annotated records at `source` to `.spacy` files in the folder `output`.

    A source with parts becomes `train.spacy`, `val.spacy` and `test.spacy`; one without becomes
    one file of the source's name. Either all files are written or none.

    Parameters
    ----------
    source, split
        See `text.corpus.sources.read_source`.
    output
        Folder to write to.
    max_length
        Split longer records into pieces of at most so many characters, at sentence ends;
        0 to keep them whole. Records to be scored (val, test) are always whole, unless spaCy
        could not take them; see `text.corpus.docs`.

    Raises
    ------
    DataError
        If a file cannot be read, or a part has no tagged records; of train, val and test also if
        one has no entities, since then there is nothing to learn or to score.
    UsageError
        If there is a split but no cohort.
    """
    from text.corpus.sources import read_source

    # Before spaCy is there: listing a million files takes memory for a moment.
    found = read_source(source, split)

    from text.corpus.docbin import corpus_file
    from text.corpus.docs import LONGEST, longest_of

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
    from text.corpus.docs import Repairs, pieces

    labels: Counter[str] = Counter()
    repairs = Repairs()
    hashes, marked = array("q"), array("q")
    characters = 0
    for note in progress(part, path.name):
        characters += len(note.text)
        hashes.append(hash(note.text))
        marked.append(hash((note.text, *note.entities)))
        for start, text, entities in pieces(note, repairs, max_length, longest=longest):
            writer.add(text, entities, {"case": note.id, "start": start})
            labels.update([entity.label for entity in entities])
    return Converted(
        path, writer.documents, len(hashes), characters, labels, repairs, hashes, marked
    )


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
            help="A cohort; a file of tags, of doccano, Label Studio or brat, or a table (CSV) "
            "with a column of annotations; a folder of such files; or a folder with train.*, "
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
            "characters; 0 keeps them whole. Val and test are never split, and longer records than "
            "spaCy takes always are.",
        ),
    ] = 0,
) -> None:
    """Convert annotated records to spaCy's training format."""
    result = convert(source, output, split=split, max_length=max_length)
    made = [part.path.name for part in result.parts.values()]
    note_made(output, made, of=[source], half="records", split=split)
    console = Console(soft_wrap=True, highlight=False)
    console.print(table(result))
    for line in remarks(result):
        console.print(line, markup=False)


if __name__ == "__main__":
    run(main)
