"""A job that is done at once: it counts the characters of text files."""

from __future__ import annotations

import csv
import errno
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from cohort.base.code.contents import sha256_of
from cohort.base.errors import DataError
from cohort.base.files import temporary_name, write_text
from cohort.work.engine import Done, do_items
from cohort.work.job import Item, Job, JobIdentity, Made, Way, digests
from cohort.work.ledger import work_folder


@dataclass
class CountingJob(Job):
    place: Path
    identity: JobIdentity = JobIdentity("settings", "model", "code")
    command: str = "count"
    keeps: ClassVar[Literal["output", "work"]] = "output"

    def digest(self, item: Item) -> str:
        return sha256_of(item.payload).hex()

    def paths(self, item: Item) -> list[Path]:
        return [item.payload]

    def code_here(self) -> str:
        return os.environ.get("CODE", "code")

    def load(self) -> Counting:
        return Counting(self)


class Counting:
    def __init__(self, job: CountingJob) -> None:
        self.job = job

    def stream(self, items: Iterable[Item]) -> Iterator[Made | DataError]:
        for item in items:
            yield self.count(item)

    def count(self, item: Item) -> Made | DataError:
        log = self.job.place.with_name("log")
        with log.open("a", encoding="utf-8") as lines:
            lines.write(f"{item.id}\n")
        text = item.payload.read_text(encoding="utf-8")
        time.sleep(0.05 * text.startswith("slow"))
        if text == "kill once" and log.read_text().count(item.id) == 1:
            temporary_name(self.job.place / f"{item.id}.txt").write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
        if text == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if text == "bug":
            raise ZeroDivisionError("a bug")
        if text == "full":
            raise OSError(errno.ENOSPC, "No space left on device", f"{item.id}.txt")
        if text == "bad":
            return DataError(f"{item.payload.name}: is bad.")
        write_text(self.job.place / f"{item.id}.txt", f"{len(text)}\n")
        files = digests({f"{item.id}.txt": self.job.place / f"{item.id}.txt"})
        return Made(self.job.digest(item), files, {"length": len(text)})


def items_in(folder: Path) -> list[Item]:
    return [Item(path.stem, path) for path in sorted(folder.iterdir())]


def done_of(place: Path) -> dict[str, list[str]]:
    """Return shard to the ids that its list has."""
    lists = sorted((place.with_name(f"{place.name}.work") / "done").glob("*.jsonl"))
    return {
        path.stem: [json.loads(line)["id"] for line in path.read_text().splitlines()]
        for path in lists
    }


def counted(out: Path) -> Counter[str]:
    log = out.with_name("log")
    return Counter(log.read_text().split()) if log.exists() else Counter()


def failed(out: Path) -> list[list[str]]:
    with (work_folder(out) / "failed.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def do(texts: Path, out: Path, way: Way, job: CountingJob | None = None) -> Done:
    """Count the texts of a folder."""
    items = items_in(texts)
    ids = [item.id for item in items]
    return do_items(job or CountingJob(out), items, ids, out, way, "Counting")
