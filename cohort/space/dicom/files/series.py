"""From images to series: which belong together, in what order, and what is wrong with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import few
from cohort.space.dicom.files.copies import without_copies
from cohort.space.dicom.files.faults import faults_of
from cohort.space.dicom.files.geometry import PARALLEL, REGULAR, levels_of, normal_of, remarks_on
from cohort.space.dicom.files.sources import Opener
from cohort.space.dicom.instance import Instance, Remark, Series

SAME_PLACE_MM = 0.01
"""Slices that lie no farther apart are at one place."""
FEW, MOST_ACQUISITIONS = 4, 16
"""Slices that show that they are regular, and acquisitions that may each be a scan."""
HALF = 0.5
"""Of the shorter of two acquisitions, at least, lies where the other is, if they are two scans."""
SCANNED = 0.75
"""Slices thinner than this share of their distance are not all of a scan."""
_APART = ("image_type", "kernel", "acquisition_number", "contrast_agent")
"""What tells stacks at the same places apart, where one UID holds several, in this order."""


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
        # Where most places hold several, none is left out.
        several = len(in_order) == len(stack) and _holds_several(stack)
        wrong = [*faults, *faults_of(in_order, several)]
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
    """Divide a stack that holds several scans: at the same places, or between one another's."""
    if not _holds_several(stack):
        return _interleaved(stack) or [stack]
    for attribute in _APART:
        parts = defaultdict(list)
        for image in stack:
            parts[getattr(image, attribute)].append(image)
        if len(parts) > 1 and not any(_holds_several(part) for part in parts.values()):
            return list(parts.values())
    return [stack]


def _interleaved(stack: list[Instance]) -> list[list[Instance]]:
    """Return the acquisitions of a stack that each cover the same range; none if they do not.

    The blocks of one scan may be acquisitions, too: they lie one above the other. So may be its odd
    and its even slices: alone, these leave out as much as they scan.
    """
    if not _has_places(stack):
        return []
    parts = defaultdict(list)
    for image in stack:
        parts[image.acquisition_number].append(image)
    if not 1 < len(parts) <= MOST_ACQUISITIONS:
        return []
    normal = normal_of(stack[0])
    levels = [np.sort([np.dot(i.position or (), normal) for i in part]) for part in parts.values()]
    if any(len(of_part) < FEW or not _is_regular(of_part) for of_part in levels):
        return []
    for one, other in combinations(levels, 2):
        shared = min(one[-1], other[-1]) - max(one[0], other[0])
        if shared < HALF * min(np.ptp(one), np.ptp(other)):
            return []
    thickness = stack[0].slice_thickness
    apart = min(float(np.ptp(of_part)) / (len(of_part) - 1) for of_part in levels)
    halves = thickness is not None and thickness < SCANNED * apart
    if halves and _is_regular(np.sort(np.concatenate(levels))):
        return []
    return list(parts.values())


def _is_regular(levels: NDArray[np.float64]) -> bool:
    gaps = np.diff(levels)
    return bool(gaps.min() > SAME_PLACE_MM and np.ptp(gaps) <= REGULAR * gaps.max())


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
