"""Noting what is done of a job, while it is done: by one process for each shard."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from cohort.base.errors import DataError
from cohort.base.files import DISK_FULL, require_place, write_text
from cohort.base.locks import give_back, one_after_another, take, writing_to
from cohort.work.job import Item, Job, Made, Shard, Way
from cohort.work.ledger import (
    DONE,
    JOB,
    Entry,
    Noted,
    by_item,
    entries_in,
    read_entries,
    work_folder,
    write_failed,
)
from cohort.work.packs import ItemFiles, Packer, remove_packs_of


class Ledger:
    """Says what is done of a job, and notes what is done now; made by `open_ledger`."""

    def __init__(
        self,
        job: Job,
        entries: Iterable[Entry],
        lines: IO[str],
        files: ItemFiles,
        packer: Packer | None,
        turn: int,
    ) -> None:
        self._job, self._lines, self._files, self._packer = job, lines, files, packer
        self._print, self._turn = job.identity.whole, turn
        self._known = by_item(entries)

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
        done = [one for one in same if not one.failed and self._files.stands(one)]
        if done and self._packer is not None and (loose := self._files.loose(done[0])):
            self._packer.add(item.id, loose)
        found = next(iter(done or [one for one in same if one.failed]), None)
        last = self._known[item.id][-1]
        if found and (found.made_of, found.input) != (last.made_of, last.input):
            # It has this input, or the job these options, again: so this entry counts again.
            _write_line(self._lines, _as_line(found._replace(turn=self._turn)))
        return found

    def unpack(self, kept: Iterable[str]) -> None:
        """Put the files of items that were kept to their place, where they are in packs."""
        if not self._files.any_packed:
            return
        for item_id in kept:
            of_this = [one for one in self._known[item_id] if one.made_of == self._print]
            self._files.unpack(one for one in of_this if self._files.stands(one))
        self._files.remove_packs()

    def add(self, item: Item, outcome: Made | DataError) -> None:
        """Note what became of an item."""
        line: dict[str, Any] = {"id": item.id, "made_of": self._print, "turn": self._turn}
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
        if self._packer is not None and not isinstance(outcome, DataError):
            self._packer.add(item.id, outcome.files)


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
        If what was begun there is of another job and `way` doesn't resume, this shard, or all, are
        being done by another process, or the folder can't be written to.
    """
    work = work_folder(output)
    require_place(work)
    now = Noted(job.command, job.identity, list(items), job.keeps, dict(last_step or {}))
    stem = _stem(way.shard)
    path = work / DONE / f"{stem}.jsonl"
    with ExitStack() as held:
        held.enter_context(own_shard(output, way.shard))
        if job.keeps == "output":
            held.enter_context(writing_to(job.place, alone=False))
        with one_after_another(work / f".{JOB}.lock"):  # others that begin see what this one writes
            _begin(output, now, way)
        if not way.resume and not way.in_shards:
            _forget_others(output, path)
        known = list(read_entries(output))
        turn = 1 + max((one.turn for one in known), default=0)
        own = entries_in(path) if way.resume and path.is_file() else ()
        # Only the last line on each item of what is done here: lists don't grow from run to run.
        last = {(one.id, one.made_of): one for one in own}
        write_text(path, "".join(_text(_as_line(one)) for one in last.values()))
        if not way.resume:
            remove_packs_of(output, stem)
        files = ItemFiles(output, job.place)
        packer = Packer(output, job.place, stem, way.pack) if way.pack else None
        with path.open("a", encoding="utf-8", newline="\n") as lines:
            yield Ledger(job, known if way.resume else (), lines, files, packer, turn)
        if packer is not None:
            packer.flush()
        write_failed(output, now.items)


def _begin(output: Path, now: Noted, way: Way) -> None:
    """Write `job.json`, unless it says the same; refuse what a shard would mix with another job."""
    before = Noted.read(output)
    apart = before.apart(now) if before else []
    if apart and way.in_shards and not way.resume:
        raise DataError(
            f"{work_folder(output)}: holds what was done with something else: {', '.join(apart)}. "
            "Name another --output; or do again what differs with --resume."
        )
    if before is None or apart:
        now.write(output)


@contextmanager
def own_shard(output: Path, shard: Shard, of: str = "") -> Iterator[None]:
    """Do a shard as the only process that does; the whole, while no shard of it is done either.

    Parameters
    ----------
    output
        What the command writes.
    shard
        Which one.
    of
        What is owned of it, besides its list of what is done.

    Raises
    ------
    DataError
        If another process is doing it.
    """
    folder = work_folder(output) / DONE
    own, together = folder / f"{of}{_stem(shard)}.lock", folder / f"{of}all.lock"
    others = folder.glob(f"{of}[0-9]*-of-*.lock") if shard.is_whole else ()
    with ExitStack() as held:
        for path in dict.fromkeys([own, *sorted(others), together]):
            lock = take(path, alone=path != together or shard.is_whole)
            if lock is None:
                number = path.stem.removeprefix(of).replace("-of-", "/")
                what = "what is to be done here" if number in ("1/1", "all") else f"shard {number}"
                raise DataError(
                    f"{folder.parent}: {what} is being done by another process; wait for it, or "
                    "end it. Nothing was changed."
                )
            held.callback(give_back, lock)
        yield


def _stem(shard: Shard) -> str:
    return str(shard).replace("/", "-of-")


def _forget_others(output: Path, own: Path) -> None:
    """Remove what other runs have noted, since all is done anew by the one process that may."""
    for path in own.parent.glob("*.jsonl"):
        if path != own:
            path.unlink()
            remove_packs_of(output, path.stem)


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
