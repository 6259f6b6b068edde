"""Build the report of a cohort: what the CTs measure and what the records say, side by side.

Run `python -m hich.report --help`. The output folder holds

- `index.html`: the cohort; `cases/<id>.html`: a page per case;
- `cases.csv`: a row per case (`hich.report.gather.table`);
- `hich-report.json`: what the report was made of, and what was missing (`cohort.schema.report`).

Nothing in it needs anything outside of it: it can be zipped and sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cohort.base.cli import progress
from cohort.base.errors import UsageError, few
from cohort.base.files import atomic_folder, refuse_sources_inside, write_json
from cohort.base.processes import cores, process_pool
from cohort.provenance.note import note_made
from cohort.schema.problems import VERSION, VERSION_KEY
from hich.report.gather.case_source import CaseSource, Places, Sources
from hich.report.gather.sources import Part, find_sources
from hich.report.pages.words import Words
from hich.report.settings import DEFAULT_CONFIG, Settings
from hich.report.strings import Language

if TYPE_CHECKING:
    from hich.report.follow_up.of_cohort import KnownScan
    from hich.report.model.cohort import CaseSummary, CohortReport

MARKER = "hich-report.json"
INDEX = "index.html"
PAGES = "cases"
DEFAULT_SPLIT = Path("corpus/split.json")


def build(
    cohort: Path,
    output: Path,
    *,
    part: Part = "test",
    lang: Language = "en",
    split: Path | None = None,
    predictions: Path = Path("predictions"),
    metrics: Path | None = Path("metrics"),
    training: Path | None = Path("training"),
    settings: Settings | None = None,
    processes: int | None = None,
    observe: Callable[[Iterator[CaseSummary], int], Iterator[CaseSummary]] | None = None,
) -> CohortReport:
    """Build the report of a part of a cohort in the folder `output`.

    Parameters
    ----------
    cohort
        Folder of the cohort.
    output
        Folder to make; an earlier report there is replaced.
    part
        Of the split; or `all`, which also stands for every case where there is no split.
    lang
        Language of the pages.
    split
        File of the split; None if there is none.
    predictions, metrics, training
        Folders of what the halves wrote, with a folder `imaging` and a folder `text` each. What
        isn't there is left out of the report, which says so. Metrics or training are None where
        nothing is to be scored, or trained.
    settings
        Bands of agreement, and which cases need a look; the defaults if None.
    processes
        How many to use; all cores if None.
    observe
        Goes through the cases as they get ready; takes their number too.

    Raises
    ------
    DataError
        If the cohort or the split can't be read, no case is of that part, or `output` is not a
        report or holds one of the inputs.
    UsageError
        If a number makes no sense.
    """
    from hich.report.gather.overall import put_together
    from hich.report.gather.table import CASES_TABLE, write_table
    from hich.report.pages.write import render_index

    if processes is not None and processes < 1:
        raise UsageError(f"--processes {processes}: at least 1 is needed.")
    inputs = [path for path in (cohort, split, predictions, metrics, training) if path]
    refuse_sources_inside(output, inputs)
    settings = settings or Settings()
    sources = find_sources(cohort, Places(predictions, metrics, training, split), part)
    with atomic_folder(output, MARKER) as folder:
        (folder / PAGES).mkdir()
        number = min(processes or cores(), len(sources.cases))
        done = _write_pages(sources.cases, folder, settings, lang, number)
        cases = {case.id: case for case in (observe(done, len(sources.cases)) if observe else done)}
        report = put_together(sources, [cases[source.id] for source in sources.cases])
        (folder / INDEX).write_text(render_index(report, lang), encoding="utf-8", newline="\n")
        write_table(folder / CASES_TABLE, report.cases)
        write_json(folder / MARKER, _description(report, sources, settings, part))
    return report


def write_page(
    source: CaseSource,
    folder: Path,
    settings: Settings,
    lang: Language,
    known: dict[str, KnownScan] | None = None,
) -> CaseSummary:
    """Write the page of a case to the report in `folder`; `known` as `load_followed` takes it."""
    from hich.report.follow_up.of_cohort import load_followed
    from hich.report.gather.table import summary_of
    from hich.report.pages.write import render_case

    case, volumes, scans = load_followed(source, settings, known)
    side = None
    if scans:
        from hich.report.pages.side_by_side import scans_side_by_side

        side = scans_side_by_side(scans)
    name = f"{PAGES}/{case.id}.html"
    page = render_case(case, volumes, lang, side=side)
    (folder / name).write_text(page, encoding="utf-8", newline="\n")
    return summary_of(case, name)


def _write_pages(
    sources: Sequence[CaseSource],
    folder: Path,
    settings: Settings,
    lang: Language,
    processes: int,
) -> Iterator[CaseSummary]:
    """Write the pages, and give what the cohort's page needs of each case as it gets ready."""
    patients = _by_patient(sources)
    if processes == 1:
        for of_one in patients:
            yield from _write_patient(of_one, folder, settings, lang)
        return
    with process_pool(processes) as pool:
        jobs = [pool.submit(_write_patient, one, folder, settings, lang) for one in patients]
        for job in as_completed(jobs):
            yield from job.result()


def _by_patient(sources: Sequence[CaseSource]) -> list[list[CaseSource]]:
    """Return the cases of each patient, the first scan's first: it reads what the others need."""
    patients: dict[str, list[CaseSource]] = {}
    for source in sources:
        first = source.of_patient[0].id if source.of_patient else source.id
        patients.setdefault(first, []).append(source)
    return [sorted(of_one, key=lambda s: s.id != first) for first, of_one in patients.items()]


def _write_patient(
    sources: Sequence[CaseSource], folder: Path, settings: Settings, lang: Language
) -> list[CaseSummary]:
    known: dict[str, KnownScan] = {}
    return [write_page(source, folder, settings, lang, known) for source in sources]


def _description(
    report: CohortReport, sources: Sources, settings: Settings, part: Part
) -> dict[str, object]:
    return {
        VERSION_KEY: VERSION,
        "cohort": report.name,
        "part": part,
        "counts": dict(report.counts),
        "parts": dict(report.parts),
        "missing": {key.removeprefix("note."): ids for key, ids in report.missing.items()},
        "notes": [{"key": note.key, **note.values} for note in report.notes],
        "pairing": asdict(report.pairing) if report.pairing else None,
        "settings": asdict(settings),
    }


def _show_settings(wanted: bool) -> None:
    if wanted:
        print(Settings().to_yaml(), end="")
        raise typer.Exit


def main(
    context: typer.Context,
    cohort: Annotated[Path, typer.Argument(help="Folder of the cohort.")],
    output: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("reports"),
    lang: Annotated[Language, typer.Option(help="Language of the pages.")] = "en",
    part: Annotated[
        Part, typer.Option(help="Part of the split that the report is of, or all cases.")
    ] = "test",
    split: Annotated[
        Path | None,
        typer.Option(help=f"File of the split. [default: {DEFAULT_SPLIT}, if it is there]"),
    ] = None,
    predictions: Annotated[
        Path,
        typer.Option(help="Folder with imaging/ of imaging.predict and text/ of text.annotate."),
    ] = Path("predictions"),
    metrics: Annotated[
        Path, typer.Option(help="Folder with the scores of both halves, imaging/ and text/.")
    ] = Path("metrics"),
    training: Annotated[
        Path, typer.Option(help="Folder with the trainings of both halves, imaging/ and text/.")
    ] = Path("training"),
    config: Annotated[
        Path, typer.Option(help="Bands of agreement, and which cases need a look, in YAML.")
    ] = DEFAULT_CONFIG,
    processes: Annotated[
        int | None, typer.Option(help="Processes to use.", show_default="one per core")
    ] = None,
    show_settings: Annotated[
        bool,
        typer.Option(
            "--show-settings",
            help="Print all values of the configuration with their defaults, and exit.",
            is_eager=True,
            callback=_show_settings,
        ),
    ] = False,
) -> None:
    """Build the report: what the CTs measure and what the records say, side by side.

    Every value of the configuration can be set by its dotted name, for example
    --compare.volume.within_ml 10.

    What is missing, damaged or of another cohort is left out, counted and said.
    """
    from imaging.model.config import config_files, parse_overrides
    from imaging.training.history import HISTORY_TABLE
    from text.training.learning_curve import LOG

    settings = Settings.load(config, parse_overrides(context.args))
    if split is None and DEFAULT_SPLIT.is_file():
        split = DEFAULT_SPLIT
    report = build(
        cohort,
        output,
        part=part,
        lang=lang,
        split=split,
        predictions=predictions,
        metrics=metrics,
        training=training,
        settings=settings,
        processes=processes,
        observe=lambda cases, total: iter(progress(cases, "Building pages", total)),
    )
    halves = [at / half for at in (predictions, metrics) for half in ("imaging", "text")]
    histories = [training / "imaging" / HISTORY_TABLE, training / "text" / LOG]
    note_made(
        output,
        of=[cohort, *halves, *histories],
        part=part,
        config=config_files(config, "report"),
        split=split,
    )
    _say(report, output)


def _say(report: CohortReport, output: Path) -> None:
    from rich.markup import escape

    from hich.report.messages import VERDICTS

    words = Words("en")  # as all commands speak
    console = Console(soft_wrap=True, highlight=False)
    counts = report.counts
    console.print(
        f"Cases: {counts['cases']}. With a CT: {counts['with_image']}, segmented: "
        f"{counts['with_prediction']}. With a record: {counts['with_record']}, annotated: "
        f"{counts['with_annotation']}."
    )
    verdicts = Counter(verdict for case in report.cases for verdict in case.verdicts.values())
    console.print(", ".join(f"{verdicts[v]} {v.replace('_', ' ')}" for v in VERDICTS))
    for note in report.notes:
        console.print(f"[yellow]Note:[/yellow] {escape(words.say(note))}")
    for key, ids in report.missing.items():
        what = words(f"missing.{key.removeprefix('note.')}")
        console.print(f"[yellow]Cases[/yellow] {escape(f'{what} ({len(ids)}): {few(ids)}')}")
    console.print(f"[green]✔[/green] {escape(str(output / INDEX))}")
