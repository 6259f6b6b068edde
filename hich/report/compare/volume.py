"""CT and record compared in the volume of the hematoma.

The record's mL are compared with what they most likely mean. Chinese records give the bedside
formula's (多田公式), and so do those that don't say how they were measured: these are compared with
`tada_ml`, and what the record says was measured by software, with the volume by voxels. So is all
of it beside results of earlier versions, which lack the formula. The row says which it was. What
differs by the formula and agrees by voxels, where the record doesn't say how it was measured, is
uncertain.

They agree within `volume.within_ml`, or within `volume.within_percent` of the record's (of what was
measured by software, `volume.software_within_percent`), of which a range counts as its middle;
`hich.report.settings.VolumeSettings` has where these come from. With a bound (<30 mL) the CT agrees
within it, and beyond it if it is no further off than that. A sum with a bound in it is one as well.

Of one place a stated volume counts before one by ABC/2. Several volumes are of several hematomas,
and added up, if their sides or sites differ, or the record counts as many. Otherwise each is a way
to read the record, such as a scan and its follow-up; and so is their sum, if the record counts
several hematomas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
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
    """A volume, with the place of its hematoma as far as it is known.

    What it was measured by tells no two volumes apart: of one that is said twice, once with it,
    that is known.
    """

    volume: Value
    side: str | None
    site: str | None
    measured_by: str | None = field(default=None, compare=False)

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
            "By {way:term}: {difference:ml} apart, {percent:percent} of the record's volume.",
            "按{way:term}：相差 {difference:ml}，为病历血肿量的 {percent:percent}。",
        ),
        "volume.in_bounds": Text(
            "By {way:term}: within the bound that the record states.",
            "按{way:term}：在病历所述界限之内。",
        ),
        "volume.beyond": Text(
            "By {way:term}: {difference:ml} apart, {percent:percent} of the record's volume; "
            "up to {within:ml} or {within_percent:percent} would agree.",
            "按{way:term}：相差 {difference:ml}，为病历血肿量的 {percent:percent}；"
            "不超过 {within:ml} 或 {within_percent:percent} 才算一致。",
        ),
        "volume.sum_within": Text(
            "By {way:term}: the record's volumes {parts:mls} add up to {sum:ml}: "
            "{difference:ml} apart, {percent:percent}.",
            "按{way:term}：病历各血肿量 {parts:mls} 合计 {sum:ml}：相差 {difference:ml}，"
            "{percent:percent}。",
        ),
        "volume.sum_beyond": Text(
            "By {way:term}: the record's volumes {parts:mls} add up to {sum:ml}: "
            "{difference:ml} apart, {percent:percent}; up to {within:ml} or "
            "{within_percent:percent} would agree.",
            "按{way:term}：病历各血肿量 {parts:mls} 合计 {sum:ml}：相差 {difference:ml}，"
            "{percent:percent}；不超过 {within:ml} 或 {within_percent:percent} 才算一致。",
        ),
        "volume.only_by_voxels": Text(
            "By Tada's formula, as records mostly mean it, {difference:ml} apart, "
            "{percent:percent} of the record's volume; by voxels the CT has {voxels:ml}, which "
            "agrees. The record doesn't say how its volume was measured.",
            "按病历通常采用的多田公式，相差 {difference:ml}，为病历血肿量的 {percent:percent}；"
            "按体素，CT 为 {voxels:ml}，与病历一致。病历未写明血肿量的测量方法。",
        ),
    }
    column = Column(
        *("hematoma_ml", "number", "ml"),
        listed=("ct", "compared", "reference"),
        spread=("ct", "compared"),
        ct="compared_ct_hematoma_ml",
    )
    findings = ("hematoma_volume",)

    def ct(self, measured: CaseMeasurements) -> Value | None:
        """Return the volume by voxels."""
        volume = self.measured_of(measured, "volume_ml")
        return Value(volume, "ml") if volume is not None else None

    def ct_beside(self, measured: CaseMeasurements, claims: Sequence[Claim]) -> Value | None:
        """Return the volume by the formula, or by voxels if the record's is by software.

        Where the record gives volumes of both kinds, there is not one that stands beside them.
        """
        voxels, tada = self.ct(measured), self.measured_of(measured, "tada_ml")
        by_software = {claim.measured_by == "software" for claim in claims}
        if voxels is None or len(by_software) != 1:
            return voxels
        if by_software == {False} and tada is not None:
            return Value(tada, "ml", "tada")
        return Value(voxels.number, "ml", "voxels")

    def suits(self, finding: Finding) -> bool:
        """Take volumes that are stated."""
        return finding.certainty != "negated" and isinstance(finding.value, (int, float))

    def claims(self, chosen: Sequence[Finding], findings: Sequence[Finding]) -> list[Claim]:
        """Return each volume, their sum, or all of these."""
        volumes = _distinct(chosen)
        each = [Claim(v.volume, measured_by=v.measured_by) for v in volumes]
        if len(each) < 2:
            return each
        parts = tuple(claim.value for claim in each)
        ways = {volume.measured_by for volume in volumes}
        way = ways.pop() if len(ways) == 1 else None
        total = Claim(reduce(added, parts), parts, way)
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
        if claim.value.holds(found):
            return Judgement(True, Message("volume.in_bounds", {"way": ct.term}))
        difference, percent = _apart(found, said)
        software = claim.measured_by == "software"
        within = limits.software_within_percent if software else limits.within_percent
        agrees = difference <= limits.within_ml or (said > 0 and percent <= within)
        values: dict[str, object] = {"difference": difference, "percent": percent, "way": ct.term}
        if not agrees:
            values |= {"within": limits.within_ml, "within_percent": within}
        if claim.parts:
            values |= {"parts": [part.number for part in claim.parts], "sum": said}
        key = f"volume.{'sum_' if claim.parts else ''}{'within' if agrees else 'beyond'}"
        return Judgement(agrees, Message(key, values))

    def weigh(self, measured: CaseMeasurements, claim: Claim) -> Judgement:
        """Compare by what the claim most likely means, and by voxels if it may mean these."""
        likely, voxels = super().weigh(measured, claim), self.ct(measured)
        by_formula = likely.reason.values["way"] == "tada"
        if likely.agrees or claim.measured_by is not None or not by_formula or voxels is None:
            return likely
        if not self.judge(voxels, replace(claim, measured_by="software")).agrees:
            return likely
        apart = {name: likely.reason.values[name] for name in ("difference", "percent")}
        reason = Message("volume.only_by_voxels", {**apart, "voxels": voxels.number})
        return Judgement(None, reason)


def _apart(found: float, said: float) -> tuple[float, float]:
    """Return how far two volumes are apart, in mL and in % of what is said."""
    difference = abs(found - said)
    return difference, 100 * difference / said if said else 0.0


def added(one: Value, two: Value) -> Value:
    """Return what two volumes add up to: 22 mL and less than 2 mL are less than 24 mL."""
    both, signs = (one, two), {one.sign, two.sign} - {None, "≈"}
    if signs & {">", "≥"}:  # of the other it counts what there is at least
        at_least = sum(v.number or 0 for v in both if v.sign not in ("<", "≤"))
        return Value(at_least, "ml", sign=">" if ">" in signs else "≥")
    number = (one.number or 0) + (two.number or 0)
    if signs:
        return Value(number, "ml", sign="<" if "<" in signs else "≤")
    return Value(number, "ml", sign=one.sign or two.sign)


def _distinct(findings: Sequence[Finding]) -> list[_Stated]:
    """Return what is stated, each volume once; of one place a stated one counts before ABC/2."""
    found: dict[_Stated, str | None] = {}
    ways: dict[_Stated, str | None] = {}
    for finding in findings:
        site = finding.extra.get("site")
        stated = Value(float(finding.value), "ml", sign=finding.bound)
        volume = _Stated(stated, finding.side, family(site) if site else None)
        found.setdefault(volume, finding.extra.get("method"))
        ways[volume] = ways.get(volume) or finding.extra.get("measured_by")
    kept = [
        replace(volume, measured_by=ways[volume])
        for volume, method in found.items()
        if method in (None, "stated")
        or not any((v.side, v.site) == (volume.side, volume.site) for v in found if v != volume)
    ]
    # The same volume with and without its place is one.
    placed = {volume.volume for volume in kept if (volume.side, volume.site) != (None, None)}
    return [v for v in kept if (v.side, v.site) != (None, None) or v.volume not in placed]
