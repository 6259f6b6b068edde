"""Put stand-ins, or labels, in the place of identities, and take the marks of a record along."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .dates.shift import DateShift, full_date, is_birth
from .figures.ages import without_age
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
        return self.replaced(text, self._finder.find(text, known))

    def replaced(self, text: str, found: Sequence[Identity]) -> Replaced:
        """Return a record whose identities are known already, in order."""
        table = self._finder.lexicon.table
        shift = self._shift(text, found, table)
        pieces: list[str] = []
        now: list[Identity] = []
        last = length = 0
        for one in found:
            kept = text[last : one.start]
            put = self._put(one, text, shift, table)
            pieces += [kept, put]
            start = length + len(kept)
            length = start + len(put)
            now.append(one._replace(start=start, end=length))
            last = one.end
        return Replaced("".join([*pieces, text[last:]]), now, list(found))

    def _shift(
        self, text: str, found: Sequence[Identity], table: dict[int, int]
    ) -> DateShift | None:
        if self._key is None:
            return None
        dates = [
            full_date(written(text[one.start : one.end], table).text)
            for one in found
            if one.kind == DATE and not is_birth(text, one.start, one.end)
        ]
        over_89 = any(one.kind == AGE for one in found)
        return DateShift(self._key.days, max(filter(None, dates), default=None), over_89)

    def _put(self, one: Identity, text: str, shift: DateShift | None, table: dict[int, int]) -> str:
        if shift is None or self._stand_ins is None:
            return f"[{one.kind}]"
        surface = written(text[one.start : one.end], table).text
        if one.kind == DATE:
            bare = "".join(surface.split("\n"))
            return shift.shifted(bare, is_birth(text, one.start, one.end))
        if one.kind == AGE:
            return without_age(surface)
        return self._stand_ins.of(one.kind, surface)
