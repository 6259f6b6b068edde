"""Values of DICOM attributes, from their bytes: what is damaged or not stated is none.

pydicom finds the elements of a data set. It converts their values with checks and warnings that
take most of the time and quote what they find, names of patients too; here neither happens.
"""

from __future__ import annotations

import math
from sys import intern
from typing import TYPE_CHECKING

from cohort.space.dicom.files.parse import tag_of
from cohort.space.dicom.files.text import decode

if TYPE_CHECKING:
    from pydicom import Dataset


class Attributes:
    """A data set, asked by keyword for values as Python has them.

    Parameters
    ----------
    dataset
        As pydicom read it.
    big_endian
        How its numbers are stored.
    charset
        Specific Character Set, where the data set is an item of a sequence and does not state it.
    """

    def __init__(
        self, dataset: Dataset, big_endian: bool = False, charset: tuple[str, ...] = ()
    ) -> None:
        self._dataset = dataset
        self._big_endian = big_endian
        self.charset = charset
        self.charset = self._stated_charset() or charset

    def has(self, keyword: str) -> bool:
        """Whether the attribute is there, even if it is empty."""
        return tag_of(keyword) in self._dataset

    def code(self, keyword: str) -> str:
        """Return a value of ASCII letters, such as a UID or a date; "" if there is none."""
        return intern(self._bytes(keyword).strip(b" \0").decode("ascii", "replace"))

    def words(self, keyword: str) -> tuple[str, ...]:
        """Return the values of an attribute that has several, each of ASCII letters."""
        value = self._bytes(keyword).strip(b" \0").decode("ascii", "replace")
        return tuple(intern(word.strip(" \0")) for word in value.split("\\")) if value else ()

    def text(self, keyword: str) -> str:
        """Return text, in whatever character set it is."""
        return intern(decode(self._bytes(keyword), self.charset))

    def numbers(self, keyword: str, count: int) -> tuple[float, ...] | None:
        """Return decimal numbers; None if they aren't that many, or one of them isn't finite."""
        try:
            values = tuple(float(word.strip(b" \0")) for word in self._bytes(keyword).split(b"\\"))
        except ValueError:
            return None
        return values if len(values) == count and all(map(math.isfinite, values)) else None

    def number(self, keyword: str) -> float | None:
        """Return a decimal number; None if there is none."""
        values = self.numbers(keyword, 1)
        return None if values is None else values[0]

    def whole(self, keyword: str) -> int | None:
        """Return a whole number written in digits; None if there is none."""
        try:
            return int(self._bytes(keyword).strip(b" \0")[:12])
        except ValueError:
            return None

    def short(self, keyword: str, signed: bool = False) -> int | None:
        """Return a binary number of 16 bits (US, SS); None if there is none."""
        value = self._bytes(keyword)[:2]
        if len(value) < 2:
            return None
        return int.from_bytes(value, "big" if self._big_endian else "little", signed=signed)

    def items(self, keyword: str) -> list[Attributes]:
        """Return the items of a sequence."""
        tag = tag_of(keyword)
        if tag not in self._dataset:
            return []
        try:
            sequence = self._dataset[tag].value
            items = list(sequence) if sequence else []
        except Exception:  # whatever damaged bytes raise
            return []
        return [
            Attributes(item, self._big_endian, self.charset)
            for item in items
            if hasattr(item, "get_item")
        ]

    def item(self, keyword: str) -> Attributes | None:
        """Return the first item of a sequence; None if there is none."""
        return next(iter(self.items(keyword)), None)

    def _stated_charset(self) -> tuple[str, ...]:
        """Return Specific Character Set, which pydicom has converted when it read on."""
        element = self._dataset.get("SpecificCharacterSet")
        values = [element] if isinstance(element, str) else element or []
        return tuple(str(value).strip() for value in values)

    def _bytes(self, keyword: str) -> bytes:
        tag = tag_of(keyword)
        if tag not in self._dataset:
            return b""
        value = getattr(self._dataset.get_item(tag), "value", None)
        return value if isinstance(value, bytes) else b""
