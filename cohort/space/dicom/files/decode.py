"""From the bytes of a DICOM file to the stored values of an image, in each transfer syntax."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import DataError, reason
from cohort.space.dicom.files.parse import (
    BIG_ENDIAN,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    NotRead,
    inflate,
    quiet,
)
from cohort.space.dicom.files.sources import Opener
from cohort.space.dicom.instance import Instance, Stored

if TYPE_CHECKING:
    from pydicom import Dataset

MOST_PACKED = 1 << 31
"""Bytes of a file with compressed images, which is read as a whole."""
_REST = 1 << 20
"""Read after the pixels, so that the checksum of a file in a zip is compared."""

_PLAIN = {IMPLICIT: "<", EXPLICIT: "<", DEFLATED: "<", BIG_ENDIAN: ">"}
"""Byte order of uncompressed transfer syntaxes."""


class Decoder:
    """Reads images one after the other; of a file with several frames its bytes are kept."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._kept: tuple[Stored, Any] | None = None

    def words(self, instance: Instance) -> NDArray[Any]:
        """Return the pixels of an image as they are stored, [rows, columns], unsigned.

        Raises
        ------
        DataError
            If the file is damaged, or compressed in a way for which there is no decoder.
        OSError
            If the system lets nobody read it.
        """
        try:
            if instance.transfer_syntax_uid in _PLAIN:
                return self._plain(instance)
            return self._compressed(instance)
        except NotRead as error:
            raise DataError(f"{instance.stored}: {error}") from None
        except (zipfile.BadZipFile, zlib.error, EOFError):
            raise DataError(f"{instance.stored}: cannot be read from its zip (damaged).") from None

    def _plain(self, instance: Instance) -> NDArray[Any]:
        assert instance.pixels
        order, bits = _PLAIN[instance.transfer_syntax_uid], instance.pixels.bits_allocated
        size = instance.rows * instance.columns * bits // 8
        offset = instance.pixels.offset + (instance.frame or 0) * size
        content: bytes | bytearray
        if instance.transfer_syntax_uid == DEFLATED:
            content = self._inflated(instance)[offset : offset + size]
        else:
            content = self._piece(instance.stored, offset, size)
        if len(content) < size:
            raise NotRead("is truncated; copy or export it again.")
        words = np.frombuffer(content, f"{order}u{bits // 8}").reshape(
            instance.rows, instance.columns
        )
        return words if words.dtype.isnative else words.astype(words.dtype.newbyteorder("="))

    def _piece(self, stored: Stored, offset: int, size: int) -> bytes | bytearray:
        file, whole = self._opener.open(stored)
        with file:
            if stored.member is None:
                file.seek(offset)
                return file.read(size)
            _skip(file, offset)
            content = file.read(size)
            if whole - offset - size <= _REST:
                file.read(_REST)
            return content

    def _inflated(self, instance: Instance) -> bytes:
        if self._kept is None or self._kept[0] != instance.stored:
            assert instance.pixels and instance.pixels.length is not None
            file, _ = self._opener.open(instance.stored)
            with file:
                unpacked = inflate(file, instance.pixels.offset + instance.pixels.length)
            self._kept = instance.stored, unpacked
        content: bytes = self._kept[1]
        return content

    def _compressed(self, instance: Instance) -> NDArray[Any]:
        decoder = _decoder(instance.transfer_syntax_uid)
        dataset = self._dataset(instance.stored)
        try:
            with quiet():
                values, _ = decoder.as_array(dataset, index=instance.frame or 0, raw=True)
        except MemoryError:
            raise
        except Exception as error:  # whatever a decoder raises of damaged bytes
            raise NotRead(
                f"is damaged: its pixels cannot be decoded ({reason(error, 100)}); copy or "
                "export it again."
            ) from None
        if values.shape != (instance.rows, instance.columns):
            raise NotRead("is damaged: its pixels are not as many as its header says.")
        return np.ascontiguousarray(values).view(f"u{values.dtype.itemsize}")

    def _dataset(self, stored: Stored) -> Dataset:
        from pydicom import dcmread

        if self._kept is None or self._kept[0] != stored:
            file, size = self._opener.open(stored)
            with file:
                if size > MOST_PACKED:
                    raise NotRead(f"is compressed and larger than {MOST_PACKED >> 30} GB.")
                content = file.read()
            try:
                with quiet():
                    dataset = dcmread(BytesIO(content), force=True)
            except Exception:  # whatever damaged bytes raise
                raise NotRead("is damaged: it cannot be read to its end.") from None
            self._kept = stored, dataset
        kept: Dataset = self._kept[1]
        return kept


def _skip(file: IO[bytes], count: int) -> None:
    """Read what stands before the pixels: in a zip there is no way around it."""
    while count > 0:
        block = file.read(min(count, 1 << 20))
        if not block:
            return
        count -= len(block)


def _decoder(syntax: str) -> Any:
    """Return pydicom's decoder of a transfer syntax.

    Raises
    ------
    NotRead
        If there is none, or what it needs is not installed.
    """
    from importlib.util import find_spec

    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import UID

    with quiet():
        uid = UID(syntax)
        if not uid.is_valid:
            raise NotRead("is damaged: its transfer syntax is not one of DICOM's.")
        try:
            decoder = get_decoder(uid)
        except NotImplementedError:
            decoder = None
    if decoder is not None and decoder.is_available:
        return decoder
    if decoder is not None and find_spec("gdcm") is None:
        raise NotRead(
            f"is compressed ({uid.name}), and no decoder is installed: "
            'pip install "hich-workflow[dicom]".'
        )
    raise NotRead(
        f"is compressed ({uid.name}), which no decoder here reads; export it uncompressed."
    )
