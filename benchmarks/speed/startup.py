"""How long `--help` of each command takes, as a whole process; the median of several runs.

Run from the project's folder: `python -m benchmarks.speed.startup`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

RUNS = 5


def seconds(line: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(line, check=True, capture_output=True)
    return time.perf_counter() - start


def modules() -> Iterator[str]:
    for path in sorted(Path().glob("hich/**/__main__.py")):
        yield ".".join(path.parent.parts)
    for path in sorted(Path().glob("[a-z]*/[a-z]*.py")):
        if path.parts[0] in ("tests", "benchmarks"):
            continue
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8"):
            yield f"{path.parent.name}.{path.stem}"


def main() -> None:
    table = Table("command", "median s", "max s")
    for module in modules():
        runs = [seconds([sys.executable, "-m", module, "--help"]) for _ in range(RUNS)]
        table.add_row(module, f"{statistics.median(runs):.2f}", f"{max(runs):.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
