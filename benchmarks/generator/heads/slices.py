"""Slices of generated and of real heads, on pixels of 1 mm."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from benchmarks import REAL
from cohort.schema.manifest import Cohort
from cohort.synthetic.head import draw_head

HICH_IT_PIXEL_MM = 0.45
"""No spacing is stored; this is what a head's width suggests."""
HICH_IT = {
    "Hematoma": "hematoma",
    "Left lateral ventricle": "ventricle_left",
    "Right lateral ventricle": "ventricle_right",
}


@dataclass
class Slice:
    """A slice of 1 mm pixels: HU [y, x] and masks by structure; absent where not annotated."""

    hu: NDArray
    masks: dict[str, NDArray] = field(default_factory=dict)


@dataclass
class Scan:
    """A generated scan.

    Attributes
    ----------
    hu
        HU [x, y, z], axes toward left, posterior and superior.
    masks
        Structure id to its mask on the same grid.
    spacing
        Of a voxel, mm [3].
    """

    hu: NDArray
    masks: dict[str, NDArray]
    spacing: NDArray[np.float64]

    def slices(self) -> Iterator[Slice]:
        """Yield its slices."""
        for z in range(self.hu.shape[2]):
            masks = {name: mask[:, :, z].T for name, mask in self.masks.items()}
            yield resample(self.hu[:, :, z].T, masks, float(self.spacing[0]))


def drawn_now(heads: int, style: str) -> Iterator[Scan]:
    """Generate so many heads and yield their scans."""
    for number in range(heads):
        head = draw_head(np.random.SeedSequence((2024, number)), style=style)  # type: ignore[arg-type]
        yield _scan(head.hu, dict(head.masks), head.affine)


def of_cohort(folder: Path) -> Iterator[Scan]:
    """Yield the scans of a cohort, whatever it was made by."""
    cohort = Cohort.load(folder)
    for case in cohort.with_image:
        image = nib.Nifti1Image.from_filename(cohort.path(str(case.image)))
        masks = {
            name: np.asarray(nib.Nifti1Image.from_filename(cohort.path(file)).dataobj)
            for name, file in case.masks.items()
        }
        yield _scan(np.asarray(image.dataobj), masks, image.affine)


def bhsd() -> Iterator[Slice]:
    """Yield BHSD's slices (arXiv 2308.11298), where they are."""
    for path in sorted((REAL / "bhsd-dev").glob("*.nii.gz")):
        if "_" in path.name:
            continue
        image = nib.Nifti1Image.from_filename(path)
        masks = {}
        for name, suffix in (("hematoma", "iph"), ("ventricular_blood", "ivh")):
            file = path.with_name(path.name.replace(".nii.gz", f"_{suffix}.nii.gz"))
            if file.exists():
                masks[name] = np.asarray(nib.Nifti1Image.from_filename(file).dataobj)
        scan = _scan(np.asarray(image.dataobj), masks, image.affine)
        yield from scan.slices()


def hich_it() -> Iterator[Slice]:
    """Yield HICH-IT's slices (arXiv 2401.15934), where they are."""
    import torch

    folder = REAL / "hich-it-mini" / "Datasets" / "Image"
    for path in sorted(folder.glob("Hematoma/Original_image/*.pt")):
        masks = {}
        for name, structure in HICH_IT.items():
            file = folder / name / "Feature_image" / path.name
            if file.exists():
                masks[structure] = torch.load(file, weights_only=True).numpy().squeeze().T
        hu = torch.load(path, weights_only=True).numpy().squeeze().T
        yield resample(hu, masks, HICH_IT_PIXEL_MM)


def bleed_masks() -> Iterator[tuple[NDArray[np.bool_], NDArray[np.float64]]]:
    """Yield masks of real bleeds without their CT, [x, y, z], with their spacing in mm."""
    for path in sorted((REAL / "hematoma-shapes").glob("*.zip")):
        with zipfile.ZipFile(path) as files:
            for name in files.namelist():
                if name.endswith(".nii.gz"):
                    image = nib.Nifti1Image.from_bytes(gzip.decompress(files.read(name)))
                    scan = _scan(np.asarray(image.dataobj) > 0, {}, image.affine)
                    yield scan.hu, scan.spacing


def resample(hu: NDArray, masks: dict[str, NDArray], pixel: float) -> Slice:
    """Lay a slice [y, x] on pixels of 1 mm; `pixel` in mm."""
    from scipy.ndimage import gaussian_filter, zoom

    image = np.clip(hu.astype(np.float32), -1024, 3071)
    # What a pixel of 1 mm averages of smaller ones.
    sigma = 0.5 * np.sqrt(max(1 / pixel**2 - 1, 0)) * 0.58
    image = zoom(gaussian_filter(image, sigma) if sigma > 0 else image, pixel, order=1)
    small = {name: zoom(mask.astype(np.uint8), pixel, order=0) for name, mask in masks.items()}
    return Slice(image, small)


def _scan(hu: NDArray, masks: dict[str, NDArray], affine: NDArray) -> Scan:
    own = nib.orientations.io_orientation(affine)
    turn = nib.orientations.ornt_transform(own, nib.orientations.axcodes2ornt("LPS"))
    hu, masks = _turned(hu, turn), {name: _turned(mask, turn) for name, mask in masks.items()}
    spacing = np.linalg.norm(affine[:3, :3], axis=0)[np.argsort(own[:, 0])]
    return Scan(hu, masks, spacing)


def _turned(array: NDArray, turn: NDArray) -> NDArray:
    found: NDArray = nib.orientations.apply_orientation(array, turn)
    return found
