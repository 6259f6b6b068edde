"""Check boxes of a form, read as a sentence would say them: 抗凝药 □有 ☑无 is 抗凝药 无.

A ticked box becomes a space. An empty one before an answer (有, 否, 迟钝, 13~14) is left out with
it, by control characters that the normal form drops; before anything else (□头痛) it becomes `NOT`,
which the vocabulary has as a cue of negation. Boxes count only where one is ticked: else □ is a
bullet. The text keeps its length.
"""

from __future__ import annotations

import re

NOT = "☐"
"""An empty box before what would be ticked if it were there."""

_TICKED = re.compile(r"[☑☒✓✔√■]")
_EMPTY = re.compile(r"[□☐◻▢]")
_ANSWER = (
    r"(?:有|无|是|否|男|女|灵敏|敏感|迟钝|减弱|消失|存在|正常|异常|不详|未知|不清楚?|偶尔|偶|经常|"
    r"每[日天]|从不|"
    r"少量|大量|已戒烟?酒?|已停|未戒|清醒|左侧?|右侧?|双侧|等大|不等大|[\d.~～\-–]{1,7}[级分支年]?)"
)
_END = r"(?=[\s,，;；。、|/)）□☐◻▢☑☒✓✔√■]|$)"
_BEFORE = re.compile(rf"[□☐◻▢] ?{_ANSWER}{_END}")
_BEHIND = re.compile(rf"{_ANSWER} ?[□☐◻▢]")
_LEADS = re.compile(r"(?:^|[\s:：,，;；。(（])[□☐◻▢☑☒✓✔√■] ?\w")


def read_boxes(text: str) -> str:
    """Return a text as long as `text`, in which words say what boxes said.

    Examples
    --------
    >>> read_boxes("抗凝药 □有 ☑无").replace(chr(0), "")
    '抗凝药   无'
    >>> read_boxes("男□ 女☑").replace(chr(0), ""), read_boxes("□头痛 ☑呕吐"), read_boxes("□ 头痛")
    (' 女 ', '☐头痛  呕吐', '□ 头痛')
    """
    if not (_EMPTY.search(text) and _TICKED.search(text)):
        return text
    empty = _BEFORE if _LEADS.search(text) else _BEHIND
    text = empty.sub(lambda match: "\x00" * len(match[0]), text)
    return _TICKED.sub(" ", _EMPTY.sub(NOT, text))
