"""Which series of DICOM images the files of a path hold, by their headers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cohort.base.errors import DataError
from cohort.space.dicom.files.beside import with_patients, with_unread_files
from cohort.space.dicom.files.frames import KEYWORDS, instances_of
from cohort.space.dicom.files.parse import (
    Damaged,
    NotRead,
    check_fragments,
    parse,
    quiet,
    series_uid_of,
)
from cohort.space.dicom.files.series import group
from cohort.space.dicom.files.sources import Opener, Skipped, walk
from cohort.space.dicom.instance import Instance, Series, Stored

DIRECTORY = "1.2.840.10008.1.3.10"
"""SOP class of a DICOMDIR: a list of files, which are found without it."""


@dataclass(frozen=True)
class Found:
    """What the files of a path hold.

    Attributes
    ----------
    series
        Sorted by study, series number and name. Notes tell of files among `skipped` that may have
        held slices of them.
    skipped
        What was passed over, each with the reason.
    """

    series: tuple[Series, ...]
    skipped: tuple[Skipped, ...] = ()


def find_series(path: Path) -> Found:
    """Find the series in a DICOM file, in a folder however deep, or in a zip.

    Only headers are read, and of zips nothing is written to disk.

    Raises
    ------
    DataError
        If `path` does not exist.
    """
    if not path.exists():
        raise DataError(f"{path}: no such file or folder.")
    skipped: list[Skipped] = []
    instances: list[Instance] = []
    with quiet(), Opener() as opener:
        for stored in walk(path, opener, skipped):
            try:
                instances += _read(stored, opener)
            except NotRead as error:
                skipped.append(Skipped.by(stored, error))
            except OSError as error:
                skipped.append(Skipped(stored, f"cannot be read ({error.strerror or error})."))
        series = with_unread_files(with_patients(group(instances, opener)), skipped)
    return Found(tuple(series), tuple(skipped))


def _read(stored: Stored, opener: Opener) -> list[Instance]:
    file, size = opener.open(stored)
    with file:
        try:
            parsed = parse(file, size, KEYWORDS)
        except (NotRead, OSError):
            raise
        except Exception:  # zipfile, on damaged data
            raise Damaged("cannot be read from its zip (damaged).") from None
        if parsed is None:
            if stored.member is not None and stored.member.lower().endswith(".zip"):
                raise NotRead("is a zip in a zip; unpack it.")
            raise NotRead("is empty." if size == 0 else "is not DICOM.")
        if parsed.media_class == DIRECTORY:
            return []
        try:
            if stored.member is None and parsed.pixels and parsed.pixels[1] is None:
                check_fragments(file, parsed.pixels[0], size)
            return instances_of(parsed, stored)
        except Damaged as error:
            error.series_uid = series_uid_of(parsed)
            raise
