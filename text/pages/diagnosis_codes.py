"""The ICD-10 codes of the bleeds that a record's findings tell of (`cohort.facts.icd10`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from cohort.facts.icd10 import (
    HEMISPHERE,
    INTRAVENTRICULAR,
    SEQUELAE,
    SEVERAL,
    UNSPECIFIED,
    code_of_site,
)
from cohort.facts.sites import SITES_BY_ID
from text.components.findings.summary import CT_SECTIONS, PAST_SECTIONS, family

Finding = dict[str, Any]

_BLEEDS = ("hematoma", "hematoma_site")
_DEPTH_UNSAID = re.compile(r"[左右双两侧的]*(?:皮[层质]下|半卵圆中心)(?:区|部|白质)*")
"""Lobar by its words, but below the cortex: neither of a lobe nor deep is said."""
_HALF = re.compile(r"半球")
_INJURY = re.compile(r"(?:外伤|创伤|损伤)(?:性|后|致|所致)?[^,，。;；\n]{0,12}$")
_COUNTED = re.compile(r"[两二三四五六2-9](?:处|个|枚|灶)|多发|多处|多个")
_AFTER_SURGERY = re.compile(r"[（(]?[^,，。;；\n]{0,2}术后")


CODE_COLUMNS = ("icd10", "icd10_uncertain")
"""Columns of a table's row; several codes are joined by semicolons."""


def diagnosis_codes(findings: Iterable[Finding] | None, text: str) -> list[dict[str, Any]]:
    """Return a record's codes, each with how certain the record is of it, and its evidence.

    What is affirmed is coded; only where nothing is, what is uncertain. Several bleeds have one
    code (I61.6), and so has one that reaches over several sites: that of the site named first.
    Blood in the ventricles is coded where no bleed in the brain is told of, nor subarachnoid blood
    that it may have come from, and none broke into them. A bleed of the past is coded as what it
    left. Denied and traumatic bleeds have no code.

    Parameters
    ----------
    findings
        Of the record, in text order; None if the pipeline finds none.
    text
        The record.

    Returns
    -------
    list of dict
        `code`, `certainty` and `evidence`: start and end of each piece of the text that says so.
    """
    found = [
        f
        for f in findings or ()
        if f["section"] != "differential_diagnosis" and not _by_injury(f, text)
    ]
    codes = []
    for certainty in ("affirmed", "uncertain"):
        codes = _present(found, certainty)
        if codes:
            break
    return codes + _past(found, text)


def code_columns(codes: Sequence[dict[str, Any]]) -> dict[str, str | None]:
    """Return the columns `icd10` and `icd10_uncertain` of a table's row."""
    return {
        "icd10": _joined(c["code"] for c in codes if c["certainty"] == "affirmed"),
        "icd10_uncertain": _joined(c["code"] for c in codes if c["certainty"] == "uncertain"),
    }


def _joined(codes: Iterable[str]) -> str | None:
    return "; ".join(dict.fromkeys(codes)) or None


def _by_injury(finding: Finding, text: str) -> bool:
    if finding["name"] not in _BLEEDS:
        return False
    before = text[max(0, finding["start"] - 16) : finding["start"]]
    return bool(_INJURY.search(before) or "外伤性" in finding["text"])


def _present(found: list[Finding], certainty: str) -> list[dict[str, Any]]:
    bleeds = [f for f in found if f["name"] in _BLEEDS and f["certainty"] == certainty]
    bleeds = [f for f in bleeds if f["section"] not in PAST_SECTIONS]
    if not bleeds:
        return _in_ventricles(found, certainty)
    sites = sorted((f for f in bleeds if f["name"] == "hematoma_site"), key=_place)
    if _several(found, sites):
        return [_code(SEVERAL, certainty, sites or bleeds)]
    if sites:
        code = _of_site(sites[0])
        return [_code(code, certainty, [f for f in sites if _of_site(f) == code])]
    half = [f for f in bleeds if _HALF.search(f["text"])]
    return [_code(HEMISPHERE if half else UNSPECIFIED, certainty, half or bleeds)]


def _several(found: list[Finding], sites: list[Finding]) -> bool:
    """Whether there is more than one bleed; 基底节区及丘脑 of one side may be one bleed's."""
    counts = [f for f in found if f["name"] == "hematoma_count" and f["certainty"] != "negated"]
    if not any(f["value"] is None or f["value"] > 1 for f in counts):
        return False
    if any(f["value"] is None or _COUNTED.search(f["text"]) for f in counts):
        return True
    one_place = len({(_of_site(f), f["side"]) for f in sites}) == 1
    return not (one_place and sites[0]["side"] != "both")


def _of_site(finding: Finding) -> str:
    if finding["value"] == "lobar" and _DEPTH_UNSAID.fullmatch(finding["text"]):
        return HEMISPHERE
    site = finding["value"]
    return code_of_site(site) if site in SITES_BY_ID else UNSPECIFIED  # a word of the user's


def _place(finding: Finding) -> tuple[int, int]:
    """Rank by the section that should know: the CT report before the diagnosis and so on."""
    section = finding["section"]
    rank = CT_SECTIONS.index(section) if section in CT_SECTIONS else len(CT_SECTIONS)
    return rank, finding["start"]


def _in_ventricles(found: list[Finding], certainty: str) -> list[dict[str, Any]]:
    """Code blood in the ventricles that came from nowhere else."""
    blood = [f for f in found if f["name"] == "intraventricular_extension"]
    there = [f for f in blood if f["certainty"] == certainty and f["section"] not in PAST_SECTIONS]
    told = (
        f for f in found if f["name"] in _BLEEDS and f["certainty"] in ("affirmed", "uncertain")
    )
    outer = (f for f in found if f["name"] == "subarachnoid_blood" and f["certainty"] != "negated")
    if not there or any(told) or any(outer) or any("破入" in f["text"] for f in blood):
        return []
    return [_code(INTRAVENTRICULAR, certainty, there)]


def _past(found: list[Finding], text: str) -> list[dict[str, Any]]:
    """Code what a bleed of the past left; 脑出血术后 of the present one is none."""
    now = {
        (family(f["value"]), f["side"])
        for f in found
        if f["name"] == "hematoma_site" and f["certainty"] == "affirmed"
    }
    past = []
    for f in found:
        if f["name"] not in _BLEEDS:
            continue
        in_past = f["section"] in PAST_SECTIONS and f["certainty"] in ("affirmed", "historical")
        if f["certainty"] != "historical" and not in_past:
            continue
        if not in_past and _AFTER_SURGERY.match(text, f["end"]):
            continue
        value = f["value"] and family(f["value"])
        if not in_past and value and (value, f["side"]) in now:
            continue
        past.append(f)
    return [_code(SEQUELAE, "affirmed", past)] if past else []


def _code(code: str, certainty: str, findings: Iterable[Finding]) -> dict[str, Any]:
    places = dict.fromkeys((f["start"], f["end"]) for f in findings)
    return {"code": code, "certainty": certainty, "evidence": [list(place) for place in places]}
