"""What the files behind a path hold, as one hash: a scan, a mask, a folder of DICOM files."""

from __future__ import annotations

from pathlib import Path

from cohort.base.errors import DataError
from cohort.space.address import Address
from cohort.work.job import digest_of_files


def content_digest(path: Path) -> str:
    """Return the SHA-256 of a volume's file, or all files of its DICOM folder, and of its names.

    Raises
    ------
    DataError
        If one of its files can't be read.
    """
    address = Address.of(path)
    is_folder = address.file.is_dir()
    named = f"{address.file.name}\n{address.part}={address.value}\n"
    try:
        files = sorted(address.file.rglob("*")) if is_folder else [address.file]
        return digest_of_files((f for f in files if not is_folder or f.is_file()), named)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}.") from None
