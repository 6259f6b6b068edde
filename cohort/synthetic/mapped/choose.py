"""Which label map a generated case is made from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cohort.synthetic.mapped.head_map import find_maps, read_map
from cohort.synthetic.mapped.volumes import fluid_share

AGES = (60.0, 11.0)
"""Mean and sigma of the patients' ages, as of `cohort.synthetic.plan`."""
AGE_RANGE, AGE_SCATTER = (32, 88), 6.0
"""Years by which heads of one age differ in how atrophic they are, one sigma: our choice."""


@dataclass(frozen=True)
class ChosenMap:
    """A label map, and how atrophic its brain is among all of the folder.

    Attributes
    ----------
    path
        Its file.
    atrophy
        Share of the other maps with less fluid, 0 to 1.
    """

    path: Path
    atrophy: float

    def age(self, rng: np.random.Generator) -> int:
        """Draw the age of a patient with such a brain."""
        from scipy.stats import norm

        usual = AGES[0] + AGES[1] * float(norm.ppf(0.1 + 0.8 * self.atrophy))
        return int(np.clip(usual + rng.normal(0, AGE_SCATTER), *AGE_RANGE))


@dataclass(frozen=True)
class HeadMaps:
    """The label maps of a folder, those with the least fluid first."""

    paths: tuple[Path, ...]

    @classmethod
    def of(cls, folder: Path) -> HeadMaps:
        """Read and check all maps of a folder.

        Raises
        ------
        DataError
            If there is none, or if one cannot be used.
        """
        shares = {path: fluid_share(read_map(path)) for path in find_maps(folder)}
        return cls(tuple(sorted(shares, key=lambda path: (shares[path], path.name))))

    @property
    def digest(self) -> str:
        """SHA-256 of the maps' bytes: what a cohort was made from."""
        whole = hashlib.sha256()
        for path in self.paths:
            whole.update(hashlib.sha256(path.read_bytes()).digest())
        return whole.hexdigest()

    def of_case(self, seed: int, number: int) -> ChosenMap:
        """Return the map of case `number` (from 1): each map once before any is used again."""
        count = len(self.paths)
        turn = np.random.SeedSequence(seed, spawn_key=(0, (number - 1) // count))
        order = np.random.default_rng(turn).permutation(count)
        place = int(order[(number - 1) % count])
        return ChosenMap(self.paths[place], place / max(1, count - 1))
