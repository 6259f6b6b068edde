"""Scans that no number should be made of, and scans that are as they should be: which are noticed.

Run from the project's folder: `python -m benchmarks.noticed.scans [--heads 50] [--values]`. Each
class takes every generated head of both styles, does one thing to how it is stored, and asks
`cohort.checks.plausible` what `imaging.predict` would do: refuse it, say what cannot be told, note
it, or take it without a word. A hit is what the class asks for or more; for what is as it should
be, anything but silence is a false alarm. Real scans (`../shared/data`, one or three slices each)
are added where they are.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.progress import track

from benchmarks.noticed.damage.classes import CLASSES, suits
from benchmarks.noticed.damage.scans import Scan, generated, header_of, real
from cohort.checks.plausible import check_plausible
from cohort.space.affine import make_affine

OUTCOMES = ("taken", "noted", "part untold", "refused")
"""From the least to the most that is said."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="classes whose names hold it")
    parser.add_argument("--heads", type=int, default=50, help="generated heads of each style")
    parser.add_argument("--values", action="store_true", help="classes of values only")
    options = parser.parse_args()
    classes = {
        name: made
        for name, made in CLASSES.items()
        if options.only in name and not (options.values and name.startswith(("head", "slices")))
    }
    scans = [*generated(options.heads), *real()]
    print("| class | expected | scans | taken | noted | part untold | refused | hits | false |")
    print("| --- | --- |" + " ---: |" * 7)
    for name, (expected, change) in track(classes.items(), console=Console(stderr=True)):
        counts = Counter(outcome(change(scan)) for scan in scans if suits(name, scan))
        n = counts.total()
        least = OUTCOMES.index(expected)
        hits = sum(counts[said] for said in OUTCOMES[least:])
        cells = [str(counts[said]) for said in OUTCOMES]
        cells += ["–", str(n - counts["taken"])] if not least else [f"{hits / n:.0%}", "–"]
        print(f"| {name} | {expected} | {n} | " + " | ".join(cells) + " |")


def outcome(scan: Scan) -> str:
    """Return what would be done with a scan."""
    at = header_of(scan.hu, make_affine("LPS", scan.spacing, scan.hu.shape))
    found = check_plausible(Path("scan.nii.gz"), scan.hu, at)
    if found.problems:
        return "refused"
    return "part untold" if found.untold else "noted" if found.notes else "taken"


# How values are stored.


if __name__ == "__main__":
    main()
