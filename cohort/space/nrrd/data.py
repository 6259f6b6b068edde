"""The voxels of an NRRD file: unpacked, but never more than its header tells of."""

from __future__ import annotations

import binascii
import bz2
import math
from pathlib import Path
from typing import Any

import numpy as np
from isal import isal_zlib

from cohort.base.errors import DataError
from cohort.space.affine import times
from cohort.space.nrrd.fields import HeaderText

TYPES = {
    **dict.fromkeys(("signed char", "int8", "int8_t"), "i1"),
    **dict.fromkeys(("uchar", "unsigned char", "uint8", "uint8_t"), "u1"),
    **dict.fromkeys(("short", "short int", "signed short", "signed short int"), "i2"),
    **dict.fromkeys(("int16", "int16_t"), "i2"),
    **dict.fromkeys(("ushort", "unsigned short", "unsigned short int"), "u2"),
    **dict.fromkeys(("uint16", "uint16_t"), "u2"),
    **dict.fromkeys(("int", "signed int", "int32", "int32_t"), "i4"),
    **dict.fromkeys(("uint", "unsigned int", "uint32", "uint32_t"), "u4"),
    **dict.fromkeys(("longlong", "long long", "long long int", "signed long long"), "i8"),
    **dict.fromkeys(("signed long long int", "int64", "int64_t"), "i8"),
    **dict.fromkeys(("ulonglong", "unsigned long long", "unsigned long long int"), "u8"),
    **dict.fromkeys(("uint64", "uint64_t"), "u8"),
    "float": "f4",
    "double": "f8",
}
"""The format's names of types, to numpy's."""

TEXT, HEX = ("ascii", "text", "txt"), ("hex",)
RAW, GZIP, BZIP2 = ("raw",), ("gzip", "gz"), ("bzip2", "bz2")
ENCODINGS = (*RAW, *GZIP, *BZIP2, *TEXT, *HEX)

_ORDERS = {"little": "<", "big": ">"}
_AGAIN = "copy or download it again."


def dtype_of(path: Path, text: HeaderText) -> np.dtype:
    """Return the type of the voxels, in the file's byte order.

    Raises
    ------
    DataError
        If the header tells of none, of one that isn't a number, or lacks the byte order.
    """
    kind = text.fields.get("type", "").lower()
    if kind not in TYPES:
        raise DataError(
            f"{path}: holds values of type {kind or 'unknown'!r}; a volume needs one number per "
            "voxel."
        )
    dtype = np.dtype(TYPES[kind])
    if dtype.itemsize == 1 or text.fields.get("encoding", "").lower() in TEXT:
        return dtype
    order = text.fields.get("endian", "").lower()
    if order not in _ORDERS:
        raise DataError(
            f"{path}: does not say in which order bytes stand (endian); export it again."
        )
    return dtype.newbyteorder(_ORDERS[order])  # type: ignore[arg-type]


def read_data(path: Path, text: HeaderText, sizes: tuple[int, ...]) -> np.ndarray:
    """Read the numbers of an NRRD file, [sizes], in the machine's byte order.

    Raises
    ------
    DataError
        If the file is truncated, damaged or longer than its header says, is packed in a way that
        isn't read here, or does not fit into memory.
    """
    encoding = text.fields.get("encoding", "").lower()
    if encoding not in ENCODINGS:
        raise DataError(
            f"{path}: is encoded as {encoding or 'nothing'!r}, which is not read here; save it as "
            "gzip or raw."
        )
    dtype = dtype_of(path, text)
    skipped = [_whole(path, text, name) for name in ("line skip", "byte skip")]
    count = math.prod(sizes)
    if path.stat().st_size - text.size < _least(count * dtype.itemsize, encoding):
        raise _truncated(path, sizes, dtype)
    try:
        with path.open("rb") as file:
            file.seek(text.size)
            content = file.read()
        for _ in range(skipped[0]):
            content = content[content.find(b"\n") + 1 or len(content) :]
        if encoding in TEXT:
            return _numbers(path, content[max(0, skipped[1]) :], dtype, sizes)
        needed = count * dtype.itemsize
        ahead = max(0, skipped[1])
        unpacked = _unpacked(path, content, encoding, needed + ahead)
        # Only what isn't packed can be told to lie at the end of the file.
        at_end = skipped[1] < 0 and encoding in RAW
        data = memoryview(unpacked)[max(0, len(unpacked) - needed) if at_end else ahead :]
        if len(data) < needed:
            raise _truncated(path, sizes, dtype)
        if len(data) > needed:
            raise DataError(
                f"{path}: holds more than the {times(sizes)} voxels of {dtype.name} that its "
                f"header tells of; {_AGAIN}"
            )
        voxels = np.frombuffer(data, dtype).reshape(sizes, order="F")
        return voxels.astype(dtype.newbyteorder("="), copy=False)
    except MemoryError:
        raise DataError(
            f"{path}: its {times(sizes)} voxels of {dtype.name} do not fit into memory."
        ) from None


def _least(needed: int, encoding: str) -> int:
    """Return how many bytes at least hold so many: a bit of deflate stands for some 129 at most."""
    if encoding in RAW:
        return needed
    if encoding in HEX:
        return 2 * needed
    if encoding in GZIP:
        return needed // 1100
    return 1 if encoding in BZIP2 else 0


def _unpacked(path: Path, content: bytes, encoding: str, needed: int) -> bytes | bytearray:
    """Return what is packed, at most one byte more than is needed."""
    if encoding in RAW:
        return content
    if encoding in HEX:
        try:
            return binascii.unhexlify(b"".join(content.split()))
        except (binascii.Error, ValueError):
            raise DataError(f"{path}: is damaged (not hexadecimal); {_AGAIN}") from None
    data = bytearray()
    rest = content
    # Several streams, one after the other, are one; zeros may follow, as on tapes.
    while rest.strip(b"\0") and len(data) <= needed:
        stream: Any = (
            isal_zlib.decompressobj(wbits=31) if encoding in GZIP else bz2.BZ2Decompressor()
        )
        try:
            data += stream.decompress(rest, needed + 1 - len(data))
        except (isal_zlib.error, OSError, EOFError, ValueError) as error:  # type: ignore[misc]
            raise DataError(f"{path}: is truncated or damaged ({error}); {_AGAIN}") from None
        if not stream.eof and len(data) <= needed:
            raise DataError(f"{path}: is truncated (its compressed data ends too early); {_AGAIN}")
        rest = stream.unused_data
    return data


def _numbers(path: Path, content: bytes, dtype: np.dtype, sizes: tuple[int, ...]) -> np.ndarray:
    count = math.prod(sizes)
    if len(content) < 2 * count - 1:  # a digit and what parts it from the next
        raise _truncated(path, sizes, dtype)
    words = content.replace(b",", b" ").split(maxsplit=count)
    if len(words) < count:
        raise _truncated(path, sizes, dtype)
    if len(words) > count:
        raise DataError(f"{path}: holds more numbers than its header tells of; {_AGAIN}")
    try:
        numbers = np.array(words, dtype="S").astype(float if dtype.kind == "f" else np.int64)
        with np.errstate(all="ignore"):
            voxels = numbers.astype(dtype)
    except (ValueError, OverflowError):
        raise DataError(f"{path}: is damaged (holds text that is not a number); {_AGAIN}") from None
    if dtype.kind != "f" and not np.array_equal(voxels, numbers):
        raise DataError(f"{path}: is damaged (its numbers do not fit its type); {_AGAIN}")
    return voxels.reshape(sizes, order="F")


def _whole(path: Path, text: HeaderText, name: str) -> int:
    value = text.fields.get(name, "0")
    least = -1 if name == "byte skip" else 0
    if not value.lstrip("-").isdecimal() or len(value) > 9 or int(value) < least:
        raise DataError(f"{path}: its header is damaged ({name!r} is {value[:20]!r}).")
    return int(value)


def _truncated(path: Path, sizes: tuple[int, ...], dtype: np.dtype) -> DataError:
    return DataError(
        f"{path}: is truncated or damaged (its header tells of {times(sizes)} voxels of "
        f"{dtype.name}, which it does not hold); {_AGAIN}"
    )
