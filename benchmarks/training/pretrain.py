"""Heads for the model in the box: generated, half of them from label maps, and put into one cohort.

Run from the project's folder: `python -m benchmarks.training.pretrain WORK --anatomy FOLDER
[--scale 1.0]`. Then, as it prints: `imaging.export`, `imaging.train`, `imaging.evaluate`,
`imaging.box`. A part that WORK already holds is left as it is, so that a run that was broken off
goes on.

Validation and test have label maps that training has not; validation also has another hospital's
style throughout, so that what is chosen on it is chosen for heads of another kind.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from cohort.schema.case import Case
from cohort.schema.manifest import MANIFEST, Cohort
from cohort.schema.split import Split
from cohort.synthesize import synthesize
from cohort.synthetic.mapped.head_map import find_maps
from cohort.synthetic.style import StyleName

TEST_MAPS, VAL_MAPS = (1, 4, 12), (7, 15, 19)
"""Of the label maps in the order of their names, from 0."""


@dataclass(frozen=True)
class Part:
    """Heads of one kind.

    Attributes
    ----------
    name
        Of its folder, and of its cases.
    cases, seed, style
        As of `cohort.synthesize`.
    maps
        Which label maps they are made from; None draws them.
    use
        Part of the split.
    """

    name: str
    cases: int
    seed: int
    style: StyleName
    maps: Literal["train", "val", "test"] | None
    use: Literal["train", "val", "test"]


PARTS = (
    Part("train-maps", 238, 1001, "routine", "train", "train"),
    Part("train-drawn", 70, 1002, "routine", None, "train"),
    Part("train-other", 50, 1003, "other", None, "train"),
    Part("train-emergency", 240, 1004, "emergency", "train", "train"),
    Part("train-emergency-drawn", 80, 1005, "emergency", None, "train"),
    Part("train-neurosurgery", 98, 1006, "neurosurgery", "train", "train"),
    Part("train-neurosurgery-drawn", 30, 1007, "neurosurgery", None, "train"),
    Part("val-maps", 18, 2001, "other", "val", "val"),
    Part("val-emergency", 12, 2002, "emergency", "val", "val"),
    Part("val-neurosurgery", 12, 2003, "neurosurgery", "val", "val"),
    Part("test-maps", 24, 3001, "routine", "test", "test"),
    Part("test-drawn", 24, 3002, "routine", None, "test"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--anatomy", type=Path, required=True, help="folder of label maps")
    parser.add_argument("--scale", type=float, default=1.0, help="times as many training heads")
    given = parser.parse_args()
    split_maps(given.anatomy, given.work / "maps")
    for part in PARTS:
        if part.use == "train":
            part = replace(part, cases=round(given.scale * part.cases))
        make_part(part, given.work)
    join(given.work)
    print(
        f"python -m imaging.export {given.work} {given.work}/corpus --split {given.work}/split.json"
        f"\npython -m imaging.train --corpus {given.work}/corpus --output {given.work}/training"
    )


def split_maps(anatomy: Path, folder: Path) -> None:
    """Link the label maps into a folder for each part of the split."""
    for number, path in enumerate(find_maps(anatomy)):
        use = "test" if number in TEST_MAPS else "val" if number in VAL_MAPS else "train"
        link = folder / use / path.name
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(path.resolve())


def make_part(part: Part, work: Path) -> None:
    """Generate the heads of a part that isn't there."""
    folder = work / part.name
    if (folder / MANIFEST).is_file() and len(Cohort.load(folder).cases) >= part.cases:
        return
    anatomy = work / "maps" / part.maps if part.maps else None
    synthesize(folder, part.cases, part.seed, style=part.style, anatomy=anatomy, progress=True)


def join(work: Path) -> None:
    """Write the manifest and the split of all parts together."""
    cases: list[Case] = []
    uses: dict[str, str] = {}
    for part in PARTS:
        for case in Cohort.load(work / part.name).cases:
            joined = Case(
                id=f"{part.name}-{case.id}",
                image=f"{part.name}/{case.image}",
                masks={name: f"{part.name}/{path}" for name, path in case.masks.items()},
            )
            cases.append(joined)
            uses[joined.id] = part.use
    Cohort(
        work, "pretrain", tuple(cases), provenance={"made_by": "benchmarks.training.pretrain"}
    ).save()
    Split("pretrain", "patient", 0, (1.0, 0.0, 0.0), uses).save(work / "split.json")


if __name__ == "__main__":
    main()
