"""The scans segmented, each once: results that were made of the same before are kept."""

from __future__ import annotations

from pathlib import Path

from cohort.base.files import clear_partial
from cohort.faults import without_advice
from cohort.schema.manifest import Cohort
from cohort.work.engine import do_items
from cohort.work.job import Way
from hich.read.failures import Failure


def segment_scans(
    cohort: Cohort, model: Path, predictions: Path, device: str | int, way: Way
) -> list[Failure]:
    """Segment the scans of a cohort, as `imaging.predict` does.

    Parameters
    ----------
    cohort
        Whose scans.
    model
        Folder of the model.
    predictions
        Folder that `imaging.predict` would write to.
    device
        As `cohort.base.devices` has it.
    way
        Which scans, and what is kept of those that were segmented before.

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
    from imaging.jobs.predict import PredictJob, items_of
    from imaging.prediction.earlier_results import remove_earlier
    from imaging.prediction.scan import names_of
    from imaging.prediction.table import write_measurements
    from imaging.scans.given import ScanFile
    from imaging.segmenter import Segmenter

    scans = [ScanFile(case.id, cohort.path(case.image)) for case in cohort.cases if case.image]
    ids = [scan.id for scan in scans]
    predictions.mkdir(parents=True, exist_ok=True)
    mine = [one for place, one in enumerate(ids) if way.shard.has(place)]
    clear_partial(predictions, {name for one in mine for name in names_of(one)})
    job = PredictJob.of(Segmenter.load(model, device), predictions, device)
    try:
        done = do_items(job, items_of(scans), ids, predictions, way, "Segmenting")
        if not way.in_shards:  # nor of scans that were readable once
            remove_earlier(predictions, {*done.kept, *done.made})
    finally:
        if not way.in_shards:
            write_measurements(predictions)
    failed = [one for one in ids if one in done.failures]  # in the cohort's order
    return [Failure(one, "ct", without_advice(p)) for one in failed for p in done.failures[one]]
