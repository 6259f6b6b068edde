"""Values that a record tells as changed: the earlier one is of the past, the later one of now.

由A降至B, A→B and 昨日A,今B name two values of one thing; whoever reads the record for the present
state must never get A.
"""

from __future__ import annotations

import re

CHANGING = frozenset(
    ("gcs", "limb_power", "pupil_size", "light_reflex", "blood_pressure")
    + ("hematoma_volume", "midline_shift")
)
"""Findings that change from day to day."""

_FROM = re.compile(r"(?:由|从)(?!于)[^,。;\n]{1,24}$")
_TO = re.compile(r"(?:\([^()\d]{0,10}\))?[^,。;\n\d]{0,8}[至到为成]")
_ARROW = re.compile(r" ?(?:mm|ml|级|分)?(?:\([^()\d]{0,10}\))?(?:→|->|=>)")
_EARLIER = re.compile(
    r"(?:昨[日天晚夜晨]?|前[日天]|术前|治疗前|用药前|(?<![病])原(?=[\dⅠ-Ⅴ为来先]))[^,。;\n]{0,24}$"
)
_LATER = re.compile(
    r"[^。;\n]{0,12}(?:今[日天晨早晚]?|(?<![出发呈表])现(?!象)|目前|(?<=[,、(])(?:术后|术毕|"
    r"治疗后|用药后))[^,。;\n]{0,16}"
    r"[\dⅠ-Ⅴ]"
)


def was(text: str, start: int, end: int) -> bool:
    """Whether the value whose evidence is text[start:end] is told as what it was before.

    Examples
    --------
    >>> text = "左上肢肌力由1级恢复至3级"
    >>> was(text, 0, 8), was(text, 0, len(text))
    (True, False)
    """
    if _ARROW.match(text, end):
        return True
    first = max(0, end - 28)
    if _FROM.search(text, first, end) and _TO.match(text, end):
        since = text[max(text.rfind("由", first, end), text.rfind("从", first, end)) : end]
        return "至" not in since and "到" not in since and "→" not in since
    return bool(_EARLIER.search(text, first, end) and _LATER.match(text, end))
