"""Addresses of volumes: a path, or one volume of the several that a path holds.

A folder of DICOM files may hold several series, and a segmentation several structures. Which of
them is meant stands as the path's last part, `NAME=VALUE`, so that wherever a path can stand, in a
manifest as on a command line, such an address can:

- `scans/p1/series=1.2.840.113619.2.55`: the series of that UID of the DICOM files in `scans/p1`;
- `masks/p1.seg.nrrd/segment=hematoma`: the segment of that name or id;
- `masks/p1.nii.gz/label=3`: the voxels of that value of a label map.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple, get_args

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
            if sign and value and name == part and not path.exists():
                return cls(path.parent, part, value)
        return cls(path)

    @property
    def path(self) -> Path:
        """The address as a path."""
        return self.file if self.part is None else self.file / f"{self.part}={self.value}"
