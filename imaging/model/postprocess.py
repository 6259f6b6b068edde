"""The section `postprocess` of a configuration: from the network's probabilities to masks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic.dataclasses import dataclass

from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.problems import Number, Wanted, refuse
from cohort.schema.records.sections import Switch, read_section

USUAL_THRESHOLD = 0.5


# At 0 everything belongs to a structure, and above 1 nothing.
_Threshold = Annotated[Number, Field(gt=0, le=1), Wanted("must be a share above 0, up to 1")]
_Ml = Annotated[Number, Field(ge=0), Wanted("must be 0 or more mL")]
# No piece would be left at 1, which probabilities only come near.
_Peak = Annotated[Number, Field(ge=0, lt=1), Wanted("must be 0 or more, below 1")]


def _each(value: Any, info: ValidationInfo) -> Any:
    """Return a value for each structure: the same for all, or the usual where none is given."""
    usual = USUAL_THRESHOLD if info.field_name == "threshold" else 0.0
    if type(value) in (int, float):
        return dict.fromkeys(STRUCTURE_IDS, value)
    if not isinstance(value, Mapping):
        raise refuse(f"{info.field_name!r} must be a number, or one per structure, not {value!r}.")
    if unknown := [name for name in value if name not in STRUCTURE_IDS]:
        known = ", ".join(STRUCTURE_IDS)
        raise refuse(
            *(
                f"{info.field_name!r} names {name!r}; the structures are {known}."
                for name in unknown
            )
        )
    return {**dict.fromkeys(STRUCTURE_IDS, usual), **value}


_EACH = BeforeValidator(_each)


@dataclass(frozen=True, config=ConfigDict(extra="forbid", defer_build=True))
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

    threshold: Annotated[Mapping[str, _Threshold], _EACH] = field(
        default_factory=lambda: dict.fromkeys(STRUCTURE_IDS, USUAL_THRESHOLD)
    )
    smallest_ml: Annotated[Mapping[str, _Ml], _EACH] = field(
        default_factory=lambda: dict.fromkeys(STRUCTURE_IDS, 0.0)
    )
    lowest_peak: Annotated[Mapping[str, _Peak], _EACH] = field(
        default_factory=lambda: dict.fromkeys(STRUCTURE_IDS, 0.0)
    )
    lowest_peak_up_to_ml: Annotated[
        Annotated[Number, Field(ge=0)] | None, Wanted("must be 0 or more mL, or null")
    ] = None
    inside_skull: Switch = False
    flips: Switch = False

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
        return read_section(cls, "postprocess", section)

    def without_cleanup(self) -> Postprocess:
        """Return the same without the rules that remove pieces."""
        none = dict.fromkeys(STRUCTURE_IDS, 0.0)
        return replace(self, smallest_ml=none, lowest_peak=none, inside_skull=False)
