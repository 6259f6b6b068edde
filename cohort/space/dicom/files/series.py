"""From images to series: which belong together, in what order, and what is wrong with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

from cohort.base.errors import few
from cohort.space.dicom.files.copies import without_copies
from cohort.space.dicom.files.geometry import PARALLEL, levels_of, remarks_on, stack_faults
from cohort.space.dicom.files.sources import Opener
from cohort.space.dicom.instance import Instance, Remark, Series

SAME_PLACE_MM = 0.01
"""Slices that lie no farther apart are at one place."""
STEEPEST_SLOPE = 100.0
"""HU per stored value; more is a damaged header's."""

_APART = ("image_type", "kernel", "acquisition_number", "contrast_agent")
"""What tells stacks at the same places apart, where one UID holds several, in this order."""
_HU = ("", "HU", "US")
"""Rescale types of HU; US (unspecified) is what some machines state for HU."""


def group(instances: Iterable[Instance], opener: Opener) -> list[Series]:
    """Return the series of images, sorted by study, series number and name."""
    by_uid = defaultdict(list)
    for instance in instances:
        by_uid[instance.series_uid].append(instance)
    found = [series for uid, images in by_uid.items() for series in _of_uid(uid, images, opener)]
    return sorted(
        found, key=lambda s: (s.first.study_uid, s.first.series_number or 0, s.uid, s.part or 0)
    )


def _of_uid(uid: str, images: Sequence[Instance], opener: Opener) -> Iterator[Series]:
    kept, faults, remarks = without_copies(images, opener)
    stacks = [part for stack in _stacks(kept) for part in _apart(stack)]
    stacks.sort(key=_order)
    shared = list(_shared(stacks)) if len(stacks) > 1 else []
    for number, stack in enumerate(stacks, 1):
        in_order, more = _one_for_each_place(stack)
        wrong = [*faults, *_faults(in_order, stack)]
        odd = [*shared, *remarks, *more]
        if not wrong:
            odd += remarks_on(in_order)
        if any(i.pixels is not None and i.pixels.lossy for i in in_order):
            odd.append(Remark("lossy", "was compressed with loss: HU are not those scanned."))
        part = number if len(stacks) > 1 else None
        yield Series(uid, tuple(in_order), part, tuple(wrong), tuple(odd))


def _shared(stacks: Sequence[Sequence[Instance]]) -> Iterator[Remark]:
    patients = {_patient(stack[0]) for stack in stacks}
    studies = {stack[0].study_uid for stack in stacks}
    what = "patients" if len(patients) > 1 else "studies" if len(studies) > 1 else "stacks"
    count = max(len(patients), len(studies) if len(patients) == 1 else 0)
    if what == "stacks":
        count = len(stacks)
    yield Remark(
        "shared UID",
        f"shares its Series Instance UID: {count} {what} have it, and this is one of its parts.",
    )


def _patient(instance: Instance) -> Hashable:
    return instance.patient_id or (instance.patient_name, instance.birth_date)


def _order(stack: Sequence[Instance]) -> Any:
    first = min(stack, key=lambda image: (image.instance_number or 0, str(image.stored)))
    return (
        *(first.study_uid, first.patient_id, first.acquisition_number or 0),
        *(first.instance_number or 0, first.rows, first.columns, str(first.stored)),
    )


def _stacks(images: Sequence[Instance]) -> list[list[Instance]]:
    """Divide images into those that can be one volume: parallel, and of one patient and size."""
    stacks: list[list[Instance]] = []
    by_key: dict[Hashable, list[list[Instance]]] = defaultdict(list)
    for image in images:
        alike = (
            *(_patient(image), image.study_uid, image.modality, image.rows, image.columns),
            *(image.pixels is None, image.position is None),
            tuple(round(side, 4) for side in image.pixel_spacing or ()),
        )
        cosines = image.orientation or ()
        rounded = tuple(round(cosine, 2) for cosine in cosines)
        for stack in by_key[alike, rounded]:
            if np.abs(np.subtract(stack[0].orientation or (), cosines)).max(initial=0) <= PARALLEL:
                stack.append(image)
                break
        else:
            stacks.append([image])
            # What is parallel may be rounded up or down.
            ends = [{round(c - PARALLEL, 2), round(c + PARALLEL, 2)} for c in cosines]
            for near in product(*ends):
                by_key[alike, near].append(stacks[-1])
    return stacks


def _has_places(stack: Sequence[Instance]) -> bool:
    first = stack[0].orientation
    if first is None or any(image.position is None for image in stack):
        return False
    return float(np.linalg.norm(np.cross(first[:3], first[3:]))) > 0.5


def _sorted(stack: Sequence[Instance]) -> list[Instance]:
    """Return images by their places, else by their numbers."""
    by_number = sorted(stack, key=lambda i: (i.instance_number or 0, i.frame or 0, str(i.stored)))
    if not _has_places(stack):
        return by_number
    levels = levels_of(by_number)
    return [by_number[at] for at in np.argsort(levels, kind="stable")]


def _places(stack: Sequence[Instance]) -> list[list[Instance]]:
    """Return the images at each place, from the lowest on."""
    in_order = _sorted(stack)
    if not _has_places(stack):
        return [[image] for image in in_order]
    levels = levels_of(in_order)
    places = [[in_order[0]]]
    for image, gap in zip(in_order[1:], np.diff(levels), strict=True):
        if gap <= SAME_PLACE_MM:
            places[-1].append(image)
        else:
            places.append([image])
    return places


def _apart(stack: list[Instance]) -> list[list[Instance]]:
    """Divide a stack that holds several images at most places by what tells them apart."""
    if not _holds_several(stack):
        return [stack]
    for attribute in _APART:
        parts = defaultdict(list)
        for image in stack:
            parts[getattr(image, attribute)].append(image)
        if len(parts) > 1 and not any(_holds_several(part) for part in parts.values()):
            return list(parts.values())
    return [stack]


def _holds_several(stack: Sequence[Instance]) -> bool:
    """Return whether at most places of a stack there are several images."""
    places = _places(stack)
    return sum(len(place) > 1 for place in places) * 2 > len(places)


def _one_for_each_place(stack: Sequence[Instance]) -> tuple[list[Instance], list[Remark]]:
    """Keep the last image that was acquired at each place."""
    places = _places(stack)
    if len(stack) == len(places) or _holds_several(stack):
        return _sorted(stack), []
    kept, where, left_out = [], [], 0
    for number, place in enumerate(places, 1):
        *before, last = sorted(place, key=lambda i: (i.acquired, i.instance_number or 0))
        kept.append(last)
        left_out += len(before)
        where += [str(number)] * bool(before)
    count = "1 slice lies" if left_out == 1 else f"{left_out} slices lie"
    at = f"slice {where[0]}" if len(where) == 1 else f"slices {few(where, 3)}"
    said = f"{count} where another does, left out for the later one ({at} from below)."
    return kept, [Remark("same place", said)]


def _faults(in_order: Sequence[Instance], stack: Sequence[Instance]) -> Iterator[str]:
    """Say what keeps images, in their order, from being read as a volume of HU."""
    first = in_order[0]
    if first.modality != "CT":
        yield f"is {first.modality or 'of no stated modality'}, not CT."
        return
    if any(image.pixels is None for image in in_order):
        yield "holds no images."
        return
    if any("LOCALIZER" in image.image_type for image in in_order):
        yield "is a localizer (a scout view), not slices."
        return
    yield from _pixel_faults(in_order)
    yield from _rescale_faults(in_order)
    if any(image.frames > 1 and image.frame is None for image in in_order):
        yield "is a multi-frame file that does not state where its frames lie."
        return
    yield from (
        stack_faults(in_order)
        if not _several(in_order, stack)
        else ["holds several images at most places (of several times or settings?)."]
    )


def _several(in_order: Sequence[Instance], stack: Sequence[Instance]) -> bool:
    return len(in_order) == len(stack) and _holds_several(stack)


def _pixel_faults(images: Sequence[Instance]) -> Iterator[str]:
    for image in images:
        pixels = image.pixels
        assert pixels is not None
        if pixels.samples != 1 or pixels.photometric != "MONOCHROME2":
            yield (
                f"holds pictures ({pixels.photometric or 'of unstated meaning'}), not CT values "
                "(MONOCHROME2)."
            )
            return
        bits = pixels.bits_allocated
        if not (
            bits in (8, 16, 32)
            and 1 <= pixels.bits_stored <= bits
            and pixels.bits_stored - 1 <= pixels.high_bit < bits
        ):
            yield (
                f"states pixels of {pixels.bits_stored} bits in {bits}, the highest being bit "
                f"{pixels.high_bit}; the header is damaged."
            )
            return
        if image.rows < 1 or image.columns < 1:
            yield "holds no pixels (Rows or Columns are 0)."
            return


def _rescale_faults(images: Sequence[Instance]) -> Iterator[str]:
    for image in images:
        slope, intercept = image.rescale_slope, image.rescale_intercept
        if slope is None or intercept is None:
            yield (
                "does not state how stored values become HU (Rescale Slope and Intercept); "
                "export it again."
            )
            return
        if not 0 < slope <= STEEPEST_SLOPE or abs(intercept) > 1e5:
            stated = f"slope {slope:.6g}, intercept {intercept:.6g}"
            yield f"states a rescale that gives no HU ({stated})."
            return
        if image.rescale_type.upper() not in _HU:
            yield f"holds values that are not HU (Rescale Type {image.rescale_type[:16]!a})."
            return
