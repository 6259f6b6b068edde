"""Where dates stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..identity import DATE, Identity
from ..lexicon import IdentityLists, any_of, matches_at
from .forms import FIND, NEEDS, OF_DIGITS
from .short import broken_dates, days_in_context

_TO = re.compile(
    r"\s?(?:至|到|~|--?|—|、|及|和|,)\s?(?P<date>(?:0?[1-9]|[12]\d|3[01])[日号])(?!前|余|来|内|后)"
)
_MONTH_TO = re.compile(
    r"\s?(?:至|到|~|--?)\s?(?P<date>(?:(?:0?[1-9]|1[0-2])[-./])?(?:0[1-9]|[12]\d|3[01]))(?![\d:.]|[/\-]\d)"
)

_CANDIDATE = re.compile(r"[0-9](?<![0-9].)[0-9]?[-/.][0-9]")
"""Where a day without a year may start; a digit comes first, which is what `re` seeks fast."""
_DIGITS = re.compile(r"[0-9](?<![0-9].)")
_WINDOW = 24
"""Characters before a day that may tell that it is one."""
_VALUES = re.compile(
    r"(?:[血尿]糖|[钾钠氯钙镁磷糖]|体温|蛋白|肌酐|乳酸|(?<![A-Za-z])(?:K|Na|Cl|Ca|Hb|INR|PCT|CRP|Lac|pH|WBC|T))"
    r"[+\- :为是]{0,3}(?:\d+(?:\.\d+)?[ ,、/]{1,3})*\Z"
)
"""Measured values, the next of which may look like a day: 血糖5.6，5.5 予胰岛素."""
_PRESSURE = re.compile(r"(?:血压|[Bb][Pp])[^\d\n]{0,6}\d{1,3}\n\Z")
"""A blood pressure within which a line ends: 血压17|5/110."""


class DateFinder:
    """Finds dates.

    Parameters
    ----------
    lexicon
        The lists.
    """

    def __init__(self, lexicon: IdentityLists) -> None:
        events = any_of(lexicon.all["day_events"])
        before = any_of(lexicon.all["day_before"])
        day = r"(?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])"
        free = (
            r"(?<![\d./\-~A-Za-z×*])(?<!\d:)(?<!力)(?<!力 )(?<!侧)(?<!级)(?<!约)"
            r"(?<!腹)(?<!睡前)(?<![早中午晚餐][前后])"
            # PCT 1.04 is a value.
            r"(?!(?<=[A-Za-z] )(?<!CT )(?<!MR )(?<!MRI )(?<!DSA )\d\d?\.)"
        )
        times = "日[一1]?次|日内|日后|日左右"  # 大便2-3日一次
        unit = (
            f"{times}|mm|cm|m[lL]|mg|g/|岁|天|次|级|分|h|个|周|年|月|小时"
            "|[uμU]|ng|pg|片|粒|支|kg|公|横|℃"
        )
        stop = rf"(?![\d./\-:~%×*]|\s?(?:{unit}))"
        padded = r"(?:0[1-9]|1[0-2])/(?:0[1-9]|[12]\d|3[01])"
        english = r"reported|on|by|since|until|till|dated|from|admitted|discharged"
        slashed = day.replace("/.", "/")
        fraction = r"(?!1/[2-5]\b|2/[35]\b|3/[45]\b|[0-5]/5\b)"
        plain = day.replace("/.", "")  # 2/5→3/5 is power, 1.3→1.2 a value
        bullet = r"(?:^|\n)[\s·\-◆*●▪>]{0,4}\Z"
        # What stands before a day, None for anything; the day, and what stands after it.
        self._days = tuple(
            (re.compile(lead) if lead else None, re.compile(pattern))
            for lead, pattern in (
                (
                    None,
                    rf"{free}{day}{stop}(?=[ ]?(?:{events})|\s{{0,2}}[012]?\d[:时点][0-5]?\d?)",
                ),
                (r"→ ?\Z", rf"{plain}{stop}"),
                (None, rf"{free}{plain}{stop}(?=\s?→)"),
                (
                    rf"(?<![A-Za-z])(?:{before})[:：]?\s{{0,3}}[(]?\Z",
                    rf"{free}{day}{stop}(?=\s*(?:[,。;)|/]|\n|$|\s[\u4e00-\u9fff]))",
                ),
                # From one padded day to another; what follows `find` takes.
                (None, rf"{free}{padded}(?=\s?(?:~|至|到|--?)\s?{padded}{stop})"),
                (r"约\Z", rf"{day}{stop}(?=\s?(?:来(?!自)|复[诊查]|到|门诊|返|回院))"),
                (
                    rf"\b(?:{english})[ ]\Z",
                    rf"{fraction}{slashed}(?![\d/\-:~%×*])(?=\s*(?:[,.;)]|\n|$))",
                ),
                (r"(?:^|\n)\[\Z", rf"{day}(?=\])"),
                (r"(?:CT|MRI|检查|复查|期|[:：])\s?[(]\Z", rf"{day}{stop}(?=[,)])"),
            )
        )
        self._line = (
            re.compile(bullet),
            re.compile(rf"{day}(?:(?![\d./\-:~%×*])(?=[\s,—]|$)|(?=:(?!\d)))"),
        )

    def find(self, text: str) -> Iterator[Identity]:
        """Yield the dates in a text in the form to be searched; of several readings the longest."""
        taken = bytearray(len(text))
        spans = list(self._spans(text))
        for start, end in [*broken_dates(text), *spans, *days_in_context(text, spans)]:
            if any(taken[start:end]) or start == end:
                continue
            taken[start:end] = b"\1" * (end - start)
            yield Identity(start, end, DATE)
            for following in (_TO, _MONTH_TO):
                if following is _MONTH_TO and text[end - 1] not in "0123456789":
                    continue
                more = following.match(text, end)
                if more:
                    at = more.span("date")
                    if not any(taken[at[0] : at[1]]):
                        taken[at[0] : at[1]] = b"\1" * (at[1] - at[0])
                        yield Identity(*at, DATE)
                    break

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        starts = [match.start() for match in _DIGITS.finditer(text)]
        for number, pattern in enumerate(FIND):
            if any(sign in text for sign in NEEDS[number]):
                found = (
                    matches_at(pattern, text, starts)
                    if OF_DIGITS[number]
                    else pattern.finditer(text)
                )
                for match in found:
                    yield match.span()
        lines = []
        for starting in _CANDIDATE.finditer(text):
            start = starting.start()
            before = text[max(0, start - _WINDOW) : start]
            for lead, pattern in self._days:
                day = pattern.match(text, start)
                if day is None or (lead is not None and not lead.search(before)):
                    continue
                if "." not in day[0] or not _VALUES.search(before):
                    yield day.span()
            first = self._line[1].match(text, start)
            if first and self._line[0].search(before) and not _PRESSURE.search(before):
                lines.append(first)
        dotted = [tuple(match[0].split(".")) for match in lines if "." in match[0]]
        # 1.1, 2.1, 3.1 are numbers of headings.
        headings = len({day for _, day in dotted}) < 2 <= len({month for month, _ in dotted})
        for match in lines:
            if "." not in match[0] or (len(lines) > 1 and not headings):
                yield match.span()
