"""Convert annotated records to spaCy's training format: `train.spacy`, `val.spacy`, `test.spacy`.

Read are files of character tags, doccano's JSONL, Label Studio's JSON, tables (CSV) with a column
of annotations and brat's standoff files (see `text.corpus.formats`); which it is shows in a file's
name and its first row. Records are read, converted and written one after the other, so a million of
them need no more memory than a few thousand. What cannot be trained or scored is cut, where that
changes no entity, or refused. Run `python -m text.convert --help`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cohort.base.cli import progress, run
from cohort.base.errors import raise_all
from cohort.base.files import require_place
from cohort.provenance.note import note_made
from cohort.work.job import PLAIN, Way
from cohort.work.options import RayOption, ResumeOption, RetryOption, ShardOption, way_of
from cohort.work.whole import do_whole
from text.corpus.conversion import Conversion, Converted, remarks, table

if TYPE_CHECKING:
    from text.corpus.documents import CorpusDocument
    from text.corpus.sources import Source


def convert(
    source: Path,
    output: Path,
    *,
    split: Path | None = None,
    max_length: int = 0,
    way: Way = PLAIN,
) -> Conversion | None:
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
    way
        Which files are written, and what is kept of those that were before (`cohort.work`). All
        records are read whatever it is, since where a file begins depends on all before it.

    Returns
    -------
    Conversion
        None of a shard.

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

    result = Conversion(found)
    if not way.is_plain:
        return _by_file(source, output, found, result, max_length, way)

    from text.corpus.docbin import corpus_file
    from text.jobs.convert import remove_other_parts

    with ExitStack() as files:
        for name in found.parts:
            result.parts[name] = counts = Converted(output / f"{name}.spacy")
            writer = files.enter_context(corpus_file(counts.path))
            for document in progress(_documents(found, name, counts, max_length), counts.path.name):
                writer.add(*document)
        found.raise_problems()
        _refuse_empty(source, result)
    if found.split:
        result.removed.extend(remove_other_parts(output, found.parts))
    return result


def _by_file(
    source: Path, output: Path, found: Source, result: Conversion, max_length: int, way: Way
) -> Conversion | None:
    """Write each file of documents for itself, beside `output`; at the end put them there."""
    from text.corpus.documents import files_of_documents
    from text.jobs.convert import ConvertJob, Spool, conclude_corpus

    require_place(output)
    inputs: dict[str, dict[str, str]] = {}
    with Spool(way.shard) as spool:
        for name in found.parts:
            result.parts[name] = counts = Converted(output / f"{name}.spacy")
            documents = progress(_documents(found, name, counts, max_length), f"Reading {name}")
            files = enumerate(files_of_documents(documents), 1)
            inputs[name] = dict(spool.add(f"{name}-{number:04d}", file) for number, file in files)
        found.raise_problems()
        _refuse_empty(source, result)
        ids = [one for of_part in inputs.values() for one in of_part]
        job, step = ConvertJob.of(output), {"inputs": inputs, "split": found.split}
        what = "Writing files"
        removed = do_whole(job, spool.items(), ids, output, way, what, step, conclude_corpus)
    if removed is None:
        return None
    result.removed.extend(removed)
    return result


def _documents(
    source: Source, name: str, counts: Converted, max_length: int
) -> Iterator[CorpusDocument]:
    from text.corpus.docs import LONGEST, longest_of
    from text.corpus.documents import documents_of

    length = max_length if name not in ("val", "test") else 0
    longest = longest_of(name, source.split)
    return documents_of(source.parts[name], counts, min(length, LONGEST), longest)


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
    shard: ShardOption = None,
    resume: ResumeOption = False,
    retry_failed: RetryOption = False,
    ray: RayOption = None,
) -> None:
    """Convert annotated records to spaCy's training format."""
    way = way_of(shard, resume, retry_failed, ray)
    result = convert(source, output, split=split, max_length=max_length, way=way)
    if result is None:  # of a shard
        return
    made = [part.path.name for part in result.parts.values()]
    note_made(output, made, of=[source], half="records", split=split)
    console = Console(soft_wrap=True, highlight=False)
    console.print(table(result))
    for line in remarks(result):
        console.print(line, markup=False)


if __name__ == "__main__":
    run(main)
