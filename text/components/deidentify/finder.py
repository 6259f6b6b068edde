"""All identities of a record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .dates.finder import DateFinder
from .figures.ages import find_ages
from .figures.contacts import ContactFinder
from .figures.numbers import NumberFinder
from .identity import CONTACT, EMPLOYER, HOSPITAL, NAME, NUMBER, PHONE, Identity, settle_identities
from .lexicon import IdentityLists
from .names.finder import NameFinder
from .places.addresses import PlaceFinder
from .places.institutions import InstitutionFinder
from .tables.columns import ColumnFinder
from .tables.neighbours import addresses_going_on, cells_beside, dates_behind, towns_between
from .written import Written, beside_breaks, tight, unbroken, written

_TITLE = 8  # characters of a line that may be a heading by itself
_WHOLE = 3  # characters of a name that hardly goes on
_FEWEST_AGAIN = 5
"""Digits from which on a number that was found once is one wherever it stands."""
FILE = Path(__file__).with_name("lists.json")
NETWORK = Path(__file__).parent / "learned" / "network.json"


class Finder:
    """Finds the identities of records.

    Parameters
    ----------
    lists
        See `lists.json`; None for those.
    network
        See `learned/network.json`; None for that.
    """

    def __init__(
        self, lists: dict[str, Any] | None = None, network: dict[str, Any] | None = None
    ) -> None:
        self.lists = lists or json.loads(FILE.read_text(encoding="utf-8"))
        self.network = network or json.loads(NETWORK.read_text(encoding="utf-8"))
        self.lexicon = IdentityLists(self.lists)
        self._names = NameFinder(self.lexicon, self.network)
        self._institutions = InstitutionFinder(self.lexicon)
        self._places = PlaceFinder(self.lexicon)
        self._columns = ColumnFinder(self.lexicon)
        self._dates = DateFinder(self.lexicon)
        self._numbers = NumberFinder(self.lexicon)
        self._contacts = ContactFinder(self.lexicon)
        lexicon = self.lexicon
        self._of_place = re.compile(rf"[省市县区州]$|{lexicon.provinces}|{lexicon.cities}")

    def find(self, text: str, known: Iterable[str] = ()) -> list[Identity]:
        """Return the identities of a record in order; none overlap, none is white space.

        Parameters
        ----------
        text
            The record.
        known
            Names of its people that are known otherwise, as from another of the patient's records.
        """
        view = written(text, self.lexicon.table)
        known = list(known)
        found = self._in(view, known)
        whole = unbroken(view)
        if whole is not None:
            named = {*known, *(text[i.start : i.end] for i in found if i.kind == NAME)}
            ended = {i.start: i.end for i in found if _is_ended(i, text)}
            for near in beside_breaks(whole, view):
                joined = [*self._in(near, named, True), *self._apart(near)]
                found += [
                    self._without_title(one, text)
                    for one in joined
                    if _may_go_on(one, ended.get(one.start, one.end), text)
                ]
        found += self._again(text, found)
        return [i for i in (_trimmed(i, text) for i in settle_identities(found)) if i.end > i.start]

    def _in(self, view: Written, known: Iterable[str], joined: bool = False) -> list[Identity]:
        text = view.text
        found = [
            *self._names.find(text, known),
            *self._places.find(text, joined),
            *self._institutions.find(text, joined),
            *self._columns.find(text),
            *self._numbers.find(text),
            *self._contacts.find(text),
            *self._dates.find(text),
            *find_ages(text),
        ]
        found += cells_beside(text, found, self.lexicon.names)
        found += dates_behind(text, found)
        found += towns_between(text, found)
        found += addresses_going_on(text, found)
        return [
            i._replace(start=s, end=e) for i in found for s, e in [view.original(i.start, i.end)]
        ]

    def _without_title(self, one: Identity, text: str) -> Identity:
        """Return an institution without the short line before its own, as 转诊单 or 敬礼."""
        at = text.find("\n", one.start, one.end)
        if one.kind != HOSPITAL or at < 0:
            return one
        line = text[text.rfind("\n", 0, one.start) + 1 : at]
        if len(line) > _TITLE or self._of_place.search(line):
            return one
        return one._replace(start=at + 1)

    def _apart(self, whole: Written) -> list[Identity]:
        """Return the places and names whose words OCR wrote apart, as 县人民 医院."""
        view = tight(whole)
        text = view.text
        if len(text) == len(whole.text):
            return []
        found = [
            one
            for one in (*self._institutions.find(text, True), *self._places.find(text, True))
            if self._is_close(view, one)
        ]
        found += [
            one
            for one in self._names.find(text)
            if one.end - one.start < 5
            and self._is_parted(view, one)
            and text[one.start + 1 : one.end] not in self.lexicon.names.words
        ]
        return [
            i._replace(start=s, end=e, sure=0)
            for i in found
            for s, e in [view.original(i.start, i.end)]
        ]

    @staticmethod
    def _is_close(view: Written, one: Identity) -> bool:
        """Return whether no more spaces stand within a piece than OCR writes into one name."""
        start, end = view.original(one.start, one.end)
        size = one.end - one.start
        gaps = end - start - size
        return gaps <= 1 or 2 * gaps + 1 >= size

    @staticmethod
    def _is_parted(view: Written, one: Identity) -> bool:
        """Return whether one space stands within a piece of a text without single spaces."""
        start, end = view.original(one.start, one.end)
        return end - start == one.end - one.start + 1

    def _again(self, text: str, found: list[Identity]) -> list[Identity]:
        """Return where institutions and numbers that were found stand once more."""
        told = {
            text[one.start : one.end].strip(): one.kind
            for one in found
            if one.kind in (HOSPITAL, EMPLOYER) and 4 <= one.end - one.start < 20
        }
        again = [
            Identity(match.start(), match.end(), kind)
            for words, kind in told.items()
            for match in re.finditer(re.escape(words), text)
        ]
        numbers = {
            text[one.start : one.end]
            for one in found
            if one.kind == NUMBER and one.sure > 1 and one.end - one.start >= _FEWEST_AGAIN
        }
        for number in numbers:
            if text.count(number) > 1 and sum(map(str.isdigit, number)) >= _FEWEST_AGAIN:
                again += [
                    Identity(match.start(), match.end(), NUMBER)
                    for match in re.finditer(
                        rf"(?<![\dA-Za-z.]){re.escape(number)}(?![\dA-Za-z.]\d?)", text
                    )
                ]
        return again


def _is_ended(one: Identity, text: str) -> bool:
    """Return whether nothing that was found ends before its line does."""
    return text[one.end : one.end + 1] == "\n" and (
        one.kind in (NUMBER, CONTACT) or (one.kind == NAME and one.end - one.start >= _WHOLE)
    )


def _may_go_on(one: Identity, end: int, text: str) -> bool:
    """Return whether what was found in joined lines may be longer than what one line holds."""
    if one.kind == NAME or one.end == end:
        return one.end == end
    more = text[end : one.end].strip()
    return len(more) > 1 if one.kind == CONTACT else re.fullmatch(r"[\d\-Xx]+", more) is not None


def _trimmed(one: Identity, text: str) -> Identity:
    piece = text[one.start : one.end]
    if one.kind == PHONE and piece[0] in "(（" and not re.search("[)）].", piece):  # (138…)
        piece = piece.rstrip(")）")
        one = one._replace(start=one.start + 1, end=one.start + len(piece))
        piece = piece[1:]
    start = one.start + len(piece) - len(piece.lstrip(" \t\n\r\u3000,，、:：|"))
    end = one.end - (len(piece) - len(piece.rstrip(" \t\n\r\u3000,，、:：|")))
    return one._replace(start=start, end=max(start, end))
