"""What the images of a series have in common: one odd image among them decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from cohort.space.dicom.instance import Instance, Series


def usual(series: Series, value: Callable[[Instance], str]) -> str:
    """Return the value that most images have."""
    return Counter(value(one) for one in series.instances).most_common(1)[0][0]


def share(series: Series, holds: Callable[[Instance], bool]) -> float:
    """Return the share of the images of which something holds."""
    return sum(map(holds, series.instances)) / len(series.instances)
