"""An annotated record as its line of `annotations.jsonl` (see `text.annotate`)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cohort.base.textfile import DAMAGED, damage_of
from cohort.schema.problems import VERSION, VERSION_KEY
from text.pages.diagnosis_codes import diagnosis_codes
from text.pages.findings_table import findings_of

if TYPE_CHECKING:
    from spacy.tokens import Doc


def to_json(record_id: str, doc: Doc, untold: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return an annotated record as its line of `annotations.jsonl`.

    `untold` is what its pipeline cannot tell (`text.model.rules.untold_by`).
    """
    sections = [
        {"start": s.start_char, "end": s.end_char, "label": s.label_}
        for s in doc.spans.get("sections", ())
    ]
    starts = [section["start"] for section in sections]

    def section_at(position: int) -> str | None:
        index = bisect_right(starts, position) - 1
        inside = index >= 0 and position < sections[index]["end"]
        return sections[index]["label"] if inside else None

    return {
        VERSION_KEY: VERSION,
        "id": record_id,
        "text": doc.text,
        "spans": [
            {
                "start": entity.start_char,
                "end": entity.end_char,
                "label": entity.label_,
                "text": entity.text,
                "section": section_at(entity.start_char),
            }
            for entity in doc.ents
        ],
        "sections": sections,
        "findings": findings_of(doc),
        "icd10": diagnosis_codes(findings_of(doc), doc.text),
        "cannot_be_told": dict(untold or {}),
        "notes": [{"kind": DAMAGED, "what": damage}] if (damage := damage_of(doc.text)) else [],
    }
