"""Scores of a model on real CT of other hospitals, kept outside this repository.

Run from the project's folder: `python -m benchmarks.accuracy.real_scans [MODEL] [--data FOLDER]
[--picture PNG] [--figures JSON]`; without MODEL, the one in the box. With `--masks FOLDER`, what
another program made of the same scans is scored: `<scan>_<structure>.nii.gz`, as
`benchmarks/training/segmentation_peers.py` leaves them. FOLDER holds `bhsd-dev` (single slices of
BHSD, arXiv 2308.11298, with masks of parenchymal and ventricular blood) and `hich-it-mini` (three
slices of HICH-IT's public case, arXiv 2401.15934). Nothing may be tuned to them: they are too few,
and are looked at to see whether a model that has only seen generated heads works on real ones at
all.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from imaging.model.folder import model_or_boxed

Maker = Callable[[list[Path], Path], dict[str, dict[str, NDArray]]]
"""What makes masks of scans, and a folder to do it in: scan id to structure to mask."""
LARGE_PX = 500
"""Slices with more blood of a kind than this are pooled into one Dice."""
KINDS = {"iph": "hematoma", "ivh": "ventricular_blood"}
"""BHSD's kinds of blood, to the structures here."""
RESAMPLED = 2000
"""How often slices are drawn anew for an interval."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("model", nargs="?", type=Path, default=None)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--masks", type=Path, help="score these masks instead of a model's")
    parser.add_argument("--picture", type=Path, help="also draw all slices to this PNG")
    parser.add_argument("--figures", type=Path, help="also write figures for a model card")
    given = parser.parse_args()
    maker = (
        partial(masks_of, given.masks)
        if given.masks
        else partial(predict_files, model_or_boxed(given.model))
    )
    console = Console(highlight=False)
    if not given.data.is_dir():
        console.print(f"{given.data}: no real data here; nothing to measure.")
        return
    tiles: list[NDArray] = []
    figures: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        slices = read_bhsd(given.data / "bhsd-dev")
        predicted = maker([s["path"] for s in slices], Path(folder) / "bhsd")
        for kind, structure in KINDS.items():
            console.print(score_bhsd(slices, predicted, kind, structure, figures))
        for row in slices:
            truths = {KINDS[kind]: truth for kind, truth in blood_of(row).items()}
            tiles.append(tile(read(row["path"]), predicted[row["id"]], truths))
        console.print(score_hich_it(maker, given.data, Path(folder), tiles, figures))
    if given.picture:
        draw(tiles, given.picture)
    if given.figures:
        given.figures.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def read_bhsd(folder: Path) -> list[dict[str, Any]]:
    """Return id, path and pixels of each kind of blood of each slice."""
    table = json.loads((folder / "table.json").read_text(encoding="utf-8"))
    return [{**row, "path": folder / f"{row['id']}.nii.gz"} for row in table]


def predict_files(model: Path, scans: list[Path], output: Path) -> dict[str, dict[str, NDArray]]:
    """Return scan id to structure to mask [X, Y, Z], by `imaging.predict` with its defaults."""
    from imaging.predict import predict

    result = predict(model, scans, output)
    for problem in result.problems:
        Console().print(problem)
    return {
        scan["id"]: {name: read(output / file) for name, file in scan["masks"].items()}
        for scan in result.scans
    }


def masks_of(folder: Path, scans: list[Path], _: Path) -> dict[str, dict[str, NDArray]]:
    """Return the masks that another program made of scans, as `predict_files` does."""
    from cohort.facts.structures import STRUCTURE_IDS

    found = {}
    for path in scans:
        scan = path.name.removesuffix(".nii.gz")
        files = {name: folder / f"{scan}_{name}.nii.gz" for name in STRUCTURE_IDS}
        found[scan] = {name: read(file) for name, file in files.items() if file.exists()}
    return found


def read(path: Path) -> NDArray:
    return np.asanyarray(nib.load(path).dataobj)  # type: ignore[attr-defined]


def blood_of(row: dict[str, Any]) -> dict[str, NDArray]:
    """Return each kind of blood to where people drew it on a slice, bool [X, Y, 1]."""
    return {
        kind: read(row["path"].with_name(f"{row['id']}_{kind}.nii.gz")) > 0
        for kind in KINDS
        if row["path"].with_name(f"{row['id']}_{kind}.nii.gz").exists()
    }


def score_bhsd(
    slices: list[dict[str, Any]],
    predicted: dict[str, dict[str, NDArray]],
    kind: str,
    structure: str,
    figures: list[dict[str, Any]],
) -> Table | str:
    """Pool the Dice over slices with much blood of a kind; sum areas over those without."""
    if not all(structure in masks for masks in predicted.values()):
        return f"bhsd-dev: the model does not tell {structure}."
    name = kind.upper()
    columns = ("slice", f"{name} px", "other blood px", "predicted px", "Dice")
    table = Table(*columns, title=f"bhsd-dev: {structure}")
    large: list[tuple[int, int]] = []
    without: list[int] = []
    for row in slices:
        mask = predicted[row["id"]][structure] > 0
        truth = blood_of(row).get(kind, np.zeros(mask.shape, bool))
        overlap, area, true = int((mask & truth).sum()), int(mask.sum()), int(truth.sum())
        if true > LARGE_PX:
            large.append((overlap, area + true))
        if not true:
            without.append(area)
        kinds = [k for k in ("iph", "ivh", "sah", "sdh", "edh") if k != kind]
        others = ", ".join(f"{k} {row[k]}" for k in kinds if row[k])
        shown = f"{2 * overlap / (area + true):.3f}" if true else ""
        table.add_row(row["id"], str(true), others, str(area), shown)
    dice, interval = pooled(np.array(large))
    table.caption = (
        f"pooled Dice over {len(large)} slices with > {LARGE_PX} px of {name}: {dice:.3f} "
        f"({interval[0]:.3f} to {interval[1]:.3f}); predicted on {len(without)} slices without "
        f"{name}: {sum(without)} px"
    )
    on = "Real single slices of BHSD (bhsd-dev), other hospitals' patients."
    pool = f"{structure}: Dice pooled over slices with more than {LARGE_PX} px"
    none = f"{structure}: pixels on slices without any"
    figures.append({"on": on, "what": pool, "value": dice, "ci95": interval, "n": len(large)})
    figures.append({"on": on, "what": none, "value": sum(without), "n": len(without)})
    return table


def pooled(counts: NDArray) -> tuple[float, list[float]]:
    """Return the Dice of slices together, and its 95 % interval by drawing slices anew.

    `counts` [slices, 2] are overlap and sum of both areas.
    """
    rng = np.random.default_rng(0)
    drawn = counts[rng.integers(len(counts), size=(RESAMPLED, len(counts)))].sum(axis=1)
    low, high = np.quantile(2 * drawn[:, 0] / drawn[:, 1], (0.025, 0.975))
    overlap, both = counts.sum(axis=0)
    return float(2 * overlap / both), [float(low), float(high)]


def score_hich_it(
    maker: Maker,
    data: Path,
    folder: Path,
    tiles: list[NDArray],
    figures: list[dict[str, Any]],
) -> Table:
    """Score HICH-IT's slices; one of them shows no hematoma."""
    from cohort.import_hich_it import CT_ID, import_hich_it

    cohort = import_hich_it(data / "hich-it-mini" / "Datasets", folder / "hich-it").cohort
    (case,) = cohort.with_image
    path = cohort.path(str(case.image))
    predicted = maker([path], folder / "hich-it-masks")[CT_ID]
    table = Table("structure", "px", "predicted px", "Dice", "Dice as drawn", title="hich-it-mini")
    truths = {name: read(cohort.path(mask)) > 0 for name, mask in case.masks.items()}
    for name, truth in truths.items():
        mask = predicted[name] > 0
        drawn = truth.any(axis=(0, 1))  # the slices where somebody drew the structure
        both = [dice_of(mask, truth), dice_of(mask[..., drawn], truth[..., drawn])]
        table.add_row(name, str(truth.sum()), str(mask.sum()), *(f"{d:.3f}" for d in both))
        figures.append(
            {
                "on": "Real slices of HICH-IT's one public case, where the structure was drawn.",
                "what": f"{name}: Dice",
                "value": both[1],
                "n": int(drawn.sum()),
            }
        )
    clean = ~truths["hematoma"].any(axis=(0, 1))
    counts = np.count_nonzero(predicted["hematoma"], axis=(0, 1))[clean]
    table.caption = f"hematoma px on the slices without one: {counts.tolist()}"
    image = read(path)
    for k in range(image.shape[2]):
        cut = {name: mask[..., [k]] for name, mask in predicted.items()}
        tiles.append(tile(image[..., [k]], cut, {n: m[..., [k]] for n, m in truths.items()}))
    return table


def dice_of(mask: NDArray, truth: NDArray) -> float:
    return float(2 * np.count_nonzero(mask & truth) / max(1, mask.sum() + truth.sum()))


def tile(hu: NDArray, predicted: dict[str, NDArray], truths: dict[str, NDArray]) -> NDArray:
    """Draw a slice [X, Y, 1]: predicted structures filled, the reference as an outline."""
    from scipy.ndimage import binary_erosion

    from cohort.facts.structures import BY_ID

    grey = np.clip(hu[..., 0].T * (255 / 80), 0, 255)
    rgb = np.repeat(grey[..., None], 3, axis=2)
    for name, mask in predicted.items():
        inside = mask[..., 0].T > 0
        rgb[inside] = 0.6 * rgb[inside] + 0.4 * np.array(BY_ID[name].colour)
    for name, truth in truths.items():
        flat = truth[..., 0].T
        rgb[flat & ~binary_erosion(flat, iterations=2)] = BY_ID[name].colour
    return rgb.astype(np.uint8)[::2, ::2]


def draw(tiles: list[NDArray], path: Path, columns: int = 6) -> None:
    from PIL import Image

    width, height = tiles[0].shape[1], tiles[0].shape[0]
    rows = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (columns * width, rows * height))
    for number, picture in enumerate(tiles):
        place = (number % columns * width, number // columns * height)
        sheet.paste(Image.fromarray(picture), place)
    sheet.save(path)


if __name__ == "__main__":
    main()
