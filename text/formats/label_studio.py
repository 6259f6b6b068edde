"""Label Studio's JSON: a list of tasks.

Written are tasks with the model's entities as `predictions`, which Label Studio shows as
pre-annotations, and the project's labeling configuration. Read is its export named JSON. Of a
task's `annotations` the last one that was not cancelled counts, and its `predictions` only if
nobody annotated it; a task that was only skipped, or that has neither, is left out, since a record
without entities would teach that there are none. (labelstud.io/guide/task_format,
labelstud.io/guide/predictions)

**Offsets** are code points (label-studio-frontend pull request 308; until Label Studio 1.3 they
were UTF-16 units, which the marked text beside them tells).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from cohort.errors import DataError
from cohort.files import write_text
from text.formats.offsets import CODE_POINTS, UTF_16, Mark, to_note
from text.formats.rows import rows
from text.notes import Kind, Note, Tally

NAME = "label-studio"
TITLE = "Label Studio JSON"
FILE, CONFIG = "label_studio.json", "label_studio.xml"
_FROM, _TO, _DATA = "label", "text", "text"  # names in the labeling configuration
_MARKS = ("labels", "hypertextlabels")  # types of results that mark text
_SEVERAL = "annotations of a task beside its last one, left out"
_PREDICTED = "tasks that nobody annotated, their predictions taken"
_SKIPPED = "tasks that were only skipped, left out"
_UNTOUCHED = "tasks that neither a person nor a model annotated, left out"


def is_row(row: dict[str, Any]) -> bool:
    """Return whether `row` can be a task."""
    return isinstance(row.get("data"), dict)


def read(path: Path, record: Path | None, tally: Tally) -> Iterator[Note]:
    """Yield the records of an export.

    Their ids are the `record` that `Writer` put into their data, or else the file's name with the
    task's `id` or the line's number.
    """
    for line, task in rows(path):
        if not is_row(task):
            raise DataError(f"{path}, line {line}: is no task (it has no data).")
        name = task["data"].get("record") or f"{path.stem}-{task.get('id', line)}"
        text = _text(path, line, task["data"])
        results = _results(path, line, task, tally)
        if results is not None:
            marks = [mark for result in results for mark in _read_marks(path, line, result)]
            yield to_note(path, str(name), text, marks, (CODE_POINTS, UTF_16), tally)
    tally.kinds[Kind(TITLE, "", "UTF-8")] += 1


class Writer:
    """Writes `label_studio.json`, the tasks, and `label_studio.xml`, the labeling configuration."""

    def __init__(self, folder: Path, labels: Sequence[str]) -> None:
        self._config, self._labels = folder / CONFIG, set(labels)
        self._file = (folder / FILE).open("w", encoding="utf-8", newline="\n")
        self._file.write("[")
        self._between = "\n"

    def add(self, note: Note) -> None:
        """Write a record as a task."""
        self._labels.update(span.label for span in note.entities)
        result = [
            {
                "id": f"{number}",
                "from_name": _FROM,
                "to_name": _TO,
                "type": "labels",
                "value": {
                    "start": start,
                    "end": end,
                    "text": note.text[start:end],
                    "labels": [label],
                },
            }
            for number, (start, end, label) in enumerate(note.entities, 1)
        ]
        task = {
            "data": {_DATA: note.text, "record": note.id},
            "predictions": [{"model_version": "text.annotate", "result": result}],
        }
        self._file.write(self._between + json.dumps(task, ensure_ascii=False))
        self._between = ",\n"

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
            f'  <Text name="{_TO}" value="${_DATA}" granularity="symbol"/>',
            "</View>\n",
        ]
    )


def _text(path: Path, line: int, data: dict[str, Any]) -> str:
    texts = {key: value for key, value in data.items() if isinstance(value, str)}
    if _DATA in texts:
        return texts[_DATA]
    texts.pop("record", None)
    if len(texts) != 1:  # a labeling configuration of another project may name it otherwise
        raise DataError(f"{path}, line {line}: the task's data have no text.")
    return next(iter(texts.values()))


def _results(
    path: Path, line: int, task: dict[str, Any], tally: Tally
) -> list[dict[str, Any]] | None:
    """Return what is marked in a task, None if it is to be left out."""
    made = _objects(path, line, task, "annotations") or _objects(path, line, task, "completions")
    valid = [a for a in made if not (a.get("was_cancelled") or a.get("skipped"))]
    if valid:
        tally.remarks[_SEVERAL] += len(valid) - 1
        return _objects(path, line, valid[-1], "result")
    predictions = _objects(path, line, task, "predictions")
    if made or not predictions:
        tally.remarks[_SKIPPED if made else _UNTOUCHED] += 1
        return None
    tally.remarks[_PREDICTED] += 1
    return _objects(path, line, predictions[-1], "result")


def _objects(path: Path, line: int, holder: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = holder.get(key) or []
    if not (isinstance(found, list) and all(isinstance(one, dict) for one in found)):
        raise DataError(
            f"{path}, line {line}: {key!r} is no list of objects, like {{…}}; "
            "export the whole tasks, not their numbers alone."
        )
    return found


def _read_marks(path: Path, line: int, result: dict[str, Any]) -> Iterator[Mark]:
    kind, value = result.get("type"), result.get("value") or {}
    if kind not in _MARKS:
        return
    try:
        labels: Any = value.get(kind) or value.get("labels")
        offsets = value.get("globalOffsets") or value
        start, end = offsets["start"], offsets["end"]
        if not (isinstance(start, int) and isinstance(end, int) and _are_labels(labels)):
            raise TypeError
        quote = value.get("text")
        for label in labels:
            yield Mark(start, end, label, quote if isinstance(quote, str) else None, line)
    except (KeyError, TypeError, AttributeError):
        shown = json.dumps(value, ensure_ascii=False)[:80]
        raise DataError(
            f"{path}, line {line}: the annotation {shown} has no start, end and labels."
        ) from None


def _are_labels(value: object) -> bool:
    return isinstance(value, list) and value != [] and all(n and isinstance(n, str) for n in value)
