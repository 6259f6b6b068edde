"""How far two annotators agree on the same records, and what they differ on.

Run `python -m text.agreement --help`. Compared are the records that both have, by their texts. The
output folder holds

- `index.html`: F1 by label, Cohen's kappa, the most frequent disagreements in their context; it
  needs nothing else and can be sent as it is;
- `agreement.json`: the figures (`cohort.schema.records.agreement`);
- `disagreements.csv`: every disagreement, one per row; offsets are characters in the record;
- `adjudicate/`: the records on which they differ, with both answers, for an annotation tool; once
  somebody has decided there, `text.convert` reads the tool's export;
- `agreed.jsonl`: the records on which they agree, which `text.convert` reads beside that export.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cohort.base.cli import counted, run
from cohort.base.errors import UsageError, few
from cohort.base.files import atomic_folder, refuse_sources_inside, write_json
from cohort.schema.problems import VERSION, VERSION_KEY

if TYPE_CHECKING:
    from text.annotators.answers import AnnotatorSet
    from text.annotators.pairs import PairedSets
    from text.scores.kappa import Kappa
    from text.scores.scores import EntityScore, Tally

SUMMARY = "agreement.json"
DISAGREEMENTS = "disagreements.csv"


@dataclass
class Agreement:
    """What `compare_annotators` counted and wrote.

    Attributes
    ----------
    folder
        Where it was written.
    first, second
        What each of them annotated.
    paired
        The records of both, side by side.
    tally
        Scores and confusion; the first one stands for the annotated side.
    over_all, over_marked
        Cohen's kappa over all characters, and over those that either marks.
    tasks
        On how many records they differ.
    """

    folder: Path
    first: AnnotatorSet
    second: AnnotatorSet
    paired: PairedSets
    tally: Tally
    over_all: Kappa
    over_marked: Kappa
    tasks: int = 0

    @property
    def notes(self) -> list[str]:
        """What is to be known with the figures, a sentence each."""
        lines = []
        for its, alone in (
            (self.first, self.paired.only_first),
            (self.second, self.paired.only_second),
        ):
            if alone:
                lines.append(
                    f"Only {its.name} annotated {counted(len(alone), 'record')} ({few(alone)}): "
                    "left out."
                )
        labels = [
            Counter(
                span.label
                for one in self.paired.documents
                for span in (one.gold, one.predicted)[side]
            )
            for side in (0, 1)
        ]
        own = [labels[side].keys() - labels[1 - side].keys() for side in (0, 1)]
        for its, names in zip((self.first, self.second), own, strict=True):
            if names:
                lines.append(
                    f"Labels that {its.name} alone uses: {few(sorted(names))}. Do both use the "
                    "same set of labels?"
                )
        return lines


def compare_annotators(
    one: Path,
    other: Path | None,
    output: Path,
    *,
    annotators: Sequence[str] = (),
    tool: str = "label-studio",
    top: int = 50,
) -> Agreement:
    """Compare what two people annotated; write to the folder `output`.

    Parameters
    ----------
    one, other, annotators
        See `text.annotators.answers.read_two`.
    output
        Folder to make; an earlier one of the same kind is replaced.
    tool
        For which annotation tool tasks are written: one of `text.annotators.tasks.TOOLS`.
    top
        How many groups of like disagreements the page shows.

    Raises
    ------
    DataError
        If a set cannot be read, there is one annotator only, the sets are of different records, or
        nothing is marked in them.
    UsageError
        If `tool` is unknown, `top` negative, or `annotators` aren't two of an export's.
    """
    from text.annotators.answers import read_two
    from text.annotators.page import agreement_page
    from text.annotators.pairs import pair_sets
    from text.annotators.tasks import TOOLS, write_tasks
    from text.scores.alignment import MISSED, SPURIOUS
    from text.scores.error_groups import write_csv
    from text.scores.kappa import Pairs, character_pairs, cohens_kappa, without_outside
    from text.scores.scores import Tally

    if tool not in TOOLS:
        raise UsageError(f"--format {tool}: the formats are {', '.join(TOOLS)}.")
    if top < 0:
        raise UsageError("--top: give a number of 0 or more.")
    refuse_sources_inside(output, [path for path in (one, other) if path])
    first, second = read_two(one, other, annotators)
    paired = pair_sets(first, second)
    tally = Tally()
    pairs: Pairs = Counter()
    for document in paired.documents:
        pairs.update(character_pairs(document.gold, document.predicted, len(document.text)))
        for pair in document.pairs:
            tally.add(pair)
    over_all, over_marked = cohens_kappa(pairs), cohens_kappa(without_outside(pairs))
    result = Agreement(output, first, second, paired, tally, over_all, over_marked)
    with atomic_folder(output, SUMMARY) as folder:
        names = first.name, second.name
        result.tasks = write_tasks(folder, paired.documents, names, tool)
        kinds = {MISSED: "only first", SPURIOUS: "only second"}
        write_csv(folder / DISAGREEMENTS, paired.documents, ("first", "second"), kinds)
        write_json(folder / SUMMARY, _summary(result))
        page = agreement_page(result, top)
        (folder / "index.html").write_text(page, encoding="utf-8", newline="\n")
    return result


def _summary(result: Agreement) -> dict[str, Any]:
    tally = result.tally

    def who(its: AnnotatorSet, alone: Sequence[str]) -> dict[str, Any]:
        return {"name": its.name, "records": len(its.records), "alone": len(alone)}

    return {
        VERSION_KEY: VERSION,
        "first": who(result.first, result.paired.only_first),
        "second": who(result.second, result.paired.only_second),
        "records": len(result.paired.documents),
        "all": _score(tally.all),
        "labels": {name: _score(tally.labels[name]) for name in tally.worst_first()},
        "characters": _kappa(result.over_all),
        "marked_characters": _kappa(result.over_marked),
        "kinds": dict(sorted(tally.kinds.items())),
        "tasks": result.tasks,
    }


def _score(score: EntityScore) -> dict[str, Any]:
    counts = {"first": score.gold, "second": score.predicted, "both": score.correct}
    return {"f1": round(score.f1, 4), **counts}


def _kappa(kappa: Kappa) -> dict[str, Any]:
    shares = {"observed": kappa.observed, "expected": kappa.expected, "kappa": kappa.value}
    rounded = {name: None if x is None else round(x, 4) for name, x in shares.items()}
    return {"characters": kappa.characters, **rounded}


def main(
    one: Annotated[
        Path,
        typer.Argument(
            metavar="A",
            help="Annotated records of one person, as text.convert reads them; or alone: Label "
            "Studio's JSON, doccano's folder with a file for each person, or one with a brat "
            "folder for each.",
        ),
    ],
    output: Annotated[Path, typer.Option(help="Folder to write to.")],
    other: Annotated[
        Path | None, typer.Argument(metavar="[B]", help="The same records by another person.")
    ] = None,
    annotators: Annotated[
        list[str] | None,
        typer.Option(
            "--annotator",
            help="Whom to compare, of an export by more than two: twice, a name each.",
        ),
    ] = None,
    tool: Annotated[
        str,
        typer.Option(
            "--format", help="Tasks to decide what differs: label-studio, doccano or brat."
        ),
    ] = "label-studio",
    top: Annotated[int, typer.Option(help="How many groups of disagreements to show.")] = 50,
) -> None:
    """Show how far two annotators agree: F1 by label, Cohen's kappa, disagreements, tasks.

    An entity is the same if span and label are exact.
    """
    result = compare_annotators(one, other, output, annotators=annotators or (), tool=tool, top=top)
    console = Console(soft_wrap=True, highlight=False)
    documents, tally = result.paired.documents, result.tally
    console.print(f"{counted(len(documents), 'record')} that both annotated", markup=False)
    table = Table()
    for name in ("label", "F1", escape(result.first.name), escape(result.second.name), "the same"):
        table.add_column(name, justify="left" if name == "label" else "right")
    for name in tally.worst_first():
        table.add_row(escape(name), *_cells(tally.labels[name]))
    table.add_section()
    table.add_row("all", *_cells(tally.all))
    console.print(table)
    for what, kappa in (
        ("all characters", result.over_all),
        ("the characters that either marks", result.over_marked),
    ):
        said = "cannot be told" if kappa.value is None else f"{kappa.value:.3f}"
        console.print(f"Cohen's kappa over {what} ({kappa.characters:,}): {said}", markup=False)
    for note in result.notes:
        console.print(f"Note: {note}", style="yellow", markup=False)
    for remark, count in _remarks(result).items():
        if count:
            console.print(f"On reading, {remark}: {count:,}", markup=False)
    console.print(f"Records to adjudicate: {result.tasks:,}", markup=False)
    console.print(f"Written: {', '.join(map(str, sorted(result.folder.iterdir())))}", markup=False)


def _remarks(result: Agreement) -> Counter[str]:
    """Return what was remarked on reading: both sets', but what one file has of both once."""
    first, second = result.first.remarks, result.second.remarks
    return first if first is second else first + second


def _cells(score: EntityScore) -> list[str]:
    return [f"{score.f1:.3f}", *(f"{n:,}" for n in (score.gold, score.predicted, score.correct))]


if __name__ == "__main__":
    run(main)
