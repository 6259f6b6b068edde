"""What a record states as less or more than a value: 出血量<30ml, 中线移位超过1cm, 约30ml以上.

The value of such a finding is the bound. Where a limit that decides is looked at, it must not be
taken for the value itself: less than 30 mL is not 30 mL.
"""

from __future__ import annotations

import math
import re

from hich.report.model.comparison import Sign
from hich.report.model.finding import Finding

BOUNDS = "bounds"
"""Key of a finding's `extra`: the least and the most that it can mean."""
BOUNDED = ("hematoma_volume", "midline_shift")

_ABOUT = r"[ 约近]*$"
_BELOW = re.compile(rf"(?:[<＜﹤]|&lt;|小于|少于|不足|不到|低于|未达){_ABOUT}")
_UP_TO = re.compile(rf"(?:[≤≦]|[<＜]=|(?:不|未)(?:超过|大于|多于|高于)){_ABOUT}")
_ABOVE = re.compile(rf"(?:[>＞﹥]|&gt;|大于|多于|超过|高于){_ABOUT}")
_FROM = re.compile(rf"(?:[≥≧]|[>＞]=|(?:不|未)(?:小于|少于|低于)|至少){_ABOUT}")
_TAG_OR_ARROW = re.compile(r"</?[A-Za-z][^<>]*>|[-=—–]+[>＞]")
"""Whose end is no sign: <b>28ml, which exports leave in notes, and 20ml->28ml."""
_LONGEST_TAG = 200  # characters
_NUMBER = re.compile(r"[\d零一二两三四五六七八九十百]")
_BEHIND_UP_TO, _BEHIND_FROM = re.compile(r"\s*(?:以内|以下)"), re.compile(r"\s*以上")


def bounds_of(finding: Finding, text: str) -> tuple[float, float] | None:
    """Return the least and the most that a finding can mean; None where it states a value.

    Parameters
    ----------
    finding
        Of a record.
    text
        The record.
    """
    value = finding.value
    if finding.name not in BOUNDED or not isinstance(value, (int, float)):
        return None
    if finding.extra.get("range"):
        return None
    number = _NUMBER.search(finding.text)
    at = finding.start + (number.start() if number else 0)
    before = _TAG_OR_ARROW.sub(" ", text[max(0, at - _LONGEST_TAG) : at])[-6:]
    behind = text[finding.end : finding.end + 4]
    if _UP_TO.search(before) or _BEHIND_UP_TO.match(behind):
        return 0.0, float(value)
    if _BELOW.search(before):
        return 0.0, math.nextafter(value, 0.0)
    if _FROM.search(before) or _BEHIND_FROM.match(behind):
        return float(value), math.inf
    if _ABOVE.search(before):
        return math.nextafter(value, math.inf), math.inf
    return None


def sign_of(finding: Finding) -> Sign | None:
    """Return what a finding's value is a bound of, as it is shown before the number."""
    bounds = finding.extra.get(BOUNDS)
    if not bounds:
        return None
    low, high = bounds
    if math.isinf(high):
        return "≥" if low == finding.value else ">"
    return "≤" if high == finding.value else "<"
