"""The counting job as a command: `python count_texts.py TEXTS OUT [--ray ADDRESS] …`."""

from __future__ import annotations

from pathlib import Path

from counting import CountingJob, items_in

from cohort.base.cli import run
from cohort.base.errors import raise_all
from cohort.work.engine import do_items
from cohort.work.options import PackOption, RayOption, ShardOption, way_of


def main(
    texts: Path,
    out: Path,
    ray: RayOption = None,
    shard: ShardOption = None,
    pack: PackOption = None,
) -> None:
    """Count the characters of texts."""
    items, job = items_in(texts), CountingJob(out)
    job.identity = job.identity.__class__("settings", "model", job.code_here())
    way = way_of(shard, True, False, ray, pack=pack)
    done = do_items(job, items, [one.id for one in items], out, way, "Counting")
    print(f"{len(done.made)} made, {len(done.kept)} kept")
    raise_all([why for of_one in done.failures.values() for why in of_one])


if __name__ == "__main__":
    run(main)
