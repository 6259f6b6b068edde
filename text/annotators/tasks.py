"""What two people differ on, as tasks for a third one, and what they agree on, as done.

`agreed.jsonl` holds the records on which both agree, as `text.annotate` writes annotations;
`text.convert` reads it beside the export of the adjudicated ones, as files of one folder.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError, few, raise_all
from cohort.schema.case_files import id_problems
from cohort.tags.scheme import Span
from text.corpus.annotated import MarkedRecord
from text.corpus.formats import brat, doccano, label_studio
from text.scores.alignment import CORRECT
from text.scores.compare import Checked

AGREED = "agreed.jsonl"
FOLDER = "adjudicate"
OF_FIRST, OF_SECOND = "-by-A", "-by-B"
"""What labels end in where a tool shows one answer only and the two differ."""


def write_tasks(
    folder: Path, documents: Sequence[Checked], names: tuple[str, str], tool: str
) -> int:
    """Write the tasks of the records that two people differ on, and the records that are agreed.

    Label Studio gets both answers as predictions of a task, by name. doccano and brat show one
    answer: there entities of both keep their labels, others end in `-by-A` or `-by-B`.

    Parameters
    ----------
    folder
        Where to; it is there.
    documents, names
        Records as both annotated them, and who they are.
    tool
        One of `TOOLS`.

    Returns
    -------
    int
        How many tasks there are.

    Raises
    ------
    DataError
        If the tool needs a file for each record, and an id can't name one or is there twice.
    """
    if tool == brat.NAME:
        raise_all([p for one in documents for p in id_problems(one.record)])
        twice = [name for name, n in Counter(one.record for one in documents).items() if n > 1]
        if twice:
            raise DataError(f"Several records have one id ({few(twice)}), which brat can't hold.")
    (folder / FOLDER).mkdir()
    differing = [one for one in documents if _differ(one)]
    labels = sorted({s.label for one in documents for s in (*one.gold, *one.predicted)})
    TOOLS[tool](folder / FOLDER, differing, names, labels)
    agreed = [one for one in documents if not _differ(one)]
    if agreed:  # no reader takes an empty file
        with (folder / AGREED).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(json.dumps(_row(one), ensure_ascii=False) + "\n" for one in agreed)
    return len(differing)


def _row(document: Checked) -> dict[str, Any]:
    text = document.text
    spans = [{**span._asdict(), "text": text[span.start : span.end]} for span in document.gold]
    return {"id": document.record, "text": text, "spans": spans}


def _differ(document: Checked) -> bool:
    return any(pair.kind != CORRECT for pair in document.pairs)


def _for_label_studio(
    folder: Path, documents: Sequence[Checked], names: tuple[str, str], labels: Sequence[str]
) -> None:
    writer = label_studio.Writer(folder, labels)
    for one in documents:
        answers = dict(zip(names, (one.gold, one.predicted), strict=True))
        writer.add_task(one.record, one.text, answers)
    writer.close()


def _for_doccano(
    folder: Path, documents: Sequence[Checked], names: tuple[str, str], labels: Sequence[str]
) -> None:
    writer = doccano.Writer(folder, labels)
    for one in documents:
        writer.add(_both(one))
    writer.close()


def _for_brat(
    folder: Path, documents: Sequence[Checked], names: tuple[str, str], labels: Sequence[str]
) -> None:
    writer = brat.Writer(folder, labels)
    for one in documents:
        writer.add(_both(one))
    writer.close()


def _both(document: Checked) -> MarkedRecord:
    spans = []
    for gold, predicted in document.pairs:
        if gold and gold == predicted:
            spans.append(gold)
            continue
        spans += [Span(*gold[:2], gold.label + OF_FIRST)] if gold else []
        spans += [Span(*predicted[:2], predicted.label + OF_SECOND)] if predicted else []
    return MarkedRecord(document.record, document.text, sorted(spans))


TOOLS: dict[str, Callable[[Path, Sequence[Checked], tuple[str, str], Sequence[str]], None]] = {
    label_studio.NAME: _for_label_studio,
    doccano.NAME: _for_doccano,
    brat.NAME: _for_brat,
}
"""Name of an annotation tool, to what writes its tasks."""
