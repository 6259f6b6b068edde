"""Rate and memory of `imaging.export`, beside Pillow's bare encoding of the same slices.

Run from the project's folder: `python -m benchmarks.speed.export`. Pillow packs the slices, already
in memory, at the export's level of compression, in as many threads as there are cores; the export
reads, resamples, windows and writes them, masks too. Linux and macOS.
"""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.table import Table

CASES = (10, 100)
SLICES = 24


def write_cohort(folder: Path, n: int) -> None:
    """Generate one case, with all masks, and name it `n` times."""
    from cohort.schema.manifest import Cohort
    from cohort.synthesize import synthesize

    synthesize(folder, 1, size=512, slices=SLICES, processes=1)
    cohort = Cohort.load(folder)
    (case,) = cohort.cases
    cases = tuple(replace(case, id=f"case{k:03d}") for k in range(n))
    replace(cohort, cases=cases).save()


def measure(cohort: str, output: str) -> None:
    """Print the seconds of an export and the process's peak memory in GB."""
    from cohort.schema.manifest import Cohort
    from imaging.export import export_cohort
    from imaging.model.config import DEFAULT_CONFIG, read_config
    from imaging.scans.preprocess import Preprocess

    preprocess = Preprocess.from_config(read_config(DEFAULT_CONFIG)["preprocess"])

    start = time.perf_counter()
    export_cohort(Cohort.load(Path(cohort)), Path(output), preprocess)
    unit = 1e9 if sys.platform == "darwin" else 1e6
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    print(time.perf_counter() - start, memory)


def pillow_rate(folder: Path) -> float:
    """Return slices a second of Pillow's bare encoding."""
    from imaging.scans.slices import COMPRESS_LEVEL

    files = sorted(folder.glob("train/*.png"))
    pictures = []
    for file in files[: 20 * SLICES]:
        with Image.open(file) as picture:
            picture.load()
            pictures.append(picture.copy())

    def encode(picture: Image.Image) -> None:
        picture.save(io.BytesIO(), format="PNG", compress_level=COMPRESS_LEVEL)

    seconds = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(encode, pictures))
        seconds = min(seconds, time.perf_counter() - start)
    return len(pictures) / 2 / seconds  # a slice is an image and a mask


def main() -> None:
    table = Table("cases", "slices a second", "peak memory GB")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        rates = []
        for n in CASES:
            write_cohort(folder / f"cohort{n}", n)
            code = "import sys; from benchmarks.speed import export; "
            code += "export.measure(*sys.argv[1:])"
            places = [str(folder / f"cohort{n}"), str(folder / f"out{n}")]
            line = [sys.executable, "-W", "ignore", "-c", code, *places]
            done = subprocess.run(line, check=True, stdout=subprocess.PIPE, text=True)
            seconds, memory = map(float, done.stdout.split())
            rates.append(n * SLICES / seconds)
            table.add_row(str(n), f"{rates[-1]:.0f}", f"{memory:.2f}")
        pillow = pillow_rate(folder / f"out{CASES[0]}")
    console = Console(width=100)
    console.print(table)
    console.print(
        f"Pillow alone, slices with masks in memory: {pillow:.0f} a second; the export of "
        f"{CASES[-1]} cases reaches {rates[-1] / pillow:.2f} of it."
    )


if __name__ == "__main__":
    main()
