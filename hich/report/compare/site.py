"""CT and record compared in where the hematoma is.

Masks tell deep, lobar and infratentorial; the record's sites are mapped to these. The CT's is that
of the largest hematoma; so is the record's, if it tells the volume of each.
"""

from __future__ import annotations

from collections.abc import Sequence

from cohort.facts.sites import SITES
from hich.report.compare.aspect import OTHER_TERM, Claim, Column, Judgement, same_or_other
from hich.report.compare.hematoma import HematomaAspect, is_not_denied
from hich.report.compare.statements import Statements, choose_statements
from hich.report.messages import Message
from hich.report.model.comparison import Value
from hich.report.model.finding import Finding
from hich.report.model.masks import CaseMeasurements
from hich.report.strings import Text

COARSE_SITES = {site.id: site.coarse for site in SITES}
"""Site in a record to what masks can tell of it; others can't be compared."""


class SiteAspect(HematomaAspect):
    """Where the hematoma is, as coarsely as masks can tell."""

    name = "site"
    label = Text("Site", "部位")
    words = {
        "site.same": Text("The same site: {site:term}.", "部位相同：{site:term}。"),
        "site.other": OTHER_TERM,
        # What keeps masks from telling: `imaging.measure.site.Unknown`.
        "reason.site_no_middle": Text(
            "The masks don't tell the site: nothing shows the brain's middle.",
            "分割结果无法判断部位：无法确定脑中线。",
        ),
        "reason.site_no_ventricles": Text(
            "The masks don't tell the site: no lateral ventricle is marked.",
            "分割结果无法判断部位：未检出侧脑室。",
        ),
        "reason.site_short_ventricles": Text(
            "The masks don't tell the site: too little of the lateral ventricles is marked.",
            "分割结果无法判断部位：检出的侧脑室不完整。",
        ),
        "reason.site_at_tentorium": Text(
            "The masks don't tell whether it lies above or below the tentorium.",
            "分割结果无法判断位于小脑幕上还是幕下。",
        ),
        "reason.site_between": Text(
            "By the masks it lies on the border between deep and lobar.",
            "分割结果显示其位于深部与脑叶交界处。",
        ),
        "reason.site_not_comparable": Text(
            "The record's {record:term} is not one of the coarse sites that masks tell.",
            "病历所述{record:term}不属于分割结果能区分的大致部位。",
        ),
    }
    column = Column("site")
    findings = ("hematoma_site",)
    structures = ("hematoma", "ventricle_left", "ventricle_right")

    def ct(self, measured: CaseMeasurements) -> Value | None:
        """Return deep, lobar or infratentorial."""
        site = self.measured_of(measured, "site")
        return Value(term=site) if site is not None else None

    def why_not_measured(self, measured: CaseMeasurements) -> Message:
        """Say why the masks don't tell."""
        key = f"reason.site_{self.measured_of(measured, 'site_unknown')}"
        if key in self.words:
            return Message(key)
        return super().why_not_measured(measured)

    def suits(self, finding: Finding) -> bool:
        """Take affirmed sites that masks can tell."""
        return is_not_denied(finding) and finding.value in COARSE_SITES

    def claims(self, chosen: Sequence[Finding], findings: Sequence[Finding]) -> list[Claim]:
        """Return the sites that are named; of several hematomas that of the largest."""
        volumes = choose_statements(
            findings, ("hematoma_volume",), self.settings, _is_stated
        ).findings
        sited = [f for f in volumes if f.extra.get("site") in COARSE_SITES]
        largest = _largest(sited) if len(sited) == len(volumes) else None
        if largest:
            return [Claim(Value(term=largest.extra["site"]))]
        return [Claim(Value(term=f.value)) for f in chosen]

    def why_none(self, findings: Sequence[Finding], statements: Statements) -> Message | None:
        """Name the site that can't be compared, if that is it."""
        others = choose_statements(findings, self.findings, self.settings, is_not_denied).findings
        if others and not statements.only_history:
            return Message("reason.site_not_comparable", {"record": others[0].value})
        return super().why_none(findings, statements)

    def judge(self, ct: Value, claim: Claim) -> Judgement:
        """Compare coarse site with coarse site."""
        coarse = COARSE_SITES[str(claim.value.term)]
        return same_or_other("site", ct, Claim(Value(term=coarse)), "site")


def _largest(volumes: Sequence[Finding]) -> Finding | None:
    """Return the largest of several; None where a bound leaves open which one that is."""
    if len(volumes) < 2:
        return None
    reaches = {id(f): Value(f.value, "ml", sign=f.bound).reach or (0.0, 0.0) for f in volumes}
    largest = max(volumes, key=lambda f: reaches[id(f)][0])
    least = reaches[id(largest)][0]
    others = [f for f in volumes if f is not largest and f.bound]
    return None if any(reaches[id(f)][1] > least for f in others) else largest


def _is_stated(finding: Finding) -> bool:
    return is_not_denied(finding) and isinstance(finding.value, (int, float))
