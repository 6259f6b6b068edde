"""What is done of a job, in a folder beside its output: `OUT.work`.

- `job.json`: the command, what its results depend on, its items in order, and what the last step
  needs to know;
- `done/1-of-3.jsonl`: a line for each item that shard 1/3 has done, or that failed;
- `failed.csv`: what failed, and why.

A line is written when an item's files are complete. So whatever ends a run, at most the items that
it was working on are done again. No decision rests on a clock.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple

from cohort.base.errors import DataError
from cohort.base.files import (
    DISK_FULL,
    atomic_file,
    open_table,
    read_json,
    require_place,
    write_json,
    write_text,
)
from cohort.base.locks import give_back, take
from cohort.work.job import Item, Job, JobIdentity, Made, Shard, Way, digests

JOB, DONE, FAILED = "job.json", "done", "failed.csv"
_PARTS = {"settings": "options", "model": "model", "code": "this program's version"}


def work_folder(output: Path) -> Path:
    """Return where it is noted what is done for `output`.

    Examples
    --------
    >>> work_folder(Path("a/predictions")).name
    'predictions.work'
    """
    whole = output.resolve()
    return whole.with_name(f"{whole.name}.work") if not output.name else Path(f"{output}.work")


class Entry(NamedTuple):
    """A line on an item: what it was made of, and what was made, or why it failed."""

    id: str
    made_of: str
    input: str | None
    files: Mapping[str, str]
    result: Any
    failed: tuple[str, ...]
    shard: str


@dataclass(frozen=True)
class Noted:
    """What `job.json` says.

    Attributes
    ----------
    command
        As `hich` calls it.
    identity
        What results depend on besides the items' input.
    items
        Ids, in the order of tables.
    keeps
        Where the items' files lie: in the `output`, or in the `work` folder.
    last_step
        What the last step needs to know.
    """

    command: str
    identity: JobIdentity
    items: Sequence[str]
    keeps: str = "output"
    last_step: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, output: Path) -> Noted | None:
        """Read it; None if there is none.

        Raises
        ------
        DataError
            If it is damaged.
        """
        path = work_folder(output) / JOB
        if not path.is_file():
            return None
        value = read_json(path)
        try:
            identity = JobIdentity(**value["identity"])
            of = (value[name] for name in ("command", "items", "keeps", "last_step"))
            command, items, keeps, last_step = of
            return cls(command, identity, items, keeps, last_step)
        except (KeyError, TypeError):
            raise DataError(
                f"{path}: doesn't say what was done; remove {path.parent} and do it again."
            ) from None

    def write(self, output: Path) -> None:
        """Write it."""
        write_json(work_folder(output) / JOB, asdict(self))

    def apart(self, other: Noted) -> list[str]:
        """Return in what another job differs, in words."""
        if self.command != other.command:
            return [f"the command (it was {self.command})"]
        mine, its = asdict(self.identity), asdict(other.identity)
        found = [words for part, words in _PARTS.items() if mine[part] != its[part]]
        if json.loads(json.dumps(other.last_step)) != self.last_step and "options" not in found:
            found.insert(0, "options")
        if list(self.items) != list(other.items):
            found.append("the list of what is to be done")
        return found


class Ledger:
    """Says what is done of a job, and notes what is done now; made by `open_ledger`."""

    def __init__(self, output: Path, job: Job, entries: Iterable[Entry], lines: IO[str]) -> None:
        self._output, self._job, self._lines = output, job, lines
        self._print = job.identity.whole
        self._known: dict[str, list[Entry]] = {}
        for entry in entries:
            self._known.setdefault(entry.id, []).append(entry)

    def knows(self, item_id: str) -> bool:
        """Return whether the item was done or failed before, of whatever input."""
        return item_id in self._known

    def find(self, item: Item) -> Entry | None:
        """Return what was done of an item, if all that it depends on is the same, and stands."""
        of_this = [one for one in self._known.get(item.id, ()) if one.made_of == self._print]
        if not of_this:
            return None
        try:
            digest = self._job.digest(item)
        except (DataError, OSError):
            return None  # said where it is read
        same = [one for one in of_this if one.input == digest]
        done = [one for one in same if not one.failed and stands(one, self._job.place)]
        return next(iter(done or [one for one in same if one.failed]), None)

    def add(self, item: Item, outcome: Made | DataError) -> None:
        """Note what became of an item."""
        line: dict[str, Any] = {"id": item.id, "made_of": self._print}
        if isinstance(outcome, DataError):
            try:
                line["input"] = self._job.digest(item)
            except (DataError, OSError):
                line["input"] = None  # tried again each time
            line["failed"] = outcome.problems
        else:
            line |= {"input": outcome.input, "files": dict(outcome.files)}
            line |= {"result": outcome.result}
        _write_line(self._lines, line)


@contextmanager
def open_ledger(
    output: Path,
    job: Job,
    items: Sequence[str],
    way: Way,
    last_step: Mapping[str, Any] | None = None,
) -> Iterator[Ledger]:
    """Begin with a job, or go on with it.

    Parameters
    ----------
    output
        What the command writes.
    job
        The job.
    items
        Ids of all items, in order, also of those that are other shards'.
    way
        Which items are done now, and whether what was done before is kept.
    last_step
        What `hich merge` will need to know.

    Raises
    ------
    DataError
        If what was begun there is of another job and `way` doesn't resume, this shard is
        being done by another process, or the folder can't be written to.
    """
    work = work_folder(output)
    require_place(work)
    now = Noted(job.command, job.identity, list(items), job.keeps, dict(last_step or {}))
    before = Noted.read(output)
    apart = before.apart(now) if before else []
    anew = not way.resume and not way.in_shards
    if before and apart and not (way.resume or anew):
        raise DataError(
            f"{work}: holds what was done with something else: {', '.join(apart)}. Name another "
            "--output; or do again what differs with --resume."
        )
    done = work / DONE
    done.mkdir(parents=True, exist_ok=True)
    path = done / f"{str(way.shard).replace('/', '-of-')}.jsonl"
    with _own(path, way.shard):
        if anew:
            _forget_others(done, path)
        if before is None or apart:
            now.write(output)
        own = list(_entries(path)) if way.resume and path.is_file() else []
        known = list(read_entries(output)) if way.resume else []
        # Only the last line on each item of what is done here: lists don't grow from run to run.
        last = {(one.id, one.made_of): one for one in own}
        write_text(path, "".join(_text(_as_line(one)) for one in last.values()))
        with path.open("a", encoding="utf-8", newline="\n") as lines:
            yield Ledger(output, job, known, lines)
        write_failed(output, now.items)


def read_entries(output: Path) -> Iterator[Entry]:
    """Yield what all shards have noted; lines that were cut off are passed over."""
    for path in sorted((work_folder(output) / DONE).glob("*.jsonl")):
        yield from _entries(path)


def stands(entry: Entry, place: Path) -> bool:
    """Return whether the files of an entry are there as they were made."""
    try:
        return digests({name: place / name for name in entry.files}) == dict(entry.files)
    except OSError:
        return False


def write_failed(output: Path, items: Sequence[str]) -> None:
    """Write `failed.csv` of all that failed and was not done since, with its heading at least."""
    failed, done = {}, set()
    for entry in read_entries(output):
        if entry.failed:
            failed[entry.id] = entry.failed
        else:
            done.add((entry.id, entry.made_of))
    latest = {entry.id: entry.made_of for entry in read_entries(output)}
    rows = [
        (one, why)
        for one in items
        if one in failed and (one, latest[one]) not in done
        for why in failed[one]
    ]
    with (
        atomic_file(work_folder(output) / FAILED) as temporary,
        open_table(temporary, "w") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id", "why"))
        writer.writerows(rows)


@contextmanager
def _own(path: Path, shard: Shard) -> Iterator[None]:
    lock = take(path.with_suffix(".lock"))
    if lock is None:
        what = "what is to be done here" if shard.is_whole else f"shard {shard}"
        raise DataError(
            f"{path.parent.parent}: {what} is being done by another process; wait for it, or "
            "end it. Nothing was changed."
        )
    try:
        yield
    finally:
        give_back(lock)


def _forget_others(done: Path, own: Path) -> None:
    """Remove what other runs have noted, since all is done anew."""
    for path in sorted(done.glob("*.jsonl")):
        if path == own:
            continue
        shard = Shard(*map(int, path.stem.split("-of-")))
        with _own(path, shard):
            path.unlink()


def _entries(path: Path) -> Iterator[Entry]:
    shard = path.stem.replace("-of-", "/")
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                value = json.loads(line)
                files, failed = value.get("files", {}), tuple(value.get("failed", ()))
                result = value.get("result")
                yield Entry(
                    value["id"], value["made_of"], value["input"], files, result, failed, shard
                )
            except (ValueError, KeyError, TypeError, AttributeError):
                continue  # cut off when a run was ended, or the disk was full


def _as_line(entry: Entry) -> dict[str, Any]:
    line = entry._asdict()
    del line["shard"]
    return line


def _text(line: Mapping[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False) + "\n"


def _write_line(file: IO[str], line: Mapping[str, Any]) -> None:
    try:
        file.write(_text(line))
        file.flush()
    except OSError as error:
        if error.errno in DISK_FULL and not error.filename:
            raise OSError(error.errno, error.strerror, file.name) from error
        raise
