"""Which segments of 3D Slicer's segmentations are which structures."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cohort.base.cli import counted
from cohort.base.errors import DataError, few
from cohort.space.address import Address
from cohort.space.nrrd.segments import Segment, find_segment, read_segments


@dataclass
class SegmentFinder:
    """Finds structures in segmentations, one file after the other.

    Attributes
    ----------
    named
        Name or id of a segment to structure, as `--segments` says; other segments are found by
        their names (`cohort.facts.structure_names`).
    """

    named: Mapping[str, str] = field(default_factory=dict)
    _unread: Counter[str] = field(default_factory=Counter)
    _read: Counter[tuple[str, str]] = field(default_factory=Counter)

    def masks(self, path: Path) -> dict[str, Path]:
        """Return structure to the address of its segment, of all that a file holds.

        Raises
        ------
        DataError
            If it is not a segmentation, or several of its segments may be one structure.
        """
        segments = read_segments(path)
        found: dict[str, Segment] = {}
        for name, structure in self.named.items():
            segment = find_segment(segments, name)
            if isinstance(segment, Segment):
                found[structure] = segment
            elif "may be meant" in segment:
                raise DataError(f"{path}: {segment}; rename one in 3D Slicer.")
        chosen = list(found.values())
        for segment in segments:
            known = segment.structure
            if segment in chosen:
                continue
            if known is None or known in self.named.values():
                self._unread[segment.name] += 1
            elif segment.renamed:
                raise DataError(
                    f"{path}: the segment {segment.name!r} was {segment.renamed} before it was "
                    f"renamed; say what it is with --segments '{segment.name}={known}', or "
                    f"'{segment.name}={segment.renamed}'."
                )
            elif known in found:
                raise DataError(
                    f"{path}: both {found[known].name!r} and {segment.name!r} may be {known}; "
                    f"say which one is with --segments NAME={known}."
                )
            else:
                found[known] = segment
        for structure, segment in found.items():
            self._read[segment.name, structure] += 1
        return {name: segment_address(path, of, segments) for name, of in found.items()}

    def facts(self) -> list[str]:
        """Return a sentence on what was read as what, and on what wasn't read."""
        said = [
            f"segments {name!r} read as {structure}: {count}"
            for (name, structure), count in self._read.items()
        ]
        if self._unread:
            names = [f"{name!r} ({counted(n, 'file')})" for name, n in self._unread.most_common()]
            said.append(
                f"segments not read, since they name no structure: {few(names)}; "
                "--segments NAME=STRUCTURE says which one is what"
            )
        return said


def segment_address(path: Path, segment: Segment, segments: list[Segment]) -> Path:
    """Return the address of a segment: by its id, which stays when it is renamed.

    Raises
    ------
    DataError
        If neither its id nor its name can stand in a path.
    """
    for name in (segment.id, segment.name):
        if _can_stand_in_a_path(name) and find_segment(segments, name) is segment:
            return Address(path, "segment", name).path
    raise DataError(
        f"{path}: the segment {segment.name!r} cannot be named in a manifest; "
        "rename it in 3D Slicer, to letters and digits."
    )


def _can_stand_in_a_path(name: str) -> bool:
    odd = any(c in '/\\:"' or unicodedata.category(c) in ("Cc", "Cs") for c in name)
    return bool(name) and name == name.strip() and not odd and len(name.encode()) <= 150
