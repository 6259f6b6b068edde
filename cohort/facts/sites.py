"""Where a hematoma of the brain can lie: the registry of sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

GeneratedSite = Literal["basal_ganglia", "thalamus", "lobar", "cerebellum", "brainstem"]
Coarse = Literal["deep", "lobar", "infratentorial"]

T = TypeVar("T")


@dataclass(frozen=True)
class Site:
    """A site of hypertensive hematomas.

    Attributes
    ----------
    id
        Name in files.
    coarse
        What masks alone can tell of it (`imaging.measure.site`).
    name_en, name_zh
        For people.
    """

    id: str
    coarse: Coarse
    name_en: str
    name_zh: str

    @property
    def infratentorial(self) -> bool:
        """Return whether it lies below the tentorium."""
        return self.coarse == "infratentorial"


SITES: tuple[Site, ...] = (
    Site("basal_ganglia", "deep", "basal ganglia", "基底节"),
    Site("thalamus", "deep", "thalamus", "丘脑"),
    Site("lobar", "lobar", "lobar", "脑叶"),
    Site("cerebellum", "infratentorial", "cerebellum", "小脑"),
    Site("brainstem", "infratentorial", "brainstem", "脑干"),
    # Of these records tell, and no generated head has them.
    Site("putamen", "deep", "putamen", "壳核"),
    Site("caudate", "deep", "caudate nucleus", "尾状核"),
    Site("internal_capsule", "deep", "internal capsule", "内囊"),
    Site("external_capsule", "deep", "external capsule", "外囊"),
    Site("frontal", "lobar", "frontal lobe", "额叶"),
    Site("temporal", "lobar", "temporal lobe", "颞叶"),
    Site("parietal", "lobar", "parietal lobe", "顶叶"),
    Site("occipital", "lobar", "occipital lobe", "枕叶"),
    Site("insula", "lobar", "insula", "岛叶"),
)
"""All sites that a record may name; those of generated bleeds first, from the commonest down."""

BY_ID: dict[str, Site] = {site.id: site for site in SITES}

INFRATENTORIAL: frozenset[str] = frozenset(site.id for site in SITES if site.infratentorial)


def complete(table: Mapping[GeneratedSite, T]) -> dict[GeneratedSite, T]:
    """Return a table of generated sites, having made sure that each has its entry.

    Raises
    ------
    KeyError
        If not, naming what is missing or too much: at import, where the table stands.
    """
    if wrong := set(get_args(GeneratedSite)) ^ set(table):
        raise KeyError(f"a table by site lacks, or has no site for, {', '.join(sorted(wrong))}")
    return dict(table)
