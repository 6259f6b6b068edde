"""What the skull of a scan tells of its head: the same, whatever is marked in the brain."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from numpy.typing import NDArray

from cohort.space.grid import Grid
from imaging.measure.midplane import Midplane
from imaging.measure.skull.head_plane import head_plane
from imaging.measure.skull.inner_table import InnerTable, inner_table
from imaging.measure.skull.symmetry import plane_of_symmetry
from imaging.space.orientation import lps_view


@dataclass(frozen=True, eq=False)
class HeadFrame:
    """The skull of a scan; each thing is found when it is first asked for.

    Predicted and reference masks of one scan are measured in one frame, so that it is found once.

    Attributes
    ----------
    hu
        The scan, [X, Y, Z], axes LPS, in HU.
    grid
        Where its voxels lie.
    """

    hu: NDArray
    grid: Grid

    @classmethod
    def of(cls, hu: NDArray, grid: Grid) -> HeadFrame:
        """Return the frame of a scan in any orientation."""
        return cls(lps_view(hu, grid.affine), grid.lps)

    @cached_property
    def table(self) -> InnerTable | None:
        """The skull's inner table; None where no bone shows."""
        return inner_table(self.hu, self.grid)

    @cached_property
    def symmetry(self) -> tuple[float, float, float] | None:
        """The plane x = a + b y + c z in mm in which the inner table is its own mirror image."""
        return plane_of_symmetry(self.table) if self.table else None

    @cached_property
    def plane(self) -> Midplane | None:
        """The plane that halves the head about; None where no bone shows."""
        return head_plane(self.hu, self.grid)
