"""Which masks that are not their image's are found, and how many right ones are taken for such.

Run from the project's folder: `python -m benchmarks.noticed.masks [--heads 20]`. Generated heads of
both styles, whose masks are right; each kind of fault is made of all of them. Where they are in
`../shared/data`, real masks (BHSD: arXiv 2308.11298; HICH-IT: arXiv 2401.15934) stand beside.
Counts are of cases with a problem (refused) and of others with a note; right masks should have
neither.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import REAL
from cohort.checks.masks.check import MaskCheck
from cohort.checks.masks.look import HeadLook
from cohort.facts.structures import STRUCTURE_IDS
from cohort.faults import CheckResult
from cohort.schema.manifest import Cohort
from cohort.space.file_types import read_volume
from cohort.space.grid import Grid
from cohort.space.header import Header
from cohort.space.masks import binary_mask
from cohort.synthetic.head import draw_head

EDEMA_HU = 12
"""How much darker than brain edema is."""
Masks = dict[str, NDArray[np.uint8]]


@dataclass
class Case:
    """A scan [I, J, K] in HU, where it lies, and its right masks."""

    hu: NDArray
    header: Header
    masks: Masks


def each(change: Callable[[NDArray], NDArray]) -> Callable[[Masks, Masks], Masks]:
    return lambda masks, other: {name: change(mask) for name, mask in masks.items()}


def scaled(mask: NDArray) -> NDArray:
    """Enlarge a mask in plane by 1.3 around the middle of the slice."""
    from scipy.ndimage import affine_transform

    middle = (np.array(mask.shape) - 1) / 2
    matrix = np.array([1 / 1.3, 1 / 1.3, 1])
    return affine_transform(mask, matrix, middle - matrix * middle, order=0)


def wider(mask: NDArray, pixels: int = 6) -> NDArray:
    """Draw some pixels more around a mask."""
    from scipy.ndimage import binary_dilation

    return binary_dilation(mask, np.ones((3, 3, 1)), iterations=pixels).astype(np.uint8)


def with_edema(case: Case) -> Case:
    """Make the brain 3 mm around the hematoma as dark as edema is, and draw it along."""
    wide = wider(case.masks["hematoma"], max(1, round(3 / case.header.spacing[0])))
    edema = (wide > 0) & (case.masks["hematoma"] == 0) & (case.hu > 0) & (case.hu < 45)
    hu = np.where(edema, case.hu - EDEMA_HU, case.hu)
    return Case(hu, case.header, {**case.masks, "hematoma": wide})


def boxed(mask: NDArray) -> NDArray:
    """Return the boxes around a mask in each slice."""
    boxes = np.zeros_like(mask)
    for k in np.flatnonzero(mask.any(axis=(0, 1))):
        i, j = np.nonzero(mask[..., k])
        boxes[i.min() : i.max() + 1, j.min() : j.max() + 1, k] = 1
    return boxes


def one(structure: str, change: Callable[[NDArray], NDArray]) -> Callable[[Masks, Masks], Masks]:
    return lambda masks, other: {**masks, structure: change(masks[structure])}


FAULTS: dict[str, Callable[[Masks, Masks], Masks]] = {
    "inverted": each(lambda m: 1 - m),
    "rows reversed (front and back)": each(lambda m: m[:, ::-1]),
    "columns reversed (left and right)": each(lambda m: m[::-1]),
    "turned by 180° in plane": each(lambda m: m[::-1, ::-1]),
    "transposed": each(lambda m: m.transpose(1, 0, 2)),
    "slices reversed": each(lambda m: m[..., ::-1]),
    "another patient's": lambda masks, other: other,
    "rolled by 100 of 512 pixels, sideways": each(lambda m: np.roll(m, m.shape[0] * 100 // 512, 0)),
    "rolled by 100 of 512 pixels, frontward": each(
        lambda m: np.roll(m, m.shape[1] * 100 // 512, 1)
    ),
    "shifted by 20 mm": each(lambda m: np.roll(m, 20 * m.shape[0] // 230, 0)),
    "shifted by 5 mm": each(lambda m: np.roll(m, 5 * m.shape[0] // 230, 0)),
    "shifted by 3 slices": each(lambda m: np.roll(m, 3, 2)),
    "shifted by 1 slice": each(lambda m: np.roll(m, 1, 2)),
    "enlarged by 1.3": each(scaled),
    "left ventricle's mask given twice": lambda masks, other: {
        **masks,
        "ventricle_right": masks["ventricle_left"],
    },
    "hematoma's slices reversed": one("hematoma", lambda m: m[..., ::-1]),
    "hematoma 4 pixels too wide": one("hematoma", lambda m: wider(m, 4)),
    "hematoma 8 pixels too wide": one("hematoma", lambda m: wider(m, 8)),
    "hematoma 16 pixels too wide": one("hematoma", lambda m: wider(m, 16)),
    "boxes around the hematoma": one("hematoma", boxed),
    "all 8 pixels too wide": each(lambda m: wider(m, 8)),
    "hematoma and left ventricle exchanged": lambda masks, other: {
        **masks,
        "hematoma": masks["ventricle_left"],
        "ventricle_left": masks["hematoma"],
    },
    "midline shifted by 15 pixels": one("midline", lambda m: np.roll(m, 15, 0)),
    "midline shifted by 6 mm": one("midline", lambda m: np.roll(m, 6 * m.shape[0] // 230, 0)),
    "another patient's midline": lambda masks, other: {**masks, "midline": other["midline"]},
    "left ventricle's mask empty": one("ventricle_left", np.zeros_like),
    "ventricle's mask given as hematoma": lambda masks, other: {
        **masks,
        "hematoma": masks["ventricle_left"],
    },
}
RIGHT: dict[str, Callable[[Case], Case]] = {
    "right": lambda case: case,
    "right, image cut to 0..255": lambda case: Case(case.hu.clip(0, 255), case.header, case.masks),
    "right, edema drawn along": with_edema,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heads", type=int, default=20, help="generated heads of each style")
    options = parser.parse_args()
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    for style in ("routine", "other"):
        before: Case | None = None
        for number in range(options.heads):
            case = _generated(number, style)
            for kind, change in RIGHT.items():
                changed = change(case)
                _count(tally[kind], changed, changed.masks)
            for kind, fault in FAULTS.items():
                if not kind.startswith("another patient's"):
                    _count(tally[kind], case, fault(case.masks, {}))
                elif before is not None:
                    _count(tally[kind], case, fault(case.masks, before.masks))
            before = case
    for name, real in (("BHSD", _bhsd()), ("HICH-IT", _hich_it())):
        for case in real:
            _count(tally[f"right, real: {name}"], case, case.masks)
    _print(tally)


def _generated(number: int, style: Any) -> Case:
    head = draw_head(np.random.SeedSequence((2031, number)), style=style)
    shape: Any = head.hu.shape
    header = Header(Grid(shape, head.affine), "int16")
    masks = {name: np.asfortranarray(head.masks[name]).astype(np.uint8) for name in STRUCTURE_IDS}
    return Case(np.asfortranarray(head.hu), header, masks)


def _bhsd() -> Iterator[Case]:
    folder = REAL / "bhsd-dev"
    for path in sorted(folder.glob("*_iph.nii.gz")):
        hu, header = read_volume(path.with_name(path.name.replace("_iph", "")))
        mask, _ = binary_mask(read_volume(path)[0])
        if mask.any():
            yield Case(hu, header, {"hematoma": mask})


def _hich_it() -> Iterator[Case]:
    from cohort.import_hich_it import import_hich_it

    folder = REAL / "hich-it-mini" / "Datasets"
    if not folder.is_dir():
        return
    with tempfile.TemporaryDirectory() as temporary:
        import_hich_it(folder, Path(temporary) / "cohort")
        cohort = Cohort.load(Path(temporary) / "cohort")
        for case in cohort.with_image:
            hu, header = read_volume(cohort.path(str(case.image)))
            masks = {
                s: binary_mask(read_volume(cohort.path(p))[0])[0] for s, p in case.masks.items()
            }
            yield Case(hu, header, masks)


def _count(tally: Counter[str], case: Case, masks: Masks) -> None:
    found = CheckResult()
    check = MaskCheck(Path("image"), HeadLook(case.hu, case.header), found)
    for structure, mask in masks.items():
        before = len(found.problems), len(found.notes)
        check.add(structure, Path(structure), np.ascontiguousarray(mask))
        if not mask.any():
            continue
        group = "ventricles" if structure.startswith("ventricle") else structure
        tally[f"{group} all"] += 1
        if len(found.problems) > before[0]:
            tally[f"{group} refused"] += 1
        elif len(found.notes) > before[1]:
            tally[f"{group} noted"] += 1
    check.finish()
    tally["case all"] += 1
    if found.problems:
        tally["case refused"] += 1
    elif found.notes:
        tally["case noted"] += 1


def _print(tally: dict[str, Counter[str]]) -> None:
    groups = ("case", "hematoma", "ventricles", "midline")
    print("| masks | cases refused, noted, of | hematoma | ventricles | midline |")
    print("| --- | --- | --- | --- | --- |")
    for kind, counts in tally.items():
        cells = [
            f"{counts[f'{g} refused']}, {counts[f'{g} noted']} of {counts[f'{g} all']}"
            if counts[f"{g} all"]
            else "–"
            for g in groups
        ]
        print(f"| {kind} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
