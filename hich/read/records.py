"""The records searched for findings, and with a pipeline for entities, one after the other."""

from __future__ import annotations

import json
from pathlib import Path

from cohort.base.cli import progress
from cohort.base.errors import DataError
from cohort.base.files import atomic_folder
from cohort.schema.manifest import Cohort
from hich.read.failures import Failure

ANNOTATIONS = "annotations.jsonl"


def annotate_records(
    cohort: Cohort, pipeline: str | None, folder: Path, device: str | int
) -> list[Failure]:
    """Write `annotations.jsonl`, as `text.annotate` does, of the records that can be read.

    Parameters
    ----------
    cohort
        Whose records.
    pipeline
        Folder of a spaCy pipeline, or name of an installed one; None for rules only.
    folder
        To make; an earlier one is replaced.
    device
        As `cohort.base.devices` has it.

    Returns
    -------
    list of Failure
        The records that can't be read.

    Raises
    ------
    DataError
        If the pipeline cannot be loaded.
    UsageError
        If there is no such device.
    """
    from text.corpus.record_text import read_record
    from text.model.each import Stumbled, each_doc
    from text.model.rules import pipeline_or_rules, untold_by
    from text.pages.annotation_line import to_json

    nlp = pipeline_or_rules(pipeline, device)
    untold = untold_by(nlp, pipeline)
    failures = []
    cases = [case for case in cohort.cases if case.record]
    with atomic_folder(folder, ANNOTATIONS) as temporary:
        path = temporary / ANNOTATIONS
        with path.open("w", encoding="utf-8", newline="\n") as lines:
            for case in progress(cases, "Searching records", len(cases)):
                assert case.record is not None
                try:
                    text, _ = read_record(cohort.path(case.record))
                except DataError as error:
                    failures += [Failure(case.id, "record", why) for why in error.problems]
                    continue
                nlp.max_length = max(nlp.max_length, len(text) + 1)
                (doc,) = each_doc(nlp, [text])
                if isinstance(doc, Stumbled):
                    failures.append(Failure(case.id, "record", doc.sentence(case.id)))
                    continue
                row = to_json(case.id, doc, untold)
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
    return failures
