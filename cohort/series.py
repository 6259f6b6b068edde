"""List the DICOM series of a folder: what each is, which one is chosen, and why not the others.

Descriptions are free text that may name the patient. They are shown on the terminal, where they
help to choose, and written nowhere else: `--json` leaves them out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cohort.base.cli import SeriesOption, counted, print_json, run
from cohort.base.errors import DataError, few, raise_all

if TYPE_CHECKING:
    from cohort.schema.series_list import SeriesList
    from cohort.space.dicom.choosing.choice import JudgedSeries, SeriesChoice
    from cohort.space.dicom.choosing.studies import PatientStudy
    from cohort.space.dicom.files.find import Found

FILES = 3
"""Files named of those that were passed over for one reason."""


@dataclass
class Listing:
    """What is in a folder.

    Attributes
    ----------
    found
        Its series, and the files that were passed over.
    choices
        Each study with what was chosen from it.
    """

    found: Found
    choices: list[tuple[PatientStudy, SeriesChoice]]


def main(
    folder: Annotated[Path, typer.Argument(help="DICOM folder, however deep; a zip, or a file.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the list as JSON, without descriptions.")
    ] = False,
    series: SeriesOption = None,
) -> None:
    """List the DICOM series of a folder, per patient and study, and which of them is chosen.

    That is the original axial head CT with a soft kernel and without contrast; of several, first
    one whose slices are 2 to 6 mm apart, then thinner, then thicker ones. The exit code is 1 if
    there is none.
    """
    listing = list_series(folder, series)
    if as_json:
        print_json(_as_json(listing))
    else:
        _show(listing)
    refusals = [
        f"{folder}: {study.name}: {choice.refusal}{_advice(choice)}."
        for study, choice in listing.choices
        if choice.chosen is None
    ]
    if len(refusals) == len(listing.choices):
        raise_all(refusals)


def list_series(folder: Path, uid: str | None = None) -> Listing:
    """Find the series in `folder`, and choose one from each study.

    Parameters
    ----------
    uid
        Choose this series from its study.

    Raises
    ------
    DataError
        If there is no DICOM series at all, or no series of that name.
    """
    from cohort.space.dicom.choosing.choice import is_named
    from cohort.space.dicom.choosing.pick import choose_each, nothing_found
    from cohort.space.dicom.choosing.studies import studies_of
    from cohort.space.dicom.files.find import find_series

    found = find_series(folder)
    if not found.series:
        raise DataError(nothing_found(folder, found))
    if uid is not None and not any(is_named(one, uid) for one in found.series):
        raise DataError(f"{folder}: holds no series {uid}; without --series all are listed.")
    return Listing(found, choose_each(studies_of(found.series), uid))


def to_schema(listing: Listing) -> SeriesList:
    """Return what `--json` prints."""
    from cohort.schema.series_list import ListedSeries, ListedStudy, SeriesList

    def series_of_study(choice: SeriesChoice) -> tuple[ListedSeries, ...]:
        return tuple(
            ListedSeries(
                uid=one.series.name,
                what=one.kind.what,
                slices=one.kind.slices,
                rows=one.series.first.rows,
                columns=one.series.first.columns,
                chosen=_is_chosen(one, choice),
                number=one.series.first.series_number,
                distance_mm=_rounded(one.kind.distance_mm),
                height_mm=_rounded(one.kind.height_mm),
                kernel=one.series.first.kernel,
                why_not=one.why_not,
                notes=_notes(one, choice),
            )
            for one in choice.judged
        )

    studies = tuple(
        ListedStudy(
            patient=study.patient,
            study=study.number,
            series=series_of_study(choice),
            why=choice.refusal or choice.why,
            chosen=choice.chosen.name if choice.chosen else None,
            hours=_rounded(study.hours),
        )
        for study, choice in listing.choices
    )
    return SeriesList(studies, dict(Counter(one.reason for one in listing.found.skipped)))


def _as_json(listing: Listing) -> dict[str, Any]:
    from cohort.schema.problems import VERSION, VERSION_KEY

    return {VERSION_KEY: VERSION, **asdict(to_schema(listing))}


def _show(listing: Listing) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for study, choice in listing.choices:
        console.print(f"[bold]{study.name}[/bold]")
        for one in choice.judged:
            chosen = _is_chosen(one, choice)
            mark = "[green]✔[/green]" if chosen else " "
            console.print(f"{mark} {escape(_line(one))}")
            why = f"chosen: {choice.why}" if chosen else f"not chosen: {'; '.join(one.why_not)}"
            console.print(f"    {escape(why)}")
            for note in _notes(one, choice):
                console.print(f"    [yellow]Note:[/yellow] {escape(note)}")
            console.print(f"    --series {escape(one.series.name)}")
        if choice.refusal:
            console.print(f"[yellow]Note:[/yellow] {escape(choice.refusal)}.")
    files: dict[str, list[str]] = {}
    for skipped in listing.found.skipped:
        files.setdefault(skipped.reason, []).append(str(skipped.stored))
    for reason, names in files.items():
        said = f"{counted(len(names), 'file')} passed over: {reason.rstrip('.')}"
        console.print(escape(f"{said} ({few(names, FILES)})"), style="dim")
    number = sum(choice.chosen is not None for _, choice in listing.choices)
    patients = len({study.patient for study, _ in listing.choices})
    if number:
        console.print(
            f"[green]✔[/green] {number} chosen, of {_studies(len(listing.choices))} of "
            f"{counted(patients, 'patient')}"
        )


def _advice(choice: SeriesChoice) -> str:
    from cohort.space.dicom.choosing.pick import may_be_named

    return "; name one with --series UID" if may_be_named(choice) else ""


def _line(one: JudgedSeries) -> str:
    """Return a line on a series."""
    first, kind = one.series.first, one.kind
    description = "".join(c if c.isprintable() else "?" for c in first.series_description)
    apart = "" if kind.distance_mm is None else f", {kind.distance_mm:.3g} mm apart"
    facts = [
        f"{one.name}: {kind.what}",
        f"“{description}”" if description else "",
        f"{counted(kind.slices, 'slice')}{apart}",
        f"{first.columns}×{first.rows}",
        f"kernel {first.kernel}" if first.kernel else "",
    ]
    return "; ".join(filter(None, facts))


def _notes(one: JudgedSeries, choice: SeriesChoice) -> tuple[str, ...]:
    series = choice.chosen if _is_chosen(one, choice) and choice.chosen else one.series
    return tuple(map(str, series.notes))


def _is_chosen(one: JudgedSeries, choice: SeriesChoice) -> bool:
    return choice.chosen is not None and choice.chosen.name == one.series.name


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 3)


def _studies(number: int) -> str:
    return "1 study" if number == 1 else f"{number} studies"


if __name__ == "__main__":
    run(main)
