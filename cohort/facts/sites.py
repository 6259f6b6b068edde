"""Where a hematoma of the brain can lie: the registry of sites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

GeneratedSite = Literal["basal_ganglia", "thalamus", "lobar", "cerebellum", "brainstem"]
Lobe = Literal["frontal", "temporal", "parietal", "occipital"]
Coarse = Literal["deep", "lobar", "infratentorial"]

Key = TypeVar("Key")
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

SITES_BY_ID: dict[str, Site] = {site.id: site for site in SITES}

INFRATENTORIAL: frozenset[str] = frozenset(site.id for site in SITES if site.infratentorial)

GENERATED_SITES: tuple[GeneratedSite, ...] = get_args(GeneratedSite)
"""Sites of generated bleeds."""
LOBES: tuple[Lobe, ...] = get_args(Lobe)
"""Lobes of generated lobar bleeds."""


def sites_and_lobes() -> tuple[str, ...]:
    """Return where generated bleeds lie: their sites, with the lobes in place of `lobar`."""
    return *(site for site in GENERATED_SITES if site != "lobar"), *LOBES


def complete(
    name: str, table: Mapping[Key, T], keys: Iterable[object] | None = None
) -> dict[Key, T]:
    """Return a table of generated sites, having made sure that each has its entry.

    Parameters
    ----------
    name
        Of the table, with its module: `f"{__name__}.SHARES"`.
    table
        Site to whatever it is that the table says of it.
    keys
        What else it has to have entries for; None for each of `GENERATED_SITES`.

    Raises
    ------
    ValueError
        If not, naming the table and what is missing or too much: at import, where it stands.

    Examples
    --------
    >>> complete("LOBES_TOLD", {"frontal": 1, "temporal": 2, "parietal": 3}, LOBES)
    Traceback (most recent call last):
    ValueError: LOBES_TOLD says nothing of occipital: add it (cohort/facts/sites.py has the sites).
    """
    asked = set(GENERATED_SITES if keys is None else keys)
    if missing := asked - set(table):
        raise ValueError(
            f"{name} says nothing of {_listed(missing)}: add it (cohort/facts/sites.py has the "
            "sites)."
        )
    if unknown := set(table) - asked:
        raise ValueError(
            f"{name} has {_listed(unknown)}, which cohort/facts/sites.py does not have: mend "
            "either."
        )
    return dict(table)


def _listed(keys: Iterable[object]) -> str:
    return ", ".join(sorted(map(str, keys)))


complete(f"{__name__}.SITES", {site: None for site in GENERATED_SITES if site in SITES_BY_ID})
