"""`python -m hich.patient`: see `hich.patient.build`."""

from __future__ import annotations

from math import isfinite, nan
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cohort.base.cli import SeriesOption, print_json, run, say_note
from cohort.base.devices import DeviceOption
from cohort.base.errors import UsageError, raise_all
from cohort.provenance.note import note_made
from cohort.space.address import Address
from hich.patient.build import INDEX, PatientResult, patient
from hich.patient.options import ModelOption, PipelineOption
from hich.report.strings import Language
from imaging.model.folder import is_boxed, model_or_boxed
from imaging.model.threads import let_threads_sleep


def main(
    named: Annotated[
        list[Path],
        typer.Argument(
            metavar="[CT]... [NOTE]",
            help="Scans (NIfTI, NRRD, DICOM folder or zip), a note (.txt, .docx), or both; "
            "told apart by what they are.",
        ),
    ],
    output: Annotated[Path, typer.Option(help="Folder to write to.")],
    series: SeriesOption = None,
    hours: Annotated[
        str | None,
        typer.Option(
            help="When each of several scans was taken, in hours from any moment, such as 0,24.",
            show_default="what their files say",
        ),
    ] = None,
    model: ModelOption = None,
    pipeline: PipelineOption = None,
    lang: Annotated[Language, typer.Option(help="Language of the page.")] = "en",
    device: DeviceOption = "cpu",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what summary.json holds, for programs.")
    ] = False,
) -> None:
    """Make one patient's page: what the CT shows beside what the note says.

    Writes index.html, summary.json and the masks. Several scans of the patient are compared with
    each other: growth of the hematoma, or what surgery left of it. What cannot be used is named,
    and the page has the rest. For research; not a medical device.
    """
    result = patient(
        named,
        output,
        series=series,
        hours=_hours(hours),
        model=model,
        pipeline=pipeline,
        lang=lang,
        device=device,
    )
    files = [Address.of(path).file for path in named]
    used = model_or_boxed(model) if result.case.model else None
    note_made(output, of=[*files, used, pipeline], device=device)
    _warn(result)
    print_json(result.summary) if as_json else _say(result, output, model)
    raise_all(result.problems)


def _hours(named: str | None) -> list[float] | None:
    if named is None:
        return None
    try:
        hours = [float(one) for one in named.replace("，", ",").split(",")]
    except ValueError:
        hours = [nan]
    if not all(map(isfinite, hours)):
        raise UsageError(
            f"--hours {named}: are not all numbers; name one for each scan, such as 0,24."
        )
    return hours


def _warn(result: PatientResult) -> None:
    from hich.report.compare.identity import OTHER_PATIENT
    from hich.report.pages.words import Words

    for note in result.case.notes:
        if note.key in (OTHER_PATIENT, "note.tracked_changes", "follow.first_refused"):
            say_note(Words("en").say(note))


def _say(result: PatientResult, output: Path, model: Path | None) -> None:
    from hich.report.compare.deciding import crossed_message
    from hich.report.gather.parts import TRAINED_ON
    from hich.report.pages.follow_up import follow_up_in_words
    from hich.report.pages.score import score_in_words
    from hich.report.pages.words import Words

    words = Words("en")  # as all commands speak
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for row in result.case.rows:
        ct, record = words.value(row.ct), words.joined([words.value(v) for v in row.record])
        said = f"CT {ct}; record {record or words('value.none')}"
        label = words(f"aspect.{row.aspect}")
        console.print(f"{label}: {said}. {words(f'verdict.{row.verdict}')}.")
        for crossed in row.crossed:
            console.print(f"  {words.say(crossed_message(crossed))}")
    if result.case.score:
        console.print(f"{words('ich.title')}: {score_in_words(result.case.score, words)}")
    if result.case.follow_up:
        for line in follow_up_in_words(result.case.follow_up, words):
            console.print(line)
    if result.case.model:
        told = [words.say(note) for note in result.case.notes if note.key == TRAINED_ON]
        boxed = is_boxed(model_or_boxed(model))
        console.print(
            (told[0] if told else f"Masks by {result.case.model}.")
            + (" It comes with the program; --model names another." if boxed else "")
        )
    console.print(f"Written: {output / INDEX}")


if __name__ == "__main__":
    let_threads_sleep()
    run(main)
