"""Heads that the program isn't made for, by the model in the box: what is marked, what is noted.

No change moves anything, so that the shift should be what it is in the head as it is.

Run from the project's folder: `python -m benchmarks.noticed.unfit_heads [--heads 8] [--anatomy
FOLDER]`. Every change of `benchmarks.noticed.damage.unfit` is made of each generated head. And the
false notes: on the reference masks of a generated cohort, `python -m benchmarks.noticed.unfit_heads
--cohort COHORT`.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from benchmarks.noticed.damage.unfit import CHANGES, PLAIN, Head, heads
from cohort.base.errors import DataError
from cohort.schema.manifest import Cohort
from cohort.space.file_types import read_volume
from cohort.synthetic.mapped.choose import ChosenMap
from cohort.synthetic.mapped.head_map import find_maps
from imaging.measure.unlike_blood import unlike_blood
from imaging.segmenter import Segmenter

Shift = tuple[float | None, str | None]
"""Millimetres, and the side that it is toward."""
MORE_ML = 1.0
"""So much more marked than in the head as it is counts as marked."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--anatomy", type=Path, help="label maps of which every second head is")
    parser.add_argument("--cohort", type=Path, help="count false notes on its masks instead")
    parser.add_argument("--only", default="", help="changes whose names hold it")
    options = parser.parse_args()
    if options.cohort:
        print("{} of {} hematomas noted".format(*false_notes(options.cohort)))
        return
    maps = [ChosenMap(path, 0.5) for path in find_maps(options.anatomy)] if options.anatomy else []
    chosen = [one for path in maps for one in (None, path)] or [None]
    _print(options.heads, chosen, options.only)


def false_notes(folder: Path) -> tuple[int, int]:
    """Return how many hematomas of a cohort are said to be unlike blood, and of how many."""
    noted = seen = 0
    cohort = Cohort.load(folder)
    for case in track(cohort.with_image, console=Console(stderr=True)):
        mask, _ = read_volume(cohort.path(case.masks["hematoma"]))
        if mask.any():
            hu, header = read_volume(cohort.path(str(case.image)))
            noted += unlike_blood(mask, hu, header.grid) is not None
            seen += 1
    return noted, seen


def _print(number: int, chosen: list[ChosenMap | None], only: str) -> None:
    segmenter = Segmenter.load()
    plain: dict[int, float] = {}
    straight: dict[int, Shift] = {}
    off: dict[str, list[str]] = defaultdict(list)
    more: dict[str, list[float]] = defaultdict(list)
    notes: dict[str, Counter[str]] = defaultdict(Counter)
    total = number * len(CHANGES)
    for name, n, head in track(heads(number, chosen), total=total, console=Console(stderr=True)):
        if only not in name and name != PLAIN:
            continue
        ml, shift, kinds = _told(segmenter, head)
        plain.setdefault(n, ml)
        first = straight.setdefault(n, shift)
        off[name].append(_apart(shift, first))
        more[name].append(ml - plain[n])
        notes[name].update(kinds)
        if ml - plain[n] >= MORE_ML:
            notes[name].update(f"{kind}, marked" for kind in kinds if kind == "unlike blood")
    print("| head | marked | of these noted | more mL, median | shift, mm apart | notes |")
    print("| --- | ---: | ---: | ---: | --- | --- |")
    for name, extra in more.items():
        marked = sum(ml >= MORE_ML for ml in extra)
        of_these = notes[name].pop("unlike blood, marked", 0)
        said = ", ".join(f"{kind} {count}" for kind, count in notes[name].most_common())
        middle = float(np.median(extra))
        apart = " ".join(off[name])
        print(
            f"| {name} | {marked} of {len(extra)} | {of_these} | {middle:.1f} | {apart} | {said} |"
        )


def _told(segmenter: Segmenter, head: Head) -> tuple[float, Shift, set[str]]:
    try:
        found = segmenter((head.hu.astype(np.int16), head.grid.affine))
    except DataError:
        return 0.0, (None, None), {"refused"}
    kinds = {note.kind for note in found.notes} | {f"untold: {k}" for k in found.cannot_be_told}
    midline = found.measurements.midline
    if midline.unknown:
        kinds.add(f"shift {midline.unknown}")
    shift = midline.shift_mm, midline.toward
    return found.measurements.hematoma.volume_ml or 0.0, shift, kinds


def _apart(one: Shift, other: Shift) -> str:
    """Return how far two shifts are apart; small ones have no side, and may be on the same."""
    (mm, toward), (other_mm, other_toward) = one, other
    if mm is None or other_mm is None:
        return "–"
    opposite = toward and other_toward and toward != other_toward
    return f"{mm + other_mm if opposite else abs(mm - other_mm):.1f}"


if __name__ == "__main__":
    main()
