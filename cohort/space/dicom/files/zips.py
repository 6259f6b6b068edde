"""Zips as hospitals send them, hostile until checked: nothing of one is ever written to disk."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath

from cohort.space.dicom.files.parse import Damaged, NotRead

MOST_LISTED = 1 << 26
"""Bytes of a zip's table of contents; some 600,000 files."""
MOST_UNPACKED = 1 << 38
"""Bytes that a zip may unpack to, 256 GB."""
MOST_RATIO = 200
"""Of what it unpacks to, to its size: CT is packed to a third, and air to a thousandth."""
FREE_RATIO = 1 << 30
"""Up to so many bytes the ratio is not looked at: small test images pack well."""

_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"
_ENCRYPTED = 0x1
_DIRECT = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Packed otherwise (bzip2, LZMA), a few bytes unpack to gigabytes at once."""


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open a zip whose contents can be read safely.

    Raises
    ------
    NotRead
        If it is damaged, encrypted, a zip bomb, or has names that lead out of its folder.
    OSError
        If the system lets nobody read it.
    """
    size = path.stat().st_size
    if _listed_bytes(path, size) > MOST_LISTED:
        raise NotRead("lists too many files for a zip of DICOM; unpack it and name the folder.")
    try:
        archive = zipfile.ZipFile(path)
    except OSError:
        raise
    except Exception:  # BadZipFile, and whatever damaged bytes raise
        raise Damaged("is not a zip that can be read (truncated or damaged).") from None
    try:
        _check(archive, size)
    except NotRead:
        archive.close()
        raise
    return archive


def members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the files in a zip, sorted by name."""
    return sorted(
        (info for info in archive.infolist() if not info.is_dir()), key=lambda info: info.filename
    )


def _check(archive: zipfile.ZipFile, size: int) -> None:
    total = sum(info.file_size for info in archive.infolist())
    if total > MOST_UNPACKED or (total > FREE_RATIO and total > MOST_RATIO * size):
        raise NotRead(
            f"is {size} bytes and would unpack to {total} bytes: a zip bomb, or not one of DICOM; "
            "unpack it and name the folder, if you know where it is from."
        )
    for info in archive.infolist():
        if _leads_out(info.filename):
            raise NotRead(
                "holds files whose names lead out of the folder that it is unpacked in; it is not "
                "to be trusted."
            )
        if info.flag_bits & _ENCRYPTED:
            raise NotRead("is encrypted; unpack it with its password and name the folder.")


def packed_as_usual(info: zipfile.ZipInfo) -> bool:
    """Return whether a file in a zip is stored or deflated, and can be read in pieces."""
    return info.compress_type in _DIRECT


def _leads_out(name: str) -> bool:
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    return bool(
        windows.drive
        or windows.root
        or posix.is_absolute()
        or ".." in (*windows.parts, *posix.parts)
    )


def _listed_bytes(path: Path, size: int) -> int:
    """Return the bytes of a zip's table of contents, as the record at its end states them.

    `zipfile` makes an object of each entry as it opens a zip, before anybody can look.
    """
    with path.open("rb") as file:
        file.seek(max(0, size - (1 << 16) - 100))
        end = file.read()
    at = end.rfind(_END)
    listed = int.from_bytes(end[at + 12 : at + 16], "little") if at >= 0 else 0
    at = end.rfind(_END_64)
    if at >= 0:
        listed = max(listed if listed != 0xFFFFFFFF else 0, _number(end[at + 40 : at + 48]))
    return min(listed, size)


def _number(value: bytes) -> int:
    return int.from_bytes(value, "little")
