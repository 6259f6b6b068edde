"""`python -m hich.read`: see `hich.read.build`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cohort.base.cli import counted, run, say_note
from cohort.base.devices import DeviceOption
from cohort.base.errors import few, raise_all
from cohort.provenance.note import note_made
from cohort.work.options import PackOption, RayOption, RetryOption, ShardOption, way_of
from hich.patient.options import ModelOption, PipelineOption
from hich.read.build import PREDICTIONS, REPORT, WORKBOOK, ReadResult, read
from hich.read.failures import FAILED
from hich.report.strings import Language
from imaging.model.folder import model_or_boxed
from imaging.model.threads import let_threads_sleep


def main(
    source: Annotated[
        Path,
        typer.Argument(
            help="Cohort; or a folder of scans (NIfTI, NRRD, DICOM folders or zips) and notes "
            "(.txt, .docx), paired by name."
        ),
    ],
    output: Annotated[Path, typer.Option(help="Folder to write to; a stopped run goes on there.")],
    notes: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the notes, or a table of them (.csv, .xlsx).",
            show_default="those beside the scans",
        ),
    ] = None,
    id_column: Annotated[
        str | None,
        typer.Option(
            "--id",
            help="Heading of the table's column that holds the scans' names.",
            show_default="a known one, such as PatientID or 住院号",
        ),
    ] = None,
    text_column: Annotated[
        str | None,
        typer.Option(
            "--text",
            help="Heading of the column that holds the notes.",
            show_default="a known one, such as text or 病历",
        ),
    ] = None,
    model: ModelOption = None,
    pipeline: PipelineOption = None,
    lang: Annotated[Language, typer.Option(help="Language of the pages.")] = "en",
    device: DeviceOption = "cpu",
    processes: Annotated[
        int | None,
        typer.Option(min=1, help="How many processes write pages.", show_default="all cores"),
    ] = None,
    shard: ShardOption = None,
    retry_failed: RetryOption = False,
    ray: RayOption = None,
    pack: PackOption = None,
) -> None:
    """Read many patients without masks, split or training: a report, a table, a spreadsheet.

    Each scan is checked as it is read. A case that fails is named with its reason in failed.csv,
    and the rest go on; the exit code is 1 then. For research; not a medical device.
    """
    result = read(
        source,
        output,
        notes=notes,
        id_column=id_column,
        text_column=text_column,
        model=model,
        pipeline=pipeline,
        lang=lang,
        device=device,
        processes=processes,
        way=way_of(shard, True, retry_failed, ray, pack=pack),
    )
    if result.report is not None:
        made = [REPORT, PREDICTIONS, WORKBOOK, FAILED]
        of = [source, notes, model_or_boxed(model), pipeline]
        note_made(output, made, of=of, device=device)
    _say(result, output)
    raise_all([f"{failure.case} ({failure.half}): {failure.why}" for failure in result.failures])


def _say(result: ReadResult, output: Path) -> None:
    from hich.report.compare.identity import OTHER_PATIENT

    if result.report is None:
        print("The shard's scans are segmented; when all are: the same line without --shard.")
        return

    apart = [c.id for c in result.report.cases if any(n.key == OTHER_PATIENT for n in c.notes)]
    if apart:
        say_note(
            f"{counted(len(apart), 'case')} whose record and DICOM header tell of different "
            f"patients: {few(apart)}. Check that they belong together."
        )
    console = Console(soft_wrap=True, highlight=False, markup=False)
    counts = result.report.counts
    console.print(
        f"{counted(counts['cases'], 'case')}: {counts['with_prediction']} segmented, "
        f"{counts['with_annotation']} with a note that was read, {counts['needs_look']} that need "
        "a look."
    )
    for fact in result.facts:
        console.print(f"  {fact}")
    failed = len({failure.case for failure in result.failures})
    console.print(f"Failed: {counted(failed, 'case')}, {output / FAILED}")
    console.print(f"Written: {output / REPORT / 'index.html'}, {output / WORKBOOK}")


if __name__ == "__main__":
    let_threads_sleep()
    run(main)
