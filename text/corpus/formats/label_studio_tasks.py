"""The records of Label Studio's tasks, and which of a task's answers counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError, few
from text.corpus.annotated import RELATIONS, WHOLE, ReadingTally
from text.corpus.formats.keys import is_offset, note_unread
from text.corpus.formats.offsets import Mark
from text.corpus.formats.rows import rows

DATA = "text"
"""Key of the record in a task's data, as this project writes it."""

_NAME = "record"  # key of the record's id
_MARKS = ("labels", "hypertextlabels")  # types of results that mark text
_WHOLE_RECORD = ("choices", "taxonomy", "rating", "textarea", "number", "datetime")
_OF_TASKS = ("annotations", "completions", "predictions")
_ABOUT_TASKS = ("data", "drafts", "meta", "annotators", "reviewers", "comments", "comment_authors")
_SEVERAL = "annotations of a task beside the one taken, left out"
_SEVERAL_PREDICTED = "predictions of a task beside the one taken, left out"
_DRAFTS_BESIDE = "drafts of a task beside its annotation, left out"
_PREDICTED = "tasks that nobody annotated, their predictions taken"
_NOT_GOLD = "tasks with predictions alone, left out, since others were annotated"
_SKIPPED = "tasks that were only skipped or rejected, left out"
_DRAFTS = "tasks with drafts alone, left out"
_UNTOUCHED = "tasks that neither a person nor a model annotated, left out"


def is_task(row: dict[str, Any]) -> bool:
    """Return whether `row` can be a task."""
    return isinstance(row.get("data"), dict)


def name_of(path: Path, line: int, task: dict[str, Any]) -> str:
    """Return the id of a task's record.

    It is the `record` that `text.corpus.formats.label_studio.Writer` put into its data, or else the
    file's name with the task's `id` or the line's number.
    """
    return str(task["data"].get(_NAME) or f"{path.stem}-{task.get('id', line)}")


class Tasks:
    """The tasks of an export.

    Parameters
    ----------
    path
        The export.
    tally
        Counts of what is left out, added to.
    """

    def __init__(self, path: Path, tally: ReadingTally) -> None:
        self._path, self._tally = path, tally
        # What the other tasks tell; the file is asked once, and only if it must be.
        self._annotated: bool | None = None
        self._keys: set[str | None] | None = None

    def results(self, line: int, task: dict[str, Any]) -> list[dict[str, Any]] | None:
        """Return the results that count, None if the task is to be left out.

        Of the annotations that were neither skipped nor rejected the ground truth counts, or else
        the last. Where nobody annotated anything in the whole file, predictions are taken.

        Raises
        ------
        DataError
            If they are not like Label Studio's, or the task has more under another name.
        """
        known = (*_OF_TASKS, *_ABOUT_TASKS, "updated_by")
        note_unread(self._path, line, task, known, self._tally)
        made = annotations_of(self._path, line, task)
        valid = [one for one in made if not is_void(one)]
        if valid:
            self._tally.remarks[_SEVERAL] += len(valid) - 1
            self._tally.remarks[_DRAFTS_BESIDE] += _drafts(task)
            truths = [one for one in valid if one.get("ground_truth")]
            return self.marks(line, (truths or valid)[-1])
        predictions = _objects(self._path, line, task, "predictions")
        if made or not predictions:
            drafts = task.get("drafts")
            reason = _SKIPPED if made else _DRAFTS if drafts else _UNTOUCHED
        elif self._anyone_annotated():
            reason = _NOT_GOLD
        else:
            self._tally.remarks[_PREDICTED] += 1
            self._tally.remarks[_SEVERAL_PREDICTED] += len(predictions) - 1
            return self.marks(line, predictions[-1])
        self._tally.remarks[reason] += 1
        return None

    def text(self, line: int, task: dict[str, Any]) -> str:
        """Return the record of a task: the text in its data that is marked.

        It stands under `text`, or under the name that the results say they mark (`to_name`), or it
        is the only text in which the marked words stand. Where a task marks nothing, others tell.

        Raises
        ------
        DataError
            If there is none, or several that can be meant.
        """
        texts = _texts(task["data"])
        if not texts:
            raise DataError(f"{self._path}, line {line}: the task's data have no text.")
        key = _key(self._path, line, task)
        if key is None:
            known = self._known_keys() & texts.keys()
            if len(known) != 1:
                names = ", ".join(map(repr, texts))
                raise DataError(
                    f"{self._path}, line {line}: the task's data have several texts ({names}), and "
                    f"nothing tells which one is the record; name it {DATA!r}."
                )
            (key,) = known
        return texts[key]

    def _anyone_annotated(self) -> bool:
        if self._annotated is None:
            self._annotated = any(
                not is_void(one)
                for line, task in rows(self._path)
                for one in annotations_of(self._path, line, task)
            )
        return self._annotated

    def _known_keys(self) -> set[str]:
        """Return under which keys the record stands in tasks that tell."""
        if self._keys is None:
            tasks = (row for row in rows(self._path) if is_task(row[1]))
            self._keys = {_key(self._path, *row) for row in tasks}
        return {key for key in self._keys if key is not None}

    def marks(self, line: int, answer: dict[str, Any]) -> list[dict[str, Any]] | None:
        """Return what an answer marks, None if it marks nothing in a way that is read."""
        if not isinstance(answer.get("result"), list):
            raise DataError(
                f"{self._path}, line {line}: an annotation has no list of results ('result')."
            )
        results = _objects(self._path, line, answer, "result")
        marks = [one for one in results if one.get("type") in _MARKS]
        # What is said of a marked entity has the entity's id.
        named = {str(one["id"]) for one in marks if one.get("id") is not None}
        kinds = set()
        for one in results:
            kind = one.get("type")
            if kind in _MARKS:
                continue
            if kind == "relation":
                self._tally.remarks[RELATIONS] += 1
            elif str(one.get("id")) in named:
                self._tally.remarks[f"{kind} of marked entities, left out"] += 1
            elif _marks_text(one):
                raise DataError(
                    f"{self._path}, line {line}: text is marked by results of the type {kind!r}, "
                    f"which is not read (read are {' and '.join(_MARKS)}); mark entities with the "
                    "control Labels."
                )
            else:
                of_record = kind in _WHOLE_RECORD
                remark = WHOLE if of_record else f"results of the type {kind}, left out"
                self._tally.remarks[remark] += 1
                kinds.add(str(kind))
        if kinds and not marks:
            # The project may have no control for entities at all.
            what = few(sorted(kinds))
            self._tally.remarks[f"tasks with answers of other types alone ({what}), left out"] += 1
            return None
        return marks


def marks_of(path: Path, line: int, result: dict[str, Any]) -> Iterator[Mark]:
    """Yield what a result marks, one for each of its labels.

    Raises
    ------
    DataError
        If it lacks start, end or labels.
    """
    value = result.get("value") or {}
    try:
        labels: Any = value.get(result["type"]) or value.get("labels")
        offsets = value.get("globalOffsets") or value
        start, end = offsets["start"], offsets["end"]
        if not (is_offset(start) and is_offset(end) and _are_labels(labels)):
            raise TypeError
        quote = _quote(result)
        for label in labels:
            yield Mark(start, end, label, quote, line)
    except (KeyError, TypeError, AttributeError):
        shown = json.dumps(value, ensure_ascii=False)[:80]
        raise DataError(
            f"{path}, line {line}: the annotation {shown} has no labels, or no start and end that "
            "are whole numbers (of a HyperText: globalOffsets)."
        ) from None


def annotations_of(path: Path, line: int, task: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what people annotated in a task, also what they skipped; `completions` of old."""
    return [one for key in _OF_TASKS[:2] for one in _objects(path, line, task, key)]


def _drafts(task: dict[str, Any]) -> int:
    """Return how many drafts of a task hold anything; some exports have their numbers alone."""
    found = task.get("drafts")
    drafts = found if isinstance(found, list) else []
    return sum(not isinstance(one, dict) or bool(one.get("result")) for one in drafts)


def is_void(annotation: dict[str, Any]) -> bool:
    """Return whether an annotation was skipped, or a reviewer rejected it."""
    if annotation.get("was_cancelled") or annotation.get("skipped"):
        return True
    reviews = annotation.get("reviews")
    if isinstance(reviews, list) and reviews and isinstance(reviews[-1], dict):
        return reviews[-1].get("accepted") is False
    return annotation.get("last_action") == "rejected"


def _objects(path: Path, line: int, holder: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = holder.get(key) or []
    if not (isinstance(found, list) and all(isinstance(one, dict) for one in found)):
        raise DataError(
            f"{path}, line {line}: {key!r} is not a list of objects, like {{…}}; "
            "export the whole tasks, not their numbers alone."
        )
    return found


def _marks_text(result: dict[str, Any]) -> bool:
    value = result.get("value")
    return isinstance(value, dict) and ("start" in value or "globalOffsets" in value)


def _texts(data: dict[str, Any]) -> dict[str, str]:
    return {k: v for k, v in data.items() if isinstance(v, str) and k != _NAME}


def _key(path: Path, line: int, task: dict[str, Any]) -> str | None:
    """Return the key of the record in a task's data, None if there are several or none."""
    texts = _texts(task["data"])
    answers = [one for key in _OF_TASKS for one in _objects(path, line, task, key)]
    results = [one for answer in answers for one in _objects(path, line, answer, "result")]
    marks = [one for one in results if one.get("type") in _MARKS]
    marked = sorted({str(one["to_name"]) for one in marks if one.get("to_name")})
    if len(marked) > 1:
        raise DataError(
            f"{path}, line {line}: the task marks several texts ({', '.join(marked)}); "
            "make a task of each."
        )
    quotes = {"".join(quote.split()) for quote in map(_quote, marks) if quote}
    bare = {key: "".join(text.split()) for key, text in texts.items()}
    fitting = [key for key, text in bare.items() if all(quote in text for quote in quotes)]
    likely = fitting or list(texts)
    for name in (*marked, DATA):
        if name in likely:
            return name
    return likely[0] if len(likely) == 1 else None


def _quote(result: dict[str, Any]) -> str | None:
    value = result.get("value")
    quote = value.get("text") if isinstance(value, dict) else None
    return quote if isinstance(quote, str) else None


def _are_labels(value: object) -> bool:
    return isinstance(value, list) and value != [] and all(n and isinstance(n, str) for n in value)
