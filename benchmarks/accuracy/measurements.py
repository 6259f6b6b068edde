"""How measurements agree with what a generated cohort knows, and how long they take.

Run from the project's folder: `python -m benchmarks.accuracy.measurements assets/synthetic`, a
cohort of `cohort.synthesize`. Measured are its reference masks, so that the model has no part in
it; with --model DIR the masks and probabilities that it predicts, and with --split FILE of the test
part only. The times are CPU-seconds, the least of several runs; the phantoms' are of scans of usual
and of largest size. With --model, a phantom is predicted too, so that both can be set in relation.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console

from cohort.facts.limits import NO_SHIFT_MM
from cohort.facts.sites import SITES_BY_ID
from cohort.schema.manifest import Cohort
from cohort.schema.scans.measurements import Midline
from cohort.schema.split import Split
from cohort.space.file_types import read_volume
from cohort.space.grid import Grid
from cohort.space.nifti.volume import save_volume
from imaging.measure.measurements import measure
from imaging.scores.agreement import agreement

LARGE_MM, LIMITS_MM = 5.0, (2, 5, 10)
SPACING = (0.45, 0.45, 5.0)
RUNS = 5


def main(
    folder: Annotated[Path, typer.Argument(metavar="COHORT")],
    model: Annotated[Path | None, typer.Option()] = None,
    split: Annotated[Path | None, typer.Option()] = None,
) -> None:
    console, cohort = Console(), Cohort.load(folder)
    of_model = loaded(model) if model else None
    parts = Split.load(split).cases if split else {}
    cases = [case for case in cohort.cases if not split or parts.get(case.id) == "test"]
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    counts: dict[str, Counter[str]] = {}
    shifts, ratios, seconds = [], [], []
    for case in cases:
        hu, header = read_volume(cohort.path(str(case.image)))
        grid, midline = header.grid, None
        if of_model:
            masks, midline = segmented(*of_model, cohort.path(str(case.image)))
        else:
            masks = {n: read_volume(cohort.path(path))[0] for n, path in case.masks.items()}
        start = time.process_time()
        found = measure(masks, grid, hu, midline)
        seconds.append(time.process_time() - start)
        known, bleed = truth[case.id], found.hematoma
        pairs: dict[str, tuple[Any, Any]] = {
            "components": (known["bleeds"], bleed.components),
            "toward": (known["shift_side"], found.midline.toward),
            "compressed": (known["ventricle_compressed"], found.ventricles.compressed),
        }
        if known["bleeds"]:
            pairs["site"] = (SITES_BY_ID[known["site"]].coarse, bleed.site)
            pairs["side"] = (_sides(known), bleed.side)
            if bleed.volume_ml and bleed.abc2_ml is not None:
                ratios.append(bleed.abc2_ml / bleed.volume_ml)
        shifts.append((left_mm(known["shift_mm"], known["shift_side"]), left_of(found.midline)))
        for name, (true, told) in pairs.items():
            verdict = "right" if true == told else "wrong" if told is not None else "not told"
            counts.setdefault(name, Counter())[verdict] += 1
    for name, verdicts in counts.items():
        console.print(f"{name}: " + ", ".join(f"{n} {what}" for what, n in verdicts.items()))
    for line in shift_lines(shifts):
        console.print(line)
    middle, low, high = np.percentile(ratios, [50, 5, 95])
    console.print(f"ABC/2 by volume: median {middle:.2f}, 90 % {low:.2f} to {high:.2f}")
    console.print(f"{np.median(seconds) * 1000:.0f} ms a case")
    for slices, apart in ((25, SPACING[2]), (300, 0.5)):
        masks, affine = phantom(slices, apart)
        grid = Grid(masks["hematoma"].shape, affine)
        took = least(partial(measure, masks, grid))
        console.print(f"512×512×{slices}: measured in {took * 1000:.0f} ms")
    if model:
        console.print(f"512×512×25: predicted in {predicted(model):.2f} s, measurements included")


def left_mm(mm: float, side: str | None) -> float:
    """Return a shift toward the patient's left; one without a side counts as toward it."""
    return -mm if side == "right" else mm


def left_of(midline: Midline) -> float | None:
    """Return the shift that was measured, toward the patient's left; None where it isn't told."""
    return None if midline.shift_mm is None else left_mm(midline.shift_mm, midline.toward)


def shift_lines(pairs: list[tuple[float, float | None]]) -> list[str]:
    """Return how well shifts agree with the truth: pairs of what is true and what was told.

    What is told is compared by bias, limits of agreement, mean absolute error, and ICC(2,1), that
    is of absolute agreement (Shrout and Fleiss 1979, doi:10.1037/0033-2909.86.2.420). What cannot
    be told counts as wrong in sensitivity and specificity.
    """
    told = [pair for pair in pairs if pair[1] is not None]
    true, found = (np.array(column, float) for column in zip(*told, strict=True))
    # Which side a straight midline bends to is chance.
    straight = np.maximum(abs(true), abs(found)) < NO_SHIFT_MM
    found = np.where(straight, np.copysign(found, true), found)
    result = agreement(found, true)
    large = [pair for pair in pairs if abs(pair[0]) > LARGE_MM]
    lines = [
        f"shift: told {len(told)} of {len(pairs)}, of those above {LARGE_MM:g} mm "
        f"{sum(pair[1] is not None for pair in large)} of {len(large)}",
        f"shift: bias {result['bias']:.2f} mm, limits {result['limits'][0]:.2f} to "
        f"{result['limits'][1]:.2f}, mean absolute error {result['mae']:.2f}, most "
        f"{np.abs(found - true).max():.2f}, ICC(2,1) {result['icc']:.3f}",
    ]
    for limit in LIMITS_MM:
        beyond = [(abs(a) >= limit, None if b is None else abs(b) >= limit) for a, b in pairs]
        right = Counter(a for a, b in beyond if a == b)
        counts = Counter(a for a, _ in beyond)
        lines.append(
            f"shift of {limit} mm: sensitivity {right[True]}/{counts[True]}, "
            f"specificity {right[False]}/{counts[False]}"
        )
    return lines


def loaded(model: Path) -> tuple[Any, Any]:
    """Return a model, and what reads scans for it."""
    from imaging.model.bundle import load_bundle
    from imaging.model.inference import inference_transforms

    bundle = load_bundle(model)
    return bundle, inference_transforms(bundle.preprocess)


def segmented(
    bundle: Any, transforms: Any, path: Path
) -> tuple[dict[str, NDArray], NDArray | None]:
    """Return the masks that a model makes of a scan, and its probabilities of the midline."""
    from cohort.facts.structures import STRUCTURES
    from imaging.model.inference import segment
    from imaging.scans.preprocess import read_scan

    data = read_scan(transforms, path)
    found = segment(bundle.network, data["image"], data["hu"], bundle.postprocess)
    return {s.id: found.masks[s.channel] for s in STRUCTURES}, found.midline


def _sides(known: dict[str, Any]) -> str:
    """Return the side of all bleeds; one in the brainstem that has none lies on both."""
    sides = {known["side"]} | ({known["second"]["side"]} if known["second"] else set())
    return sides.pop() if len(sides) == 1 and None not in sides else "both"


def phantom(slices: int, apart: float) -> tuple[dict[str, NDArray], NDArray]:
    """Return masks of smooth shapes in a file's order of memory, and their affine."""
    shape, spacing = (512, 512, slices), (*SPACING[:2], apart)
    sizes = zip(shape, spacing, strict=True)
    along = [(np.arange(n, dtype=np.float32) - n / 2) * mm for n, mm in sizes]
    x, y, z = np.meshgrid(*along, indexing="ij", sparse=True)

    def ball(centre: tuple[int, ...], radii: tuple[int, ...]) -> NDArray:
        (a, b, c), (p, q, r) = centre, radii
        inside = ((x - a) / p) ** 2 + ((y - b) / q) ** 2 + ((z - c) / r) ** 2 < 1
        return np.asfortranarray(inside.astype(np.uint8))

    bend = 5 * np.sin(np.pi * np.clip(y / 150 + 0.5, 0, 1)) ** 2
    line = (np.abs(x + bend) < 1.3) & (np.abs(y) < 75) & (np.abs(z) < 50)
    masks = {
        "hematoma": ball((30, -12, 0), (18, 30, 24)),
        "midline": np.asfortranarray(line.astype(np.uint8)),
        "ventricle_left": ball((10, 8, 8), (6, 45, 14)),
        "ventricle_right": ball((-12, 8, 8), (9, 50, 18)),
    }
    return masks, np.diag([-spacing[0], -spacing[1], spacing[2], 1.0])


def predicted(model: Path) -> float:
    """Return the CPU-seconds of predicting a phantom of usual size, from file to files."""
    from imaging.model.bundle import load_bundle
    from imaging.model.inference import inference_transforms
    from imaging.prediction.scan import predict_scan
    from imaging.scans.given import ScanFile

    masks, affine = phantom(25, SPACING[2])
    rng = np.random.default_rng(0)
    hu = rng.normal(30, 4, masks["hematoma"].shape) + 35.0 * masks["hematoma"]
    for side in ("left", "right"):
        hu -= 22.0 * masks[f"ventricle_{side}"]
    bundle = load_bundle(model)
    transforms = inference_transforms(bundle.preprocess)
    with tempfile.TemporaryDirectory() as folder:
        save_volume(Path(folder) / "p.nii.gz", hu.astype(np.int16), affine)
        scan = ScanFile("p", Path(folder) / "p.nii.gz")
        return least(
            lambda: predict_scan(bundle, transforms, scan, Path(folder) / "out", force=True)
        )


def least(run: Callable[[], Any]) -> float:
    seconds = []
    for _ in range(RUNS):
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    return min(seconds)


if __name__ == "__main__":
    typer.run(main)
