"""DICOM series as volumes in HU: `read_header` and `read_volume` of the registry of file types."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.faults import FileNote
from cohort.space.address import Address
from cohort.space.affine import times
from cohort.space.dicom.choosing.pick import series_of
from cohort.space.dicom.files.decode import Decoder
from cohort.space.dicom.files.geometry import grid_of
from cohort.space.dicom.files.hu import MOST_HU, PADDED_HU, Padding, is_whole, to_hu
from cohort.space.dicom.files.rescale import rescale_fault
from cohort.space.dicom.files.sources import Opener
from cohort.space.dicom.instance import Series
from cohort.space.header import Header
from cohort.space.stated_patient import SEXES, StatedPatient, age_of

_INT16 = np.iinfo(np.int16)


def read_header(path: Path) -> Header:
    """Read what the images of a series say of it, without their pixels.

    Parameters
    ----------
    path
        A DICOM file, a folder or a zip of them, or `…/series=UID` of one of these.

    Raises
    ------
    DataError
        If there is no series to choose (`cohort.space.dicom.choosing`), or none that can be read.
    OSError
        If the system lets nobody read it.
    """
    return header_of(find_one(path), path)


def read_volume(path: Path) -> tuple[np.ndarray, Header]:
    """Read the voxels of a series in HU, with its header; parameters are those of `read_header`.

    Returns
    -------
    voxels, header
        As `read_series` returns them.

    Raises
    ------
    DataError
        As `read_header` does, and if pixels are damaged or there is no decoder for them.
    OSError
        If the system lets nobody read them.
    """
    return read_series(find_one(path), path)


def find_one(path: Path) -> Series:
    """Return the series that an address names, or else the one that is chosen.

    Raises
    ------
    DataError
        If it isn't there, cannot be read as one volume, or if no series is named and there is none
        to choose, or there are several studies.
    """
    address = Address.of(path)
    series = series_of(address.file, address.value)
    _check(series, path)
    return series


def header_of(series: Series, path: Path | None = None) -> Header:
    """Return the header of a series that can be read as a volume.

    Parameters
    ----------
    path
        How notes call it; its first file if None.

    Raises
    ------
    DataError
        If it has faults.
    """
    path = path or series.first.stored.path
    _check(series, path)
    whole = all(map(is_whole, series.instances))
    notes = tuple(FileNote(str(path), note.kind, str(note)) for note in series.notes)
    grid = grid_of(series.instances)
    dtype = "int16" if whole else "float32"
    return Header(grid, dtype, notes=notes, patient=_patient_of(series))


def read_series(series: Series, path: Path | None = None) -> tuple[np.ndarray, Header]:
    """Read the voxels of a series in HU, none of them resampled.

    Parameters
    ----------
    path
        How notes and messages call it; its first file if None.

    Returns
    -------
    voxels
        [I, J, K], I along rows, J down columns, K from the lowest slice up; int16 where HU are
        whole numbers that fit, else float32. What a file marks as padding is -1024 HU.
    header
        With notes on what is odd.

    Raises
    ------
    DataError
        If the series has faults, its pixels are damaged or cannot be decoded, values can't be HU,
        or slices that state different rescales don't fit each other.
    OSError
        If the system lets nobody read them.
    """
    header = header_of(series, path)
    name = str(path or series.first.stored.path)
    padding = Padding()
    try:
        slices, extremes = _read(series, np.dtype(header.dtype), padding)
    except MemoryError:
        raise DataError(
            f"{name}: its {times(header.shape)} voxels do not fit into memory."
        ) from None
    low, high = extremes
    if max(-low, high) > MOST_HU:
        raise DataError(
            f"{name}: reaches from {low:.0f} to {high:.0f} HU; its rescale or the sign of its "
            "stored values is misstated. Export it again."
        )
    if fault := rescale_fault(slices, series.instances):
        raise DataError(f"{name}: {fault}")
    notes = list(header.notes)
    if padding.pixels and padding.hu != PADDED_HU:
        said = (
            f"marks {padding.pixels} voxels as outside of the image (padding, {padding.hu:.6g} HU);"
            f" they are read as air, {PADDED_HU} HU."
        )
        notes.append(FileNote(name, "padding", said))
    if high > _INT16.max or low < _INT16.min:
        said = f"reaches from {low:.0f} to {high:.0f} HU, beyond what 16 bits hold."
        notes.append(FileNote(name, "range", said))
    voxels = slices.T
    return voxels, replace(header, dtype=voxels.dtype.name, notes=tuple(notes))


def _read(
    series: Series, dtype: np.dtype[Any], padding: Padding
) -> tuple[NDArray[Any], tuple[float, float]]:
    """Return HU [K, J, I] and their extremes."""
    first = series.first
    slices: NDArray[Any] = np.empty((len(series.instances), first.rows, first.columns), dtype)
    lows, highs = [], []
    with Opener() as opener:
        decoder = Decoder(opener)
        for k, instance in enumerate(series.instances):
            hu, (low, high) = to_hu(decoder.words(instance), instance, padding)
            if hu.dtype != slices.dtype and slices.dtype == np.int16:
                slices = slices.astype(np.float32)  # some values don't fit into 16 bits
            slices[k] = hu
            lows.append(low)
            highs.append(high)
    return slices, (min(lows), max(highs))


def _patient_of(series: Series) -> StatedPatient:
    first = series.first
    sex = SEXES.get(first.patient_sex.upper())
    age = age_of(first.patient_age, first.birth_date, first.acquired)
    return StatedPatient(
        (first.patient_name,) if first.patient_name else (),
        () if sex is None else (sex,),
        () if age is None else (age,),
    )


def _check(series: Series, path: Path) -> None:
    if series.faults:
        named = path if Address.of(path).value else f"{path}, series {series.name}"
        raise DataError(*(f"{named}: {fault}" for fault in series.faults))
