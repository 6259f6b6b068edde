"""CT and record compared in the volume of the hematoma.

They agree within `volume.within_ml`, or within `volume.within_percent` of the record's, of which a
range counts as its middle. Of one place a stated volume counts before one by ABC/2. Several volumes
are of several hematomas, and added up, if their sides or sites differ, or the record counts as
many. Otherwise each is a way to read the record, such as a scan and its follow-up; and so is their
sum, if the record counts several hematomas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from hich.report.compare.aspect import Claim, Column, Judgement
from hich.report.compare.hematoma import HematomaAspect
from hich.report.messages import Message
from hich.report.model.comparison import Value
from hich.report.model.finding import Finding
from hich.report.model.masks import CaseMeasurements
from hich.report.strings import Text
from text.components.findings.summary import family


@dataclass(frozen=True)
class _Stated:
    """A volume in mL, with the place of its hematoma as far as it is known."""

    ml: float
    side: str | None
    site: str | None

    def is_where(self, other: _Stated) -> bool:
        """Whether both are of one place, and it is known."""
        place = (self.side, self.site)
        return place == (other.side, other.site) and place != (None, None)

    def is_elsewhere(self, other: _Stated) -> bool:
        """Whether the places are known to be two."""
        sides = {self.side, other.side}
        sites = {self.site, other.site}
        return sides == {"left", "right"} or (len(sites) == 2 and None not in sites)


class VolumeAspect(HematomaAspect):
    """The volume of the hematoma, of all of them if there are several."""

    name = "volume"
    label = Text("Volume", "血肿量")
    words = {
        "volume.within": Text(
            "{difference:ml} apart, {percent:percent} of the record's volume.",
            "相差 {difference:ml}，为病历血肿量的 {percent:percent}。",
        ),
        "volume.beyond": Text(
            "{difference:ml} apart, {percent:percent} of the record's volume; "
            "up to {within:ml} or {within_percent:percent} would agree.",
            "相差 {difference:ml}，为病历血肿量的 {percent:percent}；"
            "不超过 {within:ml} 或 {within_percent:percent} 才算一致。",
        ),
        "volume.sum_within": Text(
            "The record's volumes {parts:mls} add up to {sum:ml}: {difference:ml} apart, "
            "{percent:percent}.",
            "病历各血肿量 {parts:mls} 合计 {sum:ml}：相差 {difference:ml}，{percent:percent}。",
        ),
        "volume.sum_beyond": Text(
            "The record's volumes {parts:mls} add up to {sum:ml}: {difference:ml} apart, "
            "{percent:percent}; up to {within:ml} or {within_percent:percent} would agree.",
            "病历各血肿量 {parts:mls} 合计 {sum:ml}：相差 {difference:ml}，{percent:percent}；"
            "不超过 {within:ml} 或 {within_percent:percent} 才算一致。",
        ),
    }
    column = Column(
        *("hematoma_ml", "number", "ml"),
        listed=("ct", "compared", "reference"),
        spread=("ct", "compared"),
    )
    findings = ("hematoma_volume",)

    def ct(self, measured: CaseMeasurements) -> Value | None:
        """Return the volume by voxels."""
        volume = self.measured_of(measured, "volume_ml")
        return Value(volume, "ml") if volume is not None else None

    def suits(self, finding: Finding) -> bool:
        """Take volumes that are stated."""
        return finding.certainty != "negated" and isinstance(finding.value, (int, float))

    def claims(self, chosen: Sequence[Finding], findings: Sequence[Finding]) -> list[Claim]:
        """Return each volume, their sum, or all of these."""
        volumes = _distinct(chosen)
        each = [Claim(Value(volume.ml, "ml")) for volume in volumes]
        if len(each) < 2:
            return each
        parts = tuple(claim.value for claim in each)
        total = Claim(Value(sum(volume.ml for volume in volumes), "ml"), parts)
        pairs = list(combinations(volumes, 2))
        counts = self.counted(findings)
        as_many = counts == [len(volumes)] and not any(one.is_where(two) for one, two in pairs)
        if as_many or all(one.is_elsewhere(two) for one, two in pairs):
            return [total]
        several = bool(counts) and 1 not in counts
        return [*each, total] if several else each

    def judge(self, ct: Value, claim: Claim) -> Judgement:
        """Compare volume with volume."""
        said, found, limits = claim.value.number or 0.0, ct.number or 0.0, self.settings.volume
        difference = abs(found - said)
        percent = 100 * difference / said if said else 0.0
        agrees = difference <= limits.within_ml or (said > 0 and percent <= limits.within_percent)
        values: dict[str, object] = {"difference": difference, "percent": percent}
        if not agrees:
            values |= {"within": limits.within_ml, "within_percent": limits.within_percent}
        if claim.parts:
            values |= {"parts": [part.number for part in claim.parts], "sum": said}
        key = f"volume.{'sum_' if claim.parts else ''}{'within' if agrees else 'beyond'}"
        return Judgement(agrees, Message(key, values))


def _distinct(findings: Sequence[Finding]) -> list[_Stated]:
    """Return what is stated, each volume once; of one place a stated one counts before ABC/2."""
    found: dict[_Stated, str | None] = {}
    for finding in findings:
        site = finding.extra.get("site")
        volume = _Stated(float(finding.value), finding.side, family(site) if site else None)
        found.setdefault(volume, finding.extra.get("method"))
    kept = [
        volume
        for volume, method in found.items()
        if method in (None, "stated")
        or not any((v.side, v.site) == (volume.side, volume.site) for v in found if v != volume)
    ]
    # The same volume with and without its place is one.
    placed = {volume.ml for volume in kept if (volume.side, volume.site) != (None, None)}
    return [v for v in kept if (v.side, v.site) != (None, None) or v.ml not in placed]
