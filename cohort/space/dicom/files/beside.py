"""What notes on a series say of what lies beside it: unread files, and patients of one number."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from cohort.space.dicom.files.sources import Skipped
from cohort.space.dicom.instance import Remark, Series, Stored


def with_unread_files(series: Sequence[Series], skipped: Sequence[Skipped]) -> list[Series]:
    """Return the series of a path, with notes on the files that may hold slices of them.

    A damaged file belongs to the series that its header names. One whose header does not say may
    be of any series in its folder; where there is none, and all series are of one study, of any of
    these. What nobody can tell to be DICOM (an empty file, a locked one) counts where it is named
    like the images beside it.
    """
    holding: dict[Path, set[int]] = defaultdict(set)
    named: dict[tuple[Path, str], set[int]] = defaultdict(set)
    for number, one in enumerate(series):
        for stored in {image.stored for image in one.instances}:
            folder, name = _place(stored)
            holding[folder].add(number)
            named[folder, name].add(number)
    of_one_study = len({one.first.study_uid for one in series}) == 1
    own: Counter[int] = Counter()
    beside: Counter[int] = Counter()
    for file in skipped:
        folder, name = _place(file.stored)
        if file.series_uid:
            own.update(n for n, one in enumerate(series) if one.uid == file.series_uid)
        elif not file.damaged:
            beside.update(named.get((folder, name), ()))
        elif folder in holding:
            beside.update(holding[folder])
        elif of_one_study:
            beside.update(range(len(series)))
    return [
        replace(one, notes=(*one.notes, *_remarks(own[number], beside[number])))
        for number, one in enumerate(series)
    ]


def with_patients(series: Sequence[Series]) -> list[Series]:
    """Return the series of a path, with notes on those whose PatientID may be of several patients.

    That is, where both name and date of birth differ: either is often written in several ways.
    """
    known: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for one in series:
        for image in one.instances:
            name = " ".join(re.split(r"[\s^=]+", image.patient_name)).strip().casefold()
            if image.patient_id and name and image.birth_date:
                known[image.patient_id].add((name, image.birth_date))
    several = {
        number
        for number, people in known.items()
        if any(a[0] != b[0] and a[1] != b[1] for a, b in combinations(people, 2))
    }
    said = (
        "has a PatientID that stands beside several names and dates of birth: its images may be of "
        "several patients, taken for one."
    )
    return [
        replace(one, notes=(*one.notes, Remark("patients", said)))
        if any(image.patient_id in several for image in one.instances)
        else one
        for one in series
    ]


def _remarks(own: int, beside: int) -> Iterator[Remark]:
    for count, where in ((own, "of its files"), (beside, "files beside it")):
        if count == 1:
            where = where.replace("files b", "file b")
        if count:
            said = f"{count} {where} could not be read (truncated or damaged): "
            yield Remark("unread files", f"{said}slices may be missing.")


def _place(stored: Stored) -> tuple[Path, str]:
    """Return the folder of a file, in a zip or not, and its name without its numbers."""
    path = Path(str(stored))
    return path.parent, re.sub(r"\d+", "0", path.name) if re.search(r"\d", path.name) else ""
