"""What the file of a volume says of it, beside its voxels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cohort.faults import FileNote
from cohort.space.grid import Grid
from cohort.space.stated_patient import StatedPatient


@dataclass(frozen=True, eq=False)
class Header:
    """What is known of a 3D volume before its voxels are read.

    Attributes
    ----------
    grid
        Where its voxels lie.
    dtype
        Type of the voxels, for example `int16`.
    oriented
        False if the file states no orientation (a NIfTI file without sform and qform), so that
        left and right are unknown.
    qform
        Affine by a NIfTI file's qform, float64 [4, 4], where the header states one beside the
        sform, which is used.
    pixdim
        Spacing as a NIfTI file's field pixdim states it, in mm, where that and an sform stand
        alone.
    notes
        What is unusual about the files that it comes from.
    patient
        Whom a DICOM file states as its patient; None of other files. Never to be shown.
    """

    grid: Grid
    dtype: str
    oriented: bool = True
    qform: np.ndarray | None = None
    pixdim: tuple[float, float, float] | None = None
    notes: tuple[FileNote, ...] = ()
    patient: StatedPatient | None = field(default=None, repr=False)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along the three array axes."""
        return self.grid.shape

    @property
    def affine(self) -> np.ndarray:
        """`Grid.affine`: float64 [4, 4], voxel indices to RAS+ mm."""
        return self.grid.affine

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance between voxel centres along each array axis, in mm, by the affine."""
        return self.grid.spacing

    @property
    def axcodes(self) -> str:
        """What each array axis points toward, for example `"LPS"`."""
        return self.grid.axcodes

    @property
    def axial_axis(self) -> int:
        """The array axis closest to the patient's inferior-superior direction."""
        return self.grid.axial_axis
