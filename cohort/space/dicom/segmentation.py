"""Masks drawn by other programs and stored as DICOM segmentations (SEG), on the grid of their CT.

A segmentation names the series that it was drawn on. Each of its frames is a slice of a segment
that lies somewhere; slices where a segment has nothing may be left out (DICOM PS3.3, C.8.20).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.space.dicom.files.sources import Opener
from cohort.space.dicom.files.text import decode
from cohort.space.dicom.instance import Series
from cohort.space.grid import Grid
from cohort.space.same_grid import SAME_SHARE

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
"""SOP class of segmentations of slices; of surfaces it is ….66.5."""
MOST_PIXELS = 1 << 31


@dataclass(frozen=True)
class DicomSegment:
    """A segment of a segmentation.

    Attributes
    ----------
    label
        What it is called.
    frames
        bool [rows, columns] of each of its frames, and RAS+ mm of the frame's first pixel.
    """

    label: str
    frames: tuple[tuple[NDArray[np.bool_], NDArray[np.float64]], ...]


@dataclass(frozen=True)
class DicomSegmentation:
    """A segmentation.

    Attributes
    ----------
    name
        How messages call it: the file.
    series_uids
        The series that it says it was drawn on.
    in_plane
        [3, 2], RAS+ mm from a pixel to the next, along a row and down a column.
    segments
        In the order of their numbers.
    """

    name: str
    series_uids: tuple[str, ...]
    in_plane: NDArray[np.float64]
    segments: tuple[DicomSegment, ...]

    def mask(self, segment: DicomSegment, grid: Grid) -> NDArray[np.uint8]:
        """Return a segment as a mask [I, J, K] of 0/1 on the grid of its CT.

        Raises
        ------
        DataError
            If a frame lies on no slice of the grid, or its pixels aren't the slice's.
        """
        mask = np.zeros(grid.shape, np.uint8)
        within = SAME_SHARE * min(grid.spacing)
        at = np.zeros((grid.shape[2], 3))
        at[:, 2] = np.arange(grid.shape[2])
        places = grid.to_mm(at)
        if np.abs(self.in_plane - grid.affine[:3, :2]).max() * max(grid.shape[:2]) > within:
            raise DataError(
                f"{self.name}: its pixels are not those of the series that it names; export the "
                "segmentation on the grid of its CT."
            )
        for pixels, place in segment.frames:
            apart = np.linalg.norm(places - place, axis=1)
            k = int(apart.argmin())
            if apart[k] > within or pixels.T.shape != grid.shape[:2]:
                raise DataError(
                    f"{self.name}: has a frame that lies on no slice of the series that it names "
                    f"({apart[k]:.3g} mm away); export it on the grid of its CT."
                )
            mask[..., k] |= pixels.T
        return mask


def is_segmentation(series: Series) -> bool:
    """Whether a series holds a segmentation."""
    return series.first.sop_class_uid == SEGMENTATION


def read_segmentations(series: Series) -> list[DicomSegmentation]:
    """Read the segmentations of a series, one per file.

    Raises
    ------
    DataError
        If one of them is damaged, or states no places.
    """
    found = []
    with Opener() as sources:
        for stored in dict.fromkeys(instance.stored for instance in series.instances):
            file, _ = sources.open(stored)
            found.append(_read(str(stored), file))
    return found


def _read(name: str, file: Any) -> DicomSegmentation:
    from pydicom import dcmread

    try:
        dataset = dcmread(file, force=True)
        return _segmentation(name, dataset)
    except DataError:
        raise
    except Exception as error:  # what a damaged file makes pydicom raise may be anything
        raise DataError(
            f"{name}: is a damaged segmentation, or of a kind that is not read "
            f"({type(error).__name__}); export it again."
        ) from None


def _segmentation(name: str, dataset: Dataset) -> DicomSegmentation:
    frames, rows, columns = (int(dataset[key].value) for key in _SIZES)
    if frames * rows * columns > MOST_PIXELS:
        raise DataError(f"{name}: has {frames} frames of {columns}×{rows}, too many for a head.")
    if str(dataset.get("SegmentationType", "BINARY")) == "LABELMAP":
        raise DataError(f"{name}: is a label map; export a binary segmentation.")
    stored = np.asarray(dataset.pixel_array).reshape(frames, rows, columns)
    most = int(dataset.get("MaximumFractionalValue", 1) or 1)
    charset = [str(name) for name in _several(dataset.get("SpecificCharacterSet", ""))]
    labels = {int(item.SegmentNumber): _label(item, charset) for item in dataset.SegmentSequence}
    shared = dataset.SharedFunctionalGroupsSequence[0]
    by_segment: dict[int, list[tuple[NDArray[np.bool_], NDArray[np.float64]]]] = {}
    planes = []
    for pixels, groups in zip(stored, dataset.PerFrameFunctionalGroupsSequence, strict=True):
        number = int(
            _group(groups, shared, "SegmentIdentificationSequence").ReferencedSegmentNumber
        )
        position = _numbers(_group(groups, shared, "PlanePositionSequence").ImagePositionPatient, 3)
        cosines = _numbers(
            _group(groups, shared, "PlaneOrientationSequence").ImageOrientationPatient, 6
        )
        between = _numbers(_group(groups, shared, "PixelMeasuresSequence").PixelSpacing, 2)
        # LPS to RAS; along a row a pixel is as far as columns are apart.
        plane = np.stack([cosines[:3] * between[1], cosines[3:] * between[0]], axis=1)
        planes.append(plane * _TO_RAS[:, None])
        marked = pixels * 2 >= most if most > 1 else pixels > 0
        by_segment.setdefault(number, []).append((marked, position * _TO_RAS))
    if any(np.abs(plane - planes[0]).max() > 1e-4 for plane in planes):
        raise DataError(f"{name}: its frames are not parallel.")
    segments = tuple(
        DicomSegment(labels.get(number, f"segment {number}"), tuple(frames))
        for number, frames in sorted(by_segment.items())
    )
    return DicomSegmentation(name, tuple(_referenced(dataset)), planes[0], segments)


def _label(item: Dataset, charset: Sequence[str]) -> str:
    """Return a segment's name, in whatever character set it was written."""
    element = item.get_item("SegmentLabel")
    value = getattr(element, "value", "")
    return decode(value, charset) if isinstance(value, bytes) else str(value or "").strip()


def _several(value: Any) -> Iterable[Any]:
    return [value] if isinstance(value, str) else value or ()


def _group(groups: Dataset, shared: Dataset, name: str) -> Any:
    sequence = groups.get(name) or shared[name].value
    return sequence[0]


def _numbers(value: Any, count: int) -> NDArray[np.float64]:
    numbers = np.array([float(part) for part in value])
    if numbers.shape != (count,) or not np.isfinite(numbers).all():
        raise ValueError("not a place")
    return numbers


def _referenced(dataset: Dataset) -> Iterator[str]:
    for item in dataset.get("ReferencedSeriesSequence") or ():
        yield str(item.SeriesInstanceUID)


_SIZES = ("NumberOfFrames", "Rows", "Columns")
_TO_RAS = np.array([-1.0, -1.0, 1.0])
