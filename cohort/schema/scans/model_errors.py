"""How far off a model's measurements are, as its metadata say: part of them, `errors`.

What is built on a model asks here, rather than typing figures of its own. A volume is looked up by
the size that was *measured*, since that is all one has of a new scan.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import field
from typing import Annotated

from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

from cohort.schema.problems import Integer, Number, refuse

_OPEN = ConfigDict(extra="ignore", defer_build=True)

Interval = tuple[Number, Number] | None
"""Lower and upper end of a 95 % confidence interval; None where there are too few values."""

FEWEST = 5
"""Cases below which an error is not told."""


@dataclass(frozen=True, config=_OPEN)
class VolumeError:
    """The error of measured volumes of one size.

    Attributes
    ----------
    from_ml, to_ml
        The measured volumes that it is about: from one on, to below the other.
    n
        Cases of the test with such a volume. With fewer than 5, the error cannot be told: all
        else is null.
    mae_ml, mae_ci95
        Mean absolute difference from the reference's volume, and its confidence interval.
    bias_ml, bias_ci95
        Mean of measured minus reference volume, and its confidence interval.
    limits_ml
        Limits of agreement: 95 % of the differences are expected between them.
    """

    from_ml: Annotated[Number, Field(ge=0)]
    to_ml: Number
    n: Integer
    mae_ml: Number | None = None
    mae_ci95: Interval = None
    bias_ml: Number | None = None
    bias_ci95: Interval = None
    limits_ml: Interval = None


@dataclass(frozen=True, config=_OPEN)
class SizedShiftError:
    """The error of measured midline shifts of one size.

    Positive is farther to the side that the midline was measured to be pushed to, so that what
    is told too small counts as that on both sides.

    Attributes
    ----------
    from_mm, to_mm
        The measured shifts that it is about: from one on, to below the other; null: any larger.
    n
        Cases of the test with such a shift. With fewer than 5, all else is null.
    mae_mm, mae_ci95
        Mean absolute difference from the reference's shift, and its confidence interval.
    bias_mm, bias_ci95
        Mean of measured minus reference shift, and its confidence interval.
    limits_mm
        Limits of agreement.
    """

    from_mm: Annotated[Number, Field(ge=0)]
    to_mm: Number | None
    n: Integer
    mae_mm: Number | None = None
    mae_ci95: Interval = None
    bias_mm: Number | None = None
    bias_ci95: Interval = None
    limits_mm: Interval = None


@dataclass(frozen=True, config=_OPEN)
class ShiftError:
    """The error of measured midline shifts, toward the patient's left as positive.

    Attributes
    ----------
    n
        Cases where both shifts were measured. With fewer than 5, all else is null.
    not_told
        Cases where the reference has a shift, and the model tells none.
    mae_mm, mae_ci95
        Mean absolute difference from the reference's shift, and its confidence interval.
    bias_mm, bias_ci95
        Mean of measured minus reference shift, and its confidence interval.
    limits_mm
        Limits of agreement.
    icc, icc_ci95
        Intraclass correlation, and its confidence interval.
    sizes
        The errors by the size that was measured, from small to large; empty where a model's
        metadata don't tell. Small shifts, which are the most, say little about large ones.
    """

    n: Integer
    not_told: Integer | None = None
    mae_mm: Number | None = None
    mae_ci95: Interval = None
    bias_mm: Number | None = None
    bias_ci95: Interval = None
    limits_mm: Interval = None
    icc: Number | None = None
    icc_ci95: Interval = None
    sizes: tuple[SizedShiftError, ...] = ()

    def of_size(self, measured_mm: float) -> SizedShiftError | None:
        """Return the error of shifts of a size, to either side; None where it cannot be told."""
        for one in self.sizes:
            if one.from_mm <= abs(measured_mm) < (one.to_mm or math.inf):
                return one if one.n >= FEWEST else None
        return None


@dataclass(frozen=True, config=_OPEN)
class ModelErrors:
    """How far off a model's measurements were on a test that it had not seen.

    Attributes
    ----------
    measured_on
        The test, in words.
    cases
        How many cases it has.
    volumes
        Structure to the errors of its volumes, by size, from small to large without gaps. The
        largest size ends at the largest volume of the test: of larger ones nothing is known.
    shift
        The error of the midline shift; null if it was not measured.
    """

    measured_on: str
    cases: Integer
    volumes: Mapping[str, tuple[VolumeError, ...]] = field(default_factory=dict)
    shift: ShiftError | None = None

    @model_validator(mode="after")
    def _sizes_follow_each_other(self) -> ModelErrors:
        wrong = [
            name
            for name, sizes in self.volumes.items()
            if any(one.to_ml != two.from_ml for one, two in zip(sizes, sizes[1:], strict=False))
            or any(one.from_ml >= one.to_ml for one in sizes)
        ]
        if wrong:
            raise refuse(*(f"the sizes of {name} don't follow each other." for name in wrong))
        return self

    def volume_error_ml(self, structure: str, measured_ml: float | None) -> VolumeError | None:
        """Return the error to expect of a measured volume; None where it cannot be told.

        That is: a volume of a size, or of a structure, that the test hardly had.
        """
        if measured_ml is None:
            return None
        for one in self.volumes.get(structure, ()):
            if one.from_ml <= measured_ml < one.to_ml and one.n >= FEWEST:
                return one
        return None

    def most_ml(self, structure: str, measured_ml: float | None) -> float | None:
        """Return how far off a measured volume may be, in mL; None where that isn't known.

        The wider of the limits of agreement, else the mean absolute difference, of volumes of its
        size; where the test hardly had that size, the most of all the other sizes. Of larger
        volumes than those of which it is known, it grows with them: it stays at least the share
        that it is of the largest known.
        """
        found = self.volume_error_ml(structure, measured_ml)
        if found:
            return _most(found)
        known = [
            (one, most)
            for one in self.volumes.get(structure, ())
            if (most := _most(one)) is not None
        ]
        if not known:
            return None
        largest, of_largest = known[-1]
        ml = max(most for _, most in known)
        if measured_ml is not None and measured_ml >= largest.to_ml:
            ml = max(ml, of_largest / largest.to_ml * measured_ml)
        return ml


def _most(one: VolumeError) -> float | None:
    return max(map(abs, one.limits_ml)) if one.limits_ml else one.mae_ml
