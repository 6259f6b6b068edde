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

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from cohort.base.cli import progress, run
from cohort.base.devices import DeviceOption, parse_device
from cohort.base.errors import UsageError, few, raise_all
from cohort.base.files import refuse_sources_inside, require_replaceable
from cohort.provenance.note import note_made
from cohort.work.completed import completed
from cohort.work.engine import do_items
from cohort.work.job import PLAIN, Way
from cohort.work.options import RayOption, ResumeOption, RetryOption, ShardOption, way_of
from text.annotation.parts import (
    BATCH,
    AnnotateJob,
    as_last_step,
    as_line,
    part_ids,
    record_parts,
    rows_of,
)
from text.annotation.write import ANNOTATIONS, Annotation, Rows, WhatToWrite, write_annotations
from text.corpus.formats.registry import WRITERS
from text.model.named import pipeline_and_records
from text.model.pipeline import known_labels
from text.model.rules import ENTITIES, pipeline_or_rules, untold_by
from text.pages.annotation_line import to_json
from text.preannotation.evidence import PreAnnotations
from text.preannotation.finding_labels import FINDINGS, load_finding_labels

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

    from text.corpus.records import Records


def annotate(
    model: str | None,
    inputs: Sequence[Path],
    output: Path,
    *,
    split: Path | None = None,
    part: str | None = None,
    device: str | int = "cpu",
    formats: Sequence[str] = (),
    labels: Path | None = None,
    key: Path | None = None,
    mask: bool = False,
    pages: bool = True,
    processes: int = 1,
    way: Way = PLAIN,
) -> Annotation:
    """Annotate the records at `inputs` with the pipeline `model`; write to the folder `output`.

    Parameters
    ----------
    model
        Folder of a spaCy pipeline, or name of an installed one; None for that of rules only
        (`text.model.rules`), which finds sections and findings, and no entities.
    inputs, split, part
        See `text.corpus.records.find_records`.
    output
        Folder to make; an earlier one of the same kind is replaced.
    device
        As `cohort.base.devices` has it: `cpu`, `cuda:1`, … or a number of a GPU.
    formats
        Names of formats to write as well, of `text.corpus.formats.registry.WRITERS`.
    labels
        Labels of findings (`text.preannotation.finding_labels`), under which their evidence is
        written to these formats as well.
    key, mask
        Replace the identities in these formats, by stand-ins or by labels: as `text.deidentify`.
    pages
        Whether to write web pages.
    processes
        How many processes annotate.
    way
        Which records are annotated, and what is kept of what was done before; with it, records
        that can't be read don't end the others (`cohort.work`).

    Raises
    ------
    DataError
        If the pipeline cannot be loaded, a record is missing or in another encoding, a label
        cannot be written in one of `formats`, `labels` are not such, or `output` holds one of
        the inputs.
    UsageError
        If `split` and `part` don't go together, there is no such GPU or format, more than
        one process are to share a GPU, `formats` are asked for and there is nothing to write to
        them, or `labels`, `key` or `mask` without `formats`.
    """
    from text.corpus.records import find_records

    unknown = [name for name in formats if name not in WRITERS]
    if unknown:
        raise UsageError(f"--format {unknown[0]}: the formats are {', '.join(WRITERS)}.")
    if processes > 1 and parse_device(device).kind != "cpu":
        raise UsageError("--processes: several processes cannot share a GPU; use one.")
    if (key or mask) and not formats:
        raise UsageError("--key and --mask: are for an annotation tool; say for which by --format.")
    if (key or mask) and way.in_shards:
        raise UsageError(
            "--key and --mask: are not for a shard. Do all shards, then the same without --shard, "
            "with --resume: it keeps what they did, and replaces who is who."
        )
    records = find_records(inputs, split, part)
    nlp = pipeline_or_rules(model, device)
    untold = untold_by(nlp, model)
    found = _preannotations(nlp, labels, formats, untold)
    ids: list[str] = []
    records.check(None if way.is_plain else ids.append)
    result = Annotation(
        output,
        left_out=records.left_out,
        encodings=records.encodings,
        untold=untold,
        preannotations=found,
    )
    if key or mask:
        from text.sharing.tasks import SharedTasks

        result.shared = SharedTasks(inputs, output, None if mask else key)
    sources = [*inputs, *(Path(path) for path in (model, split, labels) if path)]
    wanted = WhatToWrite(model, known_labels(nlp), formats, pages, sources)
    if way.is_plain:
        rows: Rows = (
            (as_line(row), row)
            for record_id, doc in _annotated(nlp, records, processes)
            for row in [to_json(record_id, doc, untold)]
        )
        write_annotations(rows, output, wanted, result)
        return result
    require_replaceable(output, ANNOTATIONS)
    refuse_sources_inside(output, sources)
    job = AnnotateJob.of(nlp, model, output, untold, device)
    step = as_last_step(wanted, result)
    parts = part_ids(records, ids)
    done = do_items(job, record_parts(records), parts, output, way, "Annotating", step)
    result.problems = [why for of_one in done.failures.values() for why in of_one]
    if not way.in_shards:
        entries = completed(output).entries
        write_annotations(rows_of(entries, job.place), output, wanted, result)
    return result


def _annotated(nlp: Language, records: Records, processes: int) -> Iterator[tuple[str, Doc]]:
    """Yield the id and the document of each record, in order."""
    nlp.max_length = max(nlp.max_length, records.longest + 1)
    ids: deque[str] = deque()  # of the records that were read and aren't annotated yet

    def texts() -> Iterator[str]:
        for record in records:
            ids.append(record.id)
            yield record.text

    # Texts alone, without their ids: so each process makes its own documents.
    docs = nlp.pipe(texts(), n_process=processes, batch_size=_batch_size(records))
    for doc in progress(docs, "Annotating", records.count):
        yield ids.popleft(), doc


def _batch_size(records: Records) -> int:
    """Return how many records to hold at once: of long ones few, of short ones many."""
    return max(1, min(256, BATCH * records.count // records.characters))


def _preannotations(
    nlp: Language, labels: Path | None, formats: Sequence[str], untold: Mapping[str, str]
) -> PreAnnotations | None:
    """Return what gives findings labels, where that is asked for."""
    if labels is None:
        if formats and ENTITIES in untold:
            raise UsageError(
                f"--format {formats[0]}: is of entities, and {untold[ENTITIES].rstrip('.')}; name "
                "a pipeline by --pipeline, or labels for the findings by --labels."
            )
        return None
    if not formats:
        raise UsageError("--labels: are for an annotation tool; say for which one by --format.")
    if FINDINGS not in nlp.pipe_names:
        raise UsageError(
            f"--labels {labels}: are of findings, which the pipeline does not look for (it has no "
            f"{FINDINGS})."
        )
    return PreAnnotations(load_finding_labels(labels, nlp))


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
