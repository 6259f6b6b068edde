"""Write what files hold as JSON schemas, to docs/schemas.

Run `python -m hich.project.schemas` after a change of `cohort.schema` or of the settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cohort.base.cli import counted, run
from cohort.base.files import write_json
from cohort.schema.check import CheckFile
from cohort.schema.datalist import Datalist
from cohort.schema.explain import explained, first_sentence
from cohort.schema.manifest import Cohort
from cohort.schema.patient import PatientFile
from cohort.schema.problems import VERSION, VERSION_KEY, adapter
from cohort.schema.provenance import Provenance
from cohort.schema.records.agreement import AgreementFile
from cohort.schema.records.errors import ErrorsFile
from cohort.schema.records.record import AnnotatedRecord
from cohort.schema.report import ReportFile
from cohort.schema.scans.model_errors import ModelErrors
from cohort.schema.scans.scan import ScanResult
from cohort.schema.scores import ScoresFile
from cohort.schema.series_list import SeriesList
from cohort.schema.split import Split
from hich.report.settings import Settings

FOLDER = Path("docs/schemas")
FILES: dict[str, type] = {
    "cohort": Cohort,
    "split": Split,
    "datalist": Datalist,
    "scan": ScanResult,
    "annotations-line": AnnotatedRecord,
    "scores": ScoresFile,
    "series": SeriesList,
    "check": CheckFile,
    "errors": ErrorsFile,
    "agreement": AgreementFile,
    "report": ReportFile,
    "provenance": Provenance,
    "patient": PatientFile,
}
"""Name of a schema, to the model of the files that a step writes."""


def settings() -> dict[str, type]:
    """Return the same of what has no version: what people write, and parts of other files."""
    from imaging.boxing.recipe import Recipe
    from imaging.model.postprocess import Postprocess
    from imaging.scans.preprocess import Preprocess
    from imaging.training.settings import TrainSettings

    return {
        "report-settings": Settings,
        "imaging-preprocess": Preprocess,
        "imaging-train": TrainSettings,
        "imaging-postprocess": Postprocess,
        "model-recipe": Recipe,
        "model-errors": ModelErrors,
    }


def schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name of each schema, and what stands in it."""
    for name, kind in {**FILES, **settings()}.items():
        schema = adapter(kind).json_schema()
        if name in FILES:
            version = {"const": VERSION, "description": "Of this schema. Older files have none."}
            schema["properties"] = {VERSION_KEY: version, **schema["properties"]}
        kinds = {kind.__name__: kind, **_known()}
        for title, part in [(kind.__name__, schema), *schema.get("$defs", {}).items()]:
            _describe(part, kinds[title])
        yield name, {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def write(folder: Path = FOLDER) -> None:
    """Write all schemas to a folder."""
    for name, schema in schemas():
        write_json(folder / f"{name}.json", schema)


def _known() -> dict[str, type]:
    from cohort.schema import (
        case,
        check,
        datalist,
        follow_up,
        manifest,
        patient,
        provenance,
        report,
        scores,
        series_list,
    )
    from cohort.schema import split as split_file
    from cohort.schema.records import agreement, errors, findings, record
    from cohort.schema.scans import measurements, model_errors, scan
    from hich.report import settings
    from imaging.boxing import recipe

    modules = (
        *(
            case,
            manifest,
            split_file,
            datalist,
            measurements,
            scan,
            record,
            findings,
            check,
            errors,
        ),
        *(
            report,
            patient,
            follow_up,
            scores,
            series_list,
            settings,
            model_errors,
            recipe,
            agreement,
        ),
        *(provenance, check, report),
    )
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type)
    }


def _describe(schema: dict[str, Any], kind: type) -> None:
    """Say of a model and its fields what its docstring says."""
    schema["description"] = first_sentence(kind)
    notes = explained(kind)
    for name, field in schema["properties"].items():
        field.pop("title", None)
        if name in notes:
            field["description"] = notes[name]


def main(
    folder: Annotated[Path, typer.Option(help="Folder to write them to.")] = FOLDER,
) -> None:
    """Write the JSON schemas of the files that steps write and people write, for the docs."""
    write(folder)
    Console(soft_wrap=True, highlight=False).print(
        f"[green]✔[/green] {counted(len(FILES) + len(settings()), 'schema')} in "
        f"{escape(str(folder))}"
    )


if __name__ == "__main__":
    run(main)
