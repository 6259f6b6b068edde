"""Annotate medical records with a trained pipeline: entities as JSON lines and as web pages.

Run `python -m text.annotate --help`. The output folder holds

- `annotations.jsonl`: a record a line, `{"id", "text", "spans": [{"start", "end", "label", "text",
  "section"}], "sections": [{"start", "end", "label"}], "findings": [...]}`; start and end are
  character offsets in the text, end not included; line ends count as one character each; a span's
  section is the label of the section it starts in, or null; findings as in `text.findings`;
- `findings.csv`: a row a record, the columns of `text.findings_summary.summarize`;
- `index.html` and `pages/<id>.html`: the records with their entities marked, and their findings.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from cohort.cli import run
from cohort.errors import DataError, UsageError, raise_all
from cohort.files import atomic_folder
from text.findings_table import FindingsCsv, findings_of

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

    from text.records import Records

ANNOTATIONS = "annotations.jsonl"


@dataclass
class Annotation:
    """What `annotate` read and wrote.

    Attributes
    ----------
    folder
        Where it was written.
    records
        How many records were annotated.
    characters
        Their characters.
    labels
        Entities by label.
    encodings
        Records by encoding.
    left_out
        Why something was left out, to what it is.
    """

    folder: Path
    records: int = 0
    characters: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    encodings: Counter[str] = field(default_factory=Counter)
    left_out: dict[str, list[str]] = field(default_factory=dict)


def annotate(
    model: str,
    inputs: Sequence[Path],
    output: Path,
    *,
    split: Path | None = None,
    part: str | None = None,
    gpu_id: int = -1,
) -> Annotation:
    """Annotate the records at `inputs` with the pipeline `model`; write to the folder `output`.

    Parameters
    ----------
    model
        Folder of a spaCy pipeline, or name of an installed one.
    inputs, split, part
        See `text.records.find_records`.
    output
        Folder to make; an earlier one of the same kind is replaced.
    gpu_id
        Number of the GPU, -1 for the CPU.

    Raises
    ------
    DataError
        If the pipeline cannot be loaded, or a record is missing or in another encoding.
    UsageError
        If `split` and `part` don't go together, or there is no such GPU.
    """
    from text.pages import Palette, index_page, record_page
    from text.records import find_records

    records = find_records(inputs, split, part)
    nlp = load_pipeline(model, gpu_id)
    result = Annotation(output, left_out=records.left_out)
    texts = _read(records, result)
    palette = Palette(sorted(label for pipe in nlp.pipe_labels.values() for label in pipe))
    index = []
    with atomic_folder(output, ANNOTATIONS) as folder:
        (folder / "pages").mkdir()
        with (
            (folder / ANNOTATIONS).open("w", encoding="utf-8", newline="\n") as lines,
            closing(FindingsCsv(folder)) as table,
        ):
            for record_id, doc in _annotated(nlp, texts):
                row = to_json(record_id, doc)
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
                table.add(record_id, row["findings"])
                page = record_page(row, palette)
                (folder / "pages" / f"{record_id}.html").write_text(page, encoding="utf-8")
                index.append((record_id, len(doc.text), len(doc.ents)))
                result.labels.update(entity.label_ for entity in doc.ents)
        (folder / "index.html").write_text(index_page(model, index), encoding="utf-8")
    result.records = len(index)
    result.characters = sum(characters for _, characters, _ in index)
    return result


def load_pipeline(model: str, gpu_id: int = -1) -> Language:
    """Load the pipeline in the folder `model`, or installed under that name.

    Raises
    ------
    DataError
        If there is none, or it cannot be loaded.
    UsageError
        If there is no such GPU.
    """
    import spacy
    from thinc.api import require_gpu

    if gpu_id >= 0:
        try:
            require_gpu(gpu_id)
        except ValueError:
            raise UsageError(f"--gpu-id {gpu_id}: no such GPU; use -1 for the CPU.") from None
    if Path(model).exists() and not (Path(model) / "config.cfg").is_file():
        raise DataError(
            f"{model}: is no spaCy pipeline (no config.cfg); train one with "
            "`python -m spacy train configs/text/ner_cnn.cfg --output training/text` "
            "and name its model-best."
        )
    try:
        return spacy.load(model)
    except Exception as error:  # each damaged file raises an error of its own kind
        if not Path(model).exists() and isinstance(error, OSError):
            raise DataError(
                f"{model}: no such folder, nor an installed pipeline of that name."
            ) from None
        reason = " ".join(str(error).split())[:300]
        raise DataError(f"{model}: the spaCy pipeline cannot be loaded ({reason}).") from error


def to_json(record_id: str, doc: Doc) -> dict[str, Any]:
    """Return an annotated record as its line of `annotations.jsonl`."""
    sections = list(doc.spans.get("sections", ()))
    return {
        "id": record_id,
        "text": doc.text,
        "spans": [
            {
                "start": entity.start_char,
                "end": entity.end_char,
                "label": entity.label_,
                "text": entity.text,
                "section": next(
                    (s.label_ for s in sections if s.start_char <= entity.start_char < s.end_char),
                    None,
                ),
            }
            for entity in doc.ents
        ],
        "sections": [
            {"start": s.start_char, "end": s.end_char, "label": s.label_} for s in sections
        ],
        "findings": findings_of(doc),
    }


def _read(records: Records, result: Annotation) -> dict[str, str]:
    """Read all records before the first is annotated: bad ones are named at once."""
    from text.records import read_record

    texts: dict[str, str] = {}
    problems: list[str] = []
    for record_id, path in records.paths.items():
        try:
            text, encoding = read_record(path)
        except DataError as error:
            problems += error.problems
            continue
        if not text.strip():
            records.leave_out("is empty", record_id)
            continue
        texts[record_id] = text
        result.encodings[encoding] += 1
    raise_all(problems)
    if not texts:
        raise DataError("all records are empty: " + ", ".join(map(str, records.paths.values())))
    return texts


def _annotated(nlp: Language, texts: dict[str, str]) -> Iterator[tuple[str, Doc]]:
    nlp.max_length = max(nlp.max_length, max(map(len, texts.values())) + 1)
    pairs = ((text, record_id) for record_id, text in texts.items())
    docs = nlp.pipe(pairs, as_tuples=True)
    for doc, record_id in track(
        docs, "Annotating", len(texts), console=Console(stderr=True), transient=True
    ):
        yield record_id, doc


def main(
    model: Annotated[
        str, typer.Argument(help="Folder of a trained pipeline, or name of an installed one.")
    ],
    inputs: Annotated[
        list[Path], typer.Argument(help="Records: text files, folders of them, cohorts.")
    ],
    output: Annotated[Path, typer.Option(help="Folder to write to.")],
    split: Annotated[
        Path | None, typer.Option(help="Split of the cohort; together with --part.")
    ] = None,
    part: Annotated[str | None, typer.Option(help="Annotate this part: train, val, test.")] = None,
    gpu_id: Annotated[int, typer.Option(help="Number of the GPU; -1 for the CPU.")] = -1,
) -> None:
    """Annotate medical records with a trained spaCy pipeline."""
    result = annotate(model, inputs, output, split=split, part=part, gpu_id=gpu_id)
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"{result.records:,} records, {result.characters:,} characters")
    table = Table()
    table.add_column("entities")
    table.add_column("found", justify="right")
    for label, count in sorted(result.labels.items()):
        table.add_row(label, f"{count:,}")
    table.add_section()
    table.add_row("all", f"{result.labels.total():,}")
    console.print(table)
    for encoding, count in result.encodings.items():
        console.print(f"{encoding}: {count} records", markup=False)
    for reason, names in result.left_out.items():
        shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        console.print(f"Left out, {reason}: {len(names)} ({shown})", markup=False)
    console.print(f"Written: {result.folder / ANNOTATIONS}, {result.folder / 'index.html'}")


if __name__ == "__main__":
    run(main)
