"""The scans segmented, each once: what an earlier run finished of the same files is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import hich
from cohort.base.cli import progress
from cohort.base.errors import DataError
from cohort.base.files import clear_partial, read_json, write_json
from cohort.faults import without_advice
from cohort.schema.manifest import Cohort
from cohort.space.address import Address
from hich.read.failures import Failure
from imaging.model.folder import PARTS

INPUTS = "inputs.json"
"""Case to what its scan, the model and the program were known by when it was segmented."""


def segment_scans(
    cohort: Cohort, model: Path, output: Path, predictions: Path, device: str | int
) -> list[Failure]:
    """Segment the scans of a cohort that were not segmented before, one after the other.

    Parameters
    ----------
    cohort
        Whose scans.
    model
        Folder of the model.
    output
        Folder that holds `inputs.json`.
    predictions
        Folder that `imaging.predict` would write to.
    device
        As `cohort.base.devices` has it.

    Returns
    -------
    list of Failure
        The scans that can't be read, or cannot be head CTs.

    Raises
    ------
    DataError
        If the model is damaged.
    UsageError
        If there is no such device.
    """
    from imaging.prediction.earlier_results import files_of, remove_earlier

    paths = {case.id: cohort.path(case.image) for case in cohort.cases if case.image}
    model_print = _print_of([model / part for part in PARTS])
    known = {
        case: f"{_print_of(_files(path))}-{model_print}-{hich.__version__}"
        for case, path in paths.items()
    }
    before = _earlier(output / INPUTS)
    predictions.mkdir(parents=True, exist_ok=True)
    clear_partial(predictions)
    remove_earlier(predictions, {case for case in known if before.get(case) == known[case]})
    # Only now: written first, it would vouch for results of other files if the run stopped here.
    write_json(output / INPUTS, known)
    left = {c: p for c, p in paths.items() if not files_of(predictions / f"{c}.json")}
    return list(_segment(left, model, predictions, device)) if left else []


def _segment(
    paths: Mapping[str, Path], model: Path, predictions: Path, device: str | int
) -> Iterator[Failure]:
    from imaging.prediction.pipeline import in_pipeline
    from imaging.prediction.scan import write_prediction
    from imaging.prediction.table import write_measurements
    from imaging.scans.given import ScanFile
    from imaging.segmenter import Segmenter

    segmenter = Segmenter.load(model, device)
    scans = [ScanFile(case, path) for case, path in paths.items()]
    outcomes = in_pipeline(
        scans,
        segmenter.read,
        segmenter.segment,
        lambda read, masks: write_prediction(segmenter.bundle, read, masks, predictions),
    )
    try:
        shown = progress(outcomes, "Segmenting", len(scans))
        for scan, outcome in zip(scans, shown, strict=True):
            if isinstance(outcome, DataError):
                yield from (Failure(scan.id, "ct", without_advice(p)) for p in outcome.problems)
    finally:
        write_measurements(predictions)


def _earlier(path: Path) -> Mapping[str, str]:
    try:
        found = read_json(path) if path.is_file() else {}
    except DataError:
        return {}
    return found if isinstance(found, dict) else {}


def _files(path: Path) -> list[Path]:
    file = Address.of(path).file
    return sorted(p for p in file.rglob("*") if p.is_file()) if file.is_dir() else [file]


def _print_of(files: Sequence[Path]) -> str:
    """Return what tells whether files have changed: names, sizes and times, no contents."""
    found = hashlib.sha256()
    for file in files:
        try:
            there = file.stat()
        except OSError:
            continue  # said where it is read
        found.update(f"{file.resolve()}\n{there.st_size}\n{there.st_mtime_ns}\n".encode())
    return found.hexdigest()[:20]
