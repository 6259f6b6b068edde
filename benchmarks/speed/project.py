"""Time, peak memory and scores of the main job: a fresh run, and one with nothing changed.

Run from the project's folder: `python -m benchmarks.speed.project [--vars.cases 60 …]`. It works in
a temporary copy, so what is in your folder is neither used nor touched. Linux and macOS.
"""

from __future__ import annotations

import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

PARTS = ("project.yml", "pyproject.toml", "configs", "cohort", "imaging", "text", "hich")
STEP = re.compile(r"=+ ([a-z.-]+) =+")


def run(folder: Path, arguments: list[str]) -> tuple[float, dict[str, float], float]:
    """Return wall seconds, seconds per step, and the largest process's memory so far in GB."""
    line = [sys.executable, "-u", "-m", "spacy", "project", "run", "all", str(folder), *arguments]
    start = time.perf_counter()
    steps: dict[str, float] = {}
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        for output in process.stdout:
            sys.stdout.write(output)
            if found := STEP.search(output):
                steps[found[1]] = time.perf_counter()
    if process.returncode:
        raise SystemExit(process.returncode)
    end = time.perf_counter()
    starts = [*steps.values(), end]
    durations = {name: starts[i + 1] - starts[i] for i, name in enumerate(steps)}
    unit = 1e9 if sys.platform == "darwin" else 1e6
    return end - start, durations, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit


def main() -> None:
    console = Console()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "hich"
        folder.mkdir()
        for name in PARTS:
            copy = shutil.copytree if Path(name).is_dir() else shutil.copy
            copy(name, folder / name)
        fresh, durations, memory = run(folder, sys.argv[1:])
        again, _, _ = run(folder, sys.argv[1:])
        table = Table("step", "s")
        for name, seconds in durations.items():
            table.add_row(name, f"{seconds:.1f}")
        console.print(table)
        console.print(f"fresh {fresh:.0f} s, second run {again:.1f} s, peak memory {memory:.2f} GB")
        for half in ("imaging", "text"):
            metrics = json.loads((folder / "metrics" / half / "test.json").read_text("utf-8"))
            if half == "imaging":
                for name, scores in metrics["structures"].items():
                    console.print(f"{name}: Dice {scores['dice']['mean']:.3f}")
            else:
                console.print(f"entities: F1 {metrics['ents_f']:.3f}")


if __name__ == "__main__":
    main()
