"""ICD-10 codes of bleeds in the brain, four characters, as the WHO's edition of 2019 has them.

World Health Organization: International Statistical Classification of Diseases and Related Health
Problems, 10th revision, fifth edition, 2019 (https://icd.who.int/browse10/2019/en#/I61). National
editions differ in what follows the fourth character.
"""

from __future__ import annotations

from cohort.facts.sites import SITES_BY_ID

TITLES: dict[str, str] = {
    "I61.0": "Intracerebral haemorrhage in hemisphere, subcortical",
    "I61.1": "Intracerebral haemorrhage in hemisphere, cortical",
    "I61.2": "Intracerebral haemorrhage in hemisphere, unspecified",
    "I61.3": "Intracerebral haemorrhage in brain stem",
    "I61.4": "Intracerebral haemorrhage in cerebellum",
    "I61.5": "Intracerebral haemorrhage, intraventricular",
    "I61.6": "Intracerebral haemorrhage, multiple localized",
    "I61.8": "Other intracerebral haemorrhage",
    "I61.9": "Intracerebral haemorrhage, unspecified",
    "I69.1": "Sequelae of intracerebral haemorrhage",
}
"""Code to title. I61.0 includes deep ones, I61.1 those of a cerebral lobe. I61.8 is for what is
named and none of the others: no site of a record is."""

_BELOW = {"I61.3": "brainstem", "I61.4": "cerebellum"}
_ABOVE = {"I61.0": "deep", "I61.1": "lobar"}
HEMISPHERE, INTRAVENTRICULAR, SEVERAL = "I61.2", "I61.5", "I61.6"
UNSPECIFIED, SEQUELAE = "I61.9", "I69.1"


def code_of_site(site_id: str) -> str:
    """Return the code of a bleed at a site of `cohort.facts.sites`.

    Raises
    ------
    KeyError
        If there is no such site.

    Examples
    --------
    >>> code_of_site("thalamus"), code_of_site("brainstem")
    ('I61.0', 'I61.3')
    """
    site = SITES_BY_ID[site_id]
    codes, told = (_BELOW, site.id) if site.infratentorial else (_ABOVE, site.coarse)
    return next(code for code, place in codes.items() if place == told)
