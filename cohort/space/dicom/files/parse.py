"""The header of a DICOM file: found by pydicom in the file's first bytes, pixels never read."""

from __future__ import annotations

import logging
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom import Dataset

FIRST_BYTES = 1 << 15
"""Read at first; nearly all headers are shorter."""
MOST_BYTES = 1 << 26
"""Of a header: those of multi-frame files take some kilobytes a frame."""
MOST_RATIO = 200
"""Of what a deflated file unpacks to, to its size."""
FREE_RATIO = 1 << 26
"""Up to so many bytes the ratio is not looked at."""
MOST_FRAGMENTS = 1 << 18
"""Of compressed pixels: a frame has one, seldom a few."""

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"

_PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
_UNDEFINED = 0xFFFFFFFF
_FRAGMENT, _LAST_FRAGMENT = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
_PREFIX = 132
"""Bytes up to the end of the letters DICM, where a file has them."""


class NotRead(Exception):
    """Why a file is passed over: a sentence that begins after its name."""


class Damaged(NotRead):
    """Why a file is passed over that is DICOM, or was, and may have held a slice.

    Attributes
    ----------
    series_uid
        Of the series that it belongs to; "" if its header does not say.
    """

    series_uid: str = ""


@dataclass(frozen=True)
class Parsed:
    """What stands before a file's pixels.

    Attributes
    ----------
    dataset
        The elements asked for.
    syntax
        Transfer Syntax UID; where the file states none, the one that it was read by.
    pixels
        Where the bytes of Pixel Data begin and how many they are (None if compressed); None if
        there is no Pixel Data. In a deflated file, counted in what it is unpacked to.
    media_class
        Media Storage SOP Class UID; "" if the file states none.
    """

    dataset: Dataset
    syntax: str
    pixels: tuple[int, int | None] | None
    media_class: str = ""


def parse(file: IO[bytes], size: int, keywords: tuple[str, ...]) -> Parsed | None:
    """Read the header of a DICOM file; None if the file is not DICOM.

    Parameters
    ----------
    file
        Positioned at its start.
    size
        Its bytes.
    keywords
        The attributes asked for.

    Raises
    ------
    Damaged
        If it is DICOM, but truncated or damaged.
    """
    head = file.read(FIRST_BYTES)
    if not looks_like_dicom(head):
        return None
    while True:
        found = _parse(head, keywords)
        if found is not None:
            return _checked(found, size)
        if len(head) >= min(size, MOST_BYTES):
            break
        more = file.read(min(7 * len(head), MOST_BYTES - len(head)))
        if not more:
            break
        head += more
    if len(head) < size:
        raise Damaged(f"has a header of more than {MOST_BYTES >> 20} MB; it is damaged.")
    return _at_end(head, keywords)


def looks_like_dicom(head: bytes) -> bool:
    """Return whether a file's first bytes are those of DICOM, with or without preamble."""
    if head[128:_PREFIX] == b"DICM":
        return True
    if len(head) < 16:
        return False
    group, element = int.from_bytes(head[:2], "little"), int.from_bytes(head[2:4], "little")
    if group in (0x0002, 0x0008) and element < 0x100:
        # Explicit, or implicit with a length that the first elements of these groups can have.
        length = int.from_bytes(head[4:8], "little")
        return head[4:6] in (b"UL", b"CS", b"UI", b"OB", b"DA", b"SH", b"LO") or length <= 256
    return head[:2] == b"\0\x08" and head[4:6] in (b"UL", b"CS", b"UI", b"DA")


def check_fragments(file: IO[bytes], offset: int, size: int) -> None:
    """Follow the pieces of compressed pixels to their end, without reading them.

    Raises
    ------
    Damaged
        If the file ends before.
    """
    for _ in range(MOST_FRAGMENTS):
        file.seek(offset)
        head = file.read(8)
        if head[:4] == _LAST_FRAGMENT:
            return
        offset += 8 + int.from_bytes(head[4:], "little")
        if len(head) < 8 or head[:4] != _FRAGMENT or offset > size:
            break
    raise Damaged("is truncated or damaged (its compressed pixels); copy or export it again.")


def inflate(file: IO[bytes], most: int) -> bytes:
    """Return the data set of a deflated file, unpacked, of it no more than `most` bytes.

    Raises
    ------
    Damaged
        If it is damaged.
    NotRead
        If that would be `MOST_RATIO` times its size.
    """
    head = file.read(_PREFIX + 12)
    start = _PREFIX + 12 + int.from_bytes(head[-4:], "little")
    file.seek(start)
    stream, unpacked, size = zlib.decompressobj(-zlib.MAX_WBITS), bytearray(), start
    try:
        while len(unpacked) < most:
            packed = stream.unconsumed_tail
            if not packed:
                packed = file.read(1 << 20)
                size += len(packed)
            if not packed:
                break
            unpacked += stream.decompress(packed, min(most - len(unpacked), FREE_RATIO))
            _check_ratio(len(unpacked), size)
    except zlib.error:
        raise Damaged("is truncated or damaged (its deflated data).") from None
    return bytes(unpacked)


def _check_ratio(unpacked: int, size: int) -> None:
    if unpacked > FREE_RATIO and unpacked > MOST_RATIO * size:
        raise NotRead(f"would unpack to over {MOST_RATIO} times its size; it is not to be trusted.")


@contextmanager
def quiet() -> Iterator[None]:
    """Keep pydicom from telling what it finds: it quotes values, a patient's name among them."""
    logger = logging.getLogger("pydicom")
    before, logger.disabled = logger.disabled, True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logger.disabled = before


def series_uid_of(parsed: Parsed) -> str:
    """Return the Series Instance UID that a header states; "" if it states none."""
    element = parsed.dataset.get_item(tag_of("SeriesInstanceUID"))
    value = getattr(element, "value", None)
    if not isinstance(value, bytes) or len(value) != getattr(element, "length", None):
        return ""  # the file ends within it
    return value.decode("ascii", "replace").strip(" \0")


@cache
def tag_of(keyword: str) -> int:
    """Return the tag of an attribute, for example 0x00100010 of `PatientName`."""
    from pydicom.datadict import tag_for_keyword

    tag = tag_for_keyword(keyword)
    assert tag is not None, keyword
    return tag


class _Watch:
    """Stops before the pixels, and remembers where it was."""

    def __init__(self, file: BytesIO) -> None:
        self.file = file
        self.pixels: tuple[int, int | None] | None = None
        self.end = 0

    def __call__(self, tag: int, vr: str | None, length: int) -> bool:
        at = self.file.tell()
        if tag in _PIXELS:
            self.pixels = at, None if length == _UNDEFINED else length
            return True
        if length != _UNDEFINED:
            self.end = at + length
        return False


def _read(head: bytes, keywords: tuple[str, ...]) -> tuple[Parsed, _Watch]:
    from pydicom.filereader import read_dataset, read_partial
    from pydicom.tag import BaseTag

    tags: list[BaseTag | int] = list(map(tag_of, keywords))
    file = BytesIO(head)
    watch = _Watch(file)
    try:
        if DEFLATED.encode() in head[: _PREFIX + 512] and head[128:_PREFIX] == b"DICM":
            watch.file = BytesIO(inflate(BytesIO(head), MOST_BYTES))
            dataset: Dataset = read_dataset(
                watch.file, False, True, stop_when=watch, specific_tags=tags
            )
            syntax, media_class = DEFLATED, ""
        else:
            whole = read_partial(file, watch, force=True, specific_tags=tags)
            dataset = whole
            syntax = str(whole.file_meta.get("TransferSyntaxUID", "") or "").strip(" \0")
            media_class = str(whole.file_meta.get("MediaStorageSOPClassUID", "") or "")
            implicit, little = whole.original_encoding
            if not syntax:
                syntax = IMPLICIT if implicit else EXPLICIT if little else BIG_ENDIAN
    except NotRead:
        raise
    except Exception:  # whatever damaged bytes raise
        raise Damaged("is DICOM, but damaged: its header cannot be read.") from None
    return Parsed(dataset, syntax, watch.pixels, media_class), watch


def _parse(head: bytes, keywords: tuple[str, ...]) -> Parsed | None:
    """Return what the first bytes hold; None if the pixels are not reached in them."""
    try:
        found, _ = _read(head, keywords)
    except NotRead:
        return None  # an element may be cut by where the first bytes end
    return found if found.pixels else None


def _at_end(head: bytes, keywords: tuple[str, ...]) -> Parsed:
    found, watch = _read(head, keywords)
    if found.pixels is None and found.syntax != DEFLATED and watch.end > len(head):
        raise _of_series(found, "is truncated; copy or export it again.")
    return found


def _checked(found: Parsed, size: int) -> Parsed:
    if found.pixels and found.syntax == DEFLATED:
        _check_ratio(sum(filter(None, found.pixels)), size)
    elif found.pixels:
        offset, length = found.pixels
        if length is not None and offset + length > size:
            raise _of_series(
                found,
                f"is truncated (its pixels end at byte {offset + length}, it has {size}); "
                "copy or export it again.",
            )
    return found


def _of_series(found: Parsed, why: str) -> Damaged:
    error = Damaged(why)
    error.series_uid = series_uid_of(found)
    return error
