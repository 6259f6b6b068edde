"""What it takes to compare CT and record in one aspect."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from cohort.facts.doubts import DOUBTS
from hich.report.compare.statements import Statements, choose_statements
from hich.report.messages import Message
from hich.report.model.comparison import Value
from hich.report.model.finding import Finding
from hich.report.model.masks import CaseMeasurements
from hich.report.settings import CompareSettings
from hich.report.strings import STRINGS, Text

OTHER_TERM = Text("CT: {ct:term}; record: {record:term}.", "CT：{ct:term}；病历：{record:term}。")
"""Two words that differ."""


@dataclass(frozen=True)
class Claim:
    """One way to read what a record says of an aspect.

    Attributes
    ----------
    value
        What the CT is compared with.
    parts
        The values that `value` is the sum of, where it is one.
    measured_by
        What it was measured by, where the record tells: of volumes `formula` or `software`.
    """

    value: Value
    parts: tuple[Value, ...] = ()
    measured_by: str | None = None


@dataclass(frozen=True)
class RecordClaims:
    """What a record says of an aspect.

    Attributes
    ----------
    claims
        The ways to read it: one, or several where it says several things; none where it says
        nothing that can be compared.
    statements
        What they were taken from.
    why_none
        Why there are no claims, where there is more to say than that it isn't mentioned.
    """

    claims: tuple[Claim, ...]
    statements: Statements
    why_none: Message | None = None


@dataclass(frozen=True)
class Judgement:
    """Whether the CT agrees with a claim, None if that can't be told; and why."""

    agrees: bool | None
    reason: Message


class Column(NamedTuple):
    """The columns of an aspect in `cases.csv`, and what becomes of them on the cohort's page.

    Attributes
    ----------
    name
        What follows `compared_`; of numbers that are measured also `ct_` and `reference_`.
    what
        What of a value the column has.
    unit
        Of numbers whose differences are of interest: they have columns and charts of their own.
    head
        What the page's table calls them; as the aspect if None.
    listed
        Which of the columns the page's table has, if there are such values.
    spread
        Those whose distribution is drawn.
    ct
        The column of what of the CT the record is compared with, if that isn't always what
        `ct_<name>` has.
    """

    name: str
    what: Literal["term", "number"] = "term"
    unit: Literal["ml", "mm"] | None = None
    head: Text | None = None
    listed: tuple[str, ...] = ()
    spread: tuple[str, ...] = ()
    ct: str | None = None


class Aspect(ABC):
    """One aspect in which CT and record are compared: all that belongs to its row of the report.

    Attributes
    ----------
    name
        Unlike that of any other; part of the name of its column of verdicts.
    label
        What pages call it.
    words
        The messages that its class gives, by their keys.
    column
        Its columns in the table of cases.
    key_slice
        The kind of key slice that shows it (`hich.report.pages.key_slices`).
    findings
        Names of the findings that speak of it.
    matter
        Names of those that mention what it is an aspect of.
    structures
        Those that it is measured on: if one can't be told, the CT says nothing.
    doubts
        Those that may be why it was not measured (`cohort.facts.doubts`).
    """

    name: ClassVar[str]
    label: ClassVar[Text]
    words: ClassVar[Mapping[str, Text]] = {}
    column: ClassVar[Column]
    key_slice: ClassVar[Literal["hematoma", "shift", "ventricles"]] = "hematoma"
    findings: ClassVar[tuple[str, ...]]
    matter: ClassVar[tuple[str, ...]]
    structures: ClassVar[tuple[str, ...]] = ("hematoma",)
    doubts: ClassVar[tuple[str, ...]] = DOUBTS

    def __init_subclass__(cls) -> None:
        """Let the words of the class join those of the report."""
        STRINGS.update(vars(cls).get("words", {}))
        if "label" in vars(cls):
            STRINGS[f"aspect.{cls.name}"] = cls.label

    def __init__(self, settings: CompareSettings) -> None:
        self.settings = settings

    @abstractmethod
    def ct(self, measured: CaseMeasurements) -> Value | None:
        """Return what the CT says; None if that could not be measured."""

    def ct_beside(self, measured: CaseMeasurements, claims: Sequence[Claim]) -> Value | None:
        """Return what the CT says that claims of the record are compared with; as `ct`."""
        return self.ct(measured)

    @abstractmethod
    def judge(self, ct: Value, claim: Claim) -> Judgement:
        """Compare what `ct_beside` returned with a claim."""

    def weigh(self, measured: CaseMeasurements, claim: Claim) -> Judgement:
        """Compare what was measured, which tells of the aspect, with a claim."""
        found = self.ct_beside(measured, (claim,))
        assert found is not None
        return self.judge(found, claim)

    @abstractmethod
    def claims(self, chosen: Sequence[Finding], findings: Sequence[Finding]) -> list[Claim]:
        """Return the ways to read the statements `chosen` of all the record's `findings`."""

    def suits(self, finding: Finding) -> bool:
        """Whether a finding says anything that can be compared."""
        return finding.certainty != "negated"

    def is_usual(self, ct: Value) -> bool:
        """Whether the CT shows what records often don't mention: nothing unusual."""
        return False

    def why_not_measured(self, measured: CaseMeasurements) -> Message:
        """Say why the CT says nothing."""
        return Message("reason.not_measured")

    def said(self, findings: Sequence[Finding]) -> RecordClaims:
        """Read what a record's findings say."""
        statements = choose_statements(findings, self.findings, self.settings, self.suits)
        claims = tuple(dict.fromkeys(self.claims(statements.findings, findings)))
        if claims:
            return RecordClaims(claims, statements)
        return RecordClaims((), statements, self.why_none(findings, statements))

    def why_none(self, findings: Sequence[Finding], statements: Statements) -> Message | None:
        """Say why a record makes no claim, where it says anything of the matter."""
        if statements.only_history:
            return Message("reason.only_history")
        mentioned = choose_statements(findings, self.matter, self.settings)
        return Message("reason.not_stated") if mentioned.findings else None


def same_or_other(kind: str, ct: Value, claim: Claim, parameter: str = "side") -> Judgement:
    """Compare word with word; the reason is `<kind>.same` or `<kind>.other`."""
    if ct.term == claim.value.term:
        return Judgement(True, Message(f"{kind}.same", {parameter: ct.term}))
    words = {"ct": ct.term, "record": claim.value.term}
    return Judgement(False, Message(f"{kind}.other", words))
