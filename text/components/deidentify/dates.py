"""Dates in any notation: where they stand, and the same date some days earlier in that notation."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .identity import DATE, Identity
from .lexicon import IdentityLists, any_of

_Y = r"(?P<y>(?:19|20)\d\d)"
_M = r"(?P<m>0?[1-9]|1[0-2])"
_D = r"(?P<d>0?[1-9]|[12]\d|3[01])"
_ZM = r"(?P<m>十[一二]?|[正一二三四五六七八九])"
_ZD = r"(?P<d>三十一?|[二]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二三四五六七八九])"
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_SHORT = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
_EM = rf"(?P<m>{_MONTHS}|{_SHORT}|{_SHORT.upper().replace('SEPT?', 'SEP')})\.?"
_O = r"[\dOoIlBSZ]"
_NEVER = r"(?!)"
"""Before a form that is read, but found by its context only (`DateFinder`)."""

_FORMS: tuple[tuple[str, str, str], ...] = (
    # What may stand before, the date, what may stand after.
    (r"(?<!\d)", rf"{_Y}\s?年\s?{_M}\s?月\s?{_D}(?!\d)\s?[日号]?", r""),
    (
        r"(?<!\d)",
        rf"{_Y}\s?(?P<s>[-./、])\s?{_M}\s?(?P=s)\s?(?:{_D}(?!\d)|(?P<d2>0[1-9]"
        rf"|[12]\d|3[01])(?=\d\d:\d\d))[日号]?",
        r"",
    ),
    (
        r"(?<!\d)",  # as OCR reads it
        rf"(?P<y>[12lI][ ]?[09Oo][ ]?{_O}[ ]?{_O})[ ]?(?P<s>[年./-])[ ]?"
        rf"(?P<m>(?:[01OlI][ ]?)?{_O})[ ]?[月./-]"
        rf"[ ]?(?P<d>(?:[0-3OlI][ ]?)?{_O})[ ]?(?:[日号]|(?!\d))",
        r"",
    ),
    (
        r"(?<![\d年])",
        rf"(?P<m>(?:[01OlI][ ]?)?{_O})[ ]?月[ ]?(?P<d>(?:[0-3OlI][ ]?)?{_O})[ ]?[日号]",
        r"",
    ),
    (r"(?<!\d)", rf"{_Y} (?P<m>0[1-9]|1[0-2]) (?P<d>0[1-9]|[12]\d|3[01])", r"(?!\d)"),
    (
        r"(?<![\dA-Za-z])",
        r"(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])",
        r"(?=(?:[012]\d[0-5]\d(?:[0-5]\d)?)?(?!\d))",
    ),
    (
        r"",
        rf"(?:民国|中华民国)\s?(?P<roc>\d{{2,3}})\s?(?:年|[-./])\s?{_M}\s?"
        rf"(?:月|[-./])\s?{_D}(?!\d)[日号]?",
        r"",
    ),
    (r"", r"(?:民国|中华民国)\s?(?P<roc>\d{2,3})\s?年", r""),
    (
        r"(?<!\d)",
        r"(?P<roc>1[01]\d)\s?(?P<s>[-./年])\s?(?P<m>0?[1-9]|1[0-2])\s?"
        r"(?:(?P=s)|月)\s?(?P<d>0[1-9]|[12]\d|3[01]|[1-9])日?",
        r"(?![\d./-])",
    ),
    (r"(?<!\d)", rf"(?P<yy>\d\d)\s?年\s?{_M}\s?月\s?{_D}(?!\d)\s?[日号]?", r""),
    (
        r"(?<![\d.\-])(?<!\d/)",
        r"(?P<yy>\d\d)(?P<s>[-./])(?P<m>0?[1-9]|1[0-2])(?P=s)(?P<d>0?[1-9]|[12]\d|3[01])",
        r"(?![\d./\-]|[ ]?(?:mm|cm|ml))",
    ),
    (
        r"(?<![\d./\-])",
        r"(?P<m>0?[1-9]|1[0-2])(?P<s>[-./])(?P<d>0?[1-9]|[12]\d|3[01])(?P=s)(?P<y>(?:19|20)\d\d)",
        r"(?![\d])",
    ),
    (
        r"(?<![\d./\-])",
        r"(?P<d>0?[1-9]|[12]\d|3[01])(?P<s>[-./])(?P<m>0?[1-9]|1[0-2])(?P=s)(?P<y>(?:19|20)\d\d)",
        r"(?![\d])",
    ),
    (
        r"",
        rf"(?P<zy>[〇零○Oo0一二三四五六七八九]{{4}}|[一二]千[零〇]?[一二三四五六七八九十]{{1,3}})年"
        rf"(?:{_ZM}月(?:{_ZD}[日号]?)?)?",
        r"",
    ),
    (r"", rf"{_ZM}月(?:份)?{_ZD}[日号]", r""),
    (
        r"(?<![A-Za-z])",
        rf"{_EM}\s?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s?(?P<y>(?:19|20)\d\d)",
        r"(?!\d)",
    ),
    (
        r"(?<!\d)",
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ \-./]?{_EM}[ \-./,]{{0,2}}(?P<y>(?:19|20)\d\d)",
        r"(?!\d)",
    ),
    (r"(?<!\d)", rf"(?P<d>\d{{1,2}})-{_EM}-(?P<yy>\d\d)", r"(?!\d)"),
    (r"(?<!\d)", rf"{_Y}\s?年\s?{_M}\s?月(?:份)?", r""),
    (
        r"(?<![\d./\-])",
        rf"{_Y}(?P<s>[-./])(?P<m>0[1-9]|1[0-2])",
        r"(?![\d./\-]|[ ]?(?:mm|cm|ml|%))",
    ),
    (
        r"(?<![\d./\-])",
        rf"{_Y}(?P<s>[./])(?P<m>[1-9])",
        r"(?![\d./\-]|[ ]?(?:mm|cm|ml|%|[A-Za-z]))",
    ),
    (r"(?<!\d)", rf"{_Y}\s?年(?:度|初|底|末|春|夏|秋|冬)?", r"(?!\d)"),
    (r"(?<!\d)", rf"(?P<yy>\d\d)\s?年\s?{_M}\s?月(?:份)?", r"(?!余|前|来|内|后)"),
    (r"(?<!\d)", r"(?P<yy>0\d|[789]\d)年", r"(?!代|余|前|来|史|多|间|半|以|内|后|\d)"),
    (r"(?<=[于在自从])", r"(?P<yy>[012]\d)年", r"(?!余|前|来|史|多|间|半|以|内|后|\d|的)"),
    (r"(?<![\d年])", rf"{_M}\s?月\s?{_D}\s?[日号]", r""),
    (r"(?<![\d])", rf"{_M}月{_D}", r"(?=[^\d余个天周年次岁]|$)"),
    (
        r"(?:(?<=今年)|(?<=去年)|(?<=前年)|(?<=同年)|(?<=次年)|(?<=当年)|(?<=本年))",
        r"(?P<m>0?[1-9]|1[0-2])月(?:份)?",
        r"(?!\d)",
    ),
    (r"(?<!\d)", r"(?P<m>0?[1-9]|1[0-2])月(?:份|初|中旬|下旬|上旬|底|末)", r"(?!\d)"),
    (
        r"",
        r"(?P<lunar>(?:[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]年"
        r"|[藏农阴旧彝傣]历)(?:闰?[正一二三四五六七八九十冬腊]{1,2}月)"
        r"(?:初?[一二三四五六七八九十廿]{1,3})?|(?:闰?[正一二三四五六七八九十冬腊]{1,2}月)"
        r"(?:初[一二三四五六七八九十]|廿[一二三四五六七八九]?))",
        r"",
    ),
    (_NEVER, r"(?P<m>0?[1-9]|1[0-2])(?P<s>[-/.])(?P<d>0?[1-9]|[12]\d|3[01])", r""),
    (
        r"(?:(?<=本月)|(?<=当月)|(?<=次月)|(?<=上月)|(?<=下月)|(?<=[,。;(\n 于至]))",
        r"(?P<d>0?[1-9]|[12]\d|3[01])[日号]",
        r"(?=\s?(?:[012]?\d[:时点]|上午|下午|凌晨|晚|夜间|早|晨|中午"
        r"|起|入院|出院|复查|在|行|转|我院|夜|再|突|查))",
    ),
    (
        r"(?:(?<=本月)|(?<=当月)|(?<=次月)|(?<=上月)|(?<=下月))",
        r"(?P<d>0?[1-9]|[12]\d|3[01])[日号]",
        r"",
    ),
    (
        r"(?<![\u4e00-\u9fff])",
        r"(?P<lunar>(?:农历|阴历|旧历))[^,。;\n\d]{0,6}?[月][初十廿三二]?[一二三四五六七八九十]{0,2}",
        r"",
    ),
    (
        r"",
        r"(?P<lunar>(?:农历|阴历|旧历|正月|腊月|冬月)(?:[正一二三四五六七八九十冬腊]{1,2}月)?"
        r"(?:初[一二三四五六七八九十]|[十廿二三][一二三四五六七八九十]?)?)",
        r"",
    ),
    (
        r"",
        r"(?P<feast>春节|除夕|元宵节|清明节?|端午节?|中秋节?|国庆节?"
        r"|元旦|劳动节|重阳节|圣诞节|妇女节|儿童节|教师节|小年夜?|大年"
        r"(?:初[一二三四五六七八九十]|三十))",
        r"",
    ),
)
_FIND = tuple(re.compile(f"{before}(?:{form}){after}") for before, form, after in _FORMS)
_READ = tuple(re.compile(form) for _, form, _ in _FORMS)
_TO = re.compile(
    r"\s?(?:至|到|~|--?|—|、|及|和|,)\s?(?P<date>(?:0?[1-9]|[12]\d|3[01])[日号])(?!前|余|来|内|后)"
)
_MONTH_TO = re.compile(
    r"\s?(?:至|到|~|--?)\s?(?P<date>(?:(?:0?[1-9]|1[0-2])[-./])?(?:0[1-9]|[12]\d|3[01]))(?![\d:.])"
)
_BORN = re.compile(r"(?:出生|生日|[Bb]irth|DOB|生于)[^\n,。;]{0,8}$")
_BORN_AFTER = re.compile(r"\s?(?:出生|生(?![活命产化]))")
_DIGITS = {
    c: str(n)
    for n, row in enumerate(("〇零○Oo0", "一", "二", "三", "四", "五", "六", "七", "八", "九"))
    for c in row
}
_READ_AS = str.maketrans("OoIlBSZ", "0011852")
"""What OCR reads for a digit."""
_PLACES = "〇一二三四五六七八九"


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
        free = r"(?<![\d./\-~A-Za-z×*])(?<!\d:)(?<!力)(?<!力 )(?<!侧)(?<!级)(?<!约)"
        unit = "mm|cm|m[lL]|mg|g/|岁|天|次|级|分|h|个|周|年|月|小时|[uμU]|ng|pg|片|粒|支|kg|公|横|℃"
        stop = rf"(?![\d./\-:~%×*]|\s?(?:{unit}))"
        plain = day.replace("/", "")  # 2/5→3/5 is power
        self._days = tuple(
            re.compile(pattern)
            for pattern in (
                rf"{free}{day}{stop}(?=\s?(?:{events})|\s{{0,2}}[012]?\d[:时点][0-5]?\d?)",
                rf"(?:(?<=→)|(?<=→ )){plain}{stop}|{free}{plain}{stop}(?=\s?→)",
                rf"(?:(?:{before})[:：]?\s{{0,3}}[(]?){free}(?P<date>{day}){stop}"
                rf"(?=\s*(?:[,。;)|/]|\n|$|\s[\u4e00-\u9fff]))",
                rf"(?:(?:CT|MRI|检查|复查|期)|[:：])\s?[(](?P<date>{day}){stop}(?=[,)])",
            )
        )
        self._line = re.compile(
            rf"(?:^|(?<=\n))[\s·\-◆*●▪>]{{0,4}}(?P<date>{day})(?![\d./\-:~%×*])(?=[\s,—]|$)"
            rf"|(?:^|(?<=\n))[\s·\-◆*●▪>]{{0,4}}(?P<dated>{day}):(?!\d)"
        )

    def find(self, text: str) -> Iterator[Identity]:
        """Yield the dates in a text in the form to be searched; of several readings the longest."""
        taken = bytearray(len(text))
        for start, end in self._spans(text):
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
        for number, pattern in enumerate(_FIND):
            if any(sign in text for sign in _NEEDS[number]):
                for match in pattern.finditer(text):
                    yield match.span()
        for pattern in self._days:
            for match in pattern.finditer(text):
                yield match.span("date" if "date" in pattern.groupindex else 0)
        lines = list(self._line.finditer(text))
        for line in lines:
            group = "date" if line["date"] else "dated"
            if len(lines) > 1 or "." not in line[group]:
                yield line.span(group)


def _needs(form: str) -> tuple[str, ...]:
    """Return signs of which a text that has a form must hold one, so that most are skipped."""
    if "[12lI]" in form:
        return ("",)
    if "lunar" in form or "feast" in form:
        return ("节", "月", "历", "夕", "元旦", "清明", "端午", "中秋", "国庆", "年")
    if "January" in form:
        return tuple(name[:3] for name in (*_MONTHS.split("|"), *_MONTHS.upper().split("|")))
    if "月" in form and "s>" not in form:
        return ("月",)
    if "年" in form and "s>" not in form:
        return ("年",)
    return ("",)


_NEEDS = tuple(_needs(form) for _, form, _ in _FORMS)


@dataclass
class DateShift:
    """Shifts the dates of one record.

    Parameters
    ----------
    days
        How many days are added.
    reference
        A date of the record, for what lacks a year; None if it has none.
    over_89
        Whether somebody in the record is over 89: a date of birth may not tell it then.
    """

    days: int
    reference: date | None = None
    over_89: bool = False
    _last: date | None = None

    def shifted(self, written: str, born: bool = False) -> str:
        """Return a date in its own notation, shifted; a feast or a lunar date becomes 某日.

        Examples
        --------
        >>> DateShift(-7).shifted("2023年5月6日"), DateShift(-7).shifted("二〇二三年一月三日")
        ('2023年4月29日', '二〇二二年十二月二十七日')
        """
        match = read_date(written)
        if match is None:
            day = re.fullmatch(r"(?:(?P<m>\d{1,2})(?P<s>[-./]))?(?P<d>\d{1,2})[日号]?", written)
            if day is None:
                return "某日"
            match = day
        read = _values(match)
        if "lunar" in read or "feast" in read:
            return "某日"
        base = self._last or self.reference or date(2023, 1, 1)
        year = read.get("y", base.year)
        month = read.get("m", base.month if "d" in read else 7)
        day_ = read.get("d", 15 if "m" in read else 1)
        day_ = min(day_, monthrange(year, month)[1])
        stated = date(year, month, day_)
        if "d" in read:
            self._last = stated
        moved = stated + timedelta(self.days)
        if born and self.reference is not None:
            latest = self.reference + timedelta(self.days)
            if self.over_89 or latest.year - moved.year > 89:
                moved = date(latest.year - 90, moved.month, min(moved.day, 28))
        return _rewritten(written, match, moved)


def read_date(written: str) -> re.Match[str] | None:
    """Return the match of the form that a date is written in; None if it is none."""
    for form in _READ:
        match = form.fullmatch(written)
        if match:
            return match
    return None


def full_date(written: str) -> date | None:
    """Return a date that states year, month and day; None for another."""
    match = read_date(written)
    read = _values(match) if match else {}
    if not {"y", "m", "d"} <= read.keys():
        return None
    return date(read["y"], read["m"], min(read["d"], monthrange(read["y"], read["m"])[1]))


def is_birth(text: str, start: int, end: int) -> bool:
    """Return whether a date is one of birth, by what stands around it."""
    return bool(_BORN.search(text[max(0, start - 16) : start]) or _BORN_AFTER.match(text, end))


def _values(match: re.Match[str]) -> dict[str, int]:
    read: dict[str, int] = {}
    for name, value in match.groupdict().items():
        if value is None or name == "s":
            continue
        if name == "roc":
            read["y"] = 1911 + int(value)
        elif name == "yy":
            read["y"] = int(value) + (1900 if int(value) > 40 else 2000)
        elif name == "zy":
            read["y"] = _zh_year(value)
        elif name == "m" and value[0].isalpha() and value[0].isascii():
            read["m"] = 1 + [m[:3].lower() for m in _MONTHS.split("|")].index(value[:3].lower())
        elif name in ("y", "m", "d", "d2"):
            if any(c in " OoIlBSZ" for c in value):
                value = value.replace(" ", "").translate(_READ_AS)
            read[name[0]] = int(value) if value.isdecimal() and value.isascii() else _zh(value)
        else:
            read[name] = 0
    return read


def _zh_year(value: str) -> int:
    if "千" in value:
        rest = value.split("千")[1].lstrip("零〇")
        return 1000 * int(_DIGITS[value[0]]) + (_zh(rest) if rest else 0)
    return int("".join(_DIGITS[c] for c in value))


def _zh(value: str) -> int:
    value = value.replace("廿", "二十").replace("正", "一")
    tens, ten, ones = value.partition("十")
    if not ten:
        return int(_DIGITS[value])
    return 10 * (int(_DIGITS[tens]) if tens else 1) + (int(_DIGITS[ones]) if ones else 0)


def _to_zh(number: int) -> str:
    if number < 11:
        return _PLACES[number] if number < 10 else "十"
    tens, ones = divmod(number, 10)
    return (_PLACES[tens] if tens > 1 else "") + "十" + (_PLACES[ones] if ones else "")


def _rewritten(written: str, match: re.Match[str], moved: date) -> str:
    groups = {name: value for name, value in match.groupdict().items() if value and name != "s"}
    padded = any(value[0] == "0" for name, value in groups.items() if name[0] in "md")
    signs = match.groupdict().get("s")
    if not padded and {"m", "d"} <= groups.keys():
        # 12-25 tells not whether 1-2 would be 01-02: with a sign or nothing between, it would.
        both = len(groups["m"]) == 2 and len(groups["d"]) == 2
        padded = both and (bool(signs) or "月" not in written)
    pieces, last = [], 0
    for name, value in sorted(groups.items(), key=lambda item: match.start(item[0])):
        start, end = match.span(name)
        pieces.append(written[last:start])
        pieces.append(_part(name, value, moved, padded))
        last = end
    return "".join([*pieces, written[last:]])


def _part(name: str, value: str, moved: date, padded: bool) -> str:
    if name == "roc":
        return str(moved.year - 1911)
    if name == "yy":
        return f"{moved.year % 100:02d}"
    if name == "zy":
        zero = next((c for c in value if c in "〇零○Oo0"), "〇")
        return "".join(zero if c == "0" else _PLACES[int(c)] for c in str(moved.year))
    number = {"y": moved.year, "m": moved.month, "d": moved.day}[name[0]]
    if name == "m" and value[0].isascii() and value[0].isalpha():
        full = _MONTHS.split("|")[number - 1]
        shown = full if value.capitalize() in _MONTHS.split("|") and len(value) > 3 else full[:3]
        return shown.upper() if value.isupper() else shown
    if not value.isascii():
        return _to_zh(number)
    return f"{number:02d}" if padded and name != "y" else str(number)
