"""What Ray costs and brings: one worker, two, `--ray local`, and the plain command.

Run from the project's folder: `python -m benchmarks.clusters.ray_scaling [--scans 200] [--records
100000]`, on an idle machine of two cores or more; `--scans 12 --records 5000 --heads 2 --size 256`
to try it. It needs Linux and the extra `cluster`. Each way does a few items, then all: what an item
costs is the difference, the start the rest.

- `one`, `two`: a cluster of one and of two nodes (`ray_nodes.py`), each with a worker that
  has one thread, and, where `taskset` is, with a core of its own;
- `plain`: the command without Ray, on all cores; `plain, 1 core`: on one;
- `local`: `--ray local`, on all cores.

Printed are: each run's seconds, the driver's core-seconds, peak memory of driver, largest worker
and Ray's own processes together; then efficiency, what Ray costs an item, the serial share, and
the parts of the formula in docs/how-to/cluster.md, with what it says of two workers beside what
two took.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks import ROOT
from benchmarks.clusters.inputs import link_scans
from benchmarks.clusters.ray_nodes import descendants, missing, ray_nodes, words_of
from benchmarks.speed.many_records import make

MORE = {"predict": (), "annotate": ("--no-pages",)}
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """What a run needed: seconds; core-seconds of the driver; peaks in MB."""

    wall: float
    driver: float
    driver_mb: float
    worker_mb: float
    ray_mb: float


class Way(NamedTuple):
    """A way of calling a command."""

    name: str
    words: tuple[str, ...] = ()
    environment: Mapping[str, str] = {}
    before: tuple[str, ...] = ()
    besides: Callable[[], Iterable[int]] = tuple  # pids of a cluster that is there already


class Line(NamedTuple):
    """What a few and all items took: seconds an item, and the start; the driver's share of both."""

    each: float
    start: float
    driver_each: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scans", type=int, default=200)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--heads", type=int, default=20, help="different scans, linked to")
    parser.add_argument("--size", type=int, default=512, help="rows and columns of a scan")
    parser.add_argument("--cohort", type=Path, help="generated heads that are there already")
    parser.add_argument("--only", choices=tuple(MORE))
    asked = parser.parse_args()
    if why := missing():
        raise SystemExit(why)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    with tempfile.TemporaryDirectory(prefix="scale") as temporary:
        folder = Path(temporary)
        for command, count in (("predict", asked.scans), ("annotate", asked.records)):
            if asked.only not in (None, command):
                continue
            if command == "predict":
                all_ = link_scans(folder, asked.cohort, asked.heads, count, asked.size)
                few = folder / "few"
                few.mkdir()
                for scan in sorted(all_.iterdir())[: max(2, count // 20)]:
                    (few / scan.name).symlink_to(scan.resolve())
                of_few = len(list(few.iterdir()))
            else:
                of_few = count // 20
                few, all_ = (make(folder, "csv", number) for number in (of_few, count))
            compare(command, folder, {of_few: few, count: all_})


def compare(command: str, folder: Path, sources: Mapping[int, Path]) -> None:
    """Measure a command in all ways, and print what follows."""
    found: dict[str, dict[int, Cost]] = {}
    print(f"\n{command} | items | s | driver core-s | driver MB | worker MB | Ray MB", flush=True)

    def measure(way: Way) -> None:
        for count, source in sources.items():
            out = folder / f"{command}-{way.name}-{count}".replace(" ", "")
            line = (command, source, "--output", out, *MORE[command], *way.words)
            cost = measured(line, way)
            shutil.rmtree(out)
            shutil.rmtree(f"{out}.work", ignore_errors=True)
            found.setdefault(way.name, {})[count] = cost
            cells = (way.name, f"{count:,}", *(f"{value:,.1f}" for value in cost))
            print(" | ".join(cells), flush=True)

    measure(Way("plain"))
    measure(Way("local", ("--ray", "local")))
    measure(Way("plain, 1 core", environment=ONE_THREAD, before=on_core(0)))
    with ray_nodes() as cluster:
        words = ("--ray", cluster.address)

        def processes() -> list[int]:
            return [pid for node in cluster.nodes for pid in node.pids]

        cluster.start(1, before=on_core(0))
        measure(Way("one", words, cluster.environment, besides=processes))
        cluster.start(1, before=on_core(1))
        measure(Way("two", words, cluster.environment, besides=processes))
    tell(command, found)


def tell(command: str, found: Mapping[str, Mapping[int, Cost]]) -> None:
    """Print what follows of the runs."""
    few, count = sorted(found["one"])
    lines = {name: line_of(costs, few, count) for name, costs in found.items()}
    wall = {name: costs[count].wall for name, costs in found.items()}
    one, two = lines["one"], lines["two"]
    serial = max(0.0, 2 * wall["two"] - wall["one"])
    told = one.start + count * ((one.each - one.driver_each) / 2 + one.driver_each)
    print(
        f"\n{command}, {count:,} items\n"
        f"efficiency of two workers: {one.each / (2 * two.each):.2f} by the item, "
        f"{wall['one'] / (2 * wall['two']):.2f} start and last step included\n"
        f"--ray local: {lines['plain'].each / lines['local'].each:.2f} of the plain command's rate "
        f"by the item, {wall['plain'] / wall['local']:.2f} with the start\n"
        f"Ray costs an item {1000 * (one.each - lines['plain, 1 core'].each):.1f} ms "
        f"({one.each / lines['plain, 1 core'].each - 1:.1%})\n"
        f"serial share of one worker's time: {serial / wall['one']:.1%}\n"
        f"S = {one.start:.1f} s, a = {one.each - one.driver_each:.4g} s, d = "
        f"{one.driver_each:.4g} s; so two workers take S + n (a / 2 + d) = {told:.0f} s; they took "
        f"{wall['two']:.0f} s",
        flush=True,
    )


def line_of(costs: Mapping[int, Cost], few: int, count: int) -> Line:
    """Return what an item costs, by runs of a few and of all."""
    between = count - few
    each = (costs[count].wall - costs[few].wall) / between
    driver = max(0.0, (costs[count].driver - costs[few].driver) / between)
    return Line(each, costs[few].wall - few * each, driver)


def on_core(number: int) -> tuple[str, ...]:
    """Return words before a command that keep it on one core, where that can be."""
    cores = sorted(os.sched_getaffinity(0))
    can = shutil.which("taskset") is not None and number < len(cores)
    return ("taskset", "-c", str(cores[number])) if can else ()


def measured(line: tuple[object, ...], way: Way) -> Cost:
    """Run a command of `hich`, look at its processes meanwhile, and return what it needed."""
    words = [*way.before, sys.executable, "-m", "hich", *map(str, line)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("OMP_NUM_THREADS", None)
    start = time.perf_counter()
    process = subprocess.Popen(
        words, env={**environment, **way.environment}, stdout=subprocess.DEVNULL, cwd=ROOT
    )
    driver = driver_mb = worker_mb = ray_mb = 0.0
    while process.poll() is None:
        others = {*descendants(process.pid), *way.besides()} - {process.pid}
        driver = core_seconds(process.pid) or driver
        driver_mb = max(driver_mb, peak_mb(process.pid))
        workers = {pid for pid in others if words_of(pid).startswith("ray::_Remote")}
        worker_mb = max([worker_mb, *map(peak_mb, workers)])
        ray_mb = max(ray_mb, sum(map(peak_mb, others - workers)))
        time.sleep(0.25)
    if process.returncode:
        raise RuntimeError(f"{' '.join(words)}: ended with {process.returncode}")
    return Cost(time.perf_counter() - start, driver, driver_mb, worker_mb, ray_mb)


def core_seconds(pid: int) -> float:
    """Return what a process has needed of cores; 0 of one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_mb(pid: int) -> float:
    """Return the most memory that a process has had; 0 of one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    main()
