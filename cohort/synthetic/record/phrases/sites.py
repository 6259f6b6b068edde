"""How sites of a bleed are called, and the same places across."""

from __future__ import annotations

from cohort.facts.sites import GeneratedSite, complete

SITE_PHRASES: dict[GeneratedSite, tuple[str, ...]] = complete(
    f"{__name__}.SITE_PHRASES",
    {
        "basal_ganglia": (
            "<bleed>侧基底节区",
            "<bleed>基底节区",
            "<bleed>侧基底节",
            "<bleed>基底节区域",
            "<bleed>侧壳核",
            "<bleed>侧基底节壳核区",
            "<bleed>侧基底节-外囊区",
            "<bleed>基底节",
        ),
        "thalamus": (
            "<bleed>侧丘脑",
            "<bleed>丘脑",
            "<bleed>侧丘脑区",
            "<bleed>侧丘脑背侧",
            "<bleed>丘脑区域",
            "<bleed>侧丘脑外侧",
        ),
        "lobar": (
            "<bleed>侧<lobe>叶",
            "<bleed><lobe>叶",
            "<bleed>侧<lobe>叶皮层下",
            "<bleed>侧<lobe>部",
            "<bleed>侧大脑半球<lobe>叶",
            "<bleed>侧<lobe>叶深部",
        ),
        "cerebellum": (
            "<bleed>侧小脑半球",
            "<bleed>侧小脑",
            "<bleed>小脑半球",
            "<bleed>小脑",
            "<bleed>侧小脑齿状核区",
            "<bleed>小脑半球区域",
        ),
        "brainstem": ("脑干", "桥脑", "脑桥", "桥脑中央区", "脑桥区"),
    },
)
"""How a site is called, inside a SITE entity."""
MIRRORS: dict[GeneratedSite, tuple[str, ...]] = complete(
    f"{__name__}.MIRRORS",
    {
        "basal_ganglia": ("基底节区", "基底节区及丘脑", "大脑半球"),
        "thalamus": ("丘脑", "基底节区及丘脑", "大脑半球"),
        "lobar": ("大脑半球", "<lobe>叶"),
        "cerebellum": ("小脑半球", "小脑"),
        "brainstem": (),
    },
)
"""How the same place across is called; empty for what lies in the middle."""
