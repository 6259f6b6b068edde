"""Which label or segment is which structure, as options of the import say it."""

from __future__ import annotations

from cohort.base.errors import UsageError
from cohort.facts.structure_names import structure_named
from cohort.facts.structures import STRUCTURE_IDS


def named_labels(option: str, text: str) -> dict[str, str]:
    """Return label, or name of a segment, to structure, from `1=hematoma,2=midline`.

    Structures may be called by any of their names (`cohort.facts.structure_names`).

    Raises
    ------
    UsageError
        If it isn't written so, or names an unknown structure or one of them twice.

    Examples
    --------
    >>> named_labels("--labels", "1+2=hematoma, 3=脑中线")
    {'1+2': 'hematoma', '3': 'midline'}
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        label, equals, name = (word.strip() for word in part.rpartition("="))
        if not equals or not label or not name:
            raise UsageError(
                f"{option} {text}: write what is which structure, with commas between: "
                "1=hematoma,2=midline."
            )
        structure = structure_named(name)
        if structure is None:
            known = ", ".join(STRUCTURE_IDS)
            raise UsageError(f"{option} {text}: {name!r} is not a structure; these are {known}.")
        if label in found or structure in found.values():
            raise UsageError(f"{option} {text}: {part.strip()!r} is said twice.")
        found[label] = structure
    return found
