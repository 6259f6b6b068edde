"""CT and record compared in the volume of the hematoma.

They agree within `volume.within_ml`, or within `volume.within_percent` of the record's. Several
volumes are of several hematomas, and added up, if the record counts as many, or gives them
different sides. Otherwise each is a way to read the record, such as a scan and its follow-up; and
so is their sum, if the record counts several hematomas.
"""

from __future__ import annotations

from collections.abc import Sequence

from report.aspect import Claim, Judgement
from report.hematoma import OfHematoma
from report.messages import Message
from report.model import Finding, Measurements, Value


class Volume(OfHematoma):
    """The volume of the hematoma, of all of them if there are several."""

    name = "volume"
    findings = ("hematoma_volume",)

    def ct(self, measured: Measurements) -> Value | None:
        """Return the volume by voxels."""
        volume = self.measured_of(measured, "volume_ml")
        return Value(volume, "ml") if volume is not None else None

    def suits(self, finding: Finding) -> bool:
        """Take volumes that are stated."""
        return finding.certainty != "negated" and isinstance(finding.value, (int, float))

    def claims(self, chosen: Sequence[Finding], findings: Sequence[Finding]) -> list[Claim]:
        """Return each volume, their sum, or all of these."""
        volumes = list(dict.fromkeys((f.side, float(f.value)) for f in chosen))
        # The same volume with and without its side is one.
        sided = {value for side, value in volumes if side}
        volumes = [(side, value) for side, value in volumes if side or value not in sided]
        each = [Claim(Value(value, "ml")) for _, value in volumes]
        if len(each) < 2:
            return each
        parts = tuple(claim.value for claim in each)
        total = Claim(Value(sum(value for _, value in volumes), "ml"), parts)
        counts = self.counted(findings)
        sides = [side for side, _ in volumes]
        apart = len(set(sides)) == len(sides) and None not in sides and "both" not in sides
        if apart or counts == [len(volumes)]:
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
