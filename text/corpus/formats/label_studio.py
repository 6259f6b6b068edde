"""Label Studio's JSON: a list of tasks.

Written are tasks with the model's entities as `predictions`, which Label Studio shows as
pre-annotations, and the project's labeling configuration. Read is its export named JSON. Of a
task's `annotations` the ground truth counts, or else the last one that was neither cancelled nor
rejected; `predictions` count only in a file in which nobody annotated anything. A task that was
only skipped, or that has neither, is left out, since a record without entities would teach that
there are none. (labelstud.io/guide/task_format, labelstud.io/guide/predictions)

**Offsets** are code points (label-studio-frontend pull request 308; until Label Studio 1.3 they
were UTF-16 units, which the marked text beside them tells).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from cohort.base.errors import DataError
from cohort.base.files import write_text
from cohort.tags.scheme import Span
from text.corpus.annotated import Kind, MarkedRecord, ReadingTally
from text.corpus.formats.label_studio_tasks import (
    DATA,
    Tasks,
    annotations_of,
    is_task,
    is_void,
    marks_of,
    name_of,
)
from text.corpus.formats.offsets import CODE_POINTS, UTF_16, to_note
from text.corpus.formats.rows import rows

NAME = "label-studio"
TITLE = "Label Studio JSON"
FILE, CONFIG = "label_studio.json", "label_studio.xml"
_HTML = re.compile(r"</?[a-zA-Z][^<>]*>")
_FROM, _TO = "label", "text"  # names in the labeling configuration

is_row = is_task


def read(path: Path, record: Path | None, tally: ReadingTally) -> Iterator[MarkedRecord]:
    """Yield the records of an export that were annotated; see `name_of` for their ids."""
    tasks = Tasks(path, tally)
    for line, task in rows(path):
        if not is_task(task):
            raise DataError(f"{path}, line {line}: is not a task (it has no data).")
        results = tasks.results(line, task)
        if results is None:
            continue
        yield _record(path, line, task, results, tasks, tally)
    tally.kinds[Kind(TITLE, "", "UTF-8")] += 1


def read_by_annotator(path: Path, tally: ReadingTally) -> Iterator[tuple[str, MarkedRecord]]:
    """Yield who annotated a record, and the record as they did, for each record and annotator.

    Of several annotations of one person the ground truth counts, or else the last; what was skipped
    or rejected counts for nobody.
    """
    tasks = Tasks(path, tally)
    for line, task in rows(path):
        if not is_task(task):
            raise DataError(f"{path}, line {line}: is not a task (it has no data).")
        theirs: dict[str, dict[str, Any]] = {}
        for answer in annotations_of(path, line, task):
            name = _annotator(answer)
            if not is_void(answer) and not theirs.get(name, {}).get("ground_truth"):
                theirs[name] = answer
        for name, answer in theirs.items():
            results = tasks.marks(line, answer)
            if results is not None:
                yield name, _record(path, line, task, results, tasks, tally)


def _annotator(answer: dict[str, Any]) -> str:
    """Return who annotated: an e-mail or number, as the export has it."""
    who = answer.get("completed_by")
    if isinstance(who, dict):
        who = who.get("email") or who.get("username") or who.get("id")
    return "nobody named" if who is None else str(who)


def _record(
    path: Path,
    line: int,
    task: dict[str, Any],
    results: list[dict[str, Any]],
    tasks: Tasks,
    tally: ReadingTally,
) -> MarkedRecord:
    marks = [mark for result in results for mark in marks_of(path, line, result)]
    name, text = name_of(path, line, task), tasks.text(line, task)
    if _HTML.search(text) and any(result["type"] == "hypertextlabels" for result in results):
        raise DataError(
            f"{path}, line {line}: the record is HTML, and its offsets count what a browser "
            "shows of it; import records into Label Studio as plain text."
        )
    return to_note(path, name, text, marks, (CODE_POINTS, UTF_16), tally)


class Writer:
    """Writes `label_studio.json`, the tasks, and `label_studio.xml`, the labeling configuration."""

    def __init__(self, folder: Path, labels: Sequence[str]) -> None:
        self._config, self._labels = folder / CONFIG, set(labels)
        self._file = (folder / FILE).open("w", encoding="utf-8", newline="\n")
        self._file.write("[")
        self._between = "\n"

    def add(self, note: MarkedRecord) -> None:
        """Write a record as a task."""
        self.add_task(note.id, note.text, {"text.annotate": note.entities})

    def add_task(self, record: str, text: str, answers: Mapping[str, Sequence[Span]]) -> None:
        """Write a record with several answers, each by its name, as predictions of a task."""
        for spans in answers.values():
            self._labels.update(span.label for span in spans)
        task = {
            "data": {DATA: text, "record": record},
            "predictions": [
                {"model_version": name, "result": self._results(text, spans)}
                for name, spans in answers.items()
            ],
        }
        self._file.write(self._between + json.dumps(task, ensure_ascii=False))
        self._between = ",\n"

    @staticmethod
    def _results(text: str, spans: Sequence[Span]) -> list[dict[str, Any]]:
        return [
            {
                "id": f"{number}",
                "from_name": _FROM,
                "to_name": _TO,
                "type": "labels",
                "value": {
                    "start": start,
                    "end": end,
                    "text": text[start:end],
                    "labels": [label],
                },
            }
            for number, (start, end, label) in enumerate(spans, 1)
        ]

    def close(self) -> None:
        """Finish the list, and name the labels in the labeling configuration."""
        write_text(self._config, _config(sorted(self._labels)))
        self._file.write("\n]\n")
        self._file.close()


def _config(labels: Sequence[str]) -> str:
    lines = [f"    <Label value={quoteattr(label)}/>" for label in labels]
    return "\n".join(
        [
            "<View>",
            f'  <Labels name="{_FROM}" toName="{_TO}">',
            *lines,
            "  </Labels>",
            # Words of Chinese have no spaces between them, so characters are selected.
            f'  <Text name="{_TO}" value="${DATA}" granularity="symbol"/>',
            "</View>\n",
        ]
    )
