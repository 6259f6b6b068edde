"""CT and record compared in whether there is blood in the ventricles.

The CT has some from `ventricular_blood.present_ml` on. The record has some if it says that the
bleed broke into them, or that they hold blood; a denial counts only if nothing is affirmed beside
it, and not if it is of the left or of the right alone. Blood outside the brain has no part in this.
"""

from __future__ import annotations

from collections.abc import Sequence

from hich.report.compare.aspect import Aspect, Claim, Column, Judgement
from hich.report.messages import Message
from hich.report.model.comparison import Value
from hich.report.model.finding import Finding
from hich.report.model.masks import CaseMeasurements
from hich.report.strings import Text


class VentricularBloodAspect(Aspect):
    """Whether there is blood in the ventricles."""

    name = "ventricular_blood"
    label = Text("Blood in the ventricles", "脑室积血")
    words = {
        "ventricular_blood.both": Text("Both have blood in the ventricles.", "两者均有脑室积血。"),
        "ventricular_blood.neither": Text(
            "Neither has blood in the ventricles.", "两者均无脑室积血。"
        ),
        "ventricular_blood.only_ct": Text(
            "The CT shows {ct:ml} in the ventricles; the record says there is none.",
            "CT 上脑室积血 {ct:ml}；病历称无。",
        ),
        "ventricular_blood.only_record": Text(
            "The record has blood in the ventricles; the CT shows none.",
            "病历称破入脑室；CT 上未见脑室积血。",
        ),
    }
    column = Column("ventricular_blood")
    key_slice = "ventricles"
    findings = matter = ("intraventricular_extension",)
    structures = ("ventricular_blood",)

    def ct(self, measured: CaseMeasurements) -> Value | None:
        """Return present or absent."""
        volume = measured.ventricular_blood.volume_ml
        if volume is None:
            return None
        present = volume >= self.settings.ventricular_blood.present_ml
        return Value(volume, "ml", "present" if present else "absent")

    def suits(self, finding: Finding) -> bool:
        """Take denials of any blood, not of that on one side."""
        return finding.certainty != "negated" or finding.side not in ("left", "right")

    def claims(self, chosen: Sequence[Finding], findings: Sequence[Finding]) -> list[Claim]:
        """Return present if any is affirmed."""
        if not chosen:
            return []
        affirmed = any(f.certainty != "negated" for f in chosen)
        return [Claim(Value(term="present" if affirmed else "absent"))]

    def judge(self, ct: Value, claim: Claim) -> Judgement:
        """Compare presence with presence."""
        there = ct.term == "present"
        if ct.term == claim.value.term:
            key = "both" if there else "neither"
            return Judgement(True, Message(f"ventricular_blood.{key}"))
        if there:
            return Judgement(False, Message("ventricular_blood.only_ct", {"ct": ct.number}))
        return Judgement(False, Message("ventricular_blood.only_record"))

    def is_usual(self, ct: Value) -> bool:
        """No blood there needs no mention."""
        return ct.term == "absent"
