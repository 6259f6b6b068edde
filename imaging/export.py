"""Export head CTs to PNG slices: a cohort as a training corpus, plain NIfTI files as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from cohort.base.cli import SeriesOption, counted, run
from cohort.base.configs import find_config
from cohort.base.errors import UsageError, told_of
from cohort.base.note_lines import note_lines
from cohort.provenance.note import note_made
from cohort.schema.manifest import MANIFEST, Cohort
from cohort.schema.split import PARTS, Split
from imaging.model.config import DEFAULT_CONFIG, config_files, read_config
from imaging.model.threads import let_threads_sleep
from imaging.scans.datalist import DATALIST
from imaging.scans.to_slices import Exported, export_cohort, export_files


def main(
    sources: Annotated[
        list[Path],
        typer.Argument(
            help="A cohort; or NIfTI files, folders of them, or DICOM folders.", show_default=False
        ),
    ],
    output: Annotated[Path, typer.Argument(help="Folder to write to.", show_default=False)],
    split: Annotated[
        Path | None,
        typer.Option(help="Split of the cohort; without it all cases become training slices."),
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(help="One CT window of the configuration in grey, instead of three in RGB."),
    ] = None,
    config: Annotated[
        Path,
        typer.Option(
            help="Configuration whose `preprocess` section is used. With a cohort, one that holds "
            "a training as well is tried out first."
        ),
    ] = DEFAULT_CONFIG,
    spacing: Annotated[
        str | None,
        typer.Option(
            help="In-plane pixel spacing in mm, or `native`. Default: the configuration's for a "
            "cohort, native for single scans."
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Export what cannot be a head CT, or masks of other images, as well, and mark it.",
        ),
    ] = False,
    series: SeriesOption = None,
) -> None:
    """Export head CTs to PNG slices in radiological convention.

    A cohort becomes the training corpus: RGB slices of three CT windows, palette masks, and
    datalist.json. Plain NIfTI files or folders become a picture per slice.

    Of records, `python -m text.convert` makes a corpus, for `python -m spacy train`.
    """
    from imaging.scans.preprocess import Preprocess

    config = find_config(config, "imaging")
    whole = read_config(config)
    section = whole.get("preprocess") or {}
    is_cohort = len(sources) == 1 and (sources[0] / MANIFEST).is_file()
    if spacing is not None or not is_cohort:
        section = {**section, "spacing": _parse_spacing(spacing)}
    if is_cohort and "train" in whole:
        # What can't be trained is said now, not after the export.
        import torch

        from imaging.training.rehearsal import rehearse

        rehearse({**whole, "preprocess": section}, torch.device("cpu"), config)
    with told_of(config):
        preprocess = Preprocess.from_config(section)
    if not is_cohort:
        if split:
            raise UsageError(f"--split is for a cohort, one folder with a {MANIFEST}.")
        _say(export_files(sources, output, preprocess, window, force, series))
        return
    if series:
        raise UsageError("--series is for a DICOM folder; a cohort names the series of each case.")
    if window:
        raise UsageError("--window is for plain NIfTI files; training takes all three windows.")
    cohort = Cohort.load(sources[0])
    exported = export_cohort(
        cohort, output, preprocess, Split.load(split) if split else None, force
    )
    note_made(output, of=sources, half="scans", config=config_files(config), split=split)
    _say(exported)


def _parse_spacing(text: str | None) -> float | None:
    if text is None or text == "native":
        return None
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"--spacing must be in mm, or 'native', not {text!r}.") from None


def _say(result: Exported) -> None:
    console = Console(soft_wrap=True, highlight=False)
    notes = {case: [(note.kind, str(note)) for note in of] for case, of in result.notes.items()}
    for line in note_lines(notes, f"`notes` of {result.folder / DATALIST}"):
        console.print(f"[yellow]Note:[/yellow] {escape(line)}")
    for case_id, reason in result.left_out.items():
        console.print(f"Left out: case {case_id!r} {reason}.", markup=False)
    parts = [part for part in PARTS if part in result.slices]
    for part in parts:
        name = f"{part}: " if len(parts) > 1 else ""
        console.print(
            f"{name}{counted(result.slices[part], 'slice')} of "
            f"{counted(result.cases[part], 'scan')}"
        )
    console.print(f"[green]✔[/green] {result.folder}")


if __name__ == "__main__":
    let_threads_sleep()
    run(main)
