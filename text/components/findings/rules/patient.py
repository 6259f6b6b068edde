"""Who the patient is and how the illness began: age, sex, chief symptoms, time since onset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...sought import Sought
from ..bounds import bounded
from ..chinese_numbers import FIRST, NUMBER, number, whole
from ..durations import HOURS

if TYPE_CHECKING:
    from ..reading import Finding, Reading

_AGE = Sought(
    r"[0-9零一二两三四五六七八九十百半](?<![\d.]\d)"
    r"(?=[\d零一二两三四五六七八九十百半点.]{0,9}(?:[余+]?周?岁| ?y|[ \-]y|/?[mf男女])|(?<=[男女].)\d)"
    r"|[女男](?=[性童婴,\d /])|年龄|[虚实]岁|现年|age|[mf]/|[ ,/](?<=[男女].)",
    rf"{FIRST}(?P<years>{NUMBER}(?=[余+]?周?岁| ?y(?:o|rs?)?(?![a-z])|[ \-]years?[ \-]old)|"
    rf"\d{{1,3}}(?=/[mf男女](?![a-z])))"
    r"(?:[余+]?周?岁| ?y(?:o|rs?)?(?![a-z])|[ \-]years?[ \-]old)?"
    r"(?P<half>半)?(?:余|多)?"
    rf"(?:零?(?P<months>\d{{1,2}})个?月)?"
    rf"|(?:女|男)[性童婴]?,?(?P<only>\d{{1,2}})个?月(?:龄|(?=[,。;]))"
    rf"|(?:年龄|虚岁|实岁|现年|(?<![a-z])age)[:= ]{{0,2}}(?P<bare>{NUMBER})(?![\d岁个月零一二三四"
    rf"五六七八九十百])"
    # 男 45, M/65: right after the sex, with nothing that it counts
    r"|(?P<plain3>(?:(?<=\n)|(?<=床)|(?<=床 )|^)[1-9]\d(?=[mf][ ,;。]))"
    r"|(?<=[男女])[ ,/]?(?P<plain>[1-9]\d)(?=[ ,;。\n)|]|$|(?<=/\d\d)[突头昏意左右言因])"
    r"|(?<![a-z])[mf]/(?P<plain2>[1-9]\d)(?=[ ,;。\n)|突头昏意左右言因]|$)",
    needs=("岁", "月", "年龄", "现年", "男", "女", "age", "m", "f", "y"),
)
_NOT_NOW = re.compile(
    r"时|起|开始|结婚|初婚|绝经|(?:月经)?初潮|去世|病故|死|生育|因(?=[^,。;\n]{0,16}(?:去世|病故|"
    r"死|亡|逝))|患(?![者儿])"
    r"|前|以[上下前后来]|至|发病"
)
_MISTAKEN = re.compile(r"(?:为|系|是|属|记录)*(?:有误|错误|误[录写记]|笔误|录入错)")
_OTHER_AGE = re.compile(
    r"(?:[父母妻夫兄弟姐妹]|误[录写记]为?|错[录写记]为?|儿子|女儿|子女|[一二两三\d][子女])[、,]?$|"
    r"(?:初潮|绝经|结婚)[^,]{0,4}$|于$|育有?"
)
_SEX = re.compile(
    # What stands before is looked at afterwards: a pattern that starts with a character is quick.
    r"[男女](?:(?<=性别.)(?P<field>)|(?<=性别:.)(?P<field2>)"
    r"|(?:(?<=^.)|(?<=[,。;\n :(/\-|年岁余系的该名位oy】\]].)|(?<=患者.)|(?<=患儿.)|(?<=患者为.))"
    r"(?P<sex>)(?:性|童|婴|患|(?=[,。;\n /)、\-|]|$|\d|[一二三四五六七八九]))"
    r"|(?P<before_age>)(?=[,/]?\d{1,3}周?岁)"
    r"|(?P<title>)士(?=[,、(\d])"
    r"|(?P<named>)(?:性|(?=[,、 /]?\d|,)))"
)
_NAMED = re.compile(r"(?:患者|患儿|病人|病员|伤员|姓名)[^,。;\n]{1,6},?$")
_ENGLISH_SAID = re.compile(r"male|man|sex|性别")
_IN_ENGLISH = re.compile(
    r"(?P<english>(?<![a-z])(?:(?:fe)?male|(?<=/o )(?:wo)?man|(?<=old )(?:wo)?man)(?![a-z])|"
    r"(?<=sex[: ])[mf](?![a-z])|"
    r"(?<=sex: )[mf](?![a-z])|(?<=性别)[mf](?![a-z])|(?<=性别[: ])[mf](?![a-z])|(?<=性别: )[mf](?![a-z]))"
)
_LETTER = Sought(
    r"[mf](?:(?<=[岁yros \d,/].)(?![a-z0-9])|(?=[,/ ]))|[♂♀]",
    r"(?P<letter>[mf])(?<![a-z].)(?:[,/ ] ?(?=\d{1,3} ?(?:岁|y))"
    r"|/(?=\d\d(?:[ ,;。)突头昏意左右言因]|$)))"
    r"|(?P<after_age>[mf])(?<=[岁yros \d,/].)(?![a-z0-9])|(?P<sign>[♂♀])",
)
_MISTER = Sought(
    r"[先大老阿婆孕产]",
    r"(?:(?P<mister>先生|大[爷叔伯]|老[伯汉]|阿[公伯])|(?P<madam>老太太?|大[妈娘]|阿[姨婆]|婆婆|"
    r"[孕产]妇))(?=[,、(\d])",
    needs=("先生", "大爷", "大叔", "大伯", "老", "阿", "大妈", "大娘", "婆婆", "妇"),
)
_NAME_BEFORE = re.compile(r"(?:^|[,。;\n :者人]).?$")
_AGE_BEFORE = re.compile(r"\d ?(?:岁|y(?:o|rs?)?)[ ,/]{0,2}$|(?<![\d.])\d\d/$|(?:^|\n|床 ?)\d\d$")
_OF_CHILDREN = re.compile(
    r"育|[子孙侄长次幼养独]$|生|孕|产(?![科妇后房])|[一二三四两\d][男女]?[、,]?[一二三四两\d]?$"
)
_DURATION = Sought(
    r"[0-9零一二两三四五六七八九十百半](?<![\d.]\d)"
    r"(?=[\d零一二两三四五六七八九十百半点.]{0,9}[+余多几个半]{0,5} ?[分小时钟天日周星月年hmd])"
    r"|[昨今凌当清](?=[晚夜日天晨早])",
    rf"(?:{FIRST}(?P<n>{NUMBER})(?P<plus>\+|余|多|几)?(?P<and>个半|个多|个)?(?P<plus2>余|多)?"
    r" ?(?P<unit>分钟|小时|时(?=[余前许]|$|[。,])|钟头|天|日|周|星期|月|年"
    r"|(?:hours?|hrs?|min(?:ute)?s?|days?|[hd])(?![a-z]))"
    r"(?P<half>半)?(?:余|多)?"
    rf"(?:零|又)?(?:(?P<more>{NUMBER})个? ?(?P<more_unit>分钟?|小时|min)(?![a-z]))?)"
    r"|(?P<words>昨[晚夜日天]|今[晨早日]|凌晨|当日|清晨)",
)
_WORSE = re.compile(r"加重|复发|再发|伴发|恶化")
_SUDDEN = re.compile(r"突|骤|急起|被发现|发现")
_BEGAN = re.compile(r"入院前|缘于|发病|起病|主因|突|骤|急起|出现|发现|自觉")
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
    r"|(?:(?<=[。,\n])|^)(?:患者)?(?:被人?)?"
    r"(?P<what3>(?:[今昨][^,。;\n]{1,12}|[^,。;\n\d]{1,10}[时中后])?"
    r"(?:突发|突然|突起|骤起|突感|突觉|发现)[^。;\n]{2,50}?)"
    rf"(?={_TO_HOSPITAL})"
    # 头痛、呕吐3小时就诊
    r"|(?:(?<=[。:\n])|(?<=岁[, ])|(?<=[mf男女],)|(?<=/\d\d)|(?<=\d\d )|^)"
    r"(?P<what4>(?:(?![因院停])[^。;:\n\d]){2,40}?\d{1,2}\+?个?(?:小时|h|天|日|分钟|周)[余多]?)"
    r"(?=,?(?:急诊|[就来]诊|[入来]院|于\d)|[, ]?(?:急查|[, ]查|外院|头颅|ct|bp|血压|gcs)|[。 ]?\Z)",
    after=r"(?:[。,\n: ]|/\d\d)"
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
_SINCE = re.compile(r"(?:发病|起病)(?:后|以来)?(?:大?约|近)?$")
_SCAN_AFTER = re.compile(
    r"(?:之?后|左右|时)?(?:(?!入院|来院|就诊|送|转|收)[^,。;\n\d]){0,8}?ct(?!值)"
    r"|(?:之?后|左右|时)?,?(?:急诊|于|在|局麻下|全麻下)*[行予](?:(?!入院|来院|就诊|送|转|收)[^,。;\n\d]){2,24}?术(?!后)"
)
_TO_SCAN = re.compile(r"(?:发病|起病)[至到\-][^,。;\n\d]{0,8}ct[^,。;\n\d]{0,8}$")
_SCANNED = re.compile(r"ct(?:检查|平扫)?\([^()\d]{0,8}$")
"""What makes a time since the onset one of the scan."""
_SUDDENLY = re.compile(r"(?:\d{1,2}[.、)])?(?:患者|因|主因)?(?:突发|突然|突起|骤起)")
_CAME = re.compile(r"[。;\n]|急诊|入院|来院|就诊|$")
_AGE_NEXT = re.compile(r"[男女]性?[ ,/]{0,3}\d{1,3}岁")
"""The head of a record of an operation names sex and age: 男 64岁."""
_COURSE = ("chief_complaint", "present_illness", "preamble", "other", None)


def find(record: Reading) -> Iterator[Finding]:
    """Find age (years), sex, onset_to_admission (h) and chief_symptom."""
    yield from _ages(record)
    yield from _sexes(record)
    chief = _chief(record)
    yield from _onset(record, chief)
    yield from _symptoms(record, chief)


def _ages(record: Reading) -> Iterator[Finding]:
    for match in _AGE.finditer(record.text):
        start, end = match.span()
        if record.section(start) in ("past_history", "personal_history"):
            continue
        clause = record.text[max(0, start - 8) : start]
        clause = re.split(r"[。;\n]", clause)[-1]
        if record.of_others(start, end) or _OTHER_AGE.search(clause):
            continue
        if _NOT_NOW.match(record.text, end) or _MISTAKEN.match(record.text, end):
            continue
        years = (
            number(
                match["years"]
                or match["bare"]
                or match["plain"]
                or match["plain2"]
                or match["plain3"]
                or ""
            )
            if not match["only"]
            else 0.0
        )
        if years is None or years > 120:
            continue
        months = int(match["months"] or match["only"] or 0) + (6 if match["half"] else 0)
        value = whole(round(years + months / 12, 2))
        if match["only"]:
            start = match.start("only")
        bound = bounded(record.text, start, end).sign
        yield record.finding("age", start, end, value, "years", bound=bound)


def _sexes(record: Reading) -> Iterator[Finding]:
    for match in (
        *_SEX.finditer(record.text),
        *_LETTER.finditer(record.text),
        *(_IN_ENGLISH.finditer(record.text) if _ENGLISH_SAID.search(record.text) else ()),
        *_MISTER.finditer(record.text),
    ):
        group, start = match.lastgroup, match.start()
        if group == "after_age" and not _AGE_BEFORE.search(record.text, max(0, start - 8), start):
            continue
        if group in ("mister", "madam") and not _NAME_BEFORE.search(
            record.text[max(0, start - 3) : start]
        ):
            continue
        if group == "named" and not _NAMED.search(record.text, max(0, start - 9), start):
            continue
        if (
            record.section(start) not in _COURSE
            and not (group or "").startswith("field")
            and not (record.section(start) == "treatment" and _AGE_NEXT.match(record.text, start))
        ):
            continue
        before = record.text[max(0, start - 6) : start]
        children = group != "after_age" and _OF_CHILDREN.search(before)
        if record.of_others(start, match.end()) or children:
            continue
        if record.text.startswith(("外阴", "外生殖", "型"), match.end()):
            continue
        end = start + (2 if record.text.startswith(("性", "士", "生"), start + 1) else 1)
        sex = "male" if group == "mister" or match[0][0] in "男m♂" else "female"
        yield record.finding("sex", start, end, sex)


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
            record.section(start) in _COURSE
            and _STORY_OF_NOW.search(record.text, start, end)
            and told.search(record.text, start, end)
            and record.certainty(start + 1, start + 2, 0) == "affirmed"
        ):
            return start, end
    return 0, 0


def _onset(record: Reading, chief: tuple[int, int]) -> Iterator[Finding]:
    said = [m for m in _DURATION.finditer(record.text, *chief) if not _of_scan(record, m)]
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
    told = [*record.spans("present_illness"), *record.spans("preamble"), *_untitled(record)]
    for start, end in told:
        for match in _DURATION.finditer(record.text, start, min(end, start + 400)):
            if chief[0] <= match.start() < chief[1] or _of_scan(record, match):
                continue
            clause = record.clause(match.start())
            around = record.text[clause[0] : min(clause[1] + 30, end)]
            ago = record.text.startswith("前", match.end()) or match["words"]
            ago = ago or _BEFORE_ADMISSION.search(record.text, clause[0], match.start())
            ago = ago or _came_with(record, clause[0], match)
            ago = ago or _SINCE_ONSET.search(record.text, clause[0], match.start())
            if match["words"] and not _BEGAN.search(record.text, match.end(), clause[1] + 30):
                continue  # 3天前腹痛，今日就诊我院: the day of the coming
            if not ago or not _BEGAN.search(around) or ("院前" not in around and _long(match)):
                continue
            yield _time(record, match)
            break


def _long(match: re.Match[str]) -> bool:
    return match["unit"] in ("年", "月")


def _came_with(record: Reading, clause: int, match: re.Match[str]) -> bool:
    """Whether the clause of a time is the chief complaint without its heading: 突发昏迷3h入院."""
    if not _SUDDENLY.match(record.text, clause) or record.section(clause) not in _COURSE:
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
        return record.finding("onset_to_admission", match.start(), end, bound=None)
    amount = number(match["n"])
    if amount is not None and (match["and"] == "个半" or match["half"]):
        amount += 0.5
    hours = None if amount is None else amount * HOURS[match["unit"]]
    if hours is not None and match["more"]:  # 1小时30分钟, 1天6小时
        hours += (number(match["more"]) or 0) * HOURS[match["more_unit"]]
    hours = None if hours is None else round(hours, 2)
    bound = bounded(record.text, *match.span()).sign
    return record.finding("onset_to_admission", match.start(), end, hours, "h", bound=bound)


_SET_IN = re.compile(r"[年月]前[^,。;\n]{0,16}(?:出现|发生|开始)")
_ACROSS = re.compile(r"(左|右|双|两|四)(?:侧|边|半|肢|上|下|手|面|眼|身|大|$)")


def _symptoms(record: Reading, chief: tuple[int, int]) -> Iterator[Finding]:
    lexicon = record.lexicon
    values = lexicon.value["symptoms"]
    side, last = None, chief[0]
    for match in lexicon.pattern["symptoms"].finditer(record.text, *chief):
        start, end = match.span()
        gap = record.text[last:start]
        named = list(_ACROSS.finditer(gap))
        if named:
            side = record.side_named(named[-1][1])
            # The evidence begins with the side: 右侧肢体无力.
            if len(gap) - named[-1].start() <= 10:
                start = last + named[-1].start()
        elif not re.fullmatch(r"[、及和与后并伴,]{0,2}(?:随后|继而|继之|并发)?", gap):
            side = None
        own = (
            side
            if values[match[0]]
            in ("weakness", "numbness", "facial_droop", "vision", "seizure", "gait")
            else None
        )
        if values[match[0]] == "facial_droop" and not named and not _listed_palsy(match[0], gap):
            own = None  # 左侧肢体无力，口角歪斜: to which side isn't said
        last = end
        certainty = record.certainty(start, end, 0)
        if certainty == "historical" and _SET_IN.search(
            record.text, _clause(record, start, 0), start
        ):
            certainty = "affirmed"  # 5年前出现头晕 has lasted since
        yield record.finding(
            "chief_symptom", start, end, values[match[0]], certainty=certainty, side=own
        )


def _listed_palsy(word: str, gap: str) -> bool:
    """Whether a facial palsy is of the side of the list it is in: 右侧肢体无力、面瘫."""
    return word == "面瘫" and "," not in gap
