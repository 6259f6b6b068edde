"""Days without a year (8/26, 04-24, 8.20) where the note around them says that they are days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .shift import full_date

_DAY = r"(?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])"
_START = r"[0-9](?<![\dA-Za-z./\-×*^<>=+].)(?<!\d:.)[0-9]?"
"""A month, if nothing before it says otherwise; a digit comes first, which `re` seeks fast."""
_UNIT = (
    r"mm|cm|m[lLgG]|[mμu]?mol|[nμup]g|k?g|k?Pa|[uU]/|IU|U\b|Hz|s\b|岁|天|次|级|分|h\b|个|周|年|月|小时"
    r"|片|粒|支|公|横|℃|度|倍|秒|毫|厘|米|升|人|床|层|楼|例|/"
)
_SHUT = rf"(?!\d|[./\-][\d+\-]|:\d|[%×*^+]|\s?(?:{_UNIT}))"
_FREE = re.compile(rf"(?P<date>(?P<m>{_START})(?P<s>[-/.])(?P<d>\d\d?)){_SHUT}")
_PADDED = r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_BROKEN = (
    # OCR broke the line within the date; a day that follows a padded month has two digits.
    re.compile(
        r"(?<!\d)(?=[\d\n]{4,6}[-/.])[12]\n?[90]\n?\d\n?\d\n?(?P<s>[-/.])(?:\n[ ]?)?"
        r"(?:0\n?[1-9]|1\n?[0-2])\n?(?P=s)\n?(?:0\n?[1-9]|[12]\n?\d|3\n?[01])(?![\d.、:])"
    ),
    re.compile(
        r"(?<!\d)(?=[\d\n]{4,6}年)[12]\n?[90]\n?\d\n?\d\n?年\n?[01]?\n?\d\n?月\n?[0-3]?\n?\d\n?[日号]"
    ),
)
_BROKEN_DAY = re.compile(
    r"(?:(?<=[\u4e00-\u9fff,。;、:(])|(?<=\n)|(?<= ))(?=[\d\n]{2,3}-[\d\n]{2,3})"
    r"(?P<m>0\n?[1-9]|1\n?[0-2])\n?-\n?(?P<d>0\n?[1-9]|[12]\n?\d|3\n?[01])(?=\n?[\u4e00-\u9fff])"
)
_CELL = re.compile(
    rf"(?:^|(?<=\n))[|\t ]{{0,3}}(?P<date>{_DAY})(?=[ ]?(?:\||\t|,(?=[^\n]*,)))(?![ ]?[|\t,]\s*$)"
)
_FEWEST_CELLS = 2

_TOLD = re.compile(
    r"(?:(?<![A-Za-z])(?:[Ll]abs?|CTA?|MRI?|DSA|EEG|CXR|X线|f/u|F/U|POD|cx|Cx|培养|化验|抽血|胸片|超声|血气|腰穿"
    r"|血常规|生化|病理|造影|同前|随访|门诊|评分|查房|会诊)(?:[A-Za-z]{0,4})[ ]?[(\[]"
    r"|[痰血尿便脑脊液]{1,3}(?:cx|Cx|培养)[ ]?[(\[]?"
    r"|(?:随访|说|意见|汇报|备注|更换日期)[:：]?[ ]?"
    r"|(?:比较?|对比|参照)[ ]?|(?:f/u|F/U)[ ]?(?:与|比)?[ ]?)\Z"
)
"""What stands before a day by itself, whatever the note says elsewhere."""
_SAMPLED = re.compile(r"(?:(?<![A-Za-z])[Ll]abs?|(?<![A-Za-z])[Cc]x|培养|化验|抽血)[ ]?[(\[]\Z")
"""What no size or value in brackets follows: labs(12.12)."""
_LIST = re.compile(rf"(?<=[:;,])[ ]?(?P<date>{_DAY})(?=[①-⑳]|[(][1-9][)]|第?[1-9]次)")
_FEWEST_OF_A_LIST = 3
_CHANGED = re.compile(r"[ ]?(?:更换|拔除|置入|复查|入院|出院|手术|转入|转出|停用|发病)")
_COMPARED = re.compile(r"[与较同比][ ]?\Z")
_AS_BEFORE = re.compile(r"[ ]?(?:比(?!例)|相比|对比|片|CT|MR)")
_EVENT = re.compile(
    r"[ ]?(?:[①-⑳]|EVD|ICP|LP|Ga\b|GCS|DSA|CTA?\b|MRI?\b|CXR|V-?P|PEG|CRRT|[Aa]dm|[Oo][Pp]\b|POD"
    r"|[Dd]/[Cc]"
    r"|钻孔|穿刺|开颅|去骨|锥颅|微创|清除|夹闭|栓塞|介入|更换|换|拔|夹管|再|抽搐|癫痫|发热|高热|体温|转|想|要|出|入"
    r"|停|加|改|予|给|行|做|拟|已|撤|脱|上机|气|插|置|腰|复|查|评|拆|手术|术|输|送|来|回|到|死|呕|头痛|突|意识|昏"
    r"|神|家属|约|起|晨|早|晚|夜|中午|上午|下午|凌晨|因|开始|始|报|培养|痰|血培|胸|头颅|颅|CT|增强|平扫|床旁|门诊|住|恢复|下床|康复)"
)
"""What a day is told of: 8.20钻孔引流, 04-24 EVD."""
_BEFORE_DAY = re.compile(r"前(?:去|来|往|到|交|拿|办|复|必|务|完)")
_AT_HOSPITAL = re.compile(r"[ ]?[\u4e00-\u9fff]{2,10}(?:医院|卫生院|[一二三四五]院)")
"""What follows a day, whatever the month: 3.2前去拿, 7.14朔方中医院CT."""
_MOST_OF_SCORES, _SCORES = 12, (15, 20, 24, 28, 30)
"""What a number over 12 behind a slash is: a day, or the most that a score can be."""
_LEAD = re.compile(r"(?:^|[,。;、:(\[|\n\t])[ ]{0,3}\Z|[\u4e00-\u9fff)\]][ ]?\Z")
_VALUE_BEFORE = re.compile(
    r"(?:空腹|餐后|[早中晚午]餐?[前后]|睡前|肌力|肌张力|[Pp]ower|MRC|血压|BP|bp|血糖|体温|评分|INR|PT|GCS|mRS|NRS|VAS|NIHSS|HH|PCT|CRP|K|Na|Cl|Ca|Hb|WBC"
    r"|PLT|Lac|pH|瞳孔|左|右|级|约|大小|直径|厚|深|流量|氧|剂量|比值|比例|共|每|q|第|Ⅰ|Ⅱ|Ⅲ|Ⅳ|Ⅴ|→|[A-Za-z%])"
    r"[a-zA-Z]{0,5}[ :是为]{0,3}\Z"
)
_OPENING = re.compile(r"(?:^|[,。;、:(\[|\n\t])[ ]{0,3}\Z")
_RANGE = re.compile(
    rf"[ ]?(?:~|至|到|--?|→)[ ]?(?P<date>{_DAY})(?!\d|[./\-:]\d|[%^]|\s?(?:mm|cm|m[lLg]))"
)
_FROM_TO = re.compile(
    rf"(?P<date>(?P<m>{_START})(?P<s>[-/.])(?P<d>\d\d?))[ ]?(?:~|至|到|--?)[ ]?"
    rf"(?P<until>(?P<m2>\d\d?)(?P=s)(?P<d2>\d\d?)){_SHUT}"
)
_DAYS_OF = {month: 31 for month in range(1, 13)} | {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


def broken_dates(text: str) -> Iterator[tuple[int, int]]:
    """Yield full dates within which a line ends, as 20|22-10-20."""
    if "\n" in text:
        for pattern in _BROKEN:
            for match in pattern.finditer(text):
                if "\n" in match[0]:
                    yield match.span()


def days_in_context(text: str, told: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield days without a year.

    Parameters
    ----------
    text
        In the form to be searched.
    told
        The dates that were found in it: their months, and those that follow, are the note's.
    """
    spans = sorted(set(told))
    months = _months(text[start:end].replace("\n", "") for start, end in spans)
    taken = {start for start, _ in spans}
    cells = [match.span("date") for match in _CELL.finditer(text)]
    if len(cells) >= _FEWEST_CELLS and _are_rows(text, cells):
        yield from cells
        taken.update(start for start, _ in cells)
    listed = _days_of_a_list(text)
    yield from listed
    taken.update(start for start, _ in listed)
    if months:
        for match in _BROKEN_DAY.finditer(text):
            if "\n" in match[0] and _number(match["m"]) in months:
                yield match.span()
        for match in _FROM_TO.finditer(text):
            if _is_range(text, match, months):
                yield match.span("date")
                yield match.span("until")
    for match in _FREE.finditer(text):
        start, end = match.span("date")
        month, day = int(match["m"]), int(match["d"])
        if start in taken or not 0 < day <= _DAYS_OF.get(month, 0):
            continue
        if _is_day(text, match, months):
            yield start, end
            more = _RANGE.match(text, end)
            if more:
                yield more.span("date")


def _is_day(text: str, match: re.Match[str], months: frozenset[int]) -> bool:
    start, end = match.span("date")
    before, sign = text[max(0, start - 14) : start], match["s"]
    padded = len(match["m"]) == len(match["d"]) == 2
    month, day = int(match["m"]), int(match["d"])
    if sign == "." and match["d"][0] == "0" and match["m"][0] != "0":
        return False  # 1.04 is a value
    fraction = sign == "/" and not padded and month <= 5 and day <= 5
    ends_well = text[end : end + 1] in ("", "\n", ")", "]", ",", "。", ":", ";", "、", "~")
    if _TOLD.search(before):
        strict = sign == "." or fraction
        return (not strict or month in months or bool(_SAMPLED.search(before))) and (
            ends_well or bool(_EVENT.match(text, end) or _AS_BEFORE.match(text, end))
        )
    if sign == "-" and padded and _OPENING.search(before) and _CHANGED.match(text, end):
        return True
    if _BEFORE_DAY.match(text, end) and not _VALUE_BEFORE.search(before):
        return True
    if _AT_HOSPITAL.match(text, end) and _OPENING.search(before):
        return True
    if padded and sign != "." and (before == "" or before[-1] in "\n:"):
        if sign == "-" and re.match(r"[\u4e00-\u9fff]{2}", text[end : end + 2]):
            return True
        if sign == "/" and _EVENT.match(text, end):
            return True
    if sign == "/" and day > _MOST_OF_SCORES and not _VALUE_BEFORE.search(before):
        if _OPENING.search(before) and _EVENT.match(text, end):
            return True
        if before[-1:] == " " and day not in _SCORES and text[end : end + 1] in ("", "\n"):
            return True
    if month not in months or fraction:
        return False
    if _COMPARED.search(before):
        return bool(_AS_BEFORE.match(text, end))
    if _VALUE_BEFORE.search(before) or not _LEAD.search(before):
        return False
    event = bool(_EVENT.match(text, end))
    if sign == "-":
        return (padded and (event or bool(_OPENING.search(before)) and ends_well)) or (
            event and bool(_OPENING.search(before))
        )
    return event and (bool(_OPENING.search(before)) or (padded and sign == "/") or day > 9)


def _days_of_a_list(text: str) -> list[tuple[int, int]]:
    """Return days that one thing after the other is told of: 7.12①顺利；7.13②耳痛."""
    runs: list[list[re.Match[str]]] = [[]]
    for match in _LIST.finditer(text):
        month, day = (int(n) for n in re.split(r"[-/.]", match["date"]))
        if not 0 < day <= _DAYS_OF.get(month, 0):
            continue
        last = re.split(r"[-/.]", runs[-1][-1]["date"]) if runs[-1] else None
        if last and (int(last[0]) != month or not 0 < day - int(last[1]) < 8):
            runs.append([])
        runs[-1].append(match)
    return [m.span("date") for run in runs if len(run) >= _FEWEST_OF_A_LIST for m in run]


def _is_range(text: str, match: re.Match[str], months: frozenset[int]) -> bool:
    first, last = (int(match["m"]), int(match["d"])), (int(match["m2"]), int(match["d2"]))
    if first[0] not in months or not all(0 < d <= _DAYS_OF.get(m, 0) for m, d in (first, last)):
        return False
    if not (first[0] == last[0] and first[1] < last[1] or last[0] == first[0] % 12 + 1):
        return False
    before = text[max(0, match.start() - 14) : match.start()]
    if _VALUE_BEFORE.search(before) or not _LEAD.search(before):
        return False
    return max(first[1], last[1]) > 9 or bool(_EVENT.match(text, match.end()))


def _are_rows(text: str, cells: list[tuple[int, int]]) -> bool:
    """Return whether the first cells of rows are days: alike, and not all of one value."""
    signs = {re.sub(r"\d", "", text[start:end]) for start, end in cells}
    if len(signs) > 1:
        return False
    months = {int(re.split(r"[-/.]", text[start:end])[0]) for start, end in cells}
    # A table's days are of one or two months; numbers of rows such as 1.1, 2.1, 3.1 are not.
    return len(months) <= 2 and (max(months) - min(months)) in (0, 1, 11)


def _months(dates: Iterable[str]) -> frozenset[int]:
    """Return the months of full dates and those that follow."""
    found = {day.month for day in map(full_date, dates) if day is not None}
    return frozenset(found | {month % 12 + 1 for month in found})


def _number(written: str) -> int:
    return int(written.replace("\n", ""))
