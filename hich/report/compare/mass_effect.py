"""CT and record compared in what the hematoma does to its surroundings.

- **Midline shift.** In mm, a shift that is denied counting as 0: they agree within
  `midline_shift.within_mm`. Where the record states no mm they agree if the CT's shift is at least
  `midline_shift.present_mm`.
- **Its direction.** Toward the patient's left or right, where both have a shift.
- **Compression of the ventricles**, and its side. Sides that are affirmed one after the other are
  added up to both; a denial counts against them if it is of the same side or of none. On CT a
  ventricle is compressed if it is smaller than the other, so both can't be told to be.
"""

from __future__ import annotations

from collections.abc import Sequence

from hich.report.compare.aspect import OTHER_TERM, Aspect, Claim, Column, Judgement, same_or_other
from hich.report.compare.statements import Statements
from hich.report.messages import Message
from hich.report.model.comparison import Value
from hich.report.model.finding import Finding
from hich.report.model.masks import CaseMeasurements
from hich.report.strings import Text

ABSENT = Value(term="absent")


class MidlineShiftAspect(Aspect):
    """How far the midline is shifted."""

    name = "midline_shift"
    label = Text("Midline shift", "中线移位")
    words = {
        "shift.within": Text(
            "{difference:mm} apart; up to {within:mm} agrees.",
            "相差 {difference:mm}；不超过 {within:mm} 算一致。",
        ),
        "shift.beyond": Text(
            "{difference:mm} apart; up to {within:mm} would agree.",
            "相差 {difference:mm}；不超过 {within:mm} 才算一致。",
        ),
        "shift.in_bounds": Text("Within the bound that the record states.", "在病历所述界限之内。"),
        "shift.both": Text(
            "The record has a shift without saying how large; on CT it is {ct:mm}.",
            "病历有移位但未说明大小；CT 上为 {ct:mm}。",
        ),
        "shift.neither": Text(
            "The record says there is none; {ct:mm} on CT is within the limit.",
            "病历称无移位；CT 上 {ct:mm}，在允许范围内。",
        ),
        "shift.only_ct": Text(
            "The record says there is none; the CT shows {ct:mm}.",
            "病历称无移位；CT 上为 {ct:mm}。",
        ),
        "shift.only_record": Text(
            "The record has a shift; the CT shows {ct:mm}.",
            "病历有移位；CT 上为 {ct:mm}。",
        ),
        "reason.shift_no_midline": Text("No midline is found on CT.", "CT 上未找到中线。"),
        "reason.shift_no_septum": Text(
            "The CT does not show the level of the septum pellucidum.",
            "CT 未包含透明隔层面。",
        ),
        "reason.shift_broken": Text(
            "The midline found on CT is in pieces at the septum pellucidum.",
            "CT 上透明隔处的中线不连续。",
        ),
        "reason.shift_contradictory": Text(
            "What is found on CT may be either of two midlines.",
            "CT 上找到的中线有两种可能。",
        ),
        "reason.shift_hidden": Text(
            "The CT shows nothing of the midline where it would be.",
            "CT 上中线所在处未见可辨认的中线结构。",
        ),
    }
    column = Column(
        *("midline_shift_mm", "number", "mm"),
        head=Text("Shift", "中线移位"),
        listed=("ct", "compared"),
        spread=("ct",),
    )
    key_slice = "shift"
    findings = matter = ("midline_shift",)
    structures = ("midline",)

    def ct(self, measured: CaseMeasurements) -> Value | None:
        """Return the shift in mm, and toward which side it is."""
        shift = measured.midline.shift_mm
        return None if shift is None else Value(abs(shift), "mm", measured.midline.toward)

    def why_not_measured(self, measured: CaseMeasurements) -> Message:
        """Say why it can't be told."""
        key = f"reason.shift_{measured.midline.unknown}"
        return Message(key) if key in self.words else super().why_not_measured(measured)

    def suits(self, finding: Finding) -> bool:
        """Take denials as well."""
        return True

    def claims(self, chosen: Sequence[Finding], findings: Sequence[Finding]) -> list[Claim]:
        """Return the shifts that are stated, or that there is one, or none."""
        return [Claim(_shift(f)) for f in _most_telling(chosen)]

    def judge(self, ct: Value, claim: Claim) -> Judgement:
        """Compare shift with shift."""
        found, limits = ct.number or 0.0, self.settings.midline_shift
        if claim.value.holds(found):
            return Judgement(True, Message("shift.in_bounds"))
        if claim.value.number is not None:
            difference = abs(found - claim.value.number)
            agrees = difference <= limits.within_mm
            values = {"difference": difference, "within": limits.within_mm}
            return Judgement(agrees, Message(f"shift.{_band(agrees)}", values))
        if claim.value.term == "absent":
            agrees, keys = found <= limits.within_mm, ("shift.neither", "shift.only_ct")
        else:
            agrees, keys = found >= limits.present_mm, ("shift.both", "shift.only_record")
        return Judgement(agrees, Message(keys[0] if agrees else keys[1], {"ct": found}))

    def is_usual(self, ct: Value) -> bool:
        """No shift needs no mention."""
        return (ct.number or 0.0) < self.settings.midline_shift.present_mm


class ShiftDirectionAspect(Aspect):
    """Which way the midline is shifted."""

    name = "shift_direction"
    label = Text("Direction of shift", "移位方向")
    words = {
        "direction.same": Text("The same direction: {side:term}.", "方向相同：{side:term}。"),
        "direction.other": OTHER_TERM,
        "reason.ct_no_shift": Text("The CT shows no midline shift.", "CT 上中线无移位。"),
        "reason.record_no_shift": Text("The record says there is no shift.", "病历称中线无移位。"),
    }
    column = Column("shift_toward")
    key_slice = "shift"
    findings = matter = MidlineShiftAspect.findings
    structures = MidlineShiftAspect.structures

    def ct(self, measured: CaseMeasurements) -> Value | None:
        """Return left or right; None if there is no shift."""
        toward = measured.midline.toward
        return None if toward is None or self._is_straight(measured) else Value(term=toward)

    def _is_straight(self, measured: CaseMeasurements) -> bool:
        shift = MidlineShiftAspect(self.settings)
        value = shift.ct(measured)
        return value is not None and shift.is_usual(value)

    def why_not_measured(self, measured: CaseMeasurements) -> Message:
        """Say that there is no shift, if that is it."""
        if self._is_straight(measured):
            return Message("reason.ct_no_shift")
        return MidlineShiftAspect(self.settings).why_not_measured(measured)

    def suits(self, finding: Finding) -> bool:
        """Take what is affirmed with a side."""
        return finding.certainty != "negated" and finding.side in ("left", "right")

    def claims(self, chosen: Sequence[Finding], findings: Sequence[Finding]) -> list[Claim]:
        """Return the sides that are named."""
        return [Claim(Value(term=f.side)) for f in chosen]

    def why_none(self, findings: Sequence[Finding], statements: Statements) -> Message | None:
        """Say that the record denies a shift, if that is it."""
        claims = MidlineShiftAspect(self.settings).said(findings).claims
        if any(claim.value == ABSENT for claim in claims):
            return Message("reason.record_no_shift")
        return super().why_none(findings, statements)

    def judge(self, ct: Value, claim: Claim) -> Judgement:
        """Compare side with side."""
        return same_or_other("direction", ct, claim)


class VentricleCompressionAspect(Aspect):
    """Which lateral ventricle is compressed."""

    name = "ventricle_compression"
    label = Text("Ventricle compressed", "脑室受压")
    words = {
        "ventricle.same": Text(
            "Compressed on the same side: {side:term}.",
            "同侧受压：{side:term}。",
        ),
        "ventricle.other": Text(
            "Compressed on CT: {ct:term}; in the record: {record:term}.",
            "CT 上受压：{ct:term}；病历：{record:term}。",
        ),
        "ventricle.both": Text(
            "Compressed in both; on CT {ct:term}, the record names no side.",
            "两者均有脑室受压；CT 上为{ct:term}，病历未说明侧别。",
        ),
        "ventricle.neither": Text(
            "Neither has a compressed ventricle.",
            "两者均无脑室受压。",
        ),
        "ventricle.both_not_told": Text(
            "On CT {ct:term}; that both are compressed can't be told from their volumes.",
            "CT 上为{ct:term}；仅凭容积无法判断双侧受压。",
        ),
        "ventricle.only_ct": Text(
            "Compressed on CT ({ct:term}); the record says there is none.",
            "CT 上受压（{ct:term}）；病历称无。",
        ),
        "ventricle.only_record": Text(
            "Compressed in the record; not on CT.",
            "病历称受压；CT 上未见。",
        ),
    }
    column = Column("ventricle_compressed")
    key_slice = "ventricles"
    findings = matter = ("ventricle_compression",)
    # And on which side the bleed lies.
    structures = ("ventricle_left", "ventricle_right", "hematoma")

    def ct(self, measured: CaseMeasurements) -> Value | None:
        """Return the side, or absent where the ventricles are measured and none is compressed."""
        ventricles = measured.ventricles
        if ventricles.compressed is not None:
            return Value(term=ventricles.compressed)
        return None if ventricles.left_right_ratio is None else ABSENT

    def suits(self, finding: Finding) -> bool:
        """Take denials as well."""
        return True

    def claims(self, chosen: Sequence[Finding], findings: Sequence[Finding]) -> list[Claim]:
        """Return the side that is named, that some ventricle is compressed, or that none is."""
        affirmed = [f for f in chosen if f.certainty != "negated"]
        sides = {f.side for f in affirmed} - {None}
        side = "both" if len(sides) > 1 else next(iter(sides), "present")
        denied = [f.side for f in chosen if f.certainty == "negated"]
        claims = [Claim(Value(term=side))] if affirmed else []
        if denied and (not affirmed or side in ("present", "both") or {None, side} & {*denied}):
            claims.append(Claim(ABSENT))
        return claims

    def judge(self, ct: Value, claim: Claim) -> Judgement:
        """Compare side with side, absent being one."""
        found, said = ct.term, claim.value.term
        if said == "both" != found:
            return Judgement(None, Message("ventricle.both_not_told", {"ct": found}))
        if "absent" in (found, said):
            if found == said:
                return Judgement(True, Message("ventricle.neither"))
            if said == "absent":
                return Judgement(False, Message("ventricle.only_ct", {"ct": found}))
            return Judgement(False, Message("ventricle.only_record"))
        if said == "present":
            return Judgement(True, Message("ventricle.both", {"ct": found}))
        return same_or_other("ventricle", ct, claim)

    def is_usual(self, ct: Value) -> bool:
        """Ventricles that are not compressed need no mention."""
        return ct == ABSENT


def _shift(finding: Finding) -> Value:
    if finding.certainty == "negated":
        return ABSENT
    if isinstance(finding.value, (int, float)):
        return Value(float(finding.value), "mm", finding.side, finding.bound)
    return Value(None, "mm", finding.side or "present")


def _most_telling(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out mentions of a shift without mm where another states how many."""
    stated = any(isinstance(f.value, (int, float)) for f in findings)
    return [f for f in findings if not stated or f.value is not None or f.certainty == "negated"]


def _band(agrees: bool) -> str:
    return "within" if agrees else "beyond"
