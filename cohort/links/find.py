"""Cases that belong together: the same scan or record under several names, ids of one patient.

Where a model is trained on one of them and tested on the other, its scores are too good.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cohort.base.cli import progress
from cohort.base.errors import DataError, few
from cohort.base.note_lines import note_lines
from cohort.base.processes import cores
from cohort.base.textfile import read_text
from cohort.faults import FileNote
from cohort.links.patient_ids import several_of_one
from cohort.links.same_record import record_key
from cohort.schema.case import Case
from cohort.schema.manifest import MANIFEST, Cohort
from cohort.schema.split import Kind, Link

MOST_WORKERS = 8
"""As in `cohort.check`."""


def find_links(
    cohort: Cohort,
    scans: Mapping[str, Hashable] | None = None,
    records: Mapping[str, Hashable] | None = None,
) -> list[Link]:
    """Find the cases of `cohort` that belong together.

    Parameters
    ----------
    scans, records
        Case id to `cohort.links.same_scan.scan_key` and `cohort.links.same_record.record_key`,
        where these are known; None to read the files. A file that can't be read is passed over:
        `cohort.check` says what is wrong with it.
    """
    scans = _scan_keys(cohort) if scans is None else scans
    records = _record_keys(cohort) if records is None else records
    alike = [group for group in _groups(scans) if len(group) > 1]
    digests = _digests(cohort, [case for group in alike for case in group])
    order = {case.id: number for number, case in enumerate(cohort.cases)}
    patients = [case.patient for case in cohort.cases if case.patient is not None]
    # Where each names a patient of its own, as a pattern such as P* does, nothing is known yet.
    told = len(set(patients)) < len(patients)
    unnamed = [case.id for case in cohort.cases if case.patient is None or not told]
    found: list[tuple[Kind, Iterable[Sequence[str]]]] = [
        ("same scan", _groups(digests)),
        ("same record", _groups(records)),
        ("patient not named", several_of_one(unnamed)),
    ]
    return [
        Link(kind, tuple(sorted(group, key=order.__getitem__)))
        for kind, groups in found
        for group in groups
        if len(group) > 1
    ]


def together(cohort: Cohort, links: Iterable[Link]) -> dict[str, str]:
    """Return case id to a name that the cases share which a split must keep together.

    These are the cases of one patient, and those that hold the same scan or record, whosever they
    are said to be. What only looks like one patient's stays as it is.
    """
    group = {case.patient_id: case.patient_id for case in cohort.cases}

    def first(patient: str) -> str:
        while group[patient] != patient:
            patient = group[patient]
        return patient

    whose = {case.id: case.patient_id for case in cohort.cases}
    for link in links:
        if link.kind != "patient not named":
            ends = sorted({first(whose[case]) for case in link.cases})
            group.update(dict.fromkeys(ends, ends[0]))
    return {case: first(patient) for case, patient in whose.items()}


def link_notes(cohort: Cohort, links: Iterable[Link]) -> dict[str, list[FileNote]]:
    """Return case id to notes on the cases that it belongs together with."""
    cases = {case.id: case for case in cohort.cases}
    notes: dict[str, list[FileNote]] = {}
    for link in links:
        patients = {cases[case].patient for case in link.cases}
        for case_id in link.cases:
            others = few([other for other in link.cases if other != case_id])
            file, what = _sentence(cohort, link, cases[case_id], others, len(patients) > 1)
            notes.setdefault(case_id, []).append(FileNote(str(file), link.kind, what))
    return notes


def note_lines_of(cohort: Cohort, notes: Mapping[str, Sequence[FileNote]], place: str) -> list[str]:
    """Return the notes of `link_notes` for a terminal (`cohort.base.note_lines`)."""
    said = {
        case.id: [(note.kind, f"{note.file}: {note.what}") for note in notes.get(case.id, ())]
        for case in cohort.cases
    }
    return note_lines(said, place)


def _sentence(
    cohort: Cohort, link: Link, case: Case, others: str, differ: bool
) -> tuple[Path, str]:
    if link.kind == "patient not named":
        return cohort.folder / MANIFEST, (
            f"{case.id} looks by its id like a case of the same patient as {others}, and no "
            "patient is named whose cases they are: a split may train on one of them and test on "
            "the other. Name "
            'patients with --patient of cohort.import_files, or as "patient" in the manifest.'
        )
    scan = link.kind == "same scan"
    said = "holds the same voxels as the scan" if scan else "has the same text as the record"
    whose = ", though their patients differ by the manifest" if differ else ""
    what = f"{said} of {others}{whose}; a split by patient keeps them in one part."
    return cohort.path((case.image if scan else case.record) or ""), what


def _groups(keys: Mapping[str, Hashable]) -> list[list[str]]:
    groups: dict[Hashable, list[str]] = {}
    for case, key in keys.items():
        if key is not None:
            groups.setdefault(key, []).append(case)
    return list(groups.values())


def _scan_keys(cohort: Cohort) -> dict[str, Hashable]:
    from cohort.links.same_scan import UNREADABLE, read_scan_key
    from cohort.space.file_types import read_header

    shapes: dict[str, Hashable] = {}
    for case in cohort.with_image:
        try:
            shapes[case.id] = tuple(sorted(read_header(cohort.path(case.image or "")).shape))
        except UNREADABLE:
            continue
    alike = {case for group in _groups(shapes) if len(group) > 1 for case in group}
    return _read([case for case in cohort.with_image if case.id in alike], cohort, read_scan_key)


def _digests(cohort: Cohort, ids: Iterable[str]) -> dict[str, Hashable]:
    from cohort.links.same_scan import scan_digest
    from cohort.space.file_types import read_volume

    wanted = set(ids)
    cases = [case for case in cohort.with_image if case.id in wanted]
    return _read(cases, cohort, lambda path: scan_digest(read_volume(path)[0]))


def _read(
    cases: Sequence[Case], cohort: Cohort, read: Callable[[Path], Hashable]
) -> dict[str, Hashable]:
    from cohort.links.same_scan import UNREADABLE

    def one(case: Case) -> Hashable:
        try:
            return read(cohort.path(case.image or ""))
        except UNREADABLE:
            return None

    if not cases:
        return {}
    # Threads: most of the time goes to decompression, which runs beside other threads.
    with ThreadPoolExecutor(min(cores(), MOST_WORKERS)) as pool:
        try:
            keys = list(progress(pool.map(one, cases), "Comparing scans", len(cases)))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return {case.id: key for case, key in zip(cases, keys, strict=True)}


def _record_keys(cohort: Cohort) -> dict[str, Hashable]:
    keys: dict[str, Hashable] = {}
    for case in cohort.with_record:
        try:
            keys[case.id] = record_key(read_text(cohort.path(case.record or ""))[0])
        except (DataError, OSError):
            continue
    return keys
