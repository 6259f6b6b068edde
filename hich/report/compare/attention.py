"""Which cases need a look, how much, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hich.report.compare.identity import attributes_apart
from hich.report.messages import Message
from hich.report.model.comparison import Row
from hich.report.model.masks import MaskScore
from hich.report.settings import LookSettings

WRONG = (
    "note.damaged",
    "note.other_grid",
    "note.other_record",
    "note.other_scores",
    "note.edited_masks",
    "note.prediction_without_image",
    "note.annotation_without_record",
)
"""Notes of what can't be right, rather than of what is missing."""

STRUCTURE = "hematoma"
"""Whose Dice counts: it is what the report is about, and that of a thin line is low anyway."""


def looks(
    rows: Sequence[Row],
    scores: Mapping[str, MaskScore],
    notes: Sequence[Message],
    settings: LookSettings,
) -> tuple[tuple[Message, ...], float]:
    """Say why a case needs a look, and how urgently.

    Returns
    -------
    looks, urgency
        The reasons, and the sum of what each adds (`LookSettings`); none and 0 if it needs none.
    """
    found: list[tuple[float, Message]] = []
    for sure, key, weight in (
        (True, "look.decides", settings.decides),
        (False, "look.may_decide", settings.uncertain),
    ):
        aspects = [r.aspect for r in rows if any(one.sure == sure for one in r.crossed)]
        if aspects:
            found.append((weight, Message(key, {"aspects": aspects})))
    for verdict, key, weight in (
        ("differ", "look.differs", settings.differ),
        ("uncertain", "look.uncertain", settings.uncertain),
    ):
        aspects = [row.aspect for row in rows if row.verdict == verdict]
        if aspects:
            found.append((weight * len(aspects), Message(key, {"aspects": aspects})))
    score = scores.get(STRUCTURE)
    if score and score.status in ("missed", "false_alarm"):
        found.append((settings.missed, Message(f"look.{score.status}", {"structure": STRUCTURE})))
    elif score and score.dice is not None and score.dice < settings.low_dice:
        values = {"structure": STRUCTURE, "percent": 100 * score.dice}
        found.append((settings.low, Message("look.low_dice", values)))
    if apart := attributes_apart(notes):
        found.append((settings.damaged, Message("look.other_patient", {"what": apart})))
    if any(note.key in WRONG for note in notes):
        found.append((settings.damaged, Message("look.damaged")))
    found.sort(key=lambda pair: -pair[0])
    return tuple(message for _, message in found), sum((weight for weight, _ in found), 0.0)
