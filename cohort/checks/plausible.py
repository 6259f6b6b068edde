"""Whether a scan can be segmented as a head CT: if not, a problem; if it is odd, a note.

Looked at are the header (tilt, spacing, slices, contradicting affines), the values (are they
Hounsfield units?), the anatomy (a head, its size, which way up) and the order of the slices.
A problem is only what would make every result meaningless; where there is doubt, it is a note.

What cannot be seen: a scan that is mirrored left to right, by a wrong affine or by a careless
conversion, looks like another patient's. Only masks of both ventricles (`cohort.check`), an
affine that states nothing, or an sform and a qform that contradict each other give it away.
"""

from __future__ import annotations

from pathlib import Path

from numpy.typing import NDArray

from cohort.checks.grid import check_header, check_unproved
from cohort.checks.head.anatomy import check_anatomy
from cohort.checks.head.geometry import Judged
from cohort.checks.head.thumbnail import thumbnail
from cohort.checks.stack import check_stack
from cohort.checks.values import check_values
from cohort.faults import CheckResult
from cohort.space.header import Header

STACK_PIXELS = 48


def check_plausible(path: Path, voxels: NDArray, header: Header) -> CheckResult:
    """Say why a scan cannot be a head CT, and what is unusual about it.

    Takes 20 to 60 ms for 512 × 512 × 25 voxels, since all but the extremes is judged on a coarse
    copy; that copy stays small however many slices there are.

    Parameters
    ----------
    path
        The file that sentences name.
    voxels
        [I, J, K] in the file's own axis order, which should be HU.
    header
        What its header says.

    Returns
    -------
    CheckResult
        Problems: no result could mean anything. Notes: worth a look.
    """
    found = CheckResult()
    check_header(path, header, found)
    small = thumbnail(voxels, header)
    values = check_values(path, voxels, small, found)
    judged = Judged()
    if values is not None:
        judged = check_anatomy(path, small, values, found)
        stack = thumbnail(voxels, header, pixels=STACK_PIXELS, slices=None, even_heights=False)
        check_stack(path, stack.voxels, found)
    check_unproved(path, header, judged, found)
    return found


def require_plausible(
    path: Path, voxels: NDArray, header: Header, force: bool = False
) -> CheckResult:
    """Refuse a scan that cannot be a head CT, unless told to go ahead.

    Parameters
    ----------
    path, voxels, header
        As `check_plausible` takes them.
    force
        Take a scan that would be refused; its problems are then notes.

    Returns
    -------
    CheckResult
        What is unusual about it, without problems.

    Raises
    ------
    DataError
        If the scan has problems, and not `force`.
    """
    return check_plausible(path, voxels, header).required(force)
