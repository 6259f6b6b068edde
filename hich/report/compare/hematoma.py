"""CT and record compared in whether there is a hematoma, on which side, and how many.

- **Is there one.** The CT has one from `hematoma.present_ml` on. The record has one if it names
  it, its site, volume or number; a denial counts only if nothing is affirmed beside it, since
  records that describe a bleed go on to deny others, and not if it is of the left or of the right
  alone (as in `text.components.findings.summary`).
- **Side.** As affirmed with hematoma, site or volume. Left and right together are both if the
  record counts several hematomas; else it can be read as left, as right, and as both.
- **Number.** Of hematomas; a record that speaks of several may leave open how many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from hich.report.compare.aspect import OTHER_TERM, Aspect, Claim, Column, Judgement, same_or_other
from hich.report.compare.statements import Statements, choose_statements
from hich.report.messages import Message
from hich.report.model.comparison import Value
from hich.report.model.finding import Finding
from hich.report.model.masks import CaseMeasurements
from hich.report.strings import Text
from text.components.findings.summary import OF_HEMATOMA

TOLD_SIDES = ("left", "right", "both")

_SEVERAL = Text(
    "The record says several; the CT shows {ct:count}.", "病历称多个；CT 上有 {ct:count} 个。"
)


class PresenceAspect(Aspect):
    """Whether there is a hematoma."""

    name = "hematoma"
    label = Text("Hematoma", "血肿")
    words = {
        "hematoma.both": Text("Both have a hematoma.", "两者均有血肿。"),
        "hematoma.neither": Text("Neither has a hematoma.", "两者均无血肿。"),
        "hematoma.only_ct": Text(
            "The CT shows {ct:ml}; the record says there is none.",
            "CT 上有 {ct:ml}；病历称无血肿。",
        ),
        "hematoma.only_record": Text(
            "The record has a hematoma; the CT shows none.",
            "病历有血肿；CT 上未见。",
        ),
    }
    column = Column("hematoma")
    findings = matter = OF_HEMATOMA

    def ct(self, measured: CaseMeasurements) -> Value | None:
        """Return present or absent."""
        volume = measured.hematoma.volume_ml
        if volume is None:
            return None
        present = volume >= self.settings.hematoma.present_ml
        return Value(volume, "ml", "present" if present else "absent")

    def suits(self, finding: Finding) -> bool:
        """Take denials of any hematoma, not of one on some side or at some site."""
        if finding.certainty != "negated":
            return True
        return finding.name == "hematoma" and finding.side not in ("left", "right")

    def claims(self, chosen: Sequence[Finding], findings: Sequence[Finding]) -> list[Claim]:
        """Return present if anything is affirmed."""
        if not chosen:
            return []
        affirmed = any(f.certainty != "negated" for f in chosen)
        return [Claim(Value(term="present" if affirmed else "absent"))]

    def judge(self, ct: Value, claim: Claim) -> Judgement:
        """Compare presence with presence."""
        if ct.term == claim.value.term:
            both = ct.term == "present"
            return Judgement(True, Message("hematoma.both" if both else "hematoma.neither"))
        if ct.term == "present":
            return Judgement(False, Message("hematoma.only_ct", {"ct": ct.number}))
        return Judgement(False, Message("hematoma.only_record"))

    def is_usual(self, ct: Value) -> bool:
        """No hematoma needs no mention."""
        return ct.term == "absent"


class HematomaAspect(Aspect):
    """What can be said of a hematoma where there is one."""

    words: ClassVar[Mapping[str, Text]] = {
        "reason.ct_no_hematoma": Text("The CT shows no hematoma.", "CT 上未见血肿。"),
        "reason.record_no_hematoma": Text(
            "The record says there is no hematoma.",
            "病历称无血肿。",
        ),
    }
    findings: ClassVar[tuple[str, ...]] = PresenceAspect.findings
    matter = PresenceAspect.findings

    def is_absent(self, measured: CaseMeasurements) -> bool:
        """Whether the CT has no hematoma."""
        there = PresenceAspect(self.settings).ct(measured)
        return there is not None and there.term == "absent"

    def measured_of(self, measured: CaseMeasurements, key: str) -> Any:
        """Return a measurement of the hematoma; None if there is no hematoma."""
        return None if self.is_absent(measured) else getattr(measured.hematoma, key)

    def why_not_measured(self, measured: CaseMeasurements) -> Message:
        """Say that there is no hematoma, if that is it."""
        absent = self.is_absent(measured)
        return Message("reason.ct_no_hematoma" if absent else "reason.not_measured")

    def why_none(self, findings: Sequence[Finding], statements: Statements) -> Message | None:
        """Say that the record denies a hematoma, if that is it."""
        claims = PresenceAspect(self.settings).said(findings).claims
        if any(claim.value.term == "absent" for claim in claims):
            return Message("reason.record_no_hematoma")
        return super().why_none(findings, statements)

    def counted(self, findings: Sequence[Finding]) -> list[int | None]:
        """Return the numbers of hematomas that the record gives; None for several."""
        counts = choose_statements(
            findings, ("hematoma_count",), self.settings, is_not_denied
        ).findings
        return [None if f.value is None else int(f.value) for f in counts]


class SideAspect(HematomaAspect):
    """The side of the hematoma."""

    name = "side"
    label = Text("Side", "侧别")
    words = {
        "side.same": Text("The same side: {side:term}.", "同侧：{side:term}。"),
        "side.other": OTHER_TERM,
    }
    column = Column("side")

    def ct(self, measured: CaseMeasurements) -> Value | None:
        """Return left, right or both."""
        side = self.measured_of(measured, "side")
        return Value(term=side) if side in TOLD_SIDES else None

    def suits(self, finding: Finding) -> bool:
        """Take what is affirmed with a side."""
        return is_not_denied(finding) and finding.side in TOLD_SIDES

    def claims(self, chosen: Sequence[Finding], findings: Sequence[Finding]) -> list[Claim]:
        """Return the sides that are named."""
        sides = {f.side for f in chosen}
        if {"left", "right"} <= sides:
            counts = self.counted(findings)
            several = bool(counts) and 1 not in counts
            sides = {"both"} if several else {"left", "right", "both"}
        return [Claim(Value(term=side)) for side in TOLD_SIDES if side in sides]

    def judge(self, ct: Value, claim: Claim) -> Judgement:
        """Compare side with side."""
        return same_or_other("side", ct, claim)


class CountAspect(HematomaAspect):
    """How many hematomas there are."""

    name = "count"
    label = Text("Number", "数目")
    words = {
        "count.same": Text("The same number: {count:count}.", "数目相同：{count:count}。"),
        "count.other": Text(
            "CT: {ct:count}; record: {record:count}.", "CT：{ct:count}；病历：{record:count}。"
        ),
        "count.several": _SEVERAL,
        "count.not_several": _SEVERAL,
    }
    column = Column("count", "number")
    findings = ("hematoma_count",)

    def ct(self, measured: CaseMeasurements) -> Value | None:
        """Return the number of separate pieces."""
        components = self.measured_of(measured, "components")
        return Value(components) if components is not None else None

    def suits(self, finding: Finding) -> bool:
        """Take affirmed numbers."""
        return is_not_denied(finding)

    def claims(self, chosen: Sequence[Finding], findings: Sequence[Finding]) -> list[Claim]:
        """Return the numbers that are named, or several."""
        counts = [None if f.value is None else float(f.value) for f in chosen]
        return [Claim(Value(term="several") if n is None else Value(n)) for n in counts]

    def judge(self, ct: Value, claim: Claim) -> Judgement:
        """Compare number with number."""
        found = int(ct.number or 0)
        if claim.value.number is None:
            key = "count.several" if found > 1 else "count.not_several"
            return Judgement(found > 1, Message(key, {"ct": found}))
        said = int(claim.value.number)
        if found == said:
            return Judgement(True, Message("count.same", {"count": found}))
        return Judgement(False, Message("count.other", {"ct": found, "record": said}))

    def is_usual(self, ct: Value) -> bool:
        """One needs no mention."""
        return ct.number == 1


def is_not_denied(finding: Finding) -> bool:
    """Whether a finding is said to be there."""
    return finding.certainty != "negated"
