"""How far two people who annotated the same records agree, `agreement.json` of `text.agreement`."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic.dataclasses import dataclass

from cohort.schema.problems import Integer, Number
from cohort.schema.records.errors import Counts
from cohort.schema.scans.scan import OPEN


@dataclass(frozen=True, config=OPEN)
class AnnotatorCounts:
    """One of the two.

    Attributes
    ----------
    name
        Who it is, or what the set is called.
    records
        How many records they annotated.
    alone
        How many of these the other one did not: they are not compared.
    """

    name: str
    records: Integer
    alone: Integer


@dataclass(frozen=True, config=OPEN)
class LabelAgreement:
    """How far entities are the same: span and label exact.

    Attributes
    ----------
    f1
        F1 of one against the other, whichever is taken for the reference.
    first, second, both
        Entities that the first one marked, the second one, and both the same.
    """

    f1: Number
    first: Integer
    second: Integer
    both: Integer


@dataclass(frozen=True, config=OPEN)
class KappaOfCharacters:
    """Cohen's kappa over characters.

    Attributes
    ----------
    characters
        How many.
    observed, expected
        Share on which both agree, and would by chance; null of no characters.
    kappa
        Null where it can't be told: of no characters, or where chance explains all.
    """

    characters: Integer
    observed: Number | None
    expected: Number | None
    kappa: Number | None


@dataclass(frozen=True, config=OPEN)
class AgreementFile:
    """How far two people agree.

    Attributes
    ----------
    first, second
        Who annotated.
    records
        How many records both did.
    all
        Agreement over the entities of all labels.
    labels
        Label to the agreement on its entities, the lowest first.
    characters
        Kappa over all characters.
    marked_characters
        Kappa over those to which at least one of both gives a label.
    kinds
        Kind of a pair of entities (`text.scores.alignment`) to how many there are; `missed` are the
        first one's alone, `spurious` the second one's.
    tasks
        How many records they differ on.
    """

    first: AnnotatorCounts
    second: AnnotatorCounts
    records: Integer
    all: LabelAgreement
    labels: Mapping[str, LabelAgreement]
    characters: KappaOfCharacters
    marked_characters: KappaOfCharacters
    kinds: Counts
    tasks: Integer
