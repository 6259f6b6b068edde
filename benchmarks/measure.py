"""How measurements agree with what a generated cohort knows, and how long they take.

Run from the project's folder: `python benchmarks/measure.py assets/synthetic`, a cohort of
`cohort.synthesize`. Measured are its reference masks, so that the model has no part in it. The
times are CPU-seconds, the least of several runs; the phantoms' are of scans of usual and of
largest size. With --model, a phantom is predicted too, so that both can be set in relation.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console

from cohort.facts.sites import SITES_BY_ID
from cohort.schema.manifest import Cohort
from cohort.space.file_types import read_volume
from cohort.space.grid import Grid
from cohort.space.nifti import save_volume
from imaging.measure.measurements import measure

SPACING = (0.45, 0.45, 5.0)
RUNS = 5


def main(
    folder: Annotated[Path, typer.Argument(metavar="COHORT")],
    model: Annotated[Path | None, typer.Option()] = None,
) -> None:
    console, cohort = Console(), Cohort.load(folder)
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    counts: dict[str, Counter[str]] = {}
    shifts, ratios, seconds = [], [], []
    for case in cohort.cases:
        volumes = {name: read_volume(cohort.path(path)) for name, path in case.masks.items()}
        grid = next(iter(volumes.values()))[1].grid
        masks = {name: mask for name, (mask, _) in volumes.items()}
        start = time.process_time()
        found = measure(masks, grid)
        seconds.append(time.process_time() - start)
        known, bleed = truth[case.id], found.hematoma
        pairs = {
            "components": (known["bleeds"], bleed.components),
            "toward": (known["shift_side"], found.midline.toward),
            "compressed": (known["ventricle_compressed"], found.ventricles.compressed),
        }
        if known["bleeds"]:
            pairs["site"] = (SITES_BY_ID[known["site"]].coarse, bleed.site)
            pairs["side"] = (_sides(known), bleed.side)
            ratios.append(bleed.abc2_ml / bleed.volume_ml)
        if known["shift_mm"]:
            shifts.append((found.midline.shift_mm or 0.0) - known["shift_mm"])
        for name, (true, told) in pairs.items():
            verdict = "right" if true == told else "wrong" if told is not None else "not told"
            counts.setdefault(name, Counter())[verdict] += 1
    for name, verdicts in counts.items():
        console.print(f"{name}: " + ", ".join(f"{n} {what}" for what, n in verdicts.items()))
    console.print(
        f"shift: mean error {np.abs(shifts).mean():.2f} mm, most {np.abs(shifts).max():.2f}"
    )
    middle, low, high = np.percentile(ratios, [50, 5, 95])
    console.print(f"ABC/2 by volume: median {middle:.2f}, 90 % {low:.2f} to {high:.2f}")
    console.print(f"{np.median(seconds) * 1000:.0f} ms a case")
    for slices, apart in ((25, SPACING[2]), (300, 0.5)):
        masks, affine = phantom(slices, apart)
        grid = Grid(masks["hematoma"].shape, affine)
        took = least(lambda masks=masks, grid=grid: measure(masks, grid))
        console.print(f"512×512×{slices}: measured in {took * 1000:.0f} ms")
    if model:
        console.print(f"512×512×25: predicted in {predicted(model):.2f} s, measurements included")


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
