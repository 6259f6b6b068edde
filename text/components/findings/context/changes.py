"""Values that a record tells as changed: the earlier one is of the past, the later one of now.

由A降至B, A→B and 昨日A,今B name two values of one thing; whoever reads the record for the present
state must never get A.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

CHANGING = frozenset(
    ("gcs", "limb_power", "pupil_size", "light_reflex", "blood_pressure")
    + ("hematoma_volume", "midline_shift")
)
"""Findings that change from day to day."""

COMPARED = CHANGING.union(
    ("intraventricular_extension", "ventricle_compression", "fourth_ventricle_compression")
    + ("cistern_compression", "hydrocephalus", "herniation", "edema")
)
"""Findings of which brackets tell what they were: 破入脑室（前片未破入）."""

WHEN = (
    r"(?:(?:今[日天晨早晚]?|昨[日天晨晚夜]?|现在?|目前|入院|来院|转入|出院|术[前后中]|治疗后|用药后|复[查评测])?"
    r"(?:第?\d{1,2}(?:天|日|d|小时|h|周|个?月)后?)?时?的?)"
)
"""The moment that is said before a later value: A→今晨B, A→第7天B."""
_A_WHILE = re.compile(r"(?:一度|一过性)[^,。;\n\d]{0,12}$")
"""Before a value that was so for a while: 血压一度降至82/45mmHg."""
_BEHIND = re.compile(
    r"[,、 ]?\(?(?:[较比与同](?:前|原)?|原|前|昨|上次|入院|来院|术前|首次|初次)"
    r"(?:片|次|[昨日天晚夜晨班]|入院|来院|术前|首次|初次|ct|gcs)*(?:时|为|约|的|是|[:= ]){0,3}\(?"
    r"(?P<n>\d{1,3}(?:\.\d{1,2})?)(?! ?[\d./:%月年日])"
    r"(?! ?(?:天|小时|h|d)(?![a-z]))"
)
"""Behind a value the earlier one that it is compared with: 5分，较前班（7分）下降."""
_FROM = re.compile(r"(?:由|从)(?!于)[^,。;\n]{1,24}$")
_TO = re.compile(r"(?:\([^()\d]{0,10}\))?[^,。;\n\d]{0,8}[至到为成]")
_ARROW = re.compile(r" ?(?:mm|ml|级|分)?(?:\([^()\d]{0,10}\))?(?:→|->|=>)")
_GREW = re.compile(
    r"(?:,?(?:再|继而|随后|进一步))?(?:明显|逐渐|已|又)?(?:下降|降低|降|上升|升高|升|增加|增大|增|扩大|减少|减|缩小|缩|涨|恢复|"
    r"好转|改善|提高)了?[至到为](?=[约 ]*[\dⅠ-Ⅴ])"
)
"""After a value that went over into another: 8ml增至15ml, 35ml，再增至50ml."""
_COMPARED = re.compile(
    r"[较比](?:入院|来院|术前|前|首次|初次|昨[日天晚]?|上次)(?:时|的)?\(?"
    r"[\dⅠ-Ⅴ][\d./+\-~a-z级分 ]{0,14}$"
)
"""An earlier value that one of now is compared with: 较入院时(212/116mmHg)下降, 较昨日3级下降."""
_TURNED = re.compile(
    r"\)?(?:明显|略|稍|有所)?(?:下降|降|上升|升|增|扩大|减|缩小|恢复|好转|改善|加重)"
)
_EARLIER = re.compile(
    r"(?:昨[日天晚夜晨]?|前[日天]|术前|治疗前|用药前|(?<![病])原(?=[\dⅠ-Ⅴ为来先]))[^,。;\n]{0,24}$"
)
_MAY_BE_EARLIER = re.compile(r"[较比由从昨前原]")
"""One of these stands in whatever tells of an earlier value before it."""
_LATER = re.compile(
    r"[^。;\n]{0,12}(?:今[日天晨早晚]?|(?<![出发呈表])现(?!象)|目前|(?<=[,、(])(?:术后|术毕|"
    r"治疗后|用药后))[^,。;\n]{0,16}"
    r"[\dⅠ-Ⅴ]"
)
_ON_COMING = re.compile(
    r"(?:入院|入科|入室|来院|到院|转入|接诊)(?!后)|(?:发|起)病时|[前上]次|昨[日天晚夜]|术前|外院"
)
_NOW_AGAIN = re.compile(
    r"[,;](?:经[^,。;\n]{1,14}?)?(?:\d{1,3}(?:小时|h|天|日)后)?(?:今[日天晨早晚]?|现(?![病象])|目前|复查|本次|此次)"
)


def earlier_behind(text: str, end: int) -> re.Match[str] | None:
    """Return the earlier value (group ``n``) that stands behind one whose evidence ends at `end`.

    Examples
    --------
    >>> earlier_behind("PLT 91(前日122)", 6)["n"], earlier_behind("PLT 91,前3天", 6)
    ('122', None)
    """
    return _BEHIND.match(text, end)


_ALIKE = {
    "both": ("both", "left", "right"), "left": ("left", "both"), "right": ("right", "both"),
    "limbs": ("limbs", "arm", "leg"), "arm": ("arm", "limbs"), "leg": ("leg", "limbs"),
}  # fmt: skip


def things(finding: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the name, side and limb of a finding, and of those that tell of a part or all of it.

    Examples
    --------
    >>> list(things({"name": "limb_power", "side": "left", "limb": "limbs"}))[1]
    ('limb_power', 'left', 'arm')
    """
    side, limb = finding["side"], finding.get("limb")
    for of_side in _ALIKE.get(side or "", (side,)):
        for of_limb in _ALIKE.get(limb or "", (limb,)):
            yield finding["name"], of_side, of_limb


_IN_BRACKETS = re.compile(
    r"\((?:与|较|比)?(?:入院|入科|来院|到院|转入|发病|起病|术前|治疗前|用药前|首[测次诊]|初[测次]|当时|原(?=[先来为\d片])|外院|昨[日天晚夜晨]?"
    r"|前[日天次片]|旧片|上次)(?:(?!本次|此次|现|今|目前|复查)[^()。\n]){0,36}$"
)


def in_brackets_of_before(text: str, end: int) -> bool:
    """Return whether evidence ends in brackets that tell of an earlier time: 3级（入院时1级）.

    Examples
    --------
    >>> [in_brackets_of_before("肌力3级(入院时1级)", end) for end in (10, 4)]
    [True, False]
    """
    return _IN_BRACKETS.search(text, max(0, end - 44), end) is not None


def told_again(text: str, first: tuple[int, int], then: tuple[int, int]) -> bool:
    """Whether a value is of the coming, and the next one of the same thing of now.

    Both are where their evidence stands: 入科时GCS 6分，今晨GCS 9分.
    """
    between = text[first[1] : then[0]]
    if len(between) > 80 or "。" in between or "\n" in between:
        return False
    again = _NOW_AGAIN.search(between)
    if again is None:
        return False
    start = max(text.rfind("。", 0, first[0]), text.rfind("\n", 0, first[0]), first[0] - 60) + 1
    said = list(_ON_COMING.finditer(text, start, first[1]))
    return bool(said) and _NOW_AGAIN.search(text, said[-1].end(), first[0]) is None


def was(text: str, start: int, end: int) -> bool:
    """Whether the value whose evidence is text[start:end] is told as what it was before.

    Examples
    --------
    >>> text = "左上肢肌力由1级恢复至3级"
    >>> was(text, 0, 8), was(text, 0, len(text))
    (True, False)
    """
    if _ARROW.match(text, end) or _GREW.match(text, end):
        return True
    if "一" in text[max(0, start - 16) : end] and (
        _A_WHILE.search(text, max(0, start - 16), start) or "一度" in text[start:end]
    ):
        return True
    first = max(0, end - 28)
    if not _MAY_BE_EARLIER.search(text, first, end):
        return False
    if _COMPARED.search(text, first, end) and _TURNED.match(text, end):
        return True
    if _FROM.search(text, first, end) and _TO.match(text, end):
        since = text[max(text.rfind("由", first, end), text.rfind("从", first, end)) : end]
        return "至" not in since and "到" not in since and "→" not in since
    return bool(_EARLIER.search(text, first, end) and _LATER.match(text, end))
