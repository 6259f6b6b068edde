"""Whether masks belong to the image whose grid they are on.

Grids may agree and the mask still be another patient's, or stored in another order. What the image
shows under a mask tells: HU of its structure, which stands out from what surrounds it, within the
head. Refused is only what no annotator can have meant; what is unusual, as old blood is, is a note.

What cannot be seen: a mask that is shifted by a slice or a few millimetres, a ventricle's that is
drawn too wide, or one of another patient that happens to lie on the same structure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.checks.masks.doubts import MOST, OUTLINE, doubt, impossible, lies_clearly, upside_down
from cohort.checks.masks.look import HeadLook, MaskLook
from cohort.checks.masks.middle import head_middle
from cohort.checks.masks.pairs import (
    check_exchanged,
    check_filled,
    check_midline_ends,
    check_one_empty,
    check_together,
)
from cohort.facts.structures import BY_ID
from cohort.faults import CheckResult, FileNote
from cohort.space.header import Header


@dataclass
class MaskCheck:
    """Compares the masks of one case with its image, one after the other.

    Attributes
    ----------
    image
        File of the scan.
    head
        What it shows.
    found
        What is wrong, or unusual; complete after `finish`.
    looks, paths
        What is under each mask that is not empty, and its file, by structure.
    empty
        Structures whose masks are empty.
    """

    image: Path
    head: HeadLook
    found: CheckResult = field(default_factory=CheckResult)
    looks: dict[str, MaskLook] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    empty: set[str] = field(default_factory=set)

    def add(self, structure: str, path: Path, mask: NDArray[np.uint8]) -> None:
        """Judge the mask [I, J, K] of 0/1 of a structure; an empty one says little."""
        look = self.head.under(mask)
        if look is None:
            self.empty.add(structure)
            return
        self.looks[structure], self.paths[structure] = look, path
        wrong, odd = impossible(look), doubt(structure, look)
        if not (wrong or odd):
            if turned := upside_down(structure, look):
                self.found.note(path, turned.kind, f"{turned.what}: {turned.question}?")
            return
        # An inverted mask, or one that is too wide, is not in another order.
        told = look.head_share > MOST or (odd is not None and odd.kind == OUTLINE)
        order = None if told else self._fitting_order(structure, mask, self._is_right(look))
        if order:
            self.found.problem(
                path,
                f"does not lie on its structure, but would {order}: are mask and image stored in "
                "different orders? Export the mask again.",
            )
        elif wrong:
            self.found.problem(path, wrong)
        elif odd:
            self.found.note(path, odd.kind, f"{odd.what}: {odd.question}?")

    def finish(self) -> None:
        """Judge the masks together."""
        check_together(self.image, self.looks, self.paths, self.head.centre, self.found)
        check_exchanged(self.looks, self.paths, self.found)
        check_filled(self.looks, self.paths, self.found)
        check_one_empty(self.image, self.looks, self.empty, self.found)
        if "midline" in self.looks and (plane := head_middle(self.head)) is not None:
            check_midline_ends(self.paths["midline"], self.looks["midline"], plane, self.found)

    def _is_right(self, look: MaskLook) -> bool:
        middle = 0.0 if self.head.centre is None else self.head.centre[0]
        return bool(look.points[:, 0].mean() > middle)

    def _fitting_order(
        self, structure: str, mask: NDArray[np.uint8], was_right: bool
    ) -> str | None:
        """Say in which other order of its voxels a mask clearly lies on its structure."""
        in_plane = [axis for axis in range(3) if axis != self.head.header.axial_axis]
        swapped = np.swapaxes(mask, *in_plane)
        tried = [(mask, "")]
        if swapped.shape == mask.shape:
            first, second = (axis + 1 for axis in in_plane)
            tried.append((swapped, f"with axes {first} and {second} swapped"))
        for (values, words), turned in product(tried, product([False, True], repeat=3)):
            axes = tuple(axis for axis in range(3) if turned[axis])
            if not words and not axes:
                continue
            look = self.head.under(np.flip(values, axes))
            # On the other side, a ventricle's mask would fit the other ventricle.
            if BY_ID[structure].side and look and self._is_right(look) != was_right:
                continue
            if look is not None and lies_clearly(structure, look):
                reverse = " and ".join(f"axis {axis + 1}" for axis in axes)
                return " and ".join(filter(None, [words, f"with {reverse} reversed" * bool(axes)]))
        return None


def require_fitting_masks(
    image: Path,
    voxels: NDArray,
    header: Header,
    masks: Iterable[tuple[str, Path, NDArray[np.uint8]]],
    force: bool = False,
) -> list[FileNote]:
    """Refuse masks that do not belong to the image, unless told to go ahead.

    Parameters
    ----------
    image
        File of the scan.
    voxels
        [I, J, K] in HU, finite, in the file's own axis order.
    header
        Where they lie.
    masks
        Structure id, file, and voxels [I, J, K] of 0/1 on the same grid, of each mask.
    force
        Take masks that would be refused; their problems are then notes.

    Returns
    -------
    list of FileNote
        What is unusual about them.

    Raises
    ------
    DataError
        If masks are refused, and not `force`.
    """
    check = MaskCheck(image, HeadLook(voxels, header))
    for structure, path, mask in masks:
        check.add(structure, path, mask)
    check.finish()
    return check.found.required(force).notes
