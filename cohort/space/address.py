"""Addresses of volumes: a path, or one volume of the several that a path holds.

A folder of DICOM files may hold several series, and a segmentation several structures. Which of
them is meant stands as the path's last part, `NAME=VALUE`, so that wherever a path can stand, in a
manifest as on a command line, such an address can:

- `scans/p1/series=1.2.840.113619.2.55`: the series of that UID of the DICOM files in `scans/p1`;
- `masks/p1.seg.nrrd/segment=hematoma`: the segment of that name or id (see
  `cohort.space.nrrd.segments` for how it is found);
- `masks/p1.nii.gz/label=3`: the voxels of that value of a label map; `label=1+2` those of either,
  as where nnU-Net calls several labels a region.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple, get_args

from cohort.base.errors import DataError

Part = Literal["series", "segment", "label"]
PARTS: tuple[Part, ...] = get_args(Part)


class Address(NamedTuple):
    """Where a volume is.

    Attributes
    ----------
    file
        The file or folder that exists.
    part, value
        Which of the volumes in it: the kind of part and its name; None if it holds one, or if
        the reader shall choose.
    """

    file: Path
    part: Part | None = None
    value: str | None = None

    @classmethod
    def of(cls, path: Path) -> Address:
        """Take an address apart; what exists under that very name is a plain path.

        Examples
        --------
        >>> Address.of(Path("p1.seg.nrrd/segment=hematoma"))
        Address(file=PosixPath('p1.seg.nrrd'), part='segment', value='hematoma')
        >>> Address.of(Path("p1.nii.gz"))
        Address(file=PosixPath('p1.nii.gz'), part=None, value=None)
        """
        name, sign, value = path.name.partition("=")
        for part in PARTS:
            if sign and value and name == part and not _exists(path):
                return cls(path.parent, part, value)
        return cls(path)

    @property
    def path(self) -> Path:
        """The address as a path."""
        return self.file if self.part is None else self.file / f"{self.part}={self.value}"

    @property
    def labels(self) -> tuple[int, ...]:
        """The values of a label map that are meant.

        Raises
        ------
        DataError
            If they are not whole numbers from 1 on, with + between them.

        Examples
        --------
        >>> Address.of(Path("p1.nii.gz/label=1+2")).labels
        (1, 2)
        """
        return labels_of(self.value or "", str(self.path))


def labels_of(text: str, place: str) -> tuple[int, ...]:
    """Return the labels that `text` names, such as `3` or `1+2`; `place` is where that stands.

    Raises
    ------
    DataError
        If they are not whole numbers from 1 on, with + between them.
    """
    parts = text.split("+")
    if not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in parts):
        raise DataError(f"{place}: {text!r} is not a label; write a number, or several as 1+2.")
    labels = tuple(sorted(set(map(int, parts))))
    if 0 in labels:
        raise DataError(f"{place}: the label 0 is what belongs to no structure; name another one.")
    return labels


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that no system could have
        return False
