"""What is done of a job, in a folder beside its output: `OUT.work`.

- `job.json`: the command, what its results depend on, its items in order, and what the last step
  needs to know;
- `done/1-of-3.jsonl`: a line for each item that shard 1/3 has done, or that failed;
- `failed.csv`: what failed, and why;
- `packs/1-of-3-00001.zip`, if that was asked for: items' files (`cohort.work.packs`).

A line is written when an item's files are complete. So whatever ends a run, at most the items that
it was working on are done again. No decision rests on a clock: a run's turn is one more than that
of all that it finds, so that of what two runs have done of an item the later one counts.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from cohort.base.errors import DataError
from cohort.base.files import atomic_file, open_table, read_json, write_json
from cohort.base.locks import one_after_another
from cohort.work.job import JobIdentity

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
    turn: int = 0


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


def read_entries(output: Path) -> Iterator[Entry]:
    """Yield what all shards have noted; lines that were cut off are passed over."""
    for path in sorted((work_folder(output) / DONE).glob("*.jsonl")):
        yield from entries_in(path)


def by_item(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Return the entries of each item, those of the latest run last."""
    found: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: one.turn):
        found.setdefault(entry.id, []).append(entry)
    return found


def of_latest_input(entries: Sequence[Entry]) -> list[Entry]:
    """Return those entries on an item that are of the input that it had at last.

    Examples
    --------
    >>> early, late = (Entry("p1", "", one, {}, None, (), "1/1") for one in "ab")
    >>> of_latest_input([early, late]) == [late]
    True
    """
    return [one for one in entries if one.input == entries[-1].input]


def files_of_latest(output: Path) -> dict[str, Mapping[str, str]]:
    """Return the files of each item that was done, with their hashes, as made by the latest run."""
    done = by_item(one for one in read_entries(output) if not one.failed)
    return {item: entries[-1].files for item, entries in done.items()}


def write_failed(output: Path, items: Sequence[str]) -> None:
    """Write `failed.csv` of all that failed and was not done since, with its heading at least.

    Shards that end at once do so one after the other, so that the last one knows of all.
    """
    path = work_folder(output) / FAILED
    with one_after_another(path.with_name(f".{FAILED}.lock")):
        _write_failed(path, output, items)


def _write_failed(path: Path, output: Path, items: Sequence[str]) -> None:
    known = by_item(read_entries(output))
    rows = [(one, why) for one in items if one in known for why in _failed_at_last(known[one])]
    with atomic_file(path) as temporary, open_table(temporary, "w") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id", "why"))
        writer.writerows(rows)


def _failed_at_last(entries: Sequence[Entry]) -> tuple[str, ...]:
    of_same = [one for one in entries if one.made_of == entries[-1].made_of]
    done = any(not one.failed for one in of_latest_input(of_same))
    return () if done else entries[-1].failed


def entries_in(path: Path) -> Iterator[Entry]:
    """Yield what a shard has noted, by its list; lines that were cut off are passed over."""
    shard = path.stem.replace("-of-", "/")
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                value = json.loads(line)
                files, failed = value.get("files", {}), tuple(value.get("failed", ()))
                of = (value["id"], value["made_of"], value["input"], files, value.get("result"))
                yield Entry(*of, failed, shard, int(value.get("turn", 0)))
            except (ValueError, KeyError, TypeError, AttributeError):
                continue  # cut off when a run was ended, or the disk was full
