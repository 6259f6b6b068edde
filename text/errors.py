"""What a trained pipeline gets wrong: scores, confusions and the most frequent errors, as a page.

Run `python -m text.errors --help`. The output folder holds

- `index.html`: scores and confusion by label, the most frequent errors in their context and, where
  there is a training log, the learning curves; it needs nothing else and can be sent as it is;
- `errors.json`: scores, confusion and all groups of errors, the largest first
  (`cohort.schema.records.errors`);
- `errors.csv`: every error, one per row; offsets are characters in the record, end not included.

How predicted entities answer to annotated ones is told in `text.scores.alignment`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cohort.base.cli import run
from cohort.base.devices import DeviceOption
from cohort.base.errors import UsageError
from cohort.base.files import atomic_folder, refuse_sources_inside, write_json
from cohort.provenance.note import note_made
from cohort.schema.problems import VERSION, VERSION_KEY
from text.scores.alignment import CORRECT, KINDS

if TYPE_CHECKING:
    from text.scores.error_groups import Group
    from text.scores.scores import EntityScore, Tally

SUMMARY = "errors.json"
ERRORS_TABLE = "errors.csv"


@dataclass
class Errors:
    """What `find_errors` counted and wrote.

    Attributes
    ----------
    folder
        Where it was written.
    documents
        How many documents were scored.
    unannotated
        How many were left out, since nothing says that they were annotated at all.
    tally
        Scores and confusion.
    groups
        All errors in groups, the largest first.
    log
        The training log whose curve was drawn, if any.
    unlearnt
        Annotated labels that the pipeline does not know, so that it finds none of them.
    """

    folder: Path
    documents: int
    unannotated: int
    tally: Tally
    groups: list[Group] = field(default_factory=list)
    log: Path | None = None
    unlearnt: list[str] = field(default_factory=list)

    @property
    def learnt(self) -> EntityScore:
        """The score over the labels that the pipeline knows (micro average)."""
        return self.tally.over([name for name in self.tally.labels if name not in self.unlearnt])

    @property
    def unlearnt_note(self) -> str:
        """Which labels the pipeline never learnt, and what that does to the scores; "" if none."""
        if not self.unlearnt:
            return ""
        missed = sum(self.tally.labels[name].gold for name in self.unlearnt)
        every = self.tally.all
        over_learnt = (
            f"over those that it learnt {self.learnt.f1:.3f}."
            if self.learnt.gold
            else "and nothing is annotated of those that it learnt, so that their F1 is unknown."
        )
        return (
            f"The pipeline never learnt {', '.join(self.unlearnt)}: {missed:,} of {every.gold:,} "
            "annotated entities, each of which counts as missed. F1 over all labels is "
            f"{every.f1:.3f}, {over_learnt}"
        )


def find_errors(
    model: str,
    corpus: Path,
    output: Path,
    *,
    top: int = 20,
    log: Path | None = None,
    device: str | int = "cpu",
) -> Errors:
    """Compare what the pipeline `model` finds in `corpus` with what is annotated there.

    Parameters
    ----------
    model
        Folder of a spaCy pipeline, or name of an installed one.
    corpus
        Annotated documents as `text.convert` writes them: a `.spacy` file, or a folder of such.
    output
        Folder to make; an earlier one of the same kind is replaced.
    top
        How many groups of like errors the page shows.
    log
        Training log to draw the learning curve of; without, the `history.jsonl` beside the
        model's folder, if there is one.
    device
        As `cohort.base.devices` has it: `cpu`, `cuda:1`, … or a number of a GPU.

    Raises
    ------
    DataError
        If the pipeline or the corpus cannot be read, the pipeline finds no entities at all by its
        design, the corpus has none, or its entities don't fit the pipeline's tokens.
    UsageError
        If `top` is negative, or there is no such GPU.
    """
    from text.model.pipeline import load_pipeline
    from text.scores.compare import check_documents, require_corpus, unlearnt
    from text.scores.error_groups import group_errors, write_csv
    from text.scores.error_page import error_page
    from text.scores.scores import Tally
    from text.training.learning_curve import find_log, read_log

    if top < 0:
        raise UsageError("--top: give a number of 0 or more.")
    require_corpus(corpus)
    refuse_sources_inside(output, [corpus, Path(model), *([log] if log else [])])
    log = log or find_log(Path(model))
    steps = read_log(log) if log else []
    nlp = load_pipeline(model, device)
    documents, unannotated = check_documents(nlp, model, corpus)
    tally = Tally()
    for document in documents:
        for pair in document.pairs:
            tally.add(pair)
    unknown = unlearnt(nlp, [name for name, score in tally.labels.items() if score.gold])
    result = Errors(
        output, len(documents), unannotated, tally, group_errors(documents), log, unknown
    )
    with atomic_folder(output, SUMMARY) as folder:
        write_csv(folder / ERRORS_TABLE, documents)
        write_json(folder / SUMMARY, _summary(result, model, corpus))
        page = error_page(result, model, corpus, top=top, steps=steps)
        (folder / "index.html").write_text(page, encoding="utf-8", newline="\n")
    return result


def _summary(result: Errors, model: str, corpus: Path) -> dict[str, object]:
    tally = result.tally
    names = tally.worst_first()
    return {
        VERSION_KEY: VERSION,
        "model": model,
        "corpus": str(corpus),
        "documents": result.documents,
        "unannotated": result.unannotated,
        "scores": {
            "all": tally.all.to_json(),
            "labels": {name: tally.labels[name].to_json() for name in names},
            "learnt": result.learnt.to_json() if result.learnt.gold else None,
        },
        "unlearnt": result.unlearnt,
        "kinds": dict(sorted(tally.kinds.items())),
        "confusion": tally.confusion.to_json(names),
        "groups": [one.to_json() for one in result.groups],
    }


def main(
    model: Annotated[
        str, typer.Argument(help="Folder of a trained pipeline, or name of an installed one.")
    ],
    corpus: Annotated[
        Path, typer.Argument(help="Annotated documents: a .spacy file of text.convert.")
    ],
    output: Annotated[Path, typer.Option(help="Folder to write to.")],
    top: Annotated[int, typer.Option(help="How many groups of like errors to show.")] = 20,
    log: Annotated[
        Path | None,
        typer.Option(help="Training log. Default: history.jsonl beside the model, if it is there."),
    ] = None,
    device: DeviceOption = "cpu",
) -> None:
    """Show what a trained pipeline gets wrong: scores, confusions, most frequent errors.

    Entities count as correct if span and label are exact.
    """
    result = find_errors(model, corpus, output, top=top, log=log, device=device)
    note_made(output, of=[model, corpus, result.log], device=device)
    console = Console(soft_wrap=True, highlight=False)
    tally = result.tally
    table = Table()
    for name in ("label", "P", "R", "F1", "annotated", "found", "correct"):
        table.add_column(name, justify="left" if name == "label" else "right")
    for name in tally.worst_first():
        table.add_row(escape(name), *_cells(tally.labels[name]))
    table.add_section()
    table.add_row("all", *_cells(tally.all))
    if result.unlearnt and result.learnt.gold:
        table.add_row("all that were learnt", *_cells(result.learnt))
    console.print(f"{result.documents:,} documents, scored strictly", markup=False)
    console.print(table)
    kinds = (f"{kind} {tally.kinds[kind]:,}" for kind in KINDS if kind != CORRECT)
    console.print("Errors: " + "; ".join(kinds), markup=False)
    if result.unlearnt:
        console.print(result.unlearnt_note, style="yellow", markup=False)
    if result.unannotated:
        console.print(f"Left out, not annotated: {result.unannotated} documents", markup=False)
    console.print(f"Written: {result.folder / 'index.html'}", markup=False)


def _cells(score: EntityScore) -> list[str]:
    shares = (score.precision, score.recall, score.f1)
    counts = (score.gold, score.predicted, score.correct)
    return [*("–" if x is None else f"{100 * x:.1f}" for x in shares), *(f"{n:,}" for n in counts)]


if __name__ == "__main__":
    run(main)
