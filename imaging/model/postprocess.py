"""The section `postprocess` of a configuration: from the network's probabilities to masks."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from cohort.base.errors import raise_all
from cohort.facts.structures import STRUCTURE_IDS

USUAL_THRESHOLD = 0.5


@dataclass(frozen=True)
class Postprocess:
    """How masks are made of probabilities. As it stands here, they are thresholded and no more.

    Attributes
    ----------
    threshold
        Structure to the probability from which on a voxel belongs to it.
    smallest_ml
        Structure to the volume in mL below which a connected piece of it is removed.
    lowest_peak
        Structure to the probability that a connected piece of it must reach somewhere in order
        to stay; 0 for no such rule. Together with `threshold` it is hysteresis thresholding
        (Canny 1986, doi:10.1109/TPAMI.1986.4767851).
    lowest_peak_up_to_ml
        Volume in mL up to which a piece falls under `lowest_peak`; larger ones stay, however
        unsure, since a bleed that was overlooked is worse than one too many. None for no limit.
    inside_skull
        Whether pieces of a hematoma that lie outside the skull are removed: `imaging.space.skull`.
    flips
        Whether the mean is taken over the network's views of the scan and of its mirror image.
    """

    threshold: Mapping[str, float] = field(
        default_factory=lambda: dict.fromkeys(STRUCTURE_IDS, USUAL_THRESHOLD)
    )
    smallest_ml: Mapping[str, float] = field(
        default_factory=lambda: dict.fromkeys(STRUCTURE_IDS, 0.0)
    )
    lowest_peak: Mapping[str, float] = field(
        default_factory=lambda: dict.fromkeys(STRUCTURE_IDS, 0.0)
    )
    lowest_peak_up_to_ml: float | None = None
    inside_skull: bool = False
    flips: bool = False

    @classmethod
    def from_config(cls, section: Mapping[str, Any] | None) -> Postprocess:
        """Read the section; what it doesn't say, or its absence, changes no mask.

        Raises
        ------
        DataError
            Listing the keys that are unknown and the values that cannot be meant so.
        """
        if section is None:
            return cls()
        if not isinstance(section, Mapping):
            raise_all(["Section 'postprocess' of the configuration must hold keys and values."])
        problems: list[str] = []
        known = [f.name for f in fields(cls)]
        for name in section:
            if name not in known:
                near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.0)
                problems.append(f"{name!r} is unknown; did you mean {near[0]!r}?")
        usual = cls()
        result = cls(
            threshold=_by_structure(section, "threshold", usual.threshold, problems),
            smallest_ml=_by_structure(section, "smallest_ml", usual.smallest_ml, problems),
            lowest_peak=_by_structure(section, "lowest_peak", usual.lowest_peak, problems),
            lowest_peak_up_to_ml=_volume(section, "lowest_peak_up_to_ml", problems),
            inside_skull=_switch(section, "inside_skull", problems),
            flips=_switch(section, "flips", problems),
        )
        for name, value in result.threshold.items():
            # At 0 everything belongs to a structure, and above 1 nothing.
            if not 0 < value <= 1:
                problems.append(f"'threshold' of {name} must be a share above 0, up to 1: {value}")
        for name, value in result.smallest_ml.items():
            if not 0 <= value < float("inf"):
                problems.append(f"'smallest_ml' of {name} must be 0 or more mL, not {value}")
        for name, value in result.lowest_peak.items():
            # No piece would be left at 1, which probabilities only come near.
            if not 0 <= value < 1:
                problems.append(f"'lowest_peak' of {name} must be 0 or more, below 1: {value}")
        raise_all([f"Section 'postprocess' of the configuration: {p}." for p in problems])
        return result

    def without_cleanup(self) -> Postprocess:
        """Return the same without the rules that remove pieces."""
        none = dict.fromkeys(STRUCTURE_IDS, 0.0)
        return replace(self, smallest_ml=none, lowest_peak=none, inside_skull=False)


def _by_structure(
    section: Mapping[str, Any], key: str, usual: Mapping[str, float], problems: list[str]
) -> dict[str, float]:
    """Read a number for all structures, or a mapping of some of them to one each."""
    value = section.get(key, usual)
    if _is_number(value):
        return dict.fromkeys(usual, float(value))
    if not isinstance(value, Mapping):
        problems.append(f"{key!r} must be a number, or one per structure, not {value!r}")
        return dict(usual)
    for name, number in value.items():
        if name not in usual:
            known = ", ".join(usual)
            problems.append(f"{key!r} names {name!r}; the structures are {known}")
        elif not _is_number(number):
            problems.append(f"{key!r} of {name} must be a number, not {number!r}")
    read = {n: float(value[n]) for n in usual if _is_number(value.get(n))}
    return {**usual, **read}


def _volume(section: Mapping[str, Any], key: str, problems: list[str]) -> float | None:
    value = section.get(key)
    if value is not None and not (_is_number(value) and 0 <= value < float("inf")):
        problems.append(f"{key!r} must be 0 or more mL, or null, not {value!r}")
        return None
    return value


def _switch(section: Mapping[str, Any], key: str, problems: list[str]) -> bool:
    value = section.get(key, False)
    if not isinstance(value, bool):
        problems.append(f"{key!r} must be true or false, not {value!r}")
    return bool(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
