"""Records read, annotated and written one after the other, in one process or several."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cohort.base.cli import progress
from cohort.base.devices import parse_device
from cohort.base.errors import UsageError
from cohort.base.files import refuse_sources_inside, require_replaceable
from cohort.work.completed import completed
from cohort.work.engine import do_items
from cohort.work.job import PLAIN, Shard, Way
from cohort.work.noting import own_shard
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
from text.model.each import Stumbled, each_doc
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
            for record_id, doc in _annotated(nlp, records, processes, result.problems)
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
        with own_shard(output, Shard()):
            entries = completed(output).entries
            write_annotations(rows_of(entries, job.place), output, wanted, result)
    return result


def _annotated(
    nlp: Language, records: Records, processes: int, problems: list[str]
) -> Iterator[tuple[str, Doc]]:
    """Yield the id and the document of each record, in order; tell of the others in `problems`."""
    nlp.max_length = max(nlp.max_length, records.longest + 1)
    ids: deque[str] = deque()  # of the records that were read and aren't annotated yet

    def texts() -> Iterator[str]:
        for record in records:
            ids.append(record.id)
            yield record.text

    # Texts alone, without their ids: so each process makes its own documents.
    docs = each_doc(nlp, texts(), _batch_size(records), processes)
    for doc in progress(docs, "Annotating", records.count):
        record_id = ids.popleft()
        if isinstance(doc, Stumbled):
            problems.append(doc.sentence(record_id))
        else:
            yield record_id, doc


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
