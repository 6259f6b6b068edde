"""One generated case as files of a cohort: CT, masks, record, tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cohort.base.files import write_text
from cohort.schema.case import Case
from cohort.space.nifti.volume import save_volume
from cohort.synthetic.head import draw_head
from cohort.synthetic.record.compose import write_record
from cohort.synthetic.story import Story
from cohort.synthetic.style import StyleName
from cohort.tags.tag_file import write_bioes

if TYPE_CHECKING:
    from cohort.synthetic.mapped.choose import ChosenMap, HeadMaps


@dataclass(frozen=True)
class Order:
    """What to generate.

    Attributes
    ----------
    seed
        Seed of the cohort.
    size, slices
        Width and height in pixels, and slices, of each CT.
    style
        The hospital's: which ranges patients and scans are drawn from.
    maps
        The label maps that heads are made from; None draws them by formula.
    """

    seed: int
    size: int
    slices: int
    style: StyleName = "routine"
    maps: HeadMaps | None = None

    def map_of(self, number: int) -> ChosenMap | None:
        """Return the label map of case `number`."""
        return self.maps.of_case(self.seed, number) if self.maps else None


def case_id(number: int) -> str:
    """Return the id of the case with that number, from 1."""
    return f"synth-{number:04d}"


def make_case(folder: Path, number: int, order: Order) -> tuple[Case, Story]:
    """Generate case `number` and write its files into the cohort's `folder`.

    A case depends on the cohort's seed and its own number alone, not on how many others there
    are nor on which process makes it.
    """
    head_seed, record_seed = np.random.SeedSequence(order.seed, spawn_key=(number,)).spawn(2)
    chosen = order.map_of(number)
    head = draw_head(head_seed, order.size, order.slices, order.style, chosen)
    text, tags, told = write_record(head.story, np.random.default_rng(record_seed))
    name = case_id(number)
    case = Case(
        id=name,
        image=f"images/{name}.nii.gz",
        masks={structure: f"masks/{name}_{structure}.nii.gz" for structure in head.masks},
        record=f"records/{name}.txt",
        tags=f"records/{name}.bioes",
    )
    save_volume(folder / f"images/{name}.nii.gz", head.hu, head.affine)
    for structure, relative in case.masks.items():
        save_volume(folder / relative, head.masks[structure], head.affine)
    write_text(folder / f"records/{name}.txt", text)
    write_bioes(folder / f"records/{name}.bioes", text, tags)
    return case, replace(head.story, told_shift=told)


def make_cases(folder: Path, numbers: Sequence[int], order: Order) -> dict[int, tuple[Case, Story]]:
    """Generate several cases one after another, as `make_case` does each."""
    return {number: make_case(folder, number, order) for number in numbers}
