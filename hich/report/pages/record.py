"""A record as HTML: sections with their headings, entities marked, evidence ready to be found."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cohort.base.html.visible import VISIBLE
from cohort.tags.scheme import Span
from hich.report.model.case import CaseReport
from hich.report.model.finding import Finding

if TYPE_CHECKING:
    from spacy.displacy.render import EntityRenderer

LABELS = (
    *("AGE", "SEX", "TIME", "SYMPTOM", "NEGATED", "VITAL", "BP", "CONSCIOUSNESS", "GCS", "PUPIL"),
    *("POWER", "SITE", "VOLUME", "MIDLINE", "VENTRICLE", "TREATMENT", "HISTORY"),
)
"""Labels of the generated cohort, so that each has its colour on all pages; others follow."""
COLOURS = 8
"""Colours of entities in the style sheet, in turns; the label beside an entity says which it is."""

_PIECE = '{others}<span class="{classes}"{anchor}{title}>{text}{kb_link}</span>'


@dataclass(frozen=True)
class Section:
    """A section of the record.

    Attributes
    ----------
    anchor
        Id of its element.
    label
        See `text.components.sections`; None for a record that isn't divided.
    html
        Its text, entities and evidence marked.
    """

    anchor: str
    label: str | None
    html: Markup


@dataclass(frozen=True)
class Entity:
    """A label of entities, for the legend: its colour's number, and how many there are."""

    label: str
    colour: int
    count: int


def record_sections(case: CaseReport, evidence: Sequence[Finding]) -> list[Section]:
    """Return the sections of a case's record.

    Parameters
    ----------
    case
        Its `text` is a record.
    evidence
        Findings that the page refers to: the id `evidence-<i>` stands where the i-th begins,
        all its letters are in elements with the class `e<i>`.
    """
    from spacy.displacy.render import EntityRenderer  # only where there is a record

    text = case.text or ""
    sections = case.sections or (Span(0, len(text), ""),)
    starts = [section.start for section in sections]
    # What stands between two sections is white space, and goes with the one before.
    ends = [*starts[1:], len(text)]
    first = [0, *starts[1:]]
    pieces = _pieces(case, evidence, starts)
    places = [piece["start"] for piece in pieces]
    renderer = EntityRenderer({"template": _PIECE})
    found = []
    for number, (section, start, end) in enumerate(zip(sections, first, ends, strict=True)):
        inside = pieces[bisect_left(places, start) : bisect_left(places, end)]
        html = _render(renderer, text[start:end].rstrip(), start, inside)
        found.append(Section(f"section-{number}", section.label or None, html))
    return found


def legend(spans: Sequence[Span]) -> list[Entity]:
    """Return the labels that occur, in the order of the colours."""
    counts = Counter(span.label for span in spans)
    known = [label for label in LABELS if label in counts]
    labels = [*known, *sorted(counts.keys() - set(LABELS))]
    return [Entity(label, colour(label), counts[label]) for label in labels]


def colour(label: str) -> int:
    """Return the number of a label's colour, the same on all pages."""
    if label in LABELS:
        return LABELS.index(label) % COLOURS
    return sum(label.encode()) % COLOURS


def _pieces(
    case: CaseReport, evidence: Sequence[Finding], starts: Sequence[int]
) -> list[dict[str, Any]]:
    """Cut entities and evidence where they begin and end: displaCy's marks must not overlap."""
    entity_at = {span.start: span for span in case.spans}
    evidence_at: dict[int, list[int]] = {}
    for number, finding in enumerate(evidence):
        evidence_at.setdefault(finding.start, []).append(number)
    marked: list[Span | Finding] = [*case.spans, *evidence]
    edges = {edge for span in marked for edge in (span.start, span.end)}
    entity: Span | None = None
    found: list[int] = []  # evidence that goes on
    pieces = []
    for start, end in pairwise(sorted({*starts, *edges})):
        entity = entity_at.get(start, entity)
        if entity is not None and entity.end <= start:
            entity = None
        found = [i for i in (*found, *evidence_at.get(start, ())) if evidence[i].end > start]
        if entity is None and not found:
            continue
        classes, title = [], ""
        if entity is not None:
            classes += ["entity", f"c{colour(entity.label)}"]
            classes += ["first"] if start == entity.start else []
            classes += ["last"] if end == entity.end else []
            name = escape(entity.label)
            title = f' title="{name}"'
            title += f' data-label="{name}"' if end == entity.end else ""
        anchors = [i for i in found if evidence[i].start == start]
        classes += [f"e{i}" for i in found] + (["evidence"] if found else [])
        params = {
            "classes": " ".join(classes),
            "title": title,
            "anchor": f' id="evidence-{anchors[0]}"' if anchors else "",
            # Of several that begin here, the others' links lead to elements of their own.
            "others": "".join(f'<a id="evidence-{i}"></a>' for i in anchors[1:]),
        }
        pieces.append({"start": start, "end": end, "label": "", "params": params})
    return pieces


def _render(
    renderer: EntityRenderer, text: str, start: int, pieces: Sequence[dict[str, Any]]
) -> Markup:
    """Let displaCy mark the pieces of a section, whose `text` begins at `start`."""
    from spacy.displacy.templates import TPL_ENTS

    shifted = [{**p, "start": p["start"] - start, "end": p["end"] - start} for p in pieces]
    html = renderer.render_ents(text, shifted, title=None)
    # Its frame has styles of its own, which the page's policy refuses.
    before, after = TPL_ENTS.format(content="\0", dir=renderer.direction).split("\0")
    return Markup(html.removeprefix(before).removesuffix(after).translate(VISIBLE))
