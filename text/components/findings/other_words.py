"""Abbreviations, English and other hospitals' words, as the words that the rules know.

ICH, BG, EVD, thalamic, 视丘 and 水脑症 are put in the words that `vocabulary.json` names them for
(`other_words`), L and R before a place in 左 and 右: so every rule reads them.
The evidence of a finding stays what the record says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..sought import Sought, holds, ways_of

if TYPE_CHECKING:
    from ..normal_form import NormalForm

_PLACE = (
    r"(?:侧|基底|丘脑|壳核|[额颞顶枕岛]|小脑|大脑|脑|半球|[内外]囊|尾状|放射冠|桥|瞳|眼|半身|[上下]肢|"
    r"肢体|手|[移偏])"
)
_SIDES = re.compile(
    # What stands before is looked at afterwards: a pattern that starts with a character is quick.
    rf"[lr](?:(?<![a-z0-9/].)(?:t\.?|eft|ight)?(?: ?[-.] ?| )?(?={_PLACE})"
    r"|(?:(?<=[→向往偏].)|(?<=to .))(?:t|eft|ight)?(?![a-z0-9]))"
)
_GANGLIA = re.compile(
    r"bg(?![a-z0-9])(?:(?<=[左右侧]bg)|(?<=[lr][\- ]bg)|(?<=[lr]t bg)"
    r"|(?= ?(?:区|脑?出血|血肿|ich))) ?"
)
"""BG alone may be the blood's glucose."""
_N = r"\d{1,3}(?:\.\d{1,2})?"
_UNIT_FIRST = re.compile(
    r"\((?P<unit>ml|毫升|mm|cm|分钟|分|小时|h|天|岁|级)\)(?P<said>[:= ]{0,3}(?:为|约)?)"
    rf"(?P<n>{_N}(?:[~\-]{_N}|(?:[*x]{_N}){{1,2}})?)"
    r"(?![\d.:/~*x]|[+\-]\d| ?(?:ml|mm|cm|毫升|分|小时|岁|级|天))"
)
"""A unit in brackets before its number, as forms have it: 出血量（ml）：35."""
_OF_SENTENCE = re.compile(r"(?:without|with|no) (?=[\u4e00-\u9fff])")
_SENTENCE_WORDS = ("with", "no ")
_FULL_STOP = re.compile(
    r"\.(?:(?<=[\u4e00-\u9fff)%]\.)(?=[\u4e00-\u9fff(a-z\n ]|$)|(?<=[a-z]\.)(?=\n|$)"
    r"|(?<=\d\.\d\.)(?=\n|$)|(?<=\d\.\d\d\.)(?=\n|$))"
)
"""An ASCII full stop where a sentence ends: 血糖7.6mmol/L,INR0.98."""
_ZERO = Sought("o", r"o{1,2}(?:(?<=\d.)|(?<=\d\..)|(?<=\d..))(?=[\d/^年]|m[ml])")
"""The letter that OCR reads for a zero within a number: 17O/98, 1.O5."""
_SAID = {"no": "无", "with": "伴", "without": "无"}


class OtherWords:
    """Puts words of the vocabulary in the place of others.

    Parameters
    ----------
    words
        The rules' word to those that stand for it; Latin ones count as whole words.
    """

    def __init__(self, words: dict[str, list[str]]) -> None:
        self._word = {other: word for word, others in words.items() for other in others}
        latin = [word for word in self._word if word.isascii()]
        others = [word for word in self._word if not word.isascii()]
        ways = [*ways_of(others), *ways_of(latin, behind=r"(?![a-z])(?: (?=\S))?")]
        self._pattern = re.compile("|".join(ways) or r"(?!)")

    def put_into(self, form: NormalForm) -> None:
        """Put the words in their places."""
        if "o" in form.text:
            form.replace(_ZERO, lambda match: "0" * len(match[0]))
        if "." in form.text:
            form.replace(_FULL_STOP, lambda match: "。")
        form.replace(_UNIT_FIRST, lambda m: m["said"] + m["n"] + m["unit"])
        if "bg" in form.text:
            form.replace(_GANGLIA, lambda match: "基底节")
        form.replace(self._pattern, self._put)
        form.replace(_SIDES, lambda match: "左" if match[0][0] == "l" else "右")
        if holds(form.text, _SENTENCE_WORDS):
            form.replace(_OF_SENTENCE, lambda m: m[0] if _within(m) else _SAID[m[0].strip()])

    def _put(self, match: re.Match[str]) -> str:
        other = match[0].rstrip()
        return match[0] if other.isascii() and _within(match) else self._word[other]


def _within(match: re.Match[str]) -> bool:
    """Whether a match begins within a Latin word."""
    start = match.start()
    return start > 0 and "a" <= match.string[start - 1] <= "z"
