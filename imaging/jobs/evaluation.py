"""The evaluation of a part of a cohort: which cases it is of, and what is written of their scores.

What is asked is known before a case is scored, and is plain values: so that the scores may be
computed anywhere, and put together elsewhere.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohort.base.cli import counted
from cohort.base.errors import DataError, few
from cohort.base.files import atomic_file, portable, write_json
from cohort.facts.structures import BY_ID
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.schema.problems import VERSION, VERSION_KEY
from cohort.schema.split import Split
from imaging.model.folder import WEIGHTS, is_boxed

if TYPE_CHECKING:
    from imaging.model.bundle import Bundle
    from imaging.scores.comparison import Compared
    from imaging.scores.metrics import StructureScore


@dataclass(frozen=True)
class EvaluationAsked:
    """What an evaluation is of, in plain values.

    Attributes
    ----------
    part, split, split_by
        The part, the split's file, and whether that is by patient or by slice.
    cases
        Ids of the part's cases, in the cohort's order.
    left_out
        Why cases were left out, to how many.
    unannotated
        Structure to the number of cases where nobody annotated it.
    not_learnt
        What the model can't tell, to the reason.
    doubt
        What should be known about the model, if anything.
    model, weights_sha256
        How it is called, and what its weights hash to.
    seen
        Ids of cases of the part `test` whose scans the model, or one that it was fine-tuned from,
        was trained or validated on, as far as it says.
    """

    part: str
    split: str
    split_by: str
    cases: list[str]
    left_out: dict[str, int]
    unannotated: dict[str, int]
    not_learnt: dict[str, str]
    doubt: str | None
    model: str
    weights_sha256: str
    seen: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found.

    Attributes
    ----------
    summary
        What stands in `<part>.json`.
    scores
        The rows of `<part>_cases.csv`.
    compared
        Those of `<part>_measurements.csv`: what was measured on predicted and reference masks.
    notes
        Id of a case to what was unusual about its files: kind and sentence of each.
    """

    summary: dict[str, Any]
    scores: list[StructureScore]
    compared: list[Compared]
    notes: dict[str, list[tuple[str, str]]]


def ask(
    bundle: Bundle, cohort: Cohort, split: Split, split_file: Path, part: str
) -> tuple[EvaluationAsked, list[Case]]:
    """Return what an evaluation of `part` is of, and its cases.

    Raises
    ------
    DataError
        If no case of the part has a CT with masks.
    """
    from imaging.model.learnt import doubt_of

    cases, left_out = choose_cases(cohort, split, part, set(bundle.untold))
    if not cases:
        reasons = "; ".join(f"{n} {reason}" for reason, n in left_out.items())
        raise DataError(
            f"{cohort.folder}: no case of the part {part!r} has a CT with masks"
            f"{f' ({reasons})' if reasons else ''}; "
            "split again with other --ratios, or choose another --part."
        )
    told = [name for name in BY_ID if name not in bundle.untold]
    unannotated = Counter(name for case in cases for name in told if name not in case.masks)
    folder = bundle.folder
    asked = EvaluationAsked(
        part,
        portable(split_file),
        split.by,
        [case.id for case in cases],
        left_out,
        {name: unannotated[name] for name in cohort.structures if name in told},
        bundle.untold,
        doubt_of(bundle.metadata),
        bundle.in_words if is_boxed(folder) else portable(folder),
        hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest(),
        _seen(bundle, cohort, cases) if part == "test" else [],
    )
    return asked, cases


def _seen(bundle: Bundle, cohort: Cohort, cases: Sequence[Case]) -> list[str]:
    from cohort.links.same_scan import UNREADABLE, scan_digest
    from cohort.space.file_types import read_volume
    from imaging.model.learnt import seen_scans

    def is_seen(case: Case) -> bool:
        try:
            return scan_digest(read_volume(cohort.path(str(case.image)))[0]) in seen
        except UNREADABLE:  # which is said when it is scored
            return False

    seen = seen_scans(bundle.metadata)
    return [case.id for case in cases if is_seen(case)] if seen else []


def choose_cases(
    cohort: Cohort, split: Split, part: str, untold: Collection[str] = ()
) -> tuple[list[Case], dict[str, int]]:
    """Return the cases of `part` that have a CT with masks; and how many were left out and why.

    Masks of structures that are `untold` by the model don't count.
    """
    cases: list[Case] = []
    left_out: Counter[str] = Counter()
    for case in cohort.cases:
        if case.image:
            is_split, of_part = split.parts_of_ct(case.id), split.ct_in_part(case.id, part)
        else:
            is_split, of_part = split.cases.get(case.id), split.cases.get(case.id) == part
        if is_split is None:
            left_out["not in the split"] += 1
        elif not of_part:
            continue
        elif not case.image:
            left_out["without a CT"] += 1
        elif not case.masks:
            left_out["without masks"] += 1
        elif set(case.masks) <= set(untold):
            left_out["without masks of what the model has learnt"] += 1
        else:
            cases.append(case)
    return cases, dict(left_out)


def evaluation_of(
    asked: EvaluationAsked,
    scores: list[StructureScore],
    compared: list[Compared],
    notes: dict[str, list[tuple[str, str]]],
) -> Evaluation:
    """Summarise what was found in all cases, in the order of `asked`."""
    from imaging.scores.comparison import compare_measurements
    from imaging.scores.summary import summarise

    summary = {
        "cases": len(asked.cases),
        **summarise(scores, asked.unannotated),
        "not_learnt": asked.not_learnt,
        "notes": [
            *([{"case": None, "kind": "model", "what": asked.doubt}] if asked.doubt else []),
            *([{"case": None, "kind": "model", "what": _seen_what(asked)}] if asked.seen else []),
            *(
                {"case": id_, "kind": k, "what": what}
                for id_, of in notes.items()
                for k, what in of
            ),
        ],
        "measurements": compare_measurements(compared),
        "model": asked.model,
        "weights_sha256": asked.weights_sha256,
        "split": asked.split,
        "part": asked.part,
        "split_by": asked.split_by,
        "left_out": asked.left_out,
    }
    return Evaluation(summary, scores, compared, notes)


def _seen_what(asked: EvaluationAsked) -> str:
    return (
        f"{len(asked.seen)} of the {counted(len(asked.cases), 'scan')} had been seen in the "
        f"training of this model, or of one that it was fine-tuned from: {few(asked.seen)}. So "
        "these scores are too good; keep the split that the model was trained with."
    )


def names_of_scores(part: str) -> list[str]:
    """Return the names of the files that an evaluation of a part may write."""
    tables = [f"{part}_{name}.csv" for name in ("cases", "measurements")]
    return [f"{part}.json", *tables, f"{part}_agreement.png"]


def write_evaluation(output: Path, part: str, result: Evaluation) -> None:
    """Write summary, tables and picture to the folder `output`, all of them or none.

    The summary is put in place last: where it is new, the others are.
    """
    from imaging.prediction.table import write_rows
    from imaging.scores.agreement_plot import draw_agreement
    from imaging.scores.comparison import comparison_rows
    from imaging.scores.metrics import score_row

    tables = {
        "cases": [
            {**score_row(score), "notes": _cell(result.notes, score.case)}
            for score in result.scores
        ],
        "measurements": [
            {**row, "notes": _cell(result.notes, row["case"])}
            for row in comparison_rows(result.compared)
        ],
    }
    figure = draw_agreement(result.scores)
    picture = output / f"{part}_agreement.png"
    with ExitStack() as all_files:  # put in place in the opposite order
        summary = all_files.enter_context(atomic_file(output / f"{part}.json"))
        write_json(summary, {VERSION_KEY: VERSION, **result.summary})
        if figure is None:
            all_files.enter_context(_removed_in_the_end(picture))  # of another model or more cases
        else:
            figure.savefig(all_files.enter_context(atomic_file(picture)))
        for name, rows in tables.items():
            table = all_files.enter_context(atomic_file(output / f"{part}_{name}.csv"))
            write_rows(table, rows)


@contextmanager
def _removed_in_the_end(path: Path) -> Iterator[None]:
    """Remove a file if the block ends well."""
    yield
    path.unlink(missing_ok=True)


def _cell(notes: Mapping[str, Sequence[tuple[str, str]]], case: str) -> str:
    return " ".join(what for _, what in notes.get(case, ()))
