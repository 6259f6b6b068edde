"""Split a cohort into train, val and test, by patient: one split for both halves.

Cases that hold the same scan or the same record (`cohort.links.find`) are kept together like those
of one patient, whosever they are said to be: else a model is tested on what it was trained on.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cohort.base.cli import counted, run
from cohort.base.errors import DataError, UsageError
from cohort.links.find import find_links, link_notes, note_lines_of, together
from cohort.provenance.note import note_made
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.schema.split import PARTS, Link, Split

__all__ = ["PARTS", "Split", "make_split", "split_cohort"]

Ratios = tuple[float, float, float]

LEAK = (
    "Slices of one patient stand in train, val and test alike. Neighbouring slices look almost "
    "the same, so the model has seen its test patients: scores on this split are too good and "
    "say nothing about a new patient. Use --by patient for anything but repeating HICH-IT's "
    "published protocol."
)


def main(
    cohort: Annotated[Path, typer.Argument(help="Folder of the cohort.")],
    out: Annotated[Path, typer.Argument(help="JSON file to write, such as corpus/split.json.")],
    ratios: Annotated[
        str, typer.Option(help="Shares of train, val and test, which add up to 1.")
    ] = "0.6,0.1,0.3",
    seed: Annotated[int, typer.Option(help="Seed of the shuffle.")] = 0,
    by: Annotated[
        Literal["patient", "slice"],
        typer.Option(help="slice: HICH-IT's protocol, where test results are too good."),
    ] = "patient",
) -> None:
    """Split a cohort into train, val and test: by patient, so that no patient is in two parts.

    Cases that hold the same scan or the same record are kept in one part as well, and named.
    """
    split = split_cohort(cohort, out, _parse_ratios(ratios), seed, by)
    note_made(out.parent, [out.name], of=[cohort], seeds={"split": seed})
    console = Console(soft_wrap=True, highlight=False)
    loaded = Cohort.load(cohort)
    console.print(_table(loaded, split))
    for line in note_lines_of(loaded, link_notes(loaded, split.links), str(out)):
        console.print(f"[yellow]Note:[/yellow] {escape(line)}")
    for sentence in _lacks(loaded, split):
        console.print(f"[yellow]Note:[/yellow] {escape(sentence)}")
    if by == "slice":
        console.print(f"[bold red]Leak:[/bold red] {LEAK}")
    console.print(f"[green]✔[/green] {escape(str(out))}")


def split_cohort(
    folder: Path,
    out: Path,
    ratios: Ratios = (0.6, 0.1, 0.3),
    seed: int = 0,
    by: Literal["patient", "slice"] = "patient",
) -> Split:
    """Split the cohort in `folder` and write the split to the JSON file `out`.

    Raises
    ------
    DataError
        If the folder is not a cohort, or a part would stay empty.
    UsageError
        If the ratios cannot be, or `out` is a folder.
    """
    if out.is_dir():
        raise UsageError(f"{out}: is a folder; name a file, such as {out / 'split.json'}.")
    cohort = Cohort.load(folder)
    _refuse_bad_ratios(ratios)
    split = make_split(cohort, ratios, seed, by, find_links(cohort))
    split.save(out)
    return split


def make_split(
    cohort: Cohort,
    ratios: Ratios = (0.6, 0.1, 0.3),
    seed: int = 0,
    by: Literal["patient", "slice"] = "patient",
    links: Iterable[Link] = (),
) -> Split:
    """Split `cohort`, the same for a seed in whatever order the manifest lists the cases.

    By patient, the patients with a CT, with a record and with both are shuffled and dealt out
    separately, by largest remainder, so that both halves of the work get all parts. A group of
    at least as many patients as there are parts leaves no part empty.

    By slice, the axial slices of all CTs are shuffled together; `slices` holds their parts,
    the most inferior slice first, and `cases` the parts of the records, by patient.

    Parameters
    ----------
    links
        Cases of the same scan or record (`cohort.links.find.find_links`), kept together.

    Raises
    ------
    DataError
        If there are too few patients (slices) for the parts.
    UsageError
        If `ratios` are not three shares that add up to 1.
    """
    _refuse_bad_ratios(ratios)
    links = tuple(links)
    of = together(cohort, links)
    merged = len(set(of.values())) < len({case.patient_id for case in cohort.cases})
    cohort = replace(
        cohort, cases=tuple(replace(case, patient=of[case.id]) for case in cohort.cases)
    )
    if by == "patient":
        cases = _deal_patients(cohort, cohort.cases, ratios, seed, merged=merged)
        return Split(cohort.name, by, seed, ratios, cases, links=links)
    slices = _deal_slices(cohort, ratios, seed)
    # Records have no slices. They are too few for all parts in HICH-IT: that isn't refused here.
    records = _deal_patients(cohort, cohort.with_record, ratios, seed, strict=False)
    return Split(cohort.name, by, seed, ratios, records, slices, links)


def _parse_ratios(text: str) -> Ratios:
    try:
        train, val, test = (float(number) for number in text.replace(",", " ").split())
    except ValueError:
        raise UsageError(f"--ratios {text}: three numbers are needed, like 0.6,0.1,0.3.") from None
    return train, val, test


def _refuse_bad_ratios(ratios: Ratios) -> None:
    if not all(math.isfinite(share) and share >= 0 for share in ratios):
        raise UsageError(f"--ratios {_shares(ratios)}: shares are numbers from 0 to 1.")
    if abs(sum(ratios) - 1) > 1e-6:
        raise UsageError(f"--ratios {_shares(ratios)}: add up to {sum(ratios):.6g}, not to 1.")


def _deal_patients(
    cohort: Cohort,
    cases: Sequence[Case],
    ratios: Ratios,
    seed: int,
    strict: bool = True,
    merged: bool = False,
) -> dict[str, str]:
    has: dict[str, set[str]] = {}
    for case in cases:
        kinds = {"CT"} if case.image else set()
        has.setdefault(case.patient_id, set()).update(
            kinds | ({"record"} if case.record else set())
        )
    wanted = [part for part, share in zip(PARTS, ratios, strict=True) if share > 0]
    if strict and len(has) < len(wanted):
        what = f"{counted(len(has), 'patient')} ({counted(len(cases), 'case')})"
        if merged:
            what += ", cases of the same scan or record being taken for one patient's"
        raise DataError(_too_few(cohort, what, wanted))
    part_of: dict[str, str] = {}
    for kinds in ({"CT", "record"}, {"CT"}, {"record"}):
        patients = sorted(patient for patient in has if has[patient] == kinds)
        part_of.update(_deal(patients, ratios, f"{seed} {sorted(kinds)}"))
    if strict:
        _fill_empty_parts(part_of, wanted)
    return {case.id: part_of[case.patient_id] for case in cases}


def _deal_slices(cohort: Cohort, ratios: Ratios, seed: int) -> dict[str, list[str]]:
    from cohort.space.file_types import read_header

    depth = {}
    for case in cohort.with_image:
        header = read_header(cohort.path(case.image or ""))
        depth[case.id] = header.shape[header.axial_axis]
    wanted = [part for part, share in zip(PARTS, ratios, strict=True) if share > 0]
    if sum(depth.values()) < len(wanted):
        raise DataError(_too_few(cohort, counted(sum(depth.values()), "CT slice"), wanted))
    pool = [f"{case} {index:06d}" for case in sorted(depth) for index in range(depth[case])]
    part_of = _deal(pool, ratios, f"{seed} slices")
    return {
        case: [part_of[f"{case} {index:06d}"] for index in range(depth[case])]
        for case in sorted(depth)
    }


def _deal(names: list[str], ratios: Ratios, seed: str) -> dict[str, str]:
    shuffled = list(names)
    random.Random(seed).shuffle(shuffled)
    parts = [
        part for part, n in zip(PARTS, _counts(len(names), ratios), strict=True) for _ in range(n)
    ]
    return dict(zip(shuffled, parts, strict=True))


def _counts(total: int, ratios: Ratios) -> list[int]:
    """Share out `total` by largest remainder, and leave no part empty if there are enough."""
    quotas = [share * total for share in ratios]
    counts = [math.floor(quota + 1e-9) for quota in quotas]
    by_remainder = sorted(range(len(PARTS)), key=lambda i: counts[i] - quotas[i])
    for i in by_remainder[: total - sum(counts)]:
        counts[i] += 1
    wanted = [i for i, share in enumerate(ratios) if share > 0]
    for i in wanted:
        if counts[i] == 0 and total >= len(wanted):
            counts[counts.index(max(counts))] -= 1
            counts[i] = 1
    return counts


def _fill_empty_parts(part_of: dict[str, str], wanted: list[str]) -> None:
    """Move a patient into each part that all groups were too small for."""
    for part in wanted:
        sizes = Counter(part_of.values())
        if not sizes[part]:
            largest = max(wanted, key=lambda other: sizes[other])
            patient = next(p for p in reversed(part_of) if part_of[p] == largest)
            part_of[patient] = part


def _too_few(cohort: Cohort, what: str, wanted: list[str]) -> str:
    return (
        f"{cohort.folder}: has {what}, too few for the {len(wanted)} parts {', '.join(wanted)}, "
        "so a part would stay empty; add cases, or give a part no share with --ratios. "
        "imaging.predict and text.annotate need no split."
    )


def _table(cohort: Cohort, split: Split) -> Table:
    title = f"{escape(cohort.name)}, by {split.by}, seed {split.seed}"
    table = Table(title=title, box=box.SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("Part")
    columns = ["Share", "Patients", "Cases", "CTs", "with masks", "Records", "with tags"]
    for column in [*columns, "Slices"] if split.slices else columns:
        table.add_column(column, justify="right")
    slices = Counter(part for parts in split.slices.values() for part in parts)
    for part, share in zip(PARTS, split.ratios, strict=True):
        cases = [case for case in cohort.cases if _in_part(case, split, part)]
        images = [case for case in cases if case.image and split.ct_in_part(case.id, part)]
        records = [case for case in cases if case.record and split.cases.get(case.id) == part]
        numbers = [
            len({case.patient_id for case in cases}),
            len(cases),
            len(images),
            sum(bool(case.masks) for case in images),
            len(records),
            sum(bool(case.tags) for case in records),
            *([slices[part]] if split.slices else []),
        ]
        table.add_row(part, f"{share:.0%}", *map(str, numbers))
    return table


def _in_part(case: Case, split: Split, part: str) -> bool:
    return split.cases.get(case.id) == part or bool(case.image and split.ct_in_part(case.id, part))


def _lacks(cohort: Cohort, split: Split) -> list[str]:
    found = []
    for part, share in zip(PARTS, split.ratios, strict=True):
        cts = any(split.ct_in_part(case.id, part) for case in cohort.with_image)
        records = any(split.cases.get(case.id) == part for case in cohort.with_record)
        if share > 0 and cohort.with_image and not cts:
            found.append(f"{part} has no CT; the cohort has {len(cohort.with_image)}.")
        if share > 0 and cohort.with_record and not records:
            found.append(f"{part} has no record; the cohort has {len(cohort.with_record)}.")
    return found


def _shares(ratios: Ratios) -> str:
    return ",".join(f"{share:g}" for share in ratios)


if __name__ == "__main__":
    run(main)
