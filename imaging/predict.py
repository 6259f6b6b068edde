"""Segment head CTs with a trained model: masks, measurements and a picture per scan."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from cohort.base.cli import SeriesOption, counted, progress, run
from cohort.base.devices import DeviceOption
from cohort.base.errors import DataError, UsageError, raise_all
from cohort.base.files import clear_partial, require_place
from cohort.base.note_lines import note_lines
from cohort.facts.coverage import is_part
from cohort.facts.structures import BY_ID
from cohort.schema.split import Split
from imaging.model.folder import is_boxed
from imaging.model.threads import let_threads_sleep

Part = Literal["train", "val", "test"]
Format = Literal["nifti", "seg.nrrd", "labelmap"]
"""As `imaging.prediction.mask_files.MaskFormat`, which is imported with much else."""


@dataclass
class Predictions:
    """What was predicted.

    Attributes
    ----------
    scans
        For each scan what stands in its JSON file.
    problems
        Sentences on inputs that are not scans.
    left_out
        Reason to the number of a cohort's cases that were left out for it.
    seconds
        For each scan the time until its files were written, from when those of the scan before
        it were: scans are read ahead.
    removed
        Ids of scans whose results of earlier runs were removed.
    model
        The model, in words.
    """

    scans: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left_out: Mapping[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    model: str = ""


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
) -> None:
    """Segment head CTs: for each scan a mask per structure on the scan's own grid, and more.

    Writes <id>_<structure>.nii.gz, what was measured on them to <id>.json, and <id>.png to look
    at; and measurements.csv, a row for each scan whose results lie in the folder. Inputs that
    are not scans, or cannot be head CTs, are listed at the end; all others are predicted.

    Of records, `python -m text.annotate` marks entities with what `python -m spacy train` trained.
    """
    from imaging.prediction.named import model_and_scans

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
    )
    _print_table(result, output)
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
    `written_as` says what holds the masks (`imaging.prediction.mask_files`).

    `series` names a series of the one DICOM folder among `inputs`; without it one is chosen
    (`cohort.space.dicom.choosing.choice`).

    Raises
    ------
    DataError
        If the model cannot be read, there is no scan at all, or `output` cannot be written to.
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

    from imaging.prediction.earlier_results import remove_earlier
    from imaging.prediction.pipeline import in_pipeline
    from imaging.prediction.scan import names_of, write_prediction
    from imaging.prediction.table import write_measurements
    from imaging.segmenter import Segmenter

    segmenter = Segmenter.load(
        model,
        device,
        flips=flips,
        clean_up=clean_up,
        force=force,
        uncertainty=uncertainty,
    )
    bundle = segmenter.bundle
    result.model = segmenter.model
    if is_boxed(bundle.folder):
        result.model += ", --model names another"
    clear_partial(output, {name for scan in found.scans for name in names_of(scan.id)})
    outcomes = in_pipeline(
        found.scans,
        segmenter.read,
        segmenter.segment,
        lambda read, masks: write_prediction(bundle, read, masks, output, written_as),
    )
    start = time.perf_counter()
    try:
        for outcome in progress(outcomes, "Predicting", len(found.scans)):
            now = time.perf_counter()
            if isinstance(outcome, DataError):
                result.problems += outcome.problems
            else:
                result.scans.append(outcome)
                result.seconds.append(now - start)
            start = now
        if replace:
            result.removed = remove_earlier(output, {scan.id for scan in found.scans})
    finally:  # after Ctrl-C too, the table tells what the folder holds
        write_measurements(output)
    return result


def _print_table(result: Predictions, output: Path) -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from imaging.prediction.table import TABLE, notes_of

    table_file = output / TABLE
    console = Console(soft_wrap=True, highlight=False)
    # Narrow enough for ids of 18 characters on a terminal of 80 columns; longer ones are folded.
    table = Table(box=box.SIMPLE_HEAD, padding=0)
    table.add_column("scan", overflow="fold")
    for heading in ("hematoma\nmL", "ABC/2\nmL", "Tada\nmL", "side", "midline\nshift mm"):
        table.add_column(heading, justify="left" if heading == "side" else "right", no_wrap=True)
    for heading in ("ventri-\nleft mL", "cles\nright mL", "ventr.\nblood mL"):
        table.add_column(heading, justify="right", no_wrap=True)
    for scan in result.scans:
        found = scan["measurements"]
        bleed, midline, ventricles = (found[key] for key in ("hematoma", "midline", "ventricles"))
        table.add_row(
            escape(scan["id"]),
            _shown(bleed["volume_ml"]),
            _shown(bleed["abc2_ml"]),
            _shown(bleed["tada_ml"]),
            bleed["side"] or "–",
            " ".join(filter(None, [_shown(midline["shift_mm"]), midline["toward"]])),
            _shown(ventricles["left_ml"]),
            _shown(ventricles["right_ml"]),
            _shown(found["ventricular_blood"]["volume_ml"]),
        )
    if result.scans:
        console.print(table)
        console.print(f"Model: {escape(result.model)}.")
    for line in note_lines({scan["id"]: notes_of(scan) for scan in result.scans}, str(table_file)):
        console.print(f"[yellow]Note:[/yellow] {escape(line)}")
    for line in _covered(result.scans, str(table_file)):
        console.print(escape(line))
    for line in _cleaned_up(result.scans):
        console.print(line)
    for reason, number in result.left_out.items():
        console.print(f"Left out: {counted(number, 'case')} {escape(reason)}.")
    if result.removed:
        others = counted(len(result.removed), "scan")
        console.print(f"Removed: results of {others} of earlier runs.")
    if result.scans:
        done = counted(len(result.scans), "scan")
        took = f"{sum(result.seconds):.1f} s"
        console.print(f"[green]✔[/green] {done} in {escape(str(output))} ({took})")


def _covered(scans: Sequence[Mapping[str, Any]], place: str) -> list[str]:
    """Return a line on the scans that show a part of a head only, if there are any."""
    parts = [scan for scan in scans if is_part(scan["coverage"])]
    if not parts:
        return []
    words = parts[0]["coverage"]["in_words"].removeprefix("part: ")
    return [
        f"A part of the head only, volumes being of the slices at hand: "
        f"{counted(len(parts), 'scan')} of {len(scans)}, such as {parts[0]['id']} ({words}). "
        f"Each: column coverage of {place}"
    ]


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _cleaned_up(scans: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a line for each structure and rule that removed pieces of some scans."""
    reasons = {
        "smallest_ml": "too small",
        "lowest_peak": "nowhere sure enough",
        "inside_skull": "outside the skull",
    }
    pieces: Counter[tuple[str, str]] = Counter()
    ml: dict[tuple[str, str], float] = defaultdict(float)
    of: Counter[tuple[str, str]] = Counter()
    for scan in scans:
        for structure, rules in scan["removed"].items():
            for rule, removed in rules.items():
                pieces[structure, rule] += removed["components"]
                ml[structure, rule] += removed["ml"] or 0.0  # None where sizes can't be told
                of[structure, rule] += removed["components"] > 0
    return [
        f"Cleaned up: {counted(number, 'piece')} of {BY_ID[structure].name_en.lower()} "
        f"{reasons[rule]} ({ml[structure, rule]:.2f} mL) in {counted(of[structure, rule], 'scan')}."
        for (structure, rule), number in pieces.items()
        if number
    ]


if __name__ == "__main__":
    let_threads_sleep()
    run(main)
