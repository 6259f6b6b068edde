"""The commands behind `hich`: name, module, and one line of help."""

from __future__ import annotations

from difflib import get_close_matches
from typing import NamedTuple


class NamedCommand(NamedTuple):
    """A command behind `hich`.

    Attributes
    ----------
    name
        What stands after `hich`; two words where several belong together.
    module
        `python -m` of it is the same.
    line
        What it does.
    """

    name: str
    module: str
    line: str


GROUPS: dict[str, tuple[NamedCommand, ...]] = {
    "One patient": (
        NamedCommand("patient", "hich.patient", "Read a scan and a note: one page, one summary."),
    ),
    "The whole job": (
        NamedCommand("read", "hich.read", "Read many scans and notes: report and tables."),
        NamedCommand("merge", "hich.merge", "End what was done in shards: tables and files."),
        NamedCommand("run", "hich.project", "Run a workflow or a step of project.yml."),
        NamedCommand("push", "hich.push", "Share results of project.yml's steps."),
        NamedCommand("pull", "hich.pull", "Take results that others have shared."),
        NamedCommand("trace", "hich.trace", "Show how a result was made, and what changed since."),
    ),
    "Cohort": (
        NamedCommand("import files", "cohort.import_files", "Make a cohort of your own files."),
        NamedCommand(
            "import dicom", "cohort.import_dicom", "Make a cohort of a hospital's DICOM export."
        ),
        NamedCommand(
            "import hich-it", "cohort.import_hich_it", "Make a cohort of HICH-IT's published files."
        ),
        NamedCommand("series", "cohort.series", "List the series of a DICOM folder."),
        NamedCommand("check", "cohort.check", "Check every file of a cohort."),
        NamedCommand("split", "cohort.split", "Split a cohort into train, val and test."),
        NamedCommand("synthesize", "cohort.synthesize", "Generate head CTs with records."),
    ),
    "Head CT": (
        NamedCommand("export", "imaging.export", "Export scans and masks to PNG slices."),
        NamedCommand("train", "imaging.train", "Train the network."),
        NamedCommand("evaluate", "imaging.evaluate", "Score a model on a cohort."),
        NamedCommand("predict", "imaging.predict", "Segment scans: masks and measurements."),
        NamedCommand("box", "imaging.box", "Make a trained model ready to be given away."),
    ),
    "Records (beside `python -m spacy train` and `python -m spacy evaluate`)": (
        NamedCommand("convert", "text.convert", "Convert tagged records to spaCy's corpus."),
        NamedCommand("annotate", "text.annotate", "Annotate records: entities and findings."),
        NamedCommand(
            "deidentify", "text.deidentify", "Replace names, numbers, places and dates of records."
        ),
        NamedCommand("errors", "text.errors", "Show what a pipeline gets wrong."),
        NamedCommand("agreement", "text.agreement", "Show how far two annotators agree."),
    ),
    "CT beside record, and this machine": (
        NamedCommand("report", "hich.report", "Build the pages of a cohort's report."),
        NamedCommand("doctor", "hich.doctor", "Look whether all is installed and works."),
    ),
}
"""Heading in the help, to its commands."""

COMMANDS = {command.name: command for group in GROUPS.values() for command in group}
"""Name to command."""


def find_command(words: list[str]) -> tuple[NamedCommand, list[str]] | None:
    """Return the command that the words begin with, and the words after it; None if none does.

    Examples
    --------
    >>> command, rest = find_command(["import", "dicom", "export/"])
    >>> command.module, rest
    ('cohort.import_dicom', ['export/'])
    """
    for length in (2, 1):
        command = COMMANDS.get(" ".join(words[:length]))
        if command is not None and len(words) >= length:
            return command, words[length:]
    return None


def commands_of(first: str) -> list[NamedCommand]:
    """Return the commands of two words that begin with that one."""
    return [command for command in COMMANDS.values() if command.name.startswith(f"{first} ")]


def meant_by(words: list[str]) -> str | None:
    """Return the name of the command that was likely meant.

    Examples
    --------
    >>> meant_by(["chek"]), meant_by(["import", "dicm"]), meant_by(["cohort.check"])
    ('check', 'import dicom', 'check')
    """
    by_module = {command.module: command.name for command in COMMANDS.values()}
    for length in (2, 1):
        said = " ".join(words[:length])
        if said in by_module:
            return by_module[said]
        near = get_close_matches(said.replace("_", "-"), [*COMMANDS, "import"], 1)
        if near:
            return near[0]
    return None
