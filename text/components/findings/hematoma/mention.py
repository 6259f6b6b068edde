"""A word for a bleed, with what is said of it."""

from __future__ import annotations

from dataclasses import dataclass

from .sites import NamedSite


@dataclass
class Mention:
    """A word for a bleed with the sites that it is said of.

    Attributes
    ----------
    start, end
        From the first to the last of these words.
    sites
        Its sites, without 颅内 and its like.
    certainty
        Of the bleed.
    dense, seen
        Whether it is what CT shows before it is named (高密度影), and whether CT shows it even
        where its nature is only thought to be a bleed (高密度影，考虑出血).
    half
        The side that is named without a site: 右侧脑出血, 双侧大脑半球出血.
    largest
        The site of the largest of several: 较大者位于左额叶.
    several
        Whether its words say that there are several.
    word_end
        Where the word for the bleed ends; sites may follow it.
    """

    start: int
    end: int
    sites: list[NamedSite]
    certainty: str
    dense: bool = False
    seen: bool = False
    half: str | None = None
    largest: NamedSite | None = None
    several: bool = False
    word_end: int = 0

    @property
    def site(self) -> NamedSite | None:
        """The site that a volume is said of: the largest's, or the first."""
        return self.largest or (self.sites[0] if self.sites else None)

    @property
    def side(self) -> str | None:
        """The side that a volume is said of: the largest's, or that of all, None if they differ."""
        if self.largest:
            return self.largest.side
        sides = {site.side for site in self.sites} or {self.half}
        return sides.pop() if len(sides) == 1 else None
