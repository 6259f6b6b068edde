"""How long `hich.read` takes for many cases, and whether its memory grows with their number.

`python -m benchmarks.speed.many_patients` generates 300 cases, and prints wall seconds, seconds a
case and peak MB of `python -m hich.read` for half of them and for all; then of a second run, in
which nothing is new; and of one after the results of a tenth were removed, as if the run had been
stopped. `--cases`, `--size`, `--slices` choose others, `--few` how many there are in place of the
half, `--device` the device, `--folder` where all is kept.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cohort.schema.manifest import Cohort

MEASURED = """
import json, resource, runpy, sys
sys.argv = json.loads(sys.argv[1])
try:
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=False)
finally:
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    print("PEAK", *(resource.getrusage(who).ru_maxrss for who in whose))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--slices", type=int, default=30)
    parser.add_argument("--few", type=int, help="cases of the smaller run (half of them)")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = asked.folder or Path(temporary)
        cohort = root / "cohort"
        if not cohort.exists():
            made = ["cohort.synthesize", str(cohort), "--cases", str(asked.cases)]
            made += ["--size", str(asked.size), "--slices", str(asked.slices)]
            subprocess.run([sys.executable, "-m", *made], check=True)
        few = _few(cohort, asked.few or asked.cases // 2)
        table = Table("what", "cases", "wall s", "s a case", "peak MB", "of page writers, MB")
        for what, source, out in (
            ("few of them", few, root / "few"),
            ("all of them", cohort, root / "all"),
            ("again, nothing new", cohort, root / "all"),
        ):
            _row(table, what, source, out, asked.device)
        done = sorted((root / "all" / "predictions" / "imaging").glob("*.json"))
        for path in done[::10]:
            path.unlink()
        _row(table, "a tenth of it missing", cohort, root / "all", asked.device)
        Console().print(table)


def _few(folder: Path, count: int) -> Path:
    """Write a manifest of the first cases beside the whole one's files."""
    cohort = Cohort.load(folder)
    few = folder.parent / "cohort-few"
    if not few.exists():
        few.mkdir()
        for inner in folder.iterdir():
            if inner.is_dir():
                (few / inner.name).symlink_to(inner.resolve(), target_is_directory=True)
        replace(cohort, cases=cohort.cases[:count]).save(few)
    return few


def _row(table: Table, what: str, source: Path, out: Path, device: str) -> None:
    line = ["hich.read", str(source), "--output", str(out), "--device", device]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, json.dumps(line)], capture_output=True, text=True
    )
    wall = time.perf_counter() - start
    last = done.stdout.splitlines()[-1].split() if done.stdout else []
    if not last or last[0] != "PEAK":
        raise SystemExit(done.stderr)
    own, children = (int(kib) / 1024 for kib in last[1:])
    cases = len(Cohort.load(source).cases)
    table.add_row(
        *(what, str(cases), f"{wall:.0f}", f"{wall / cases:.2f}", f"{own:.0f}", f"{children:.0f}")
    )


if __name__ == "__main__":
    main()
