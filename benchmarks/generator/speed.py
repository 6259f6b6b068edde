"""How long a generated case takes on one core, and how many a second all cores make.

Run from the project's folder: `python -m benchmarks.generator.speed`.
"""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cohort.synthesize import synthesize
from cohort.synthetic.case import Order, make_case

CASES = {(256, 24): 10, (512, 25): 2}


def main() -> None:
    table = Table("grid", "processor s a case", "peak MB")
    folder = Path(tempfile.mkdtemp())
    make_case(folder, 1, Order(0, 64, 8))  # imports what is imported late
    for (size, slices), cases in CASES.items():
        start = time.process_time()
        for number in range(1, cases + 1):
            make_case(folder, number, Order(0, size, slices))
        spent = (time.process_time() - start) / cases
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        table.add_row(f"{size}×{size}×{slices}", f"{spent:.2f}", f"{peak:.0f}")
    console = Console()
    console.print(table)
    start = time.perf_counter()
    synthesize(folder / "cohort", 40)
    console.print(f"40 cases on all cores: {40 / (time.perf_counter() - start):.1f} cases a second")


if __name__ == "__main__":
    main()
