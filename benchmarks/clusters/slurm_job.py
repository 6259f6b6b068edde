"""The scripts of docs/how-to/slurm, tried on a one-node Slurm on this machine.

Run from the project's folder: `python -m benchmarks.clusters.slurm_job [--scans 12] [--records
2000] [--shards 3]`, with what `slurm_node.py` needs.

First one process does all generated scans, then all records: what it needs by scan (seconds of a
core, without its start; peak memory). Then submit.sh does the same in shards: a task is ended by
`kill -9` after its first scan and requeued, and the files are compared. With `--pack N` so are
scans of which a task keeps the files of N in one archive, and it is told how many files and folders
there were at most. At last a task is given too little memory, and one too little time.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import ROOT
from benchmarks.clusters.inputs import link_scans
from benchmarks.clusters.slurm_node import ENDED, Cluster, cluster, missing, until
from benchmarks.clusters.used import Used, measured, tree
from benchmarks.speed.many_records import make

SCRIPTS = ROOT / "docs/how-to/slurm"
MORE = {"predict": (), "annotate": ("--no-pages",)}


def submit(on: Cluster, script: str, shards: int, *rest: str | Path) -> tuple[str, str]:
    """Submit by docs/how-to/slurm/submit.sh; return the numbers of the array and the merge."""
    said = on.ask("bash", SCRIPTS / "submit.sh", script, str(shards), *rest)
    array, merge = said.split()
    return array, merge


def kill_one(on: Cluster, array: str, out: Path, shards: int) -> int:
    """End task 1 by `kill -9` when it has done something, and requeue it; return how much it had.

    Raises
    ------
    RuntimeError
        If it had ended before.
    """
    done = Path(f"{out}.work") / f"done/1-of-{shards}.jsonl"
    lines = until(lambda: done.is_file() and done.read_bytes().count(b"\n"), "task 1 to do an item")
    (task,) = (job.fields["JobId"] for job in on.jobs(f"{array}_1"))
    for process in on.processes(task):
        os.kill(process, signal.SIGKILL)

    def failed() -> bool:
        (job,) = on.jobs(f"{array}_1")
        if job.state == "COMPLETED":
            raise RuntimeError("task 1 was done before it was killed; take more items")
        return job.state == "FAILED"

    until(failed, "task 1 to fail")
    on.ask("scontrol", "requeue", f"{array}_1")
    return int(lines)


def ended_by(on: Cluster, limit: str, script: str, *rest: str | Path) -> str:
    """Submit one task with a limit that is too low; return how Slurm calls its end."""
    number = on.ask("sbatch", "--parsable", limit, "--array=1-1", SCRIPTS / script, *rest)
    return ", ".join(sorted({job.state for job in on.wait(number)}))


def entries(out: Path) -> int:
    """Return how many files and folders there are of an output, with what is done beside it."""
    return sum(1 for folder in (out, Path(f"{out}.work")) for _ in folder.rglob("*"))


def most_entries(on: Cluster, array: str, out: Path) -> int:
    """Return how many there were at most until all tasks had ended, and then, before the merge."""
    found = [0]

    def ended() -> bool:
        found.append(entries(out))
        return all(job.state in ENDED for job in on.jobs(array))

    until(ended, "the array to end")
    return max(found)


def trial(
    on: Cluster,
    script: str,
    shards: int,
    source: Path,
    one: Path,
    kill: bool,
    pack: int | None = None,
) -> None:
    """Do by shards what was done to the folder `one`, and compare."""
    out = one.with_name(f"{one.name}-{'packs' if pack else 'shards'}")
    start = time.perf_counter()
    more = ("--pack", str(pack)) if pack else ()
    array, merge = submit(on, script, shards, source, out, *MORE[script.split(".")[0]], *more)
    told = ""
    if kill:
        had = kill_one(on, array, out, shards)
        told = f", task 1 killed after {had} of its items and requeued"
    most = most_entries(on, array, out)
    (job,) = on.wait(merge)
    wall = time.perf_counter() - start
    if job.state != "COMPLETED":
        raise RuntimeError((on.folder / f"hich-merge-{merge}.log").read_text())
    if kill:
        log = (on.folder / f"hich-{script.split('.')[0]}-{array}_1.log").read_text()
        assert "kept: " in log, log
    same = tree(one) == tree(out)
    print(
        f"{script}{f' --pack {pack}' if pack else ''}: {shards} tasks and merge {wall:.0f} s{told}"
        f"; {most} files and folders at most before the merge, {entries(out)} after it; "
        f"{len(tree(out))} files of results, {'byte for byte as' if same else 'NOT as'} one "
        "process's",
        flush=True,
    )
    if not same:
        raise SystemExit(1)


def costs(what: str, count: int, few: Used, many: Used, of_few: int) -> None:
    """Print what an item costs, and what a start, by runs of a few and of all."""
    each = (many.core - few.core) / (count - of_few)
    start = few.core - of_few * each
    print(
        f"{what}: {each:.3g} core-seconds each, {start:.1f} core-seconds to start, peak "
        f"{many.peak:.0f} MB ({count} in {many.core:.1f} core-seconds, {many.wall:.0f} s)",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=int, default=12)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--shards", type=int, default=3)
    parser.add_argument("--heads", type=int, default=4, help="each is several scans")
    parser.add_argument("--cohort", type=Path, help="generated heads that are there already")
    parser.add_argument("--only", choices=("predict", "annotate"))
    parser.add_argument("--pack", type=int, help="scans of an archive, in a trial of its own")
    parser.add_argument("--limits", action="store_true", help="try too little memory and time")
    asked = parser.parse_args()
    if why := missing():
        raise SystemExit(why)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # daemons are stopped then, too
    print(f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores", flush=True)
    with tempfile.TemporaryDirectory(prefix="slurm") as temporary:
        folder = Path(temporary)
        sources = {}
        if asked.only != "annotate":
            scans = link_scans(folder, asked.cohort, asked.heads, asked.scans)
            sources["predict"] = scans, scans / "s0000.nii.gz", asked.scans, 1
        if asked.only != "predict":
            counts = asked.records, asked.records // 10
            sources["annotate"] = *(make(folder, "csv", count) for count in counts), *counts
        for command, (all_, some, count, of_some) in sources.items():
            more = MORE[command]
            few = measured(command, some, "--output", folder / f"{command}-few", *more)
            many = measured(command, all_, "--output", folder / command, *more)
            costs(command, count, few, many, of_some)
        (folder / "slurm").mkdir()
        with cluster(folder / "slurm", os.cpu_count() or 1) as on:
            print(f"tasks {'without any' if on.without_network else 'with'} network", flush=True)
            for command, (all_, *_) in sources.items():
                kill = command == "predict"
                for pack in (None, asked.pack) if kill and asked.pack else (None,):
                    trial(on, f"{command}.sbatch", asked.shards, all_, folder / command, kill, pack)
                again = measured("merge", folder / f"{command}-shards")
                print(f"merge: {again.core:.1f} core-seconds, peak {again.peak:.0f} MB", flush=True)
            for limit in ("--mem=200M", "--time=00:01:00") if asked.limits else ():
                state = ended_by(on, limit, f"{command}.sbatch", all_, folder / "limited")
                print(f"{limit}: {state}", flush=True)


if __name__ == "__main__":
    main()
