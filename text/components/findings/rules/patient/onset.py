"""How the illness began: the chief complaint, and the time since the onset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....sought import Sought, holds
from ...bounds import bounded
from ...chinese_numbers import FIRST, NUMBER, number
from ...durations import HOURS, TO, hours_of, is_date
from .symptoms import find_symptoms
from .who import COURSE

if TYPE_CHECKING:
    from ...reading import Finding, Reading

_DURATION = Sought(
    r"[0-9零一二两三四五六七八九十百半](?<![\d.]\d)"
    r"(?=[\d零一二两三四五六七八九十百半点.~\-至到]{0,14}[+余多几个半]{0,5} ?"
    r"[分小时钟天日周星月年hmd])"
    r"|[昨今凌当清](?=[晚夜日天晨早])",
    rf"(?:{FIRST}(?P<n>{NUMBER}){TO}(?P<plus>\+|余|多|几)?(?P<and>(?P<half>个半)|个多|个)?"
    r"(?P<plus2>余|多)? ?(?P<unit>分钟|小时|时(?=[余前许]|$|[。,])|钟头|天|日|周|星期|月|年"
    r"|(?:hours?|hrs?|min(?:ute)?s?|days?|[hd])(?![a-z]))"
    r"(?P<half2>半)?(?:余|多)?"
    rf"(?:零|又)?(?:(?P<more>{NUMBER})个? ?(?P<more_unit>分钟?|小时|min)(?![a-z]))?)"
    r"|(?P<words>昨[晚夜日天]|今[晨早日]|凌晨|当日|清晨)",
)
_WORSE = re.compile(r"加重|复发|再发|伴发|恶化")
_SUDDEN = re.compile(r"突|骤|急起|被发现|发现")
_BEGAN = re.compile(r"入院前|缘于|发病|起病|主因|突|骤|急起|出现|发现|自觉")
_SET_ON = re.compile(r"缘于|发病|起病|急起|出现|发现|自觉")
_LATER = re.compile(
    r"(?:之)?后,?(?:(?!入院|来院|就诊|来诊|送|转)[^,。;\n]){0,8}?"
    r"(?:出现|发现|发生|加重|恶化|缓解|好转|突|昏迷|昏倒|意识|呕吐|症状)"
)
"""Behind how much later something followed: 突发头痛，2小时后昏迷."""
_TO_HOSPITAL = (
    r"(?:之|为|的)?(?:代)?主诉|入院|收入|收住|收治|就诊|来诊|来院|送诊|送医|急诊|转入|转至|"
    r"门诊(?:以|拟)|为主诉"
    r"|步入|步行入|于\d{4}|,?(?:由|经|被|急|遂)[^,。;\n]{0,10}?[送转接](?:抵|至|来|往|入|到|我院|"
    r"本院|医院)"
)
"""How a chief complaint ends that stands in a sentence."""
_CAUSE = Sought(
    r"[主cps因以](?:(?<=[因以])|(?<=主)[因诉]|(?<=c)(?:/o|omplain)|(?<=p)resented|(?<=s)udden)",
    r"(?:主因|(?<![a-z])c/o|complain(?:s|ed|ing) of|presented (?:with |伴)"
    r"|sudden onset(?: of)?"
    r"|(?<![适无])主诉(?!入院|收|来)):?(?P<what>[^。;\n]{2,80}?)(?=[。;\n]|于\d|入院|收入|"
    r"收住|急诊|$)"
    rf"|(?:因|以)(?P<what2>[^。;\n]{{4,60}}?)(?={_TO_HOSPITAL})"
    r"|(?:(?<=[。,;\n])|^)(?:患者)?(?:被人?)?"
    r"(?P<what3>(?:[今昨][^,。;\n]{1,12}|[^,。;\n\d]{1,10}[时中后])?"
    r"(?:突发|突然|突起|骤起|突感|突觉|发现)[^。;\n]{2,50}?)"
    rf"(?={_TO_HOSPITAL})"
    # 头痛、呕吐3小时就诊
    r"|(?:(?<=[。:\n])|(?<=岁[, ])|(?<=[mf男女],)|(?<=/\d\d)|(?<=\d\d )|^)"
    r"(?P<what4>(?:(?![因院停])[^。;:\n\d]){2,40}?\d{1,2}\+?个?(?:小时|h|天|日|分钟|周)[余多]?)"
    r"(?=,?(?:急诊|[就来]诊|[入来]院|于\d)|[, ]?(?:急查|[, ]查|外院|头颅|ct|bp|血压|gcs)|[。 ]?\Z)",
    after=r"(?:[。,;\n: ]|/\d\d)"
    r"(?=[^,。;\n]{0,18}(?:突|骤|发现)|[^。;:\n\d]{2,40}\d{1,2}\+?个?(?:小|h|天|日|分|周))",
)
_STORY = Sought(
    r"(?!)",
    r"(?:(?<=[。:;\n])|^)(?P<what>[^。;\n]{0,60}?"
    r"(?:突发|突然|突感|突觉|突起|骤起|骤然|(?<!未)出现|发现)[^。\n]{2,80})",
    needs=("突", "骤", "出现", "发现"),
    after=r"[。:;\n]",
)
_STORY_OF_NOW = re.compile(
    r"[\d一二两三四五六七八九十半数几] ?个?半?(?:小时|h|天|日|分钟|周)[余许多]?前|晨起|"
    r"\d点[左许钟]|院前|[今昨][晨早日晚夜天]|凌晨|时许|诉|"
    r"[来就急]诊|来院|抢救|送|醒|如厕|"
    r"突[发然起感觉][^。;\n\d]{2,30}\d{1,2}\+?个? ?(?:小时|hours?|hrs?|h|天|日|分钟)[余多]?"
    r"(?=[。,;\n])"
)
"""What tells that a sentence is how the present illness began."""
_BEFORE_ADMISSION = re.compile(r"院前(?:大?约|近)?$")
_SINCE_ONSET = re.compile(
    r"(?:发病|起病)(?:[至到](?:入院|就诊|来院|到院))?(?:时间)?(?:大?约|[:为已近])*$"
)
_TO_ADMISSION = re.compile(
    r"[至到距](?:就诊|入院|来院|到院|抵院|送医)(?:时间?)?(?:大?约|已|近|[:为])*$"
)
_TO_COME = tuple(
    to + come for to in "至到距" for come in ("就诊", "入院", "来院", "到院", "抵院", "送医")
)
"""Before the time from the onset to the admission: 至就诊约7小时."""
_SINCE = re.compile(r"(?:发病|起病)(?:后|以来)?(?:大?约|近)?$")
_SCAN_AFTER = re.compile(
    r"(?:之?后|左右|时)?(?:(?!入院|来院|就诊|送|转|收)[^,。;\n\d]){0,8}?ct(?!值)"
    r"|(?:之?后|左右|时)?,?复查"
    r"|(?:之?后|左右|时)?,?(?:急诊|于|在|局麻下|全麻下)*[行予](?:(?!入院|来院|就诊|送|转|收)[^,。;\n\d]){2,24}?术(?!后)"
)
_TO_SCAN = re.compile(r"(?:发病|起病)[至到\-][^,。;\n\d]{0,8}ct[^,。;\n\d]{0,8}$")
_SCANNED = re.compile(r"ct(?:检查|平扫)?\([^()\d]{0,8}$")
"""What makes a time since the onset one of the scan."""
_SUDDENLY = re.compile(r"(?:\d{1,2}[.、)])?(?:患者|因|主因)?(?:突发|突然|突起|骤起)")
_IN_HOSPITAL = re.compile(r"拔[除管]|术[后中]|换药|查房|复查|夜班")
"""What is done in the hospital, so that a day is not that of the onset."""
_ONCE = re.compile(r"曾|既往|病史|诊断|确诊|住院|手术")
"""What is told of an earlier illness."""
_CAME = re.compile(r"[。;\n]|急诊|入院|来院|就诊|$")


def find(record: Reading) -> Iterator[Finding]:
    """Find onset_to_admission (h) and chief_symptom."""
    chief = _chief(record)
    yield from _onset(record, chief)
    yield from find_symptoms(record, chief)


def _chief(record: Reading) -> tuple[int, int]:
    """Return where the chief complaint stands: its section, or what follows 主因 or 主诉."""
    spans = record.spans("chief_complaint")
    if spans:
        return spans[0]
    match = _CAUSE.search(record.text, 0, 2000)
    if match:
        return match.span(match.lastgroup or 0)
    told = record.lexicon.pattern["symptoms"]
    for story in _STORY.finditer(record.text, 0, 1000):
        start, end = story.span("what")
        if (
            record.section(start) in COURSE
            and _STORY_OF_NOW.search(record.text, start, end)
            and told.search(record.text, start, end)
            and record.certainty(start + 1, start + 2, 0) == "affirmed"
        ):
            return start, end
    return 0, 0


def _onset(record: Reading, chief: tuple[int, int]) -> Iterator[Finding]:
    told = [*record.spans("present_illness"), *record.spans("preamble"), *_untitled(record)]
    for start, end in (chief, *told) if holds(record.text, _TO_COME) else ():
        for match in _durations(record, start, min(end, start + 400)):
            if not match["words"] and _TO_ADMISSION.search(record.text, start, match.start()):
                yield _time(record, match)
                return
    said = [m for m in _durations(record, *chief) if not _LATER.match(record.text, m.end())]
    said = [m for m in said if not (m["words"] and _on_round(record, m))]
    found = [m for m in said if _is_onset(record, m, chief[0])]
    sudden = [
        m
        for m in found
        if _SUDDEN.search(record.text, _clause(record, m.start(), chief[0]), m.start())
    ]
    # 进行性加重8小时 is the only time that is told
    for first in (sudden or found or [m for m in said if not _long(m)])[:1]:
        # 头晕2年，加重1天: what began a month ago or more is another illness, or its prelude.
        lately = [m for m in said if not _long(m)] if _long(first) else []
        if _long(first) and not record.lexicon.pattern["symptoms"].search(record.text, *chief):
            continue  # 因血液透析3年入院
        yield _time(record, (lately or [first])[0])
    for start, end in told:
        began = [
            match
            for match in _durations(record, start, min(end, start + 400))
            if not chief[0] <= match.start() < chief[1] and _began(record, match, end)
        ]
        # 1周前受凉，3小时前突发左侧肢体无力: what the clause itself says to have begun
        began = [match for match in began if _own_onset(record, match)] or began
        # 3月前出现头晕，2天前突发昏迷: a prelude, as in the chief complaint
        lately = [match for match in began if match["n"] and not _long(match)]
        for match in (lately if began and _long(began[0]) else began)[:1] or began[:1]:
            yield _time(record, match)


def _durations(record: Reading, start: int, end: int) -> Iterator[re.Match[str]]:
    """Yield the durations of text[start:end], neither dates nor those of a scan."""
    for match in _DURATION.finditer(record.text, start, end):
        unit, at = match["unit"], match.end("unit")
        dated = unit and not match["and"] and is_date(record.text, match.start(), unit, at)
        if not dated and not _of_scan(record, match):
            yield match


def _began(record: Reading, match: re.Match[str], end: int) -> bool:
    """Whether something began as long ago as `match` says, in a story that ends at `end`."""
    clause = record.clause(match.start())
    around = record.text[clause[0] : min(clause[1] + 30, end)]
    ago = record.text.startswith("前", match.end()) or match["words"]
    ago = ago or _BEFORE_ADMISSION.search(record.text, clause[0], match.start())
    ago = ago or _came_with(record, clause[0], match)
    ago = ago or _SINCE_ONSET.search(record.text, clause[0], match.start())
    if match["words"] and _on_round(record, match):
        return False  # 昨日拔除气管插管后出现喉鸣
    if match["words"] and not _BEGAN.search(record.text, match.end(), clause[1] + 30):
        return False  # 3天前腹痛，今日就诊我院: the day of the coming
    if _long(match) and _ONCE.search(record.text, *clause):
        return False  # 入院前5年曾发生左侧丘脑出血
    return bool(ago and _BEGAN.search(around)) and ("院前" in around or not _long(match))


def _own_onset(record: Reading, match: re.Match[str]) -> bool:
    """Whether the clause of a time itself says that something began suddenly, or a symptom did."""
    text, (start, end) = record.text, record.clause(match.start())
    if _SUDDEN.search(text, start, end):
        return True
    symptoms = record.lexicon.pattern["symptoms"]
    return bool(_SET_ON.search(text, start, end) and symptoms.search(text, match.end(), end))


def _on_round(record: Reading, match: re.Match[str]) -> bool:
    """Whether a day is one in the hospital: 今晨查房，患者突发意识丧失."""
    start, end = record.clause(match.start())
    return _IN_HOSPITAL.search(record.text, start, end) is not None


def _long(match: re.Match[str]) -> bool:
    return match["unit"] in ("年", "月")


def _came_with(record: Reading, clause: int, match: re.Match[str]) -> bool:
    """Whether the clause of a time is the chief complaint without its heading: 突发昏迷3h入院."""
    if not _SUDDENLY.match(record.text, clause) or record.section(clause) not in COURSE:
        return False
    return _CAME.match(record.text, match.end()) is not None


def _untitled(record: Reading) -> list[tuple[int, int]]:
    return [] if record.section(0) else [(0, len(record.text))]


def _of_scan(record: Reading, match: re.Match[str]) -> bool:
    """Whether a time is that of a CT (发病4h行头颅CT), or of a day in the hospital (术后第2天)."""
    text, clause = record.text, record.clause(match.start())[0]
    if text.endswith(("第", "术后"), clause, match.start()):
        return True
    if _TO_SCAN.search(text, clause, match.start()) or _SCANNED.search(text, clause, match.start()):
        return True
    scan = _SCAN_AFTER.match(text, match.end())
    return scan is not None and _SINCE.search(text, clause, match.start()) is not None


def _clause(record: Reading, position: int, start: int) -> int:
    return max(start, record.clause(position)[0])


def _is_onset(record: Reading, match: re.Match[str], start: int) -> bool:
    before = record.text[_clause(record, match.start(), start) : match.start()]
    return not _WORSE.search(before) and "岁" not in record.text[match.end() : match.end() + 1]


def _time(record: Reading, match: re.Match[str]) -> Finding:
    end = match.end() + record.text.startswith("前", match.end())
    if match["words"]:
        return record.finding("onset_to_admission", match.start(), end, bound=None, range=None)
    hours, ends = hours_of(match)
    if hours is not None and match["more"]:  # 1小时30分钟, 1天6小时
        hours = round(hours + (number(match["more"]) or 0) * HOURS[match["more_unit"]], 2)
    bound = None if ends else bounded(record.text, *match.span()).sign
    return record.finding(
        "onset_to_admission", match.start(), end, hours, "h", bound=bound, range=ends
    )
