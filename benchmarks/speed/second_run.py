"""An unchanged second `spacy project run all` over many scans: its time, and what it reads.

Files of the number and size of 1,000 scans of 512 x 512 x 30, with masks, slices and predictions,
are made as holes, all steps recorded as done; then the project runs, and must skip every step but
the two that always run. Linux. `python -m benchmarks.speed.second_run [--scans 1000]`
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import ROOT
from cohort.base.files import write_json

PARTS = ("train", "train", "train", "train", "train", "train", "val", "test", "test", "test")
SCAN, MASK, PICTURE = 352 + 2 * 512 * 512 * 30, 60_000, 40_000
"""Bytes of a scan in 16 bits, of a packed mask, of a slice's PNG."""


def hole(path: Path, size: int) -> None:
    """Make a file of so many zeros."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size)


def make(folder: Path, scans: int) -> None:
    """Make the project, its cohort, and what its steps would have made."""
    for name in ("project.yml", "configs"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    cases = []
    for number in range(scans):
        name, part = f"c{number:04d}", PARTS[number % len(PARTS)]
        masks = {s: f"masks/{name}_{s}.nii.gz" for s in ("hematoma", "midline")}
        record = {"record": f"records/{name}.txt", "tags": f"records/{name}.bioes"}
        cases.append({"id": name, "image": f"images/{name}.nii", "masks": masks, **record})
        hole(folder / f"assets/mine/images/{name}.nii", SCAN)
        for mask in masks.values():
            hole(folder / "assets/mine" / mask, MASK)
        for suffix in ("txt", "bioes"):
            hole(folder / f"assets/mine/records/{name}.{suffix}", 3000)
        for k in range(30):
            hole(folder / f"corpus/imaging/{part}/{name}_{k:03d}.png", PICTURE)
        if part == "test":
            hole(folder / f"predictions/imaging/{name}_hematoma.nii.gz", MASK)
            hole(folder / f"reports/cases/{name}.html", 1_500_000)
    structures = ["hematoma", "midline"]
    write_json(folder / "assets/mine/cohort.json",
               {"name": "mine", "structures": structures, "cases": cases})  # fmt: skip
    for name in ("corpus/text/train.spacy", "predictions/text/annotations.jsonl"):
        hole(folder / name, 5_000_000)


def record_as_done(folder: Path) -> None:
    """Note all fingerprints and write project.lock, as runs of all steps would."""
    from weasel.cli.run import update_lockfile
    from weasel.util.config import load_project_config

    config = load_project_config(folder, overrides={"vars.cohort": "assets/mine"})
    commands = {command["name"]: command for command in config["commands"]}
    for name in ("code", "data"):
        run(folder, commands[name]["script"][0])
    for command in commands.values():
        for line in command["script"]:
            if "hich.project.made" in line:
                run(folder, line)
        for output in command.get("outputs", ()):
            if not (folder / output).exists() and not output.startswith(".fingerprints"):
                hole(folder / output / "part" if "model-best" in output else folder / output, 1000)
    for command in commands.values():
        update_lockfile(folder, command)


def run(folder: Path, line: str) -> str:
    """Run a line of project.yml; return what it printed."""
    import shlex

    words = [sys.executable, *shlex.split(line)[1:]]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


def bytes_read() -> int:
    """Return the bytes that this process and those that it waited for have read."""
    return int(re.findall(r"rchar: (\d+)", Path("/proc/self/io").read_text())[0])


def main() -> None:
    """Print seconds and bytes of a second and a third run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--scans", type=int, default=1000)
    options = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make(folder, options.scans)
        record_as_done(folder)
        time.sleep(3)  # until the last files are no longer of the file system's present moment
        for _ in range(2):
            start, before = time.monotonic(), bytes_read()
            said = run(folder, "python -m spacy project run all . --vars.cohort assets/mine")
            seconds, read = time.monotonic() - start, bytes_read() - before
            skipped = len(re.findall("Skipping", said))
            share = read / (options.scans * SCAN)
            print(f"{seconds:.1f} s, {skipped} steps skipped, {read / 1e6:.0f} MB read: "
                  f"{share:.2%} of the scans' bytes")  # fmt: skip


if __name__ == "__main__":
    main()
