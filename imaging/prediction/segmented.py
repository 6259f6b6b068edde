"""A scan that was segmented, in memory: masks, measurements, notes, a picture."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import UsageError
from cohort.base.files import require_place
from cohort.facts.structures import STRUCTURES
from cohort.schema.problems import parse
from cohort.schema.scans.measurements import Measurements
from cohort.schema.scans.scan import Note, ScanResult
from cohort.space.header import Header
from imaging.model.bundle import Bundle
from imaging.model.inference import Segmentation
from imaging.prediction.described import (
    ReadScan,
    describe_scan,
    draw_prediction,
    measure_read,
    told_masks,
)
from imaging.prediction.mask_files import MASK_FORMATS, MaskFormat, mask_files
from imaging.prediction.scan import write_prediction
from imaging.prediction.table import write_measurements
from imaging.scans.given import refuse_scans_inside

if TYPE_CHECKING:
    from nibabel.nifti1 import Nifti1Image
    from PIL import Image


class SegmentedScan:
    """What was found in a scan; left is the patient's left.

    Attributes
    ----------
    id
        How its files are called.
    header
        Of the scan: its grid, affine, spacing.
    masks
        Structure to mask, uint8 [I, J, K] of 0 and 1, on the scan's own grid and in its own axis
        order. A structure that cannot be told has none, and asking for it says why.
    measurements
        What was measured, as files have it (`cohort.schema.scans.measurements`): what isn't known
        is None.
    """

    def __init__(self, bundle: Bundle, read: ReadScan, found: Segmentation) -> None:
        self._bundle, self._read, self._found = bundle, read, found
        self.id = read.scan.id
        self.header: Header = read.header
        self.masks: Mapping[str, NDArray[np.uint8]] = _Told(told_masks(read, found), read.untold)
        self._measured = measure_read(read, found)
        self.measurements: Measurements = self._measured.rounded()

    @property
    def affine(self) -> NDArray[np.float64]:
        """[4, 4], voxel indices to RAS+ mm: of the scan, and of each mask."""
        return self.header.affine

    @cached_property
    def result(self) -> ScanResult:
        """All that is told of the scan, as its JSON file has it."""
        result, problems = parse(ScanResult, self._description)
        assert result is not None, problems
        return result

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is unusual about the scan, or the model: sentences, each of a kind."""
        return self.result.notes

    @property
    def cannot_be_told(self) -> Mapping[str, str]:
        """Structure, or doubt about the scan, to why nothing that rests on it is told."""
        return self.result.cannot_be_told

    def show(self) -> Image.Image:
        """Return a picture of the slices that show something; a notebook displays it.

        The patient's right is on the picture's left.
        """
        return draw_prediction(self._read, self._found, self._description)

    def mask_image(self, structure: str) -> Nifti1Image:
        """Return a mask as nibabel's image, on the scan's own grid.

        Raises
        ------
        KeyError
            If the structure cannot be told, saying why, or is unknown.
        """
        import nibabel as nib

        mask = self.masks[structure]
        image = nib.Nifti1Image(mask, self.affine, dtype=mask.dtype)
        image.header.set_xyzt_units("mm")
        return image

    def save(self, folder: str | Path, written_as: MaskFormat = "nifti") -> dict[str, Any]:
        """Write what `imaging.predict` writes: masks, `<id>.json`, `<id>.png`, measurements.csv.

        Parameters
        ----------
        folder
            Is made if it isn't there.
        written_as
            What holds the masks: `nifti`, `seg.nrrd` or `labelmap`.

        Returns
        -------
        dict
            What stands in `<id>.json`.

        Raises
        ------
        DataError
            If the folder is a file, or may not be written to.
        UsageError
            If it is the one that holds the scan, or masks are not written as that.
        """
        if written_as not in MASK_FORMATS:
            raise UsageError(f"{written_as}: masks are written as {', '.join(MASK_FORMATS)}.")
        output = Path(folder)
        require_place(output)
        refuse_scans_inside(output, [self._read.scan])
        result = write_prediction(
            self._bundle, self._read, self._found, output, written_as, self._measured
        )
        write_measurements(output)
        return result

    @cached_property
    def _description(self) -> dict[str, Any]:
        files = mask_files(self.id, dict(self.masks), self.header, None, "nifti")
        return describe_scan(self._bundle, self._read, self._found, files, self._measured)

    def _repr_png_(self) -> bytes:
        """Show the picture of `show` in a notebook."""
        stream = io.BytesIO()
        self.show().save(stream, "PNG")
        return stream.getvalue()

    def __repr__(self) -> str:
        volume = self.measurements.hematoma.volume_ml
        told = "cannot be told" if volume is None else f"{volume:.1f} mL"
        return f"<{type(self).__name__} {self.id}: hematoma {told}>"


class _Told(dict[str, Any]):
    """Masks by structure, which say why one is missing."""

    def __init__(self, masks: Mapping[str, Any], untold: Mapping[str, str]) -> None:
        super().__init__(masks)
        self._untold = untold

    def __missing__(self, structure: str) -> Any:
        if structure in self._untold:
            raise KeyError(f"{structure}: cannot be told: {self._untold[structure]}")
        known = ", ".join(one.id for one in STRUCTURES)
        raise KeyError(f"{structure}: no such structure; there are {known}.")
