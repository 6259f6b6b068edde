"""What an evaluation found in one case, as a file that is read again as it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cohort.schema.scans.measurements import Measurements
from imaging.scores.comparison import Compared
from imaging.scores.lesions import Lesions
from imaging.scores.metrics import StructureScore


@dataclass(frozen=True)
class CaseResult:
    """What an evaluation found in one case.

    Attributes
    ----------
    scores
        One of each structure that was judged.
    compared
        What was measured on predicted and reference masks.
    notes
        What was unusual about its files: kind and sentence of each.
    """

    scores: list[StructureScore]
    compared: Compared
    notes: list[tuple[str, str]]

    def to_json(self) -> dict[str, Any]:
        """Return plain values; numbers are not rounded."""
        return {
            "scores": [asdict(score) for score in self.scores],
            "compared": asdict(self.compared),
            "notes": self.notes,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> CaseResult:
        """Return what `to_json` has returned, of a file that is as it was written."""
        scores = [
            StructureScore(**{**one, "lesions": Lesions(**one["lesions"])})
            if one["lesions"]
            else StructureScore(**one)
            for one in value["scores"]
        ]
        both = value["compared"]
        measured = [Measurements(**both[which]) for which in ("predicted", "reference")]
        notes = [(kind, what) for kind, what in value["notes"]]
        return cls(scores, Compared(both["case"], *measured), notes)
