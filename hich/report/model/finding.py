"""A finding of a record, as the report has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cohort.schema.records.findings import Bound


@dataclass(frozen=True)
class Finding:
    """A value that the record states, as `doc._.findings` has it.

    Attributes
    ----------
    name, value, unit, certainty, side, section
        See `text.components.findings.component`; `value` is None where there is only presence, or
        absence.
    start, end, text
        The evidence: offsets in the record's text, and that piece of it.
    extra
        What only findings of this name have.
    """

    name: str
    value: Any
    unit: str | None
    certainty: str
    side: str | None
    section: str | None
    start: int
    end: int
    text: str
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bound(self) -> Bound | None:
        """What of its value a record states, where it is only a bound: less, more, nearly."""
        return self.extra.get("bound")

    def to_json(self) -> dict[str, Any]:
        """Return the finding as it stands in `annotations.jsonl`."""
        value = vars(self).copy()
        return {**value, **value.pop("extra")}


def id_of(finding: Finding) -> tuple[int, int]:
    """Return what tells pieces of evidence apart: two findings of one piece are one."""
    return finding.start, finding.end
