"""Put stand-ins, or labels, in the place of identities, and take the marks of a record along."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from .dates.shift import DateShift, full_date, is_birth
from .figures.ages import age_told, without_age
from .finder import Finder
from .identity import AGE, DATE, Identity
from .stand_ins import PatientKey, StandIns
from .written import written


@dataclass(frozen=True)
class Replaced:
    """A record without its identities.

    Attributes
    ----------
    text
        The record.
    identities
        Where stand-ins are in it.
    origin
        Where they stood before.
    """

    text: str
    identities: list[Identity]
    origin: list[Identity]
    _starts: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_starts", [one.start for one in self.origin])

    def moved(self, start: int, end: int) -> tuple[int, int]:
        """Return where a piece of the record before stands now; one that was cut has all of it."""
        return self._moved(start, first=True), self._moved(end, first=False)

    def _moved(self, position: int, first: bool) -> int:
        at = bisect_right(self._starts, position if first else position - 1) - 1
        if at < 0:
            return position
        before, now = self.origin[at], self.identities[at]
        if position >= before.end:
            return now.end + position - before.end
        return now.start if first else now.end


class Told(NamedTuple):
    """What a record tells that its other dates are shifted by.

    Attributes
    ----------
    latest
        Its latest date that isn't one of birth; None if it has none.
    age
        The highest age over 89; 0 if it has none.
    """

    latest: date | None = None
    age: int = 0

    def __or__(self, other: Told) -> Told:
        """Return what two pieces of a record tell."""
        latest = max(filter(None, (self.latest, other.latest)), default=None)
        return Told(latest, max(self.age, other.age))


class Deidentifier:
    """Replaces the identities of a patient's records.

    Parameters
    ----------
    finder
        Finds them.
    key
        The patient's; None to put labels such as `[NAME]` in their place.
    """

    def __init__(self, finder: Finder, key: PatientKey | None) -> None:
        self._finder, self._key = finder, key
        names = finder.lexicon.names
        self._stand_ins = (
            None
            if key is None
            else StandIns(
                key, finder.lexicon.stand_ins, lambda name: names.surname_of(name, rare=True)
            )
        )

    @property
    def days(self) -> int | None:
        """How many days dates are shifted; None if labels stand in for them."""
        return None if self._key is None else self._key.days

    def __call__(self, text: str, known: Iterable[str] = ()) -> Replaced:
        """Return a record without its identities.

        Parameters
        ----------
        text
            The record.
        known
            Names of its people that are known otherwise.
        """
        return self.replaced(text, self.find(text, known))

    def find(self, text: str, known: Iterable[str] = ()) -> list[Identity]:
        """Return the identities of a record; see `Finder.find`."""
        return self._finder.find(text, known)

    def replaced(
        self,
        text: str,
        found: Sequence[Identity],
        told: Told | None = None,
        born: bool = False,
    ) -> Replaced:
        """Return a record whose identities are known already, in order.

        Parameters
        ----------
        text
            The record.
        found
            Its identities.
        told
            What the whole record tells, where this is a piece of one.
        born
            Whether its dates are of birth, whatever stands beside them.
        """
        shift = self.shift(told or self.told(text, found))
        pieces: list[str] = []
        now: list[Identity] = []
        last = length = 0
        for one in found:
            kept = text[last : one.start]
            put = self._put(one, text, shift, born)
            pieces += [kept, put]
            start = length + len(kept)
            length = start + len(put)
            now.append(one._replace(start=start, end=length))
            last = one.end
        return Replaced("".join([*pieces, text[last:]]), now, list(found))

    def told(self, text: str, found: Iterable[Identity]) -> Told:
        """Return what a record, or a piece of one, tells; a date to come tells nothing."""
        table = self._finder.lexicon.table
        dates, age, today = [], 0, date.today()
        for one in found:
            if one.kind == AGE:
                age = max(age, age_told(written(text[one.start : one.end], table).text))
            elif one.kind == DATE and not is_birth(text, one.start, one.end):
                day = full_date("".join(written(text[one.start : one.end], table).text.split("\n")))
                dates += [day] if day is not None and day <= today else []
        return Told(max(dates, default=None), age)

    def shift(self, told: Told) -> DateShift | None:
        """Return what shifts the dates of a record; None if labels stand in for them."""
        return None if self._key is None else DateShift(self._key.days, *told)

    def _put(self, one: Identity, text: str, shift: DateShift | None, born: bool) -> str:
        if shift is None or self._stand_ins is None:
            return f"[{one.kind}]"
        surface = written(text[one.start : one.end], self._finder.lexicon.table).text
        if one.kind == DATE:
            bare = "".join(surface.split("\n"))
            return shift.shifted(bare, born or is_birth(text, one.start, one.end))
        if one.kind == AGE:
            return without_age(surface)
        return self._stand_ins.of(one.kind, surface)
