"""Segment head CTs with a trained model: masks, measurements and a picture per scan."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cohort.base.cli import SeriesOption, counted, run, say_note
from cohort.base.devices import DeviceOption
from cohort.base.errors import DataError, UsageError, raise_all
from cohort.base.files import clear_partial, require_place
from cohort.base.locks import writing_to
from cohort.provenance.note import note_made
from cohort.schema.split import Split
from cohort.work.engine import do_items, do_plainly
from cohort.work.job import PLAIN, Way
from cohort.work.ledger import files_of_latest
from cohort.work.options import (
    PackOption,
    RayOption,
    ResumeOption,
    RetryOption,
    ShardOption,
    way_of,
)
from cohort.work.packs import ItemFiles
from imaging.model.folder import is_boxed
from imaging.model.threads import let_threads_sleep
from imaging.prediction.predictions import Predictions, print_as_json, print_table

Part = Literal["train", "val", "test"]
Format = Literal["nifti", "seg.nrrd", "labelmap"]
"""As `imaging.prediction.mask_files.MaskFormat`, which is imported with much else."""


def main(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="[MODEL] SCAN...",
            help="Scans (NIfTI, NRRD), folders of them, DICOM folders or zips, or cohorts. The "
            "first may be the folder of a trained model.",
        ),
    ],
    output: Annotated[Path, typer.Option(help="Folder to write to.")],
    model: Annotated[
        Path | None,
        typer.Option(help="Folder of a trained model.", show_default="that in the box"),
    ] = None,
    split: Annotated[
        Path | None, typer.Option(help="JSON file that says which part each case belongs to.")
    ] = None,
    part: Annotated[
        Part | None, typer.Option(help="With --split: the part to predict.", show_default="test")
    ] = None,
    device: DeviceOption = "cpu",
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Remove the results of other scans that earlier runs left in --output.",
        ),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Segment what cannot be a head CT as well; its notes say so."),
    ] = False,
    flips: Annotated[
        bool | None,
        typer.Option(
            "--flips/--no-flips",
            help="Take the mean over the network's views of the scan and of its mirror image.",
            show_default="as the model's configuration says",
        ),
    ] = None,
    clean_up: Annotated[
        bool,
        typer.Option(
            "--clean-up/--no-clean-up",
            help="Apply the model's rules on which pieces are removed, or leave them out.",
        ),
    ] = True,
    uncertainty: Annotated[
        bool,
        typer.Option(
            "--uncertainty",
            help="Write <id>_<structure>_probability.nii.gz too, and to <id>.json how sure the "
            "model is of each structure.",
        ),
    ] = False,
    series: SeriesOption = None,
    written_as: Annotated[
        Format,
        typer.Option(
            "--format",
            help="What holds the masks: a NIfTI file for each structure; one <id>.seg.nrrd, for "
            "3D Slicer; or one label map <id>_labels.nii.gz, in which structures hide each other "
            "where they overlap.",
        ),
    ] = "nifti",
    shard: ShardOption = None,
    resume: ResumeOption = False,
    retry_failed: RetryOption = False,
    ray: RayOption = None,
    pack: PackOption = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print what the scans' JSON files hold, in one, for programs."),
    ] = False,
) -> None:
    """Segment head CTs: for each scan a mask per structure on the scan's own grid, and more.

    Writes <id>_<structure>.nii.gz, what was measured on them to <id>.json, and <id>.png to look
    at; and measurements.csv, a row for each scan whose results lie in the folder. Inputs that
    are not scans, or cannot be head CTs, are listed at the end; all others are predicted.

    Of records, `python -m text.annotate` marks entities with what `python -m spacy train` trained.
    """
    from imaging.prediction.earlier_results import names_of_results
    from imaging.prediction.named import model_and_scans
    from imaging.prediction.table import TABLE

    model, scans = model_and_scans(inputs, model)
    result = predict(
        model,
        scans,
        output,
        split,
        part,
        device,
        replace,
        force,
        flips=flips,
        clean_up=clean_up,
        uncertainty=uncertainty,
        series=series,
        written_as=written_as,
        way=way_of(shard, resume, retry_failed, ray, pack=pack),
    )
    note_made(
        output,
        [TABLE, *names_of_results(output, [scan["id"] for scan in result.scans])],
        of=[model, *scans],
        half="scans",
        part=(part or "test") if split else None,
        split=split,
        device=device,
    )
    print_as_json(result) if as_json else print_table(result, output)
    if shard is not None:
        say_note(f"when all shards are done: hich merge {output}")
    raise_all(result.problems)


def predict(
    model: Path | None,
    inputs: Sequence[Path],
    output: Path,
    split: Path | None = None,
    part: Part | None = None,
    device: str | int = "cpu",
    replace: bool = False,
    force: bool = False,
    *,
    flips: bool | None = None,
    clean_up: bool = True,
    uncertainty: bool = False,
    series: str | None = None,
    written_as: Format = "nifti",
    way: Way = PLAIN,
) -> Predictions:
    """Segment the scans of `inputs` with the model in the folder `model`, and write to `output`.

    None, or `pretrained`, is the model that comes with the program (`imaging.model.folder`).

    Inputs that are not scans are among the result's `problems`; nothing is written for them. So are
    scans that cannot be a head CT (`cohort.checks.plausible`), unless `force` is set: then their
    notes say why they would be refused.

    With `replace`, results that earlier runs left in `output` for other scans are removed at the
    end, so that the folder holds this run's and no other patient's; other files stay.

    `flips` sets the value of that name in the model's section `postprocess`; without `clean_up`
    its rules that remove pieces are left out. With `uncertainty`, probabilities are written too.
    `written_as` says what holds the masks (`imaging.prediction.mask_files`). `way` says which scans
    are segmented, and whether results that were made of the same are kept: of an earlier run,
    another machine, or `imaging.evaluate --predictions` (`cohort.work`).

    `series` names a series of the one DICOM folder among `inputs`; without it one is chosen
    (`cohort.space.dicom.choosing.choice`).

    Raises
    ------
    DataError
        If the model cannot be read, there is no scan at all, or `output` cannot be written to, or
        another process is writing to it.
    UsageError
        If two scans would have the same output files, the output would be among the inputs, or
        `series` is given with anything but one DICOM scan.
    """
    from imaging.scans.given import find_scans, refuse_scans_inside

    if part and not split:
        raise UsageError("--part needs --split, the file that says which part a case belongs to.")
    found = find_scans(inputs, Split.load(split) if split else None, part or "test", series)
    if not found.scans:
        reasons = "; ".join(
            f"{counted(n, 'case')} {reason}" for reason, n in found.left_out.items()
        )
        named = ", ".join(map(str, inputs))
        raise DataError(*found.problems or [f"{named}: no scan to predict ({reasons})."])
    refuse_scans_inside(output, found.scans)
    require_place(output)
    result = Predictions(problems=found.problems, left_out=found.left_out)

    from imaging.jobs.predict import PredictJob, items_of
    from imaging.prediction.described import SUMMARY
    from imaging.prediction.earlier_results import remove_earlier
    from imaging.prediction.scan import names_of
    from imaging.prediction.table import write_measurements
    from imaging.segmenter import Segmenter

    how: dict[str, Any] = {"flips": flips, "clean_up": clean_up}
    segmenter = Segmenter.load(model, device, **how, force=force, uncertainty=uncertainty)
    result.model = segmenter.model
    if is_boxed(segmenter.bundle.folder):
        result.model += ", --model names another"
    how |= {"written_as": written_as, "noted": not way.is_plain}
    job = PredictJob.of(segmenter, output, device, **how)
    items, ids = items_of(found.scans), [scan.id for scan in found.scans]
    mine = [one for place, one in enumerate(ids) if way.shard.has(place)]
    clear_partial(output, {name for one in mine for name in names_of(one)})
    seconds: list[float] = []
    try:
        if way.is_plain:
            with writing_to(output, alone=True):
                done = do_plainly(job, items, "Predicting", seconds)
        else:
            step = {"replace": replace}
            done = do_items(job, items, ids, output, way, "Predicting", step, seconds)
        result.problems += [why for of_one in done.failures.values() for why in of_one]
        result.kept, result.seconds = done.kept, seconds
        stand = {*done.kept, *done.made}
        read = _reader(output, way)
        result.scans = [json.loads(read(SUMMARY.format(one), one)) for one in mine if one in stand]
        if replace and not way.in_shards:
            result.removed = remove_earlier(output, set(ids))
    finally:  # after Ctrl-C too, the table tells what the folder holds
        if not way.in_shards:
            write_measurements(output)
    return result


def _reader(output: Path, way: Way) -> Callable[[str, str], bytes]:
    """Return what reads a file that was made of a scan, by its name and the scan's id."""
    if way.is_plain:
        return lambda name, _: (output / name).read_bytes()
    files, made = ItemFiles(output, output), files_of_latest(output)
    return lambda name, scan: files.read(name, made[scan][name])


if __name__ == "__main__":
    let_threads_sleep()
    run(main)
