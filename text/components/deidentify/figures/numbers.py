"""Numbers that are somebody's: of identity papers, records, cards, accounts, cars."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..identity import NUMBER, PHONE, Identity
from ..lexicon import IdentityLists, any_of, matches_at, spaced

_SEP = r"[ \-]?"
_ID_CARD = re.compile(
    rf"(?<![\dA-Za-z])[1-9]\d{{5}}{_SEP}(?:18|19|20)\d\d{_SEP}(?:0[1-9]|1[0-2]){_SEP}"
    rf"(?:0[1-9]|[12]\d|3[01]){_SEP}\d{{3}}{_SEP}[\dXx](?![\dA-Za-z])"
    r"|(?<!\d)[1-9]\d{5}\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)"
    r"|(?<!\d)[1-9]\d{2,9}[*xX×]{4,14}\d{0,4}[\dXx*]"
    r"|(?<![A-Za-z\d])[A-Z]{1,2}[12]?\d{6}\([\dA]\)"  # Hong Kong
    r"|(?<![A-Za-z\d])[STFGM]\d{7}[A-Z](?![A-Za-z\d])"  # Singapore
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·\- ]?"
    r"[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警](?![A-Za-z0-9])"
)
_FOREIGN_PLATE = re.compile(  # of Taiwan and Hong Kong, where a vehicle is spoken of
    r"(?:车牌?号?码?|牌照?)[号码]?\s?[:(]?\s?(?P<plate>[A-Z]{2,3}-?[ ]?\d{3,4})(?![\dA-Za-z])"
    r"|(?<![A-Za-z\d\-])(?P<before>[A-Z]{3}-\d{4})(?=[)]?\s?(?:送[入到至]|救护))"
)
_CODE = re.compile(
    r"(?<![A-Za-z\d.准字])(?:[A-Z]{1,6}[-_]?(?:\d{2,8}[-_])*\d{5,18}(?:[-_][A-Z\d]{1,8})*"
    r"|[A-Z]{2,6}-\d{2,4}-\d{2,6}|[A-Z]-\d{3,4}-\d{3,6}|[A-Z]\d{3,6}-\d{2,6}|(?!(?:19|20)\d\d-\d\d?-)(?!\d\d-\d\d-\d\d?"
    r"(?!\d))\d{2,10}(?:[-_]\d{2,10}){2,}"
    r"|\d{4,10}[A-Z]{1,3}\d{2,8}|\d{6,10}-\d{2,8}|\d{7,10}-\d|\d{4}-\d{5,8})(?![A-Za-z\d])"
)
_LONG = re.compile(
    r"(?<!\d[.,])(?<![\dA-Za-z+/\-码])\d{7,22}(?![\d]|\.\d|[ ]?"
    r"(?:u|U|IU|ml|mL|单位|/|个|copies|万|元|年))"
)
_TIME = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?:[0-2]\d[0-5]\d(?:[0-5]\d)?)?$"
)
_GROUPED = re.compile(r"(?<![\d.])\d{4}(?: \d{4}){2,4}(?: \d{1,3})?(?!\d)")
_FIELD = re.compile(
    r"(?<=user=)[A-Za-z]?\d{3,10}"
    r"|(?:(?<=doctor code=\")|(?<=nurse code=\"))[A-Za-z]?\d{3,10}(?=\")"
    r"|(?<=['\"])\d{5,18}(?=['\"])"  # a quoted value
    r"|(?<=\|)[A-Z]?\d{3,12}(?:-\d{2,6})?(?=\^)"  # of HL7
    r"|(?<=(?:LO|SH) \[)[A-Z]{0,3}\d[\d\-]{3,}(?=\])"  # of DICOM
    r"|(?:(?<=床\d/)|(?<=床\d\d/)|(?<=\d床/))\d{5,10}(?![\d.\-])"
    r"|(?:(?<=岁[,/|)])|(?<=[Yy][,/|)])|(?<=岁[,/|)] )|(?<=\n)|(?<=\| ))\d{5,10}(?=[,;)/|\t]| \|)"
    r"|^\d{5,10}(?=[\t;])"
    r"|(?<=/)\d{7,12}(?=/[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]\()\d{6,12}(?=\))"
    r"|(?<=[;\t])\d{6,10}(?=[;\t\n])"  # alone in its cell
    r"|(?<=[\u4e00-\u9fff]  )\d{4,5}-?\d{2,6}(?=\n)"
)
_HEAD_LINE = re.compile(
    # 张三 男 49岁 29床 172658: a number among what a head of one line says of somebody.
    r"(?<![\u4e00-\u9fff])[男女]性?(?:[ ,/|、\t]{1,3}"
    r"(?:\d{1,3}[ ]?(?:周?岁|[Yy]o?|[+-]?床|[Bb](?:ed)?)?"
    r"|[\u4e00-\u9fff]{2,6}(?:科|区|室|病房)|[A-Z]{2,4}|床[ ]?\d{1,3}))"
    r"{1,4}[ ,/|、\t]{1,3}(?P<value>[A-Z]{0,2}\d{5,10}(?:-\d{1,3})?)"
    r"(?=[\s,;/|)、。]|$)(?![ ]?(?:ml|mg|/))"
)
_IN_BED = re.compile(  # 第9床 张伟 162717
    r"\d床[ \t]{1,3}[\u4e00-\u9fff·]{2,12}[ \t]{1,3}(?P<value>[A-Z]{0,2}\d{5,10})(?![\d.\-:/年%])"
)
_SPOKEN = re.compile(r"[零〇一二三四五六七八九幺两]{5,18}(?![年月日十百千])")
_BARE_VALUE = (
    r"(?P<{0}>[A-Za-z0-9*][A-Za-z0-9\-_/*]{{0,24}}"
    r"(?:[ ]{{1,2}}[\dOolIBSZXx\-]{{1,9}}(?![\d\-./:A-Za-z]|[ ]?[年月日床岁])){{0,6}})"
)
_MEASURE = re.compile(
    r"\s?(?:mm|cm|ml|mL|mg|g|kg|次|分|岁|天|日|年|月|%|℃|U|u|床|级|度|张|例|人|层|楼)(?![A-Za-z])"
)

_UNIQUE = re.compile(r"[12]\.(?<![\d.]..)\d{1,9}(?:\.\d{1,39}){4,}(?![\d.]\d)")
"""A DICOM UID."""
_START = re.compile(r"[0-9](?<![0-9].)|[A-Z](?<![A-Za-z0-9].)")
"""Where a number may start."""
_FEWEST_OF_A_ROW = 4
"""Digits from which on what stands behind 序号 may tell a person; fewer count rows."""


class NumberFinder:
    """Finds numbers.

    Parameters
    ----------
    lexicon
        The lists.
    """

    def __init__(self, lexicon: IdentityLists) -> None:
        heads = lexicon.all["heads"]
        suffix = spaced(heads["number_suffix"])
        stems, words = spaced(heads["number"]), spaced(heads["number_words"])
        both = r"(?:[(/](?:住院|门诊|急诊|病案|病历|体检)[)]?)?"  # 门诊(住院)号
        zh = rf"(?:(?:{stems}){both}[证卡单据]?\s{{0,3}}(?:{suffix})|{words})"
        first = "".join(sorted({word[0] for word in heads["number"] + heads["number_words"]}))
        self._heads = re.compile(
            rf"(?=[{first}]){zh}(?:\(ID\))?[)】\]\"']?\s{{0,4}}(?:[:#|=为是]|_{{1,4}})?\s{{0,8}}[\"']?{_BARE_VALUE.format('value')}"
            rf"|(?<![A-Za-z])(?=[A-Za-z])(?:{any_of(heads['number_latin'])})[\"']?\.?\s{{0,4}}[:#|=.]?\s{{0,8}}[\"']?{_BARE_VALUE.format('other')}"
        )
        self._spoken = re.compile(
            rf"(?=[{first}])(?:{zh})[:是为]?\s?(?P<value>[零〇一二三四五六七八九幺两]{{3,18}})"
        )

    def find(self, text: str) -> Iterator[Identity]:
        """Yield numbers in a text in the form to be searched."""
        starts = [start.start() for start in _START.finditer(text)]
        for match in (*matches_at(_ID_CARD, text, starts), *_PLATE.finditer(text)):
            yield Identity(match.start(), match.end(), NUMBER, 2)
        for match in _FOREIGN_PLATE.finditer(text):
            yield Identity(*match.span(match.lastgroup or 0), NUMBER, 2)
        for match in self._heads.finditer(text):
            group = "value" if match["value"] else "other"
            value = match[group].rstrip("_/-")
            digits = sum(map(str.isdigit, value))
            if not digits and "*" not in value or (group == "other" and digits < 3):
                continue
            if len(value) < 4 and _MEASURE.match(text, match.end(group)):
                continue
            if group == "other" and text[match.start(group) - 1] not in ":=#.\"' ":
                continue
            if _TIME.match(value) and len(value) > 8 and "extension" not in match[0]:
                continue
            if digits < _FEWEST_OF_A_ROW and text.startswith("序号", match.start()):
                continue
            yield Identity(match.start(group), match.start(group) + len(value), NUMBER, 2)
        for pattern in (_HEAD_LINE, _IN_BED):
            for match in pattern.finditer(text):
                yield Identity(*match.span("value"), NUMBER, 2)
        for match in _UNIQUE.finditer(text):
            yield Identity(*match.span(), NUMBER, 2)
        for match in self._spoken.finditer(text):
            yield Identity(*match.span("value"), NUMBER, 2)
        for match in _SPOKEN.finditer(text):
            yield Identity(*match.span(), PHONE if len(match[0]) == 11 else NUMBER)
        for pattern in (_CODE, _LONG, _GROUPED, _FIELD):
            for match in matches_at(pattern, text, starts):
                if not (_TIME.match(match[0]) and len(match[0]) > 8):
                    yield Identity(match.start(), match.end(), NUMBER)
