"""What brackets tell of an earlier scan, beside which one of now is read.

In 与术前CT（血肿约46ml，中线移位8mm）相比，血肿基本清除 the brackets hold what was there then:
what they affirm is of the past, and what they deny says nothing of now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WHEN = (
    r"(?:术前|治疗前|用药前|入院|来院|急诊|外院|当地|首次|初次|第一次|上次|前次|前[日天片]?|昨[日天晚]?|原|旧"
    r"|发病|\d{1,2}[月./\-]\d{1,2}日?|\d{1,3}(?:天|小时|h|d)前)"
)
_SCAN = (
    rf"{_WHEN}(?:(?!本次|此次|今|现|复查)[^,。;\n()]){{0,12}}?(?:ct|mri?|片|检查|影像|平扫)"
    r"[\d年月日时分.\-/: ]{0,18}"
)
_SAID = r"\((?P<said>(?:[^()\n。]|\([^()\n。]{0,20}\)){2,90})\)"
_COMPARED = re.compile(
    rf"(?:(?:(?<!比)较(?![大小多少])|对比|比较|对照)[:,]?{_SCAN}{_SAID}"
    rf"|(?:[与和同跟]|参照|参考){_SCAN}{_SAID.replace('said', 'said_too')}"
    r"[^,。;\n]{0,4}(?:比|对照|参照))"
)


def earlier_scans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where brackets of a text in normal form tell of an earlier scan.

    Examples
    --------
    >>> text = "与前片(血肿20ml)比较,血肿增大(约35ml)"
    >>> [text[start:end] for start, end in earlier_scans(text)]
    ['血肿20ml']
    """
    if "(" not in text or not ("较" in text or "比" in text or "照" in text):
        return
    for match in _COMPARED.finditer(text):
        yield match.span("said" if match["said"] else "said_too")
