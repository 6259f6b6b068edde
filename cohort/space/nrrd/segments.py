"""3D Slicer's segmentations (`.seg.nrrd`): segments with names and colours, in layers.

Segments that don't overlap share a layer, each with a label of its own; where some overlap there
are several layers. The file may be cut to what is segmented: its voxels are then some of its
image's, and its grid lies in that one's (`cohort.space.same_grid.offset_in`).

slicer.readthedocs.io/en/latest/developer_guide/modules/segmentations.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cohort.base.errors import DataError, few
from cohort.facts.structure_names import plain_name, structure_named
from cohort.facts.structures import BY_ID, Structure
from cohort.space.address import Address
from cohort.space.grid import Grid
from cohort.space.header import Header
from cohort.space.nrrd.layout import Layout, read_layout
from cohort.space.nrrd.volume import read_layer, write_file

MOST_SEGMENTS = 10_000


@dataclass(frozen=True)
class Segment:
    """A segment of a segmentation.

    Attributes
    ----------
    id, name
        The id stays when somebody renames it.
    label, layer
        Its voxels have this value in this layer.
    colour
        8-bit RGB; None where the file has none.
    """

    id: str
    name: str
    label: int
    layer: int
    colour: tuple[int, int, int] | None = None

    @property
    def structure(self) -> str | None:
        """Id of the structure that it is by its name, else by its id; None if that is not known.

        The name is what people see and change: who renames 左侧脑室 into 右侧脑室 means it.
        """
        return structure_named(self.name) or structure_named(self.id)

    @property
    def renamed(self) -> str | None:
        """Id of the structure that it was before somebody called it another; None if none did."""
        before = structure_named(self.id)
        return before if before not in (None, self.structure) else None


def read_segments(path: Path) -> list[Segment]:
    """Read which segments the file `path` holds, without their voxels.

    Raises
    ------
    DataError
        If the file is missing, is not a segmentation, or damaged.
    """
    return _segments(path, read_layout(path))


def read_header(path: Path) -> Header:
    """Read what the segmentation file says of its own grid, which may be a part of its image's.

    Raises
    ------
    DataError
        As `read_segments` does, and if it holds no segment of the address's name.
    """
    address = Address.of(path)
    layout = read_layout(address.file)
    _chosen(address, _segments(address.file, layout))
    return layout.header


def read_volume(path: Path) -> tuple[np.ndarray, Header]:
    """Read the mask of the segment with the address `path`, or of the only one of a file.

    Returns
    -------
    mask
        uint8 [I, J, K], 0 and 1.
    header
        What the file says of its own grid, which may be a part of its image's.

    Raises
    ------
    DataError
        As `read_header` does, and if the file is truncated or damaged.
    """
    address = Address.of(path)
    layout = read_layout(address.file)
    segment = _chosen(address, _segments(address.file, layout))
    layer = read_layer(address.file, layout, segment.layer)
    return (layer == segment.label).astype(np.uint8), layout.header


def find_segment(segments: Sequence[Segment], asked: str) -> Segment | str:
    """Return the segment that `asked` names, or why none is.

    It is that of this id, else of this name, else of either in other letters (upper case, or
    wide), else the one that is the structure that `asked` names (`cohort.facts.structure_names`):
    `hematoma` finds 血肿.
    """
    named = structure_named(asked)
    for fits in (
        lambda segment: segment.id == asked,
        lambda segment: segment.name == asked,
        lambda segment: plain_name(asked) in (plain_name(segment.id), plain_name(segment.name)),
        lambda segment: named is not None and segment.structure == named,
    ):
        found = [segment for segment in segments if fits(segment)]
        if len(found) == 1:
            return found[0]
        if found:
            return f"has {len(found)} segments that may be meant by {asked!r}: {_listed(found)}"
    return f"has no segment {asked!r}; it has {_listed(segments) or 'none'}"


def write_segmentation(path: Path, masks: Mapping[str, np.ndarray], grid: Grid) -> None:
    """Write structures to a segmentation for 3D Slicer. Not atomic: see `atomic_file`.

    Parameters
    ----------
    masks
        Structure id to mask [I, J, K]; segments have their ids, names and colours.
    grid
        Of all of them.
    """
    layers: list[np.ndarray] = []
    segments: list[Segment] = []
    for name, mask in masks.items():
        inside = np.asarray(mask) != 0
        layer = next((n for n, of in enumerate(layers) if not (of[inside]).any()), len(layers))
        if layer == len(layers):
            layers.append(np.zeros(grid.shape, np.uint8))
        label = len(segments) + 1
        layers[layer][inside] = label
        structure = BY_ID[name]
        segments.append(Segment(name, structure.name_en, label, layer, structure.colour))
    whole = " ".join(f"0 {n - 1}" for n in grid.shape)
    keys = {
        "Segmentation_ContainedRepresentationNames": "Binary labelmap|",
        "Segmentation_MasterRepresentation": "Binary labelmap",  # its name before Slicer 5.2
        "Segmentation_SourceRepresentation": "Binary labelmap",
        "Segmentation_ReferenceImageExtentOffset": "0 0 0",
    }
    for number, segment in enumerate(segments):
        colour = " ".join(f"{level / 255:.6g}" for level in segment.colour or (128, 174, 128))
        values = {
            "Color": colour,
            "ColorAutoGenerated": "0",
            # Slicer takes the extent of a layer's first segment for all of the layer.
            "Extent": whole,
            "ID": segment.id,
            "LabelValue": str(segment.label),
            "Layer": str(segment.layer),
            "Name": segment.name,
            "NameAutoGenerated": "0",
            "Tags": _tags(BY_ID[segment.id]),
        }
        keys |= {f"Segment{number}_{name}": value for name, value in values.items()}
    write_file(path, np.stack(layers or [np.zeros(grid.shape, np.uint8)]), grid, keys)


def _segments(path: Path, layout: Layout) -> list[Segment]:
    keys = layout.text.keys
    found: list[Segment] = []
    while len(found) < MOST_SEGMENTS and f"Segment{len(found)}_ID" in keys:
        number = len(found)

        def whole(name: str, otherwise: int, number: int = number) -> int:
            stated = keys.get(f"Segment{number}_{name}", str(otherwise))
            if not stated.isdecimal() or len(stated) > 9:
                raise DataError(
                    f"{path}: its header is damaged (Segment{number}_{name} is {stated[:20]!r})."
                )
            return int(stated)

        # Slicer before 4.11 wrote a layer for each segment, and its mask as 0 and 1.
        layer = whole("Layer", number if layout.layers > 1 else 0)
        label = whole("LabelValue", 1)
        if layer >= layout.layers:
            raise DataError(
                f"{path}: its header is damaged (Segment{number} is in layer {layer} of "
                f"{layout.layers})."
            )
        name = keys.get(f"Segment{number}_Name", keys[f"Segment{number}_ID"])
        colour = keys.get(f"Segment{number}_Color", "")
        found.append(Segment(keys[f"Segment{number}_ID"], name, label, layer, _colour(colour)))
    if not found and not any(key.startswith("Segmentation_") for key in keys):
        raise DataError(
            f"{path}: is not a segmentation of 3D Slicer (it names no segments); "
            "rename it to .nrrd if it is a mask or a label map."
        )
    return found


def _chosen(address: Address, segments: Sequence[Segment]) -> Segment:
    if address.part is None:
        if len(segments) == 1:
            return segments[0]
        raise DataError(
            f"{address.file}: holds {len(segments)} segments ({_listed(segments)}); name one: "
            f"{address.file}/segment=NAME."
        )
    if address.part != "segment":
        raise DataError(f"{address.path}: name a segment, as {address.file}/segment=NAME.")
    found = find_segment(segments, address.value or "")
    if isinstance(found, str):
        raise DataError(f"{address.file}: {found}.")
    return found


def _listed(segments: Sequence[Segment]) -> str:
    names = [s.name if s.name == s.id else f"{s.name} ({s.id})" for s in segments]
    return few(names, most=8)


def _colour(stated: str) -> tuple[int, int, int] | None:
    try:
        red, green, blue = (min(255, max(0, round(float(word) * 255))) for word in stated.split())
    except (ValueError, OverflowError):  # NaN as well
        return None
    return red, green, blue


def _tags(structure: Structure) -> str:
    """Return what the segment is in SNOMED CT, in the words of 3D Slicer's own list."""
    category, kind, side = structure.terms or ("", "", "")
    if not kind:
        return ""
    context = "Segmentation category and type - 3D Slicer General Anatomy list"
    anatomy = "Anatomic codes - DICOM master list~^^~^^"
    return f"TerminologyEntry:{context}~{category}~{kind}~{side or '^^'}~{anatomy}|"
