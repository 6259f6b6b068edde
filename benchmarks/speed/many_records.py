"""Peak memory and rate of `text.convert` and `text.annotate --no-pages` by the number of records.

`python -m benchmarks.speed.many_records 10000 100000` makes so many records of some 60 characters,
as one CSV, one JSONL and files, and prints for each the peak of a process of its own (on Linux),
its CPU-seconds less those of ten records (start and imports), and records by CPU-second. `1000000`
needs some 15 GB of disk for the files and hours; `--only csv,jsonl` leaves them out, and `--command
annotate` the conversion. Rows are printed as they come.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

RECORD = (
    "患者男，{age}岁，突发左侧肢体无力{hours}小时。CT：右侧基底节区出血，约{ml}ml，"
    "血压{bp}/95mmHg。{number:07d}"
)
SITE = "右侧基底节区出血"
FEW = 10
MEASURED = """
import runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_module(sys.argv[0], run_name="__main__")
finally:
    print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0], file=sys.__stderr__)
"""


def record(number: int) -> str:
    ages, hours, ml, bp = 40 + number % 50, 1 + number % 23, 2 + number % 60, 150 + number % 60
    return RECORD.format(age=ages, hours=hours, ml=ml, bp=bp, number=number)


def make(folder: Path, kind: str, count: int) -> Path:
    """Write the records; all but those of `files` are annotated."""
    if kind in ("csv", "jsonl"):
        path = folder / f"{count}.{kind}"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            if kind == "csv":
                rows.writerow(["id", "text", "label"])
            for number in range(count):
                text = record(number)
                start = text.index(SITE)
                marks = [[start, start + len(SITE), "SITE"]]
                if kind == "csv":
                    rows.writerow([f"p{number}", text, json.dumps(marks)])
                else:
                    row = {"text": text, "label": marks, "record": f"p{number}"}
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
        return path
    path = folder / f"{count}-{kind}"
    path.mkdir()
    for number in range(count):
        text = record(number)
        (path / f"p{number}.txt").write_text(text, encoding="utf-8")
        if kind == "brat":
            start = text.index(SITE)
            mark = f"T1\tSITE {start} {start + len(SITE)}\t{SITE}\n"
            (path / f"p{number}.ann").write_text(mark, encoding="utf-8")
    return path


def measure(line: list[str]) -> tuple[float, float]:
    """Return the peak in MB and the CPU-seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", MEASURED, *line], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stderr)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return int(done.stderr.split()[-1]) / 1024, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", type=int, nargs="+")
    parser.add_argument("--only", default="csv,jsonl,files,brat")
    parser.add_argument("--command", choices=("annotate", "convert"))
    asked = parser.parse_args()
    ways = [("annotate", kind) for kind in ("csv", "jsonl", "files")]
    ways += [("convert", kind) for kind in ("csv", "jsonl", "brat")]
    print("command | from | records | peak MB | CPU s | records/CPU-s", flush=True)
    for command, kind in ways:
        if kind not in asked.only.split(",") or asked.command not in (None, command):
            continue
        start = 0.0
        for count in (FEW, *asked.counts):
            with tempfile.TemporaryDirectory() as name:
                source = make(Path(name), kind, count)
                out = str(Path(name) / "out")
                end = ["--output", out, "--no-pages"] if command == "annotate" else [out]
                peak, seconds = measure([f"text.{command}", str(source), *end])
            if count == FEW:
                start = seconds
                continue
            seconds -= start
            cells = (f"{peak:,.0f}", f"{seconds:.1f}", f"{count / seconds:,.0f}")
            print(" | ".join((command, kind, f"{count:,}", *cells)), flush=True)


if __name__ == "__main__":
    main()
