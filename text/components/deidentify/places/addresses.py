"""Addresses: under headings, and by how places, streets and houses are called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..identity import ADDRESS, Identity
from ..lexicon import HAN, IdentityLists, any_of, matches_at, spaced
from .institutions import without_note

_NOT_PLACE = (
    "在到至及就因医病科的是有为了我患者入出疼痛肢侧脑肺肝胃腔部诊治疗术"
    "时以遂曾址籍系搬接住岁男女查血压于年月日被将并给予送回"
)
"""Characters that end a place that is read on: few names hold them, and most sentences do."""
_T = rf"[^\W\d_A-Za-z{_NOT_PLACE}]"
_NOT_ADMIN = "委|局|政府|疾控|长|级|场|民|医|域|别"
_ADMIN = rf"{_T}{{1,7}}?(?:自治[州县旗]|地区|新区|开发区|林区|[省市区县旗盟州](?!{_NOT_ADMIN}))"
_VILLAGE = (
    r"(?:家属[区楼院]|宿舍|街道(?:办事处|办)?|办事处|社区|新村|苏木|嘎查|村委会(?:旁)?|[厝座寮埔](?=\d)"
    r"|村(?![民医卫长里干])"
    r"|[镇乡庄屯寨营沟堡岭坪湾组队坊堂铺洼圪塔坝邨](?![民医卫长里干村镇乡庄屯]))"
)
_STREET_UNIT = (
    r"(?:大道[东西南北中](?=\d)|大道|道(?=\d)|大街|胡同|小区|花园|家园|公寓|大厦|广场|名苑|天地|庭院"
    r"|[路街巷弄里苑园城湾居阁庭府郡楼](?![程面上边人过线径途口住]))"
)
_NUMBER = (
    r"(?:[A-Za-z甲乙丙丁东西南北][ ]?)?(?:\d{1,5}(?:之\d{1,3})?|[一二三四五六七八九十百零]{1,4})"
)
_HOUSE = (
    rf"[ ]?{_NUMBER}[ ]?(?:-\d{{1,4}}[ ]?)*(?:号院|号楼|号|弄|栋"
    rf"|幢|座|单元|室|楼|层|组团?|队|社|巷|排|门|户|区|村|期|段|邻"
    r"|[号栋]?(?=[ ,。;\n)\"'|<]|$)|-\d+)(?:附\d{1,3}号?|之\d{1,3})?"
    r"|(?<=[号楼座期栋道])\d{1,3}[A-H](?![A-Za-z\d])|\d{1,2}F(?![A-Za-z\d])"
    r"|[A-Z][座栋幢](?:\d{2,4}(?!\d))?|\d{1,4}(?:-\d{1,4}){1,3}(?:[室号户])?"
)
_LOCAL = rf"{_T}{{1,8}}?(?:{_VILLAGE}|{_STREET_UNIT})(?:[队社](?=[,。;\s)]|$))?"
_TAIL = (
    rf"(?:[东西南北中]段|[一二三四五六七八九十A-H]?[区期段组]|{_LOCAL}|{_HOUSE})*"
    r"(?:(?:小学|中学|粮站|卫生室|车站|加油站|菜市场)?(?:村委会旁|旁边?|附近|对面|后面|门口)"
    r"|院内(?:平房)?|\(.{2,8}旁\))?"
)
_VALUE = re.compile(
    rf"(?P<value>[^,。;；\n\t|\"'<>=]{{1,70}}?)(?=[,。;；\n\t|\"'<>]"
    rf"|$|  |\s[{HAN}A-Za-z]{{2,8}}[ ]?:"
    r"|\s?(?:联\s*系|电\s*话|手\s*机|邮\s*编|职\s*业|民\s*族|婚\s*姻"
    r"|(?:Mobile|Local|Tel|Phone)\b|关\s*系|工作单位|单\s*位|入\s*院|住\s*院\s*号|身\s*份\s*证"
    r"|性\s*别|年\s*龄|籍贯|住址|现住址|出生地|文化程度|病史|费别|就诊|主诉|床))"
)
_NO_VALUE = re.compile(r"同上|不详|本地|无|未[知填提]|患者|\d+$|-+$|mm|ml|见|/|[^\w]|可靠|同|标准")
_LIVES = re.compile(
    r"(?:家住|现住|居住[于在]|居住|居于|住在|住于|暂住|租住|定居"
    r"|出生于|生于|来自|户籍[在为地]?|籍贯[为是]?|家在|家是|现居"
    r"|常住"
    r"|原籍|祖籍|老家[在]?|生长[于在]|搬到|搬去|快递\w{0,4}至|寄到"
    r"|地址是|(?<=[,。;\s(])住|(?<=岁))[于在]?\s?"
    rf"(?P<value>(?:{_ADMIN}|{_LOCAL}|{_HOUSE})+(?:(?!人[,。;\n]){_T}{{1,5}}(?=[,。;\n]))?)"
)
_AT = re.compile(
    rf"(?:[在于到至赴往去返回自由从经送]|途经|路过|抵达|路经|接回)\s?"
    rf"(?P<value>(?:{_T}{{2,7}}?(?:自治州|市|县|镇|乡|村|街道|[东西南北]?路"
    rf"|大街|大道|巷|屯|小区|花园|家园|家属[院区楼]|新村|公寓|花苑|佳苑|家[沟湾坪寨庄坝营店坡岭河坳铺]))"
    rf"(?![人民医卫所院])(?:{_ADMIN}|{_LOCAL}|{_HOUSE})*(?:与{_T}{{1,6}}[路街巷]"
    rf"(?:交叉口|路口|口)?)?)"
)
_SERIES = re.compile(
    rf"(?P<value>{_T}{{1,7}}?(?:省|自治[区州县旗]|[市县区旗州盟]"
    rf"|地区|街道|[镇乡])(?![级长委局医卫])(?:{_ADMIN}|{_LOCAL})+"
    rf"(?:{_TAIL}))"
)
# Where names could be parted in many ways, a lookahead keeps the first: to try all took for ever.
_OF = re.compile(
    rf"(?:^|[\n,。;:\s(（]|系|为|是)(?=(?P<value>(?:{_T}{{2,6}}?[省市县旗区])+"
    rf"(?:{_ADMIN}|{_LOCAL})*))(?P=value)(?=人(?:[,。;\s)士]|$)|籍|的)"
)
_VILLAGER = re.compile(
    rf"(?:^|[\n,。;\s(:]|系|为|是)(?=(?P<value>(?:{_T}{{2,6}}?[省市县旗区])?(?:{_T}{{2,4}}?[镇乡])?{_T}{{1,7}}?{_VILLAGE}"
    r"(?:\d{1,3}[组队]|[一二三四五六七八九十]{1,2}[组队])?))(?P=value)"
    r"(?=人(?:[,。;\s)士]|$)|[村牧农居]民)"
)
_STREET = re.compile(
    rf"(?P<name>{_T}{{1,8}}?(?:{_STREET_UNIT}|{_VILLAGE}))(?:[东西南北中]段"
    rf"|[一二三四五六七八九十]?[区期段])?"
    rf"(?P<house>(?:{_HOUSE})+)(?P<rest>{_TAIL})"
)
_BUILDING = re.compile(
    rf"(?P<name>{_T}{{0,8}})\d{{1,4}}\s?(?:号楼|栋|幢|座)\s?(?:\d{{1,3}}\s?单元)?\s?"
    rf"(?:\d{{1,5}}\s?(?:室|号|房|户)?)?"
    rf"|(?P<name2>{_T}{{0,8}})\d{{1,3}}\s?单元\s?\d{{1,5}}\s?(?:室|号|房|户)?"
    rf"|(?P<name4>{_T}{{3,12}})\d{{1,4}}号地下"
    rf"|(?P<name3>{_T}{{2,10}})\d{{1,3}}楼\d{{1,4}}室"
)
_CROSSING = re.compile(
    rf"(?P<name>{_T}{{1,6}}(?:[路街巷]|大道)[与和、][^\W\d_]{{1,6}}?(?:[路街巷]|大道))"
    r"(?:交叉路?口|交界处?|交汇处?|交口|路口|口)"
)
_FOREIGN = re.compile(
    r"(?:(?:Room|Rm|Flat|Unit|Apt|No\.?)[ ]?\d[\dA-Z]*,?[ ]?)+"
    r"(?:[A-Z][a-z]+[ ,]{1,2}){1,5}(?:Road|Rd|Street|St|Avenue"
    r"|Ave|Lane|District)\b\.?"
)
_BY_SIGNS = (
    (_STREET, ("",)),
    (_BUILDING, ("楼", "栋", "幢", "座", "单元", "地下")),
    (_CROSSING, ("口", "交界", "交汇")),
)
"""Patterns, and signs of which a text that has one must hold one."""
_HALVES = ("籍贯", "到达", "抵达", "独居")
"""Words whose first character ends a place that is read on."""
_BEFORE = re.compile(r"(?:社区|电话|住址|地址|原(?=..[省市县区])|现?居(?=..[^民]))(?!卫|服务)")
_GENERIC = re.compile(
    "(?=(?P<which>(?:当地|周边|附近|外地|本地|所在|各自|一个|这个|那个|我们|他们|你们|咱们|自家|我家|他家|同一|隔壁|对面"
    "|[本我该当外全各某同邻贵农山城郊乡市县省区镇村老新灾疫])*))(?P=which)"
    "(?=(?P<what>(?:社区|小区|外地|街道|地区|[省市县区镇乡村])*))(?P=what)"
)
_LONE_BUILDING = re.compile(r"\d{1,3}\s?(?:号楼|栋|幢|座)")
_MEDICAL = re.compile(
    "病区|术区|[叶脑底节核膜]区|基底|额|颞|枕叶|丘脑|病室|手术"
    "|导管|软道|气道|[心肝肺肾胃]区|急诊|监护|走行|区域|参考|无影"
    "|通路|回路|线路|车组|门诊|示教"
)


class PlaceFinder:
    """Finds addresses.

    Parameters
    ----------
    lexicon
        The lists.
    """

    def __init__(self, lexicon: IdentityLists) -> None:
        words = (word for word in lexicon.all["cut"] if len(word) > 1)
        self._cut = re.compile(
            rf"(?!家属[院区楼]){any_of(words)}|回(?![民族龙])|(?<=[{HAN}]{{2}})从(?![化江])|(?<=[籍住点])地"
        )
        known = (
            rf"(?:{lexicon.provinces})(?:[省市]|特别行政区|(?:壮族|回族"
            rf"|维吾尔)?自治区)?(?:{lexicon.cities})?"
            rf"|(?:{lexicon.cities})"
        )
        self._known = re.compile(
            rf"(?P<start>{known})(?P<suffix>市|地区|自治州|[{HAN}]{{1,6}}族自治州"
            rf"|州|盟)?(?P<tail>(?:{_ADMIN})*{_TAIL})"
        )
        places = [*lexicon.all["provinces"], *lexicon.all["cities"].split()]
        self._pairs = frozenset(place[:2] for place in places)
        self._within = re.compile(
            rf"(?:{lexicon.cities})(?!长期|短期|独自|一直|固定|附近|郊区|当地|外出|继续|常年|多年|市区)"
            rf"[{HAN}]{{2}}(?=打工|务工|务农|居住|经商|老家|人[,。;])"
            r"|(?:(?<=生于)|(?<=籍贯)|(?<=老家)|(?<=来自)|(?<=祖籍)|(?<=久居)|(?<=现住)|(?<=家住))"
            rf"(?:(?:{lexicon.provinces})省?(?:{lexicon.cities})?|(?:{lexicon.cities}))市?"
            rf"(?!本地|农村|城区|当地)[{HAN}]{{2,3}}(?=[,。;])"
        )
        self._known_after = re.compile(
            "人(?!民)|籍|户籍|打工|务工|出差|旅游|旅行|居住|生活|工作"
            "|经商|务农|定居|上学|就诊|住院|治疗|市|口音|疫区|当兵|老家"
        )
        self._known_before = re.compile(
            "(?:[在于到赴往去返回自由从至住居抵经]|来自|老家|籍|生长于"
            "|前往|途经|原籍|籍贯 |生地 |人|:|^|[\n|\t])$"
        )
        self._not_after = re.compile(
            "白药|时间|产|烤鸭|话|方言|菜|绒螯蟹|出血热|医科|大学|协和|同济|标准|分型|型"
        )
        heads = lexicon.all["heads"]
        self._heads = re.compile(
            rf"(?:(?:{spaced(heads['address'])})(?:/(?:联系)?电话)?|(?<![A-Za-z])(?:{any_of(heads['address_latin'])}))"
            r"[)）】\]\"']?(?:\([^()\n]{1,8}\))?\s{0,4}(?P<colon>[:|=_>]?)[\s:\"']{0,8}"
        )
        self._field = re.compile(
            rf"(?:{lexicon.provinces})省?[{HAN}]{{2,3}}(?=[\s,。]|$)|(?:{_ADMIN}|{_LOCAL}|{_HOUSE})+(?:村委会旁|旁)?"
        )

    def find(self, text: str, joined: bool = False) -> Iterator[Identity]:
        """Yield the addresses in a text in the form to be searched.

        `joined`: its lines have been, so that a field doesn't end where its line did.
        """
        yield from self._headed(text, joined)
        pairs = self._pairs
        starts = [at for at in range(len(text) - 1) if text[at : at + 2] in pairs]
        for match in matches_at(self._known, text, starts):
            if self._is_one(text, match):
                yield Identity(match.start(), match.end(), ADDRESS)
        for match in matches_at(self._within, text, starts):
            yield Identity(match.start(), match.end(), ADDRESS)
        for form in (_LIVES, _AT, _OF, _VILLAGER, _SERIES):
            for match in form.finditer(text):
                start = self._start(text, *match.span("value"))
                value = text[start : match.end("value")]
                if (
                    len(value) > 2
                    and not _GENERIC.fullmatch(value)
                    and not re.match(r"[\d一二三四五六七八九十]+(?:\D?$|楼)", value)
                    and not _MEDICAL.search(value)
                ):
                    yield Identity(start, match.end("value"), ADDRESS)
        for form, signs in _BY_SIGNS:
            for match in form.finditer(text) if any(sign in text for sign in signs) else ():
                name = next(g for g in match.groups() if g is not None)
                start = self._start(text, match.start(), match.start() + len(name))
                if (
                    _MEDICAL.search(match[0])
                    or _LONE_BUILDING.fullmatch(match[0])
                    or (form is _STREET and len(name) - (start - match.start()) < 2)
                ):
                    continue
                yield Identity(start, match.end(), ADDRESS)
        for match in _FOREIGN.finditer(text):
            yield Identity(match.start(), match.end(), ADDRESS)

    def _start(self, text: str, start: int, end: int) -> int:
        """Return where a place begins in a run that may hold the words before it."""
        if before := _BEFORE.match(text, start, end):
            start = before.end()
        if text[start] in "住至去" or text[max(0, start - 1) : start + 1] in _HALVES:
            start += 1
        for match in self._cut.finditer(text, start, end):
            start = match.end()
        return start

    def _headed(self, text: str, joined: bool) -> Iterator[Identity]:
        for head in self._heads.finditer(text):
            value = _VALUE.match(text, head.end())
            if value is None or _NO_VALUE.match(value["value"].strip()):
                continue
            end = value.start() + len(value["value"].rstrip())
            if joined or not head["colon"]:
                parts = self._field.match(text, value.start(), end)
                if parts is None or _GENERIC.fullmatch(parts[0]):
                    continue
                end = parts.end()
            end = without_note(text, value.start(), end)
            if re.fullmatch("[\\d一二三四五六七八九十]+楼", text[value.start() : end]):
                continue
            if re.search("[省市县区旗]人$", text[value.start() : end]):
                end -= 1
            # An address may go on after a comma.
            more = re.match(
                rf"[,;](?!现|任职|就职|供职|邮编|电话|联系)(?:{_LOCAL}|{_HOUSE})+",
                text[end : end + 60],
            )
            yield Identity(value.start(), end + (more.end() if more else 0), ADDRESS, 2)

    def _is_one(self, text: str, match: re.Match[str]) -> bool:
        """Return whether the name of a known place is meant as a place."""
        before = text[max(0, match.start() - 3) : match.start()]
        if self._not_after.match(text, match.end("start")) and not match["tail"]:
            return False
        sure = bool(match["tail"] or match["suffix"]) or match["start"][-1] in "省市区"
        if match["tail"] and not match["suffix"] and not self._known_before.search(before):
            sure = any(c in match["tail"] for c in "省市县区旗镇乡村路街号道")
        return bool(
            sure or self._known_after.match(text, match.end()) or self._known_before.search(before)
        )
