"""How the generated heads compare with real slices and with published figures.

Run from the project's folder: `python benchmarks/realism.py [--heads 40] [--style routine]`.
Real slices are read from `../shared/data` (BHSD: arXiv 2308.11298; HICH-IT: arXiv 2401.15934)
where they are; without them only the generated and the published columns are filled. Nothing in
the generator is fitted to them. All slices are first averaged to pixels of 1 mm.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from cohort.facts.structures import STRUCTURE_IDS
from cohort.synthetic.head import draw_head

REAL = Path(__file__).resolve().parents[1].parent / "shared" / "data"
BONE_HU = 200
LEAST_BRAIN_MM2 = 4000
LEAST_BLEED_MM2 = 100
PERCENTILES = (1, 5, 25, 50, 75, 95, 99)
INSIDE = "HU inside the skull"
"""Where `measure` puts all voxels inside the skull."""
BINS = np.arange(-20, 101)

PUBLISHED = {
    "grey/white contrast, HU": "5-12, as textbooks have it",
    "noise sd, HU": "2-8, by dose and slice thickness (5 mm head CT)",
    "skull thickness, mm": "5-9, as textbooks have it",
    "hematoma HU, mean": "50-75, as textbooks have it",
    "ventricle area, left + right, mm²": "about 500-2000 in the largest slice; no source",
}


@dataclass
class Slice:
    """A slice of 1 mm pixels: HU [y, x] and masks by structure; absent where not annotated."""

    hu: NDArray
    masks: dict[str, NDArray] = field(default_factory=dict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heads", type=int, default=40, help="generated heads")
    parser.add_argument("--style", default="routine", choices=("routine", "other"))
    options = parser.parse_args()
    groups = {f"generated, {options.style}": list(generated(options.heads, options.style))}
    groups |= real_groups()
    console = Console()
    if len(groups) == 1:
        console.print(f"{REAL} holds no real slices; only generated ones are measured.")
    columns = {name: measure(slices) for name, slices in groups.items()}
    add_distances(columns)
    names, rows = list(columns), table_rows(columns)
    table = Table("figure", *names, "published")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    print("\n| figure | " + " | ".join(names) + " | published |")
    print("| --- |" + " --- |" * (len(names) + 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def table_rows(columns: dict[str, dict[str, list[float]]]) -> list[list[str]]:
    """Return the rows: each figure's median and its 10th and 90th percentile, by group."""
    figures = list(dict.fromkeys(name for column in columns.values() for name in column))
    rows = []
    for figure in figures:
        cells = [_cell(column.get(figure, [])) for column in columns.values()]
        rows.append([figure, *cells, PUBLISHED.get(figure, "")])
    return rows


def add_distances(columns: dict[str, dict[str, list[float]]]) -> None:
    """Add to each group how far its HU histogram lies from each real group's."""
    samples = {name: np.array(column.pop(INSIDE, [])) for name, column in columns.items()}
    for other, sample in samples.items():
        if not other.startswith("real"):
            continue
        for name, column in columns.items():
            if name != other and sample.size and samples[name].size:
                column[f"HU histogram's distance from {other}, HU"] = [
                    histogram_distance(samples[name], sample)
                ]


def _cell(values: list[float]) -> str:
    if not values:
        return "-"
    low, middle, high = np.percentile(values, (10, 50, 90))
    digits = 2 if abs(high) < 3 else 1 if abs(high) < 100 else 0
    if len(values) == 1:
        return f"{middle:.{digits}f}"
    return f"{middle:.{digits}f} ({low:.{digits}f}..{high:.{digits}f})"


def generated(heads: int, style: str) -> Iterator[Slice]:
    """Yield all slices of so many generated heads."""
    for number in range(heads):
        head = draw_head(np.random.SeedSequence((2024, number)), style=style)  # type: ignore[arg-type]
        pixel = float(np.linalg.norm(head.affine[:3, 0]))
        for z in range(head.hu.shape[2]):
            masks = {name: head.masks[name][:, :, z].T for name in STRUCTURE_IDS}
            yield _slice(head.hu[:, :, z].T, masks, pixel)


def real_groups() -> dict[str, list[Slice]]:
    """Return the real slices that are there, by data set."""
    found = {"BHSD": list(_bhsd()), "HICH-IT": list(_hich_it())}
    return {f"real, {name}": slices for name, slices in found.items() if slices}


def _bhsd() -> Iterator[Slice]:
    import nibabel as nib

    folder = REAL / "bhsd-dev"
    for path in sorted(folder.glob("*.nii.gz")):
        if "_" in path.name:
            continue
        image = nib.load(path)
        bleed = path.with_name(path.name.replace(".nii.gz", "_iph.nii.gz"))
        masks = {}
        if bleed.exists():
            masks["hematoma"] = np.asarray(nib.load(bleed).dataobj)[..., 0].T
        pixel = float(np.linalg.norm(image.affine[:3, 0]))
        yield _slice(np.asarray(image.dataobj)[..., 0].T, masks, pixel)


def _hich_it() -> Iterator[Slice]:
    import torch

    folder = REAL / "hich-it-mini" / "Datasets" / "Image"
    classes = {
        "Hematoma": "hematoma",
        "Left lateral ventricle": "ventricle_left",
        "Right lateral ventricle": "ventricle_right",
    }
    for path in sorted(folder.glob("Hematoma/Original_image/*.pt")):
        masks = {}
        for name, structure in classes.items():
            file = folder / name / "Feature_image" / path.name
            if file.exists():
                masks[structure] = torch.load(file, weights_only=True).numpy().squeeze().T
        # No spacing is stored; 0.45 mm is what a head's width suggests.
        yield _slice(torch.load(path, weights_only=True).numpy().squeeze().T, masks, 0.45)


def _slice(hu: NDArray, masks: dict[str, NDArray], pixel: float) -> Slice:
    from scipy.ndimage import gaussian_filter, zoom

    image = np.clip(hu.astype(np.float32), -1024, 3071)
    # What a pixel of 1 mm averages of smaller ones.
    sigma = 0.5 * np.sqrt(max(1 / pixel**2 - 1, 0)) * 0.58
    image = zoom(gaussian_filter(image, sigma) if sigma > 0 else image, pixel, order=1)
    small = {name: zoom(mask.astype(np.uint8), pixel, order=0) for name, mask in masks.items()}
    return Slice(image, small)


def measure(slices: list[Slice]) -> dict[str, list[float]]:
    """Return the figures of a group, one value per slice that shows what they measure."""
    from scipy.ndimage import binary_dilation

    values: dict[str, list[float]] = defaultdict(list)
    pooled = []
    for one in slices:
        _bleed(one, values)
        _ventricles(one, values)
        brain = brain_mask(one.hu)
        if brain is None:
            continue
        if "hematoma" in one.masks:
            brain &= ~binary_dilation(one.masks["hematoma"] > 0, iterations=6)
        if brain.sum() < LEAST_BRAIN_MM2:
            continue
        pooled.append(one.hu[brain])
        _tissue(one.hu, brain, values)
        _skull(one.hu, values)
    if pooled:
        everything = np.concatenate(pooled)
        values[INSIDE] = everything.tolist()
        shares = np.percentile(everything, PERCENTILES)
        for percentile, hu in zip(PERCENTILES, shares, strict=True):
            values[f"{INSIDE}, percentile {percentile}"] = [float(hu)]
    return values


def brain_mask(hu: NDArray) -> NDArray[np.bool_] | None:
    """Return what lies at least 4 mm inside a closed ring of bone; None where there is none."""
    from scipy.ndimage import binary_erosion, binary_fill_holes, label

    bone = hu > BONE_HU
    inside = binary_fill_holes(bone) & ~bone
    parts, count = label(inside)
    if not count:
        return None
    sizes = np.bincount(parts.ravel())[1:]
    largest: NDArray[np.bool_] = binary_erosion(parts == 1 + sizes.argmax(), iterations=4)
    return largest if largest.sum() >= LEAST_BRAIN_MM2 else None


def _tissue(hu: NDArray, brain: NDArray, values: dict[str, list[float]]) -> None:
    from scipy.ndimage import binary_erosion, gaussian_filter, uniform_filter

    # Noise: where tissue is most even, so that sulci and cortex don't count.
    flat = hu.astype(np.float64)
    mean, square = uniform_filter(flat, 7), uniform_filter(flat * flat, 7)
    deviation = np.sqrt(np.maximum(square - mean * mean, 0))
    core = binary_erosion(brain, iterations=4) & (mean > 15) & (mean < 50)
    if core.sum() < 500:
        return
    even = core & (deviation <= np.percentile(deviation[core], 20))
    values["noise sd, HU"].append(float(np.median(deviation[even])))
    rest = flat - mean
    variance = float((rest[even] ** 2).mean())
    for lag in (1, 2):
        moved = 0.5 * (np.roll(rest, lag, 0) + np.roll(rest, lag, 1))
        share = float((rest[even] * moved[even]).mean()) / max(variance, 1e-6)
        values[f"noise autocorrelation at {lag} mm"].append(share)
    smooth = gaussian_filter(flat, 2.0)[core]
    tissue = smooth[(smooth > 18) & (smooth < 50)]
    low, high = np.percentile(tissue, (10, 90))
    values["grey/white contrast, HU"].append(float(high - low))
    values["fluid inside the skull, %"].append(100 * float((hu[brain] < 15).mean()))
    values["above 50 HU inside the skull, no bleed, %"].append(100 * float((hu[brain] > 50).mean()))


def _skull(hu: NDArray, values: dict[str, list[float]]) -> None:
    from scipy.ndimage import binary_fill_holes, label

    parts, count = label(hu > BONE_HU)
    if not count:
        return
    bone = parts == 1 + np.bincount(parts.ravel())[1:].argmax()
    whole = float(binary_fill_holes(bone).sum())
    share = float(bone.sum()) / whole
    # At the base bone is no ring, at the vertex it is cut lengthwise.
    if whole > 12_000 and share < 0.35:
        outer, inner = (2 * np.sqrt(a / np.pi) for a in (whole, whole - bone.sum()))
        values["skull thickness, mm"].append(float(outer - inner) / 2)


def _bleed(one: Slice, values: dict[str, list[float]]) -> None:
    from scipy.ndimage import binary_erosion

    mask = one.masks.get("hematoma")
    if mask is None or mask.sum() < LEAST_BLEED_MM2:
        return
    mask = mask > 0
    edge = mask & ~binary_erosion(mask)
    values["hematoma area, mm²"].append(float(mask.sum()))
    values["hematoma HU, mean"].append(float(one.hu[mask].mean()))
    values["hematoma HU, sd"].append(float(one.hu[mask].std()))
    # 4πA/P², 1 for a disc; the edge's pixels underestimate its length alike in all groups.
    compact = 4 * np.pi * float(mask.sum()) / float(edge.sum() * 1.1) ** 2
    values["hematoma compactness"].append(compact)


def _ventricles(one: Slice, values: dict[str, list[float]]) -> None:
    sides = [one.masks.get(f"ventricle_{side}") for side in ("left", "right")]
    if sides[0] is None or sides[1] is None:
        return
    left, right = (float((mask > 0).sum()) for mask in sides if mask is not None)
    if min(left, right) < 50:
        return
    values["ventricle area, left + right, mm²"].append(left + right)
    values["ventricle asymmetry, share of the sum"].append(abs(left - right) / (left + right))


def histogram_distance(one: NDArray, other: NDArray) -> float:
    """Return the earth mover's distance in HU between two samples, cut to -20..100 HU."""
    shares = [np.histogram(np.clip(x, BINS[0], BINS[-1]), BINS)[0] / len(x) for x in (one, other)]
    return float(np.abs(np.cumsum(shares[0] - shares[1])).sum())


if __name__ == "__main__":
    main()
