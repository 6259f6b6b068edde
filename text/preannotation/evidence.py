"""The evidence of a record's findings as entities, beside those of a trained pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cohort.tags.scheme import Span
from text.preannotation.finding_labels import FindingLabels


@dataclass
class PreAnnotations:
    """What becomes of the findings of records.

    Annotation tools and recognisers give a character one label at most. So where evidence overlaps
    an entity of the pipeline, the entity stays: it was learnt from the team's own annotations. Of
    two findings that overlap the longer evidence stays; of equal ones that whose name stands first
    in the file of labels.

    Attributes
    ----------
    wanted
        Labels of findings.
    labels
        Label to how many pieces of evidence got it.
    unmapped
        Name of a finding to how many have no label, since the map doesn't say.
    unwanted
        How many shall have none, by the map.
    under_entities, overlapping
        How many were left out, since an entity, or another finding's evidence, stands there.
    """

    wanted: FindingLabels
    labels: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)
    unwanted: int = 0
    under_entities: int = 0
    overlapping: int = 0

    def entities(
        self, text: str, entities: Iterable[Span], findings: Iterable[Mapping[str, Any]]
    ) -> list[Span]:
        """Return the entities of a record with the labelled evidence between them, in order."""
        kept = list(entities)
        by_model = {place for span in kept for place in range(span.start, span.end)}
        taken: set[int] = set()
        for span in self._labelled(text, findings):
            places = range(span.start, span.end)
            if not by_model.isdisjoint(places):
                self.under_entities += 1
            elif not taken.isdisjoint(places):
                self.overlapping += 1
            else:
                taken.update(places)
                kept.append(span)
                self.labels[span.label] += 1
        return sorted(kept)

    def _labelled(self, text: str, findings: Iterable[Mapping[str, Any]]) -> list[Span]:
        """Return evidence with its labels, that first which goes before the others."""
        ranks: dict[Span, int] = {}
        for finding in findings:
            label = self.wanted.label_of(finding)
            if label is None:
                self.unmapped[finding["name"]] += 1
                continue
            if not label:
                self.unwanted += 1
                continue
            start, end = finding["start"], finding["end"]
            covered = text[start:end]
            start += len(covered) - len(covered.lstrip())
            end = start + len(covered.strip())
            if start < end:
                rank = self.wanted.rank_of(finding["name"])
                # One piece may be evidence of several findings, of one label all the same.
                span = Span(start, end, label)
                ranks[span] = min(rank, ranks.get(span, rank))
        return sorted(ranks, key=lambda span: (span.start - span.end, ranks[span], span))

    def told(self) -> list[str]:
        """Return what a person should know, a sentence each."""
        path = self.wanted.path
        lines = []
        if self.unmapped:
            listed = ", ".join(f"{name} {count:,}" for name, count in self.unmapped.most_common())
            lines.append(f"Findings that {path} doesn't map, left out: {listed}")
        if self.unwanted:
            lines.append(f"Findings that shall have no label by {path}: {self.unwanted:,}")
        if self.under_entities:
            lines.append(
                f"Findings where the pipeline's entities stand, which stay: {self.under_entities:,}"
            )
        if self.overlapping:
            lines.append(
                f"Findings that overlap one of longer evidence, left out: {self.overlapping:,}"
            )
        return lines
