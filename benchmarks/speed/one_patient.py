"""From typing to the page: how long `hich.patient` takes beyond the imports that it can't avoid.

`python -m benchmarks.speed.one_patient` generates a case of 512×512×30 and one of 512×512×300
voxels, and prints wall and CPU seconds of `python -m hich.patient CT NOTE`, of it with the note
alone and with the scan alone, and of `python -c 'import torch, monai, spacy'` in the same run; and
the page's MB. Each line runs once before it is measured: the first time files are read from the
disk.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

SLICES = (30, 300)
IMPORTS = ["-c", "import torch, monai, spacy"]


def seconds(arguments: list[str]) -> tuple[float, float]:
    """Return wall and CPU seconds of a process of Python."""
    before, start = os.times(), time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    wall, after = time.perf_counter() - start, os.times()
    cpu = sum(getattr(after, n) - getattr(before, n) for n in ("children_user", "children_system"))
    return wall, cpu


def main() -> None:
    table = Table("what", "wall s", "CPU s", "beyond imports, CPU s", "page MB")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _, least = row(table, "import torch, monai, spacy", IMPORTS)
        for slices in SLICES:
            cohort = root / str(slices)
            made = ["-m", "cohort.synthesize", str(cohort), "--cases", "1", "--size", "512"]
            seconds([*made, "--slices", str(slices)])
            (scan,), (note,) = cohort.glob("images/*"), cohort.glob("records/*.txt")
            for what, given in (("both", [scan, note]), ("note", [note]), ("scan", [scan])):
                if what != "both" and slices != SLICES[0]:
                    continue
                out = root / f"{slices}-{what}"
                line = ["-m", "hich.patient", *map(str, given), "--output", str(out)]
                row(table, f"{what}, {slices} slices", line, least, out / "index.html")
    Console().print(table)


def row(
    table: Table, what: str, line: list[str], least: float = 0.0, page: Path | None = None
) -> tuple[float, float]:
    """Measure a process, at its second run, and add it to the table."""
    seconds(line)
    wall, cpu = seconds(line)
    size = f"{page.stat().st_size / 1e6:.1f}" if page else ""
    beyond = f"{cpu - least:.1f}" if page else ""
    table.add_row(what, f"{wall:.1f}", f"{cpu:.1f}", beyond, size)
    return wall, cpu


if __name__ == "__main__":
    main()
