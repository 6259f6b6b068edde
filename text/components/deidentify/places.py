"""Addresses, hospitals and employers: under headings, and by how places and houses are called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .identity import ADDRESS, EMPLOYER, HOSPITAL, Identity
from .lexicon import HAN, IdentityLists, compiled

_NOT_PLACE = "在到至及就因医院病科的是有为了我患者入出疼痛肢侧脑肺肝胃腔部诊治疗术时以遂曾"
"""Characters that end a place that is read on: few names hold them, and most sentences do."""
_T = rf"[^\W\d_A-Za-z{_NOT_PLACE}]"
_ADMIN = (
    rf"{_T}{{1,7}}?(?:自治[州县旗]|地区|新区|开发区|[市区县旗盟州](?!委|局|政府|疾控|长|级|场|民))"
)
_LOCAL = rf"{_T}{{0,8}}?(?:家属[区楼院]|街道办?|办事处|大道|大街|胡同|小区|社区|花园|家园|新村|公寓|大厦|广场|苏木|村委会|[镇乡路街巷弄里村屯庄苑园寨营沟堡岭坪组队城坊])"
_HOUSE = (
    r"[ ]?(?:[A-Za-z][ ]?)?(?:\d{1,5}|[一二三四五六七八九十百零]{1,4}|[甲乙丙丁东西南北])[ ]?(?:-\d{1,4}[ ]?)*(?:号院|号楼|号|弄|栋|幢|座|单元|室|楼|层|组团?|队|社|巷|排|门|户|区|村|期|[号栋]?(?=[ ,。;\n人)]|$)|-\d+)"
    r"(?:附\d{1,3}号?)?|\d{1,4}(?:-\d{1,4}){1,3}(?:[室号户])?"
)
_HEADS = re.compile(
    "(?:家庭|现|户籍|户口|工作|单位|通讯|通信|联系|常住|出生|居住|邮寄|邮政|详细|身份证|患者|本人|家属|公司){0,5}"
    r"(?:住\s{0,4}址|地\s{0,4}址|住所|居住地|出生地点?|籍\s{0,4}贯|户籍地?|户籍所在地|户口地?|户口所在地|所在地|常住地|住处|来源地|原籍|祖籍|出生于|[Aa]ddress|ADDRESS|Addr)"
    r"[)）】\]]?(?:\([^()\n]{1,8}\))?\s{0,4}[:|=_]\s{0,8}"
)
_WORK_HEADS = re.compile(
    r"(?:工\s?作\s?单\s?位|单位名称|工作单位及(?:地址|职务)|(?<![计床剂量效])单\s{1,4}位|单位|就职于|任职于|供职于|就读于|就读学校|学校|雇主|[Ee]mployer|Company)[)】\]]?\s{0,4}(?P<colon>[:|=_]?)\s{0,8}"
)
_PLACE_HEADS = re.compile(
    r"(?:就诊医院|医院名称|医疗机构(?:名称)?|送检(?:医院|单位)|转[入出诊]医院|外院名称|报告单位|检查(?:单位|医院)|机构名称|Hospital|HOSPITAL)[)】\]]?\s{0,4}[:|=_]\s{0,8}"
)
_VALUE = re.compile(
    rf"(?P<value>[^,。;；\n\t|]{{1,70}}?)(?=[,。;；\n\t|]|$|  |\s[{HAN}A-Za-z]{{2,8}}[ ]?:|\s?(?:联系)?(?:电话|手机|邮编|职业|民族|婚姻|联系人|关系|工作单位|单位|入院|住院号|身份证|性别|年龄|籍贯|住址|现住址|出生地|文化程度|病史|费别))"
)
_NO_VALUE = re.compile(
    r"同上|不详|本地|无(?:业|$)?$|未[知填提]|退休|农民|务农|个体|自由职业|患者|\d+$|-+$|mm|ml|见|/$|[^\w]|可靠|同|待业|离退休"
)
_DETAIL = re.compile(rf"{_HOUSE}")
_STREET = re.compile(
    rf"(?P<name>{_T}{{1,8}}?(?:大道|大街|胡同|小区|社区|花园|家园|新村|公寓|大厦|广场|[路街巷弄里村苑园城坊庄屯乡镇]))(?:[东西南北中]段|[一二三四五六七八九十]?[区期段])?(?P<house>(?:{_HOUSE})+)(?P<rest>(?:{_LOCAL}|{_HOUSE})*)"
)
_BUILDING = re.compile(
    r"\d{1,4}\s?(?:号楼|栋|幢|座)\s?(?:\d{1,3}\s?单元)?\s?\d{1,5}\s?(?:室|号|房|户)?|\d{1,3}\s?单元\s?\d{1,5}\s?(?:室|号|房|户)?"
)
_LIVES = re.compile(
    rf"(?:家住|现住|居住[于在]|居住|居于|住在|住于|暂住|租住|定居|出生于|生于|来自|户籍[在为]?|籍贯[为是]?|家在|现居|常住|原籍|祖籍|老家[在]?|生长[于在])[于在]?\s?(?P<value>(?:{_ADMIN}|{_LOCAL}|{_HOUSE})+(?:{_T}{{1,5}}(?=[,。;\n]))?)"
)
_AT = re.compile(
    rf"(?:[在于到至赴往去返回自由从]|途经|路过|抵达)\s?(?P<value>(?:{_T}{{2,7}}?(?:自治州|市|县|镇|乡|村|街道))(?:{_ADMIN}|{_LOCAL}|{_HOUSE})*)"
)
# Where names could be parted in many ways, a lookahead keeps the first: to try all took for ever.
_OF = re.compile(
    rf"(?:^|[\n,。;:\s(（]|系|为|是)(?=(?P<value>(?:{_T}{{2,6}}?[省市县旗区])+(?:{_ADMIN}|{_LOCAL})*))(?P=value)(?=人(?:[,。;\s)士]|$)|籍)"
)
_GENERIC = re.compile(
    "(?=(?P<which>(?:当地|周边|附近|外地|本地|所在|各自|一个|这个"
    "|[本我该当外全各某同邻贵农山城郊乡市县省区镇村老新灾疫])*))(?P=which)"
    "(?=(?P<what>(?:社区|小区|外地|街道|地区|[省市县区镇乡村])*))(?P=what)"
)
_MED_UNIT = "(?:社区卫生服务(?:中心|站)|卫生服务(?:中心|站)|医学院附属[HAN]{0,6}医院|医疗中心|医学中心|急救中心|血液透析中心|体检中心|康复中心|妇幼保健院|保健院|疗养院|疾控中心|疾病预防控制中心|卫生院|卫生所|卫生室|诊所|门诊部|养老院|敬老院|福利院|护理院|医务室|总医院|医院|Hospital|hospital)"
_HOSPITAL = compiled(
    rf"(?P<name>[HANA-Za-z0-9()（）·“”]{{0,24}}?){_MED_UNIT}(?:[HAN]{{1,4}}(?:院区|分院|部院区)|\([HAN]{{2,6}}\)|[东西南北新老]院区?|附属医院|[HAN]{{2,4}}分院)?"
)
_SHORT_HOSPITAL = re.compile(
    r"(?<=[在于到至往赴由从经及回去])(?:北京|上海|武汉|四川|湖南|中国|首都|省|市|广州|南京|西安|山东)?(?:协和|同济|华西|湘雅|瑞金|天坛|宣武|齐鲁|西京|华山|中山一院|北医三院|301|三零一|(?:[省市县区])(?:[一二三四五六]|中|人民)院|[人医][大科]附[一二]院|附[一二]院|[一二三]附院)(?!院|线|位|者|法)"
)
_ORG_UNIT = "(?:有限责任公司|股份有限公司|有限公司|分公司|公司|集团|加工厂|制造厂|工厂|[HAN]{1,2}厂|厂|大学|学院|职校|技校|[HAN]{0,2}中学|[一二三四五六七八九十]中|小学|幼儿园|学校|银行|信用社|供销社|研究所|研究院|设计院|事务所|派出所|居委会|村委会|法院|检察院|政府|合作社|酒店|宾馆|饭店|超市|商场|商店|农场|林场|煤矿|铁矿|矿务局|出版社|电视台|报社|车站|机场|监狱|看守所|部队|公安局|教育局|税务局|财政局|交通局|建设局|供电局|邮政局|铁路局|水务局|环保局|工商局|林业局|农业局|民政局|卫生局|车间|工作室|俱乐部|协会|委员会|工会)"
_ORG = compiled(
    rf"(?P<name>[HANA-Za-z0-9()（）·]{{1,22}}?){_ORG_UNIT}(?!文化|学历|毕业|程度|生|本科|病|内|里|以上|，?食堂)"
)
_CUT = re.compile(
    "(?:就诊于|就诊|就职于|任职于|供职于|就读于|就读|毕业于|工作于|受雇于|住院于|住院治疗于|转诊至|转入|转至|转到|转来|转上级|转上|要求|出示|离开|自动|转往|转院|送至|送入|送往|送到|送|急诊|入住|前往|赶往|来到|到达|来|返回|回到|赴|前|抵|经|由|自|从|在|于|到|至|往|去|入|及|和|与|或|遂|曾|先后|后|并|其|我|系|为|是|呼叫|拨打|联系|当地|外院|请|住|的|被|以|因|行|了|，|,|名称|诊断|患者|单位|员工|职工|(?<![附])属|退休前|原|现|曾任|天前|月前|年前|日前|时前|小时前|今日|今晨|昨日|次日|当天|当日|立即|随即|急|多次|再次|首次)"
)
_KEEP = re.compile(
    "(?:[协仁安泰永太元德祥康义天慈雍中同]和|附属|解放军|人民|经开区|自治|经济|经贸|往来|回民|回族|前进|前锋|前海|后海|后勤|由子|同仁|于都|于田|和平|和田|和顺|和县|从化|从江|来宾|来安|到保|至德|入海|至善|和睦|和谐|因美|原平|原阳|太原|平原|中原|固原|开原|清原|高原|在线|自贡|及第|并州|现代|到家|是达|送变电|急救|急诊医|来凤|东兴|现代化|行唐|闽行|闵行|太行|银行|行政|旅行|前郭|前卫|自来水|与时|于洪|为民|利为|和为|经纬|经济|东经|石经|后藏|前山|住建|住房|以岭)"
)
_GENERIC_HOSPITAL = re.compile(
    "(?:[在于到至往去我本该贵外某各大小院县市区省镇乡村级上三二一甲乙等]|当地|上级|附近|其他|其它|别的|多家|综合|专科|社区|乡镇|基层|下级|私立|公立|民营|私人|就近|家附近|院外|外地|家|个体|地方|一家|某家|两家|几家|定点|互联网|兄弟|教学|对口|合作|协作|中医|不同|知名|权威|住|离|出|入|进|回|转|来|赴|陪|送|原|手术|门诊|网上|当|所在|中心|人民|乡里|县里|市里|村里|区里|厂|(?:当地)?[县市区]?(?:人民|中心|中医))*"
)
_CENTER = re.compile("[市县区][HAN]{0,8}(?:人民|中心|第|中医|妇幼|医院)".replace("HAN", HAN))
_GENERIC_ORG = re.compile(
    "(?:[某一该本我各大小多两几外]|家|个|当地|私营|私人|国营|国企|民营|外资|某家|建筑|工程|所在|自家|村|镇|乡|县|市|区|省|上|下|中|初|高|开|住|办|的|有|经营|房产|保险|物业|保洁|快递|化|食品|一般|任|名|普通|重点|职工|事业|民办|公办|出租|运输|酒|上班|工作|退休|打工|服装|电子|医|医科|老年|函授|成人|军医|不同|子弟|当|化工|乡镇|机械|家具|纺织|钢|塑料|水泥|木材|鞋|砖|煤炭|民|党|医药|制药|生产|药|医疗|人民|设|出|工|市场|人)*"
)


_PARTS = {
    ADDRESS: re.compile(rf"(?:{_ADMIN}|{_LOCAL}|{_HOUSE})+"),
    EMPLOYER: _ORG,
    HOSPITAL: _HOSPITAL,
}
"""What a field of each kind is made of."""


class PlaceFinder:
    """Finds addresses, hospitals and employers.

    Parameters
    ----------
    lexicon
        The lists.
    """

    def __init__(self, lexicon: IdentityLists) -> None:
        known = (
            rf"(?:{lexicon.provinces})(?:[省市]|特别行政区|(?:壮族|回族|维吾尔)?自治区)?(?:{lexicon.cities})?"
            rf"|(?:{lexicon.cities})"
        )
        self._known = re.compile(
            rf"(?P<start>{known})(?P<suffix>市|地区|自治州|[藏彝羌苗侗壮族土家布依哈尼傣白景颇傈僳回哈萨克蒙古柯尔孜朝鲜]{{1,8}}自治州|州|盟)?"
            rf"(?P<tail>(?:{_ADMIN})*(?:{_LOCAL}|{_HOUSE})*)"
        )
        self._known_after = re.compile(
            "人(?!民)|籍|户籍|打工|务工|出差|旅游|旅行|居住|生活|工作|经商|务农|定居|上学|就诊|住院|治疗|市|口音|疫区|当兵|老家"
        )
        self._known_before = re.compile(
            "(?:[在于到赴往去返回自由从至住居抵经]|来自|老家|籍|生长于|前往|途经|原籍|人|:|^|[\n|\t])$"
        )
        self._not_after = re.compile(
            "白药|时间|产|烤鸭|话|方言|菜|绒螯蟹|出血热|医科|大学|协和|同济|标准|分型|型"
        )
        self._begins = re.compile(known)

    def find(self, text: str, joined: bool = False) -> Iterator[Identity]:
        """Yield the places in a text in the form to be searched.

        `joined`: its lines have been, so that a field doesn't end where its line did.
        """
        yield from self._headed(text, joined)
        yield from self._addresses(text)
        yield from self._hospitals(text)
        yield from self._employers(text)

    def _headed(self, text: str, joined: bool) -> Iterator[Identity]:
        for heads, kind in ((_HEADS, ADDRESS), (_WORK_HEADS, EMPLOYER), (_PLACE_HEADS, HOSPITAL)):
            for head in heads.finditer(text):
                value = _VALUE.match(text, head.end())
                if value is None or _NO_VALUE.match(value["value"].strip()):
                    continue
                if (
                    kind == EMPLOYER
                    and not head["colon"]
                    and not re.match(rf"[{HAN}]{{3,}}", value["value"])
                ):
                    continue
                if (
                    kind == EMPLOYER
                    and not head["colon"]
                    and head[0].strip() in ("单位", "学校", "雇主")
                ):
                    continue
                end = value.start() + len(value["value"].rstrip())
                if joined:
                    parts = _PARTS[kind].match(text, value.start(), end)
                    if parts is None:
                        continue
                    end = parts.end()
                if kind == ADDRESS:
                    # An address may go on after a comma.
                    more = re.match(rf"[,;](?:{_LOCAL}|{_HOUSE})+", text[end : end + 60])
                    end += more.end() if more else 0
                if end > value.start():
                    yield Identity(value.start(), end, kind, 2)

    def _addresses(self, text: str) -> Iterator[Identity]:
        for match in self._known.finditer(text):
            end = match.end()
            before = text[max(0, match.start() - 3) : match.start()]
            if self._not_after.match(text, match.end("start")) and not match["tail"]:
                continue
            sure = bool(match["tail"] or match["suffix"]) or match["start"][-1] in "省市区"
            if match["tail"] and not match["suffix"] and not self._known_before.search(before):
                sure = any(c in match["tail"] for c in "省市县区旗镇乡村路街号道")
            if sure or self._known_after.match(text, end) or self._known_before.search(before):
                yield Identity(match.start(), end, ADDRESS)
        for form in (_LIVES, _AT, _OF):
            for match in form.finditer(text):
                value = match["value"]
                if not _GENERIC.fullmatch(value) and not re.fullmatch(
                    r"[\d一二三四五六七八九十]+\D?", value
                ):
                    yield Identity(match.start("value"), match.end("value"), ADDRESS)
        for match in _STREET.finditer(text):
            cut = self._cut(match["name"])
            if len(match["name"]) - cut > 1:
                yield Identity(match.start() + cut, match.end(), ADDRESS)
        for match in _BUILDING.finditer(text):
            yield Identity(match.start(), match.end(), ADDRESS)

    def _cut(self, name: str) -> int:
        """Return where the name of an institution begins in what stands before its last word."""
        start = 0
        kept = [m.span() for m in _KEEP.finditer(name)]
        for cut in _CUT.finditer(name):
            if not any(a < cut.end() and cut.start() < b for a, b in kept):
                start = cut.end()
        # The first place that is known and not at the start begins it.
        return start

    def _hospitals(self, text: str) -> Iterator[Identity]:
        for match in _SHORT_HOSPITAL.finditer(text):
            yield Identity(match.start(), match.end(), HOSPITAL)
        for match in _HOSPITAL.finditer(text):
            name = match["name"]
            start = match.start() + self._cut(name)
            core = text[start : match.end("name")]
            if core.count(")") != core.count("("):
                start += max(core.rfind(")"), core.rfind("(")) + 1
                core = text[start : match.end("name")]
            digits = len(core) - len(core.lstrip("0123456789"))
            if digits and not core[digits:].startswith(("医", "团", "师")):
                start, core = start + digits, core[digits:]
            if not core or _GENERIC_HOSPITAL.fullmatch(core):
                continue
            yield Identity(start, match.end(), HOSPITAL)

    def _employers(self, text: str) -> Iterator[Identity]:
        for match in _ORG.finditer(text):
            name = match["name"]
            start = match.start() + self._cut(name)
            core = text[start : match.end("name")]
            if len(core) < 2 or _GENERIC_ORG.fullmatch(core):
                continue
            yield Identity(start, match.end(), EMPLOYER)
