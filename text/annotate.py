"""Annotate medical records: entities, sections and findings, as JSON lines and as web pages.

Run `python -m text.annotate --help`. The output folder holds

- `annotations.jsonl`: a record per line, `{"id", "text", "spans": [{"start", "end", "label",
  "text", "section"}], "sections": [{"start", "end", "label"}], "findings": [...],
  "icd10": [{"code", "certainty", "evidence"}], "cannot_be_told": {},
  "notes": [{"kind", "what"}]}`; start and end are character offsets in the
  text, end not included; line ends count as one character each; a span's section is the label of
  the section it starts in, or null; findings as in `text.components.findings.component`, or null
  if the pipeline has no `hich_findings`; icd10 as in `text.pages.diagnosis_codes`;
  `cannot_be_told` says why entities were not looked for, if
  they were not: without a trained pipeline, rules find sections and findings only; notes say what
  is unusual about the record;
- `findings.csv`: one row per record: the columns of `text.components.findings.summary.summarize`,
  ICD-10 codes, notes;
- `index.html` and `pages/<id>.html`: the records with their entities marked, and their findings
  (not with `--no-pages`);
- with `--format`, the same entities for an annotation tool: `bioes/`, `doccano.jsonl`,
  `label_studio.json` with `label_studio.xml`, `brat/` (see `text.corpus.formats`); with `--labels`
  also the evidence of findings, in labels of one's own (`text.preannotation`). What the tool
  exports after correction, `python -m text.convert` reads. With `--key` or `--mask` these hold
  stand-ins or labels in place of who is who (`text.deidentify`), and `deidentified.json` says how
  many and where to look once more; the other files hold the records as they are.

All records are looked through before the first is annotated, so that a bad one is named at once;
then they are read, annotated and written one after the other, in memory that their number does
not change.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cohort.base.cli import run
from cohort.base.devices import DeviceOption
from cohort.base.errors import few, raise_all
from cohort.provenance.note import note_made
from cohort.work.options import RayOption, ResumeOption, RetryOption, ShardOption, way_of
from text.annotation.annotate import annotate
from text.annotation.write import ANNOTATIONS, Annotation
from text.corpus.formats.registry import WRITERS
from text.model.named import pipeline_and_records
from text.model.rules import ENTITIES


def main(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="[PIPELINE] RECORD...",
            help="Records: text files and Word documents (.docx), folders of them, cohorts; a "
            ".csv, .jsonl, .json or tag file. The first may be the folder of a trained "
            "pipeline, or the name of an installed one.",
        ),
    ],
    output: Annotated[Path, typer.Option(help="Folder to write to.")],
    pipeline: Annotated[
        str | None,
        typer.Option(
            help="Folder of a trained pipeline, or name of an installed one.",
            show_default="rules: sections and findings, no entities",
        ),
    ] = None,
    split: Annotated[
        Path | None, typer.Option(help="Split of the cohort; together with --part.")
    ] = None,
    part: Annotated[str | None, typer.Option(help="Annotate this part: train, val, test.")] = None,
    device: DeviceOption = "cpu",
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help=f"Write for an annotation tool as well: {', '.join(WRITERS)}; can be repeated.",
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            help="Labels of findings (YAML): write their evidence to --format as well, under these "
            "labels, for people to correct. An example: configs/text/labels.yaml.",
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            help="Replace who is who in --format by stand-ins drawn from this key file, made if "
            "it isn't there (see text.deidentify)."
        ),
    ] = None,
    mask: Annotated[
        bool, typer.Option("--mask", help="Put labels in their place instead: [NAME], [DATE].")
    ] = False,
    pages: Annotated[
        bool, typer.Option(help="Write a web page per record; not wanted for very many.")
    ] = True,
    processes: Annotated[
        int, typer.Option(min=1, help="How many processes annotate (on the CPU).")
    ] = 1,
    shard: ShardOption = None,
    resume: ResumeOption = False,
    retry_failed: RetryOption = False,
    ray: RayOption = None,
) -> None:
    """Annotate medical records: sections and findings by rules, entities by a trained pipeline."""
    model, records = pipeline_and_records(inputs, pipeline)
    result = annotate(
        model,
        records,
        output,
        split=split,
        part=part,
        device=device,
        formats=formats or (),
        labels=labels,
        key=key,
        mask=mask,
        pages=pages,
        processes=processes,
        way=way_of(shard, resume, retry_failed, ray, processes),
    )
    if shard is None:
        of = [model, *records, labels]
        note_made(output, of=of, half="records", part=part, split=split, device=device)
    console = Console(soft_wrap=True, highlight=False)
    if shard is not None:
        console.print(f"Shard {shard} is done; when all are: hich merge {output}", markup=False)
        raise_all(result.problems)
        return
    console.print(f"{result.records:,} records, {result.characters:,} characters")
    if ENTITIES not in result.untold:
        console.print(_table(result.labels))
    if result.preannotations:
        console.print(_table(result.preannotations.labels, "labels of findings"))
        for line in result.preannotations.told():
            console.print(line, markup=False)
    if result.shared:
        _tell_shared(console, result)
    elif formats:
        console.print("Note: tasks hold who is who; --key or --mask takes it out.", markup=False)
    for what, why in result.untold.items():
        console.print(f"Note: {what} cannot be told: {why}", markup=False)
    for encoding, count in result.encodings.items():
        console.print(f"Records in {encoding}: {count:,}", markup=False)
    for reason, names in result.left_out.items():
        console.print(f"Left out, {reason}: {len(names)} ({few(names)})", markup=False)
    for line in result.notes.lines(str(result.folder / ANNOTATIONS)):
        console.print(f"Note: {line}", markup=False)
    console.print(f"Written: {', '.join(map(str, sorted(result.folder.iterdir())))}", markup=False)
    raise_all(result.problems)


def _tell_shared(console: Console, result: Annotation) -> None:
    from text.sharing.report import REPORT

    assert result.shared is not None
    sharing = result.shared.sharing
    console.print(
        f"Replaced in the tasks: {sharing.kinds.total():,}; to look at: {sharing.leftovers:,} "
        f"({result.folder / REPORT}). No rule finds every identity: read what you share.",
        markup=False,
    )


def _table(labels: Counter[str], what: str = "entities") -> Table:
    table = Table()
    table.add_column(what)
    table.add_column("found", justify="right")
    for label, count in sorted(labels.items()):
        table.add_row(label, f"{count:,}")
    table.add_section()
    table.add_row("all", f"{labels.total():,}")
    return table


if __name__ == "__main__":
    run(main)
