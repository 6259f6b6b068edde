"""Export head CTs to PNG slices: a cohort as a training corpus, plain scans as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from cohort.base.cli import SeriesOption, counted, progress, run
from cohort.base.configs import find_config
from cohort.base.errors import DataError, UsageError, raise_all, told_of
from cohort.base.files import atomic_folder, require_replaceable
from cohort.base.note_lines import note_lines
from cohort.base.processes import cores
from cohort.faults import FileNote
from cohort.links.read_split import read_split
from cohort.provenance.note import note_made
from cohort.schema.manifest import MANIFEST, Cohort
from cohort.schema.split import PARTS, Split
from cohort.work.job import PLAIN, Way
from cohort.work.options import (
    PackOption,
    RayOption,
    ResumeOption,
    RetryOption,
    ShardOption,
    way_of,
)
from cohort.work.whole import do_whole
from imaging.jobs.exported import Corpus, Exported
from imaging.model.config import DEFAULT_CONFIG, config_files, read_config
from imaging.model.threads import let_threads_sleep
from imaging.scans.datalist import DATALIST
from imaging.scans.export_scan import Entries, HowToExport, ToExport, export_scan
from imaging.scans.given import find_scans

if TYPE_CHECKING:
    from imaging.scans.preprocess import Preprocess


def main(
    sources: Annotated[
        list[Path],
        typer.Argument(
            help="A cohort; or scans (NIfTI, NRRD), folders of them, or DICOM folders.",
            show_default=False,
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
    shard: ShardOption = None,
    resume: ResumeOption = False,
    retry_failed: RetryOption = False,
    ray: RayOption = None,
    pack: PackOption = None,
) -> None:
    """Export head CTs to PNG slices in radiological convention.

    A cohort becomes the training corpus: RGB slices of three CT windows, palette masks, and
    datalist.json. Plain scans become a picture per slice.

    Of records, `python -m text.convert` makes a corpus, for `python -m spacy train`.
    """
    from imaging.scans.preprocess import Preprocess

    way = way_of(shard, resume, retry_failed, ray, pack=pack)
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
        _say(export_files(sources, output, preprocess, window, force, series, way))
        return
    if series:
        raise UsageError("--series is for a DICOM folder; a cohort names the series of each case.")
    if window:
        raise UsageError("--window is for plain scans; training takes all three windows.")
    cohort = Cohort.load(sources[0])
    parts = read_split(split, cohort) if split else None
    exported = export_cohort(cohort, output, preprocess, parts, force, way)
    if exported is not None:
        note_made(output, of=sources, half="scans", config=config_files(config), split=split)
    _say(exported)


def export_cohort(
    cohort: Cohort,
    output: Path,
    preprocess: Preprocess,
    split: Split | None = None,
    force: bool = False,
    way: Way = PLAIN,
) -> Exported | None:
    """Write the slices and masks of a cohort as a training corpus; return what, None of a shard.

    Parameters
    ----------
    cohort
        Its cases with a CT are exported.
    output
        Folder to write, atomically; a former export there is replaced.
    preprocess
        Windows and in-plane spacing.
    split
        Part of each case or slice; without it all become training slices.
    force
        Export scans that cannot be a head CT, and masks that are not their image's, with a note;
        the list of the slices marks them as `forced`.
    way
        Which scans are exported, and what is kept of those that were before (`cohort.work`).

    Raises
    ------
    DataError
        Listing all files that are not what they should be, and without `force` all scans that
        cannot be a head CT (`cohort.checks.plausible`) and masks that are not their image's
        (`cohort.checks.masks.check`): no network should learn from them.
    """
    left_out = {case.id: "has no CT" for case in cohort.cases if not case.image}
    scans = {}
    for case in cohort.with_image:
        masks = {name: cohort.path(path) for name, path in case.masks.items()}
        parts = split.parts_of_ct(case.id) if split else "train"
        scans[case.id] = ToExport(cohort.path(str(case.image)), masks, parts)
    corpus = Corpus.of(preprocess, str(cohort.folder), left_out)
    return _export(scans, HowToExport(preprocess, force=force), corpus, output, way)


def export_files(
    sources: Sequence[Path],
    output: Path,
    preprocess: Preprocess,
    window: str | None = None,
    force: bool = False,
    series: str | None = None,
    way: Way = PLAIN,
) -> Exported | None:
    """Write plain scans as pictures, one per slice; return what was written, None of a shard.

    Parameters
    ----------
    sources
        Files of scans, folders of them, and DICOM folders.
    output
        Folder to write, atomically; a former export there is replaced.
    preprocess
        Windows and in-plane spacing.
    window
        Name of the one CT window to write in grey; without it RGB of all three.
    force
        As `export_cohort` has it.
    series
        UID of the series to take, of the one DICOM folder among `sources`; None to choose.
    way
        As `export_cohort` has it.

    Raises
    ------
    DataError
        Listing all files that are not what they should be, and without `force` all scans that
        cannot be a head CT: the pictures are looked at as if they were one.
    UsageError
        If there is no such window, or two files would have the same slices.
    """
    if window is not None and window not in preprocess.windows:
        known = ", ".join(preprocess.windows)
        raise UsageError(f"There is no window {window!r}; the configuration has {known}.")
    names = list(preprocess.windows)
    channels = (names.index(window),) if window else (0, 1, 2)
    found = find_scans(sources, series=series)
    raise_all(found.problems)
    scans = {scan.id: ToExport(scan.path, parts="test") for scan in found.scans}
    how = HowToExport(preprocess, channels, force)
    return _export(scans, how, Corpus.of(preprocess), output, way)


def _export(
    scans: Mapping[str, ToExport], how: HowToExport, corpus: Corpus, output: Path, way: Way
) -> Exported | None:
    """Export scans: at once, or as a job of which each scan is a part."""
    if way.is_plain:
        with atomic_folder(output, DATALIST) as folder:
            corpus.make_folders(folder)
            return corpus.end(folder, output, _in_parallel(scans, how, folder))
    from imaging.jobs.export import ExportJob, conclude_export, items_to_export

    require_replaceable(output, DATALIST)
    step, job = asdict(corpus), ExportJob.of(how, output, scans)
    items = items_to_export(scans)
    return do_whole(job, items, [*scans], output, way, "Exporting", step, conclude_export)


def _in_parallel(
    scans: Mapping[str, ToExport], how: HowToExport, folder: Path
) -> list[tuple[str, Entries, list[FileNote]]]:
    """Export all scans, in threads: reading and packing release the interpreter's lock."""

    def attempt(name: str) -> tuple[Entries, list[FileNote], tuple[str, ...]]:
        try:
            return (*export_scan(name, scans[name], how, folder), ())
        except DataError as error:
            return {}, [], error.problems

    # As many as there are cores: more scans at once only take more memory.
    with ThreadPoolExecutor(cores()) as pool:
        done = list(progress(pool.map(attempt, scans), "Exporting", len(scans)))
    raise_all([problem for _, _, wrong in done for problem in wrong])
    return [(name, entries, notes) for name, (entries, notes, _) in zip(scans, done, strict=True)]


def _parse_spacing(text: str | None) -> float | None:
    if text is None or text == "native":
        return None
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"--spacing must be in mm, or 'native', not {text!r}.") from None


def _say(result: Exported | None) -> None:
    if result is None:  # of a shard
        return
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
