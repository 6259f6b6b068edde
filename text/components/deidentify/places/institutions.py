"""Hospitals and employers: under headings, and by what institutions are called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..identity import EMPLOYER, HOSPITAL, Identity
from ..lexicon import HAN, IdentityLists, any_of, compiled, spaced

_LONGEST = 24
_FOREIGN = re.compile(
    r"(?!(?:FU|From|To|At|In|By|Via|The) )"
    r"(?:[A-Z][A-Za-z'.&]{1,14}[ ]){1,5}(?:of[ ][A-Z][a-z]+[ ])?(?:(?:No\.?[ ]?)?\d[ ])?"
    r"(?:Hospital|Medical Cent(?:er|re)|Clinic)(?:[ ]of[ ][A-Z][a-z]+(?:[ ][A-Z][a-z]+)*)?"
)
_SPECIFIC = re.compile(r"[省市县区州](?![级外内里])|第[一二三四五六七八九十]|解放军|武警")
_GENERIC_HOSPITAL = re.compile(
    "(?:[在于到至往去我本该贵外某师团旅营校各大小院乡村镇上一级三二一甲乙丙等两几多这那]"
    "|当地|上级|附近|其他|其它|别的|多家|综合|专科"
    "|社区|乡镇|基层|下级|私立|公立|民营|私人|就近|家附近|院外"
    "|外地|家|个|体|地方|一家|某家|两家|几家|定点|互联网|兄弟"
    "|教学|对口|合作|协作|中医|不同|知名|权威|住|离|出|入|进|回"
    "|转|来|赴|陪|送|原|手术|门诊|网上|当|所在|中心|人民|附属"
    "|日间|科日间|地|乡里|县里|市里|村里|区里|[省市县区州](?:级|外|内|里)|康复"
    "|送?达|接诊|就诊|首诊|转诊|会诊|收治|经治|主诊|远程|急诊|一所|有关|相关|如|自行|市区|就|正规|医保|外市|口腔"
    "|胸科)*"
)
_GENERIC_ORG = re.compile(
    "(?:(?:中国)?(?:工商|建设|招商|邮政储蓄)|[某一该本我各大小多两外家个开住办的有经任名上下中初高市县省区镇村乡党民人砖鞋钢药设出工化]"
    "|当地|私营|私人|国营"
    "|国企|民营|外资|某家|建筑|工程|所在|自家|经营|房产|保险|物业"
    "|保洁|快递|食品|一般|普通|重点|职工|事业|民办|公办|出租|运输"
    "|酒|上班|工作|退休|打工|服装|电子|医|医科|老年|函授|成人"
    "|军医|不同|子弟|当|化工|乡镇|机械|家具|纺织|塑料|水泥|木材"
    "|煤炭|医药|制药|生产|医疗|人民|市场|物流|装修|网约|汽车|外卖"
    "|财产|商业|自己|厂办|集体|合资|学生|附近|附小|在校|社区|农业)*"
)
_AFTER_ORG = r"(?!文化|学历|毕业|程度|生|本科|病|内|里|以上|食堂|家属|化|长|房|子)"


class InstitutionFinder:
    """Finds hospitals and employers.

    Parameters
    ----------
    lexicon
        The lists.
    """

    def __init__(self, lexicon: IdentityLists) -> None:
        lists = lexicon.all
        heads = lists["heads"]
        medical = any_of(lists["medical_units"])
        self._hospital = compiled(
            rf"(?:{medical})(?:[HAN]{{0,4}}分院|[HAN]{{1,4}}院区|\([HAN]{{2,6}}\)"
            rf"|[东西南北新老]院区?|附属医院)?"
        )
        self._organization = compiled(
            r"(?:银行[HAN]{2,6}?(?:支行|分行|营业部|分理处)"
            rf"|(?:{any_of(lists['organizations'])})"
            rf"(?:[一二三四五六七八九十]分公司)?{_AFTER_ORG}|第?[一二三四五六七八九十]{{1,3}}中"
            rf"(?=[上读,。])"
            r"|(?<=[铁建交冶核])[一二三四五六七八九十]{1,3}局)"
        )
        self._cut = re.compile(any_of(lists["cut"]))
        # 颐和|医院: what is left must have a name; 骨科与糖尿病|医院 has one of two departments.
        # 职工 is a word before a company's name, and the end of that of its hospital: 职工|医院.
        self._kept = re.compile(rf"{any_of(lists['kept'])}|职工$|[和与及]$|(?<=[骨妇儿眼]科)[与和]")
        short = any_of(lists["short_hospitals"])
        before, after = any_of(lists["short_before"]), any_of(lists["short_after"])
        self._short = re.compile(
            rf"(?:(?<![{HAN}])|(?:{before}))(?P<name>(?:{short}))(?=\s?"
            rf"(?:{after}|[、,。;)]|$|\n))(?![征步氏路街])"
            rf"|(?:{before})(?P<other>(?:{short}))(?![征步氏路街市区县法式线位生务学保药疗师嘱级])"
            rf"|(?P<apart>(?:{short}))(?=[{HAN}]{{1,2}}(?:教授|主任|院长|医生|医师|护士长))"
        )
        self._of_university = compiled(_OF_UNIVERSITY.replace("CITY", lexicon.cities))
        self._numbered = re.compile(
            rf"(?:{lexicon.cities})(?:市|县)?(?:第?[一二三四五六七八九十]{{1,2}}|中)院(?![{HAN}]?[长区子士]|[内外]科)"
        )
        self._town = compiled(
            r"[HAN]{2,3}[市县](?:第?[一二三四五六七八九十]{1,2}|中)院(?![HAN]?[长区子士]|[内外]科)"
        )
        place = rf"(?:(?:{lexicon.provinces})省?)?(?:{lexicon.cities})[市县]?"
        self._no_employer = compiled(
            rf"(?:{place})?(?:[HAN]{{0,2}}[省市县区州旗镇乡村]|[HAN]{{0,2}})|{_NO_WORKPLACE}"
        )
        self._is_short = re.compile(rf"(?:省|市|县|区)?(?:{short})")
        self._heads = (
            (re.compile(rf"(?:{spaced(heads['hospital'])}){_SIGN}"), HOSPITAL),
            (re.compile(rf"(?<![计床剂量效])(?:{spaced(heads['employer'])}){_SIGN}"), EMPLOYER),
        )

    def find(self, text: str, joined: bool = False) -> Iterator[Identity]:
        """Yield the institutions in a text in the form to be searched.

        `joined`: its lines have been, so that a field doesn't end where its line did.
        """
        if not joined:
            for heads, kind in self._heads:
                for head in heads.finditer(text):
                    value = _VALUE.match(text, head.end())
                    if value and not _NO_VALUE.match(value["value"]):
                        start, end = value.span("value")
                        if text.find(")", start, end) >= 0 > text.find("(", start, end):
                            end = text.find(")", start, end)  # (单位:某厂)于…住院
                        yield Identity(start, without_note(text, start, end), kind, 2)
        for match in self._short.finditer(text):
            yield Identity(*match.span(match.lastgroup or 0), HOSPITAL)
        for match in self._town.finditer(text):
            start = self.start_of(text, match.end() - 3, match.start())
            if len(text[start : match.end()]) > 4:
                yield Identity(start, match.end(), HOSPITAL)
        for match in _WORKS.finditer(text):
            place = match[match.lastgroup or 0]
            if place.endswith(("公所", "机关")) or not self._no_employer.fullmatch(place):
                yield Identity(*match.span(match.lastgroup or 0), EMPLOYER)
        for form in (_FOREIGN, self._numbered):
            for match in form.finditer(text):
                yield Identity(match.start(), match.end(), HOSPITAL)
        for anchor in _UNIVERSITY_TAIL.finditer(text):
            for start in range(max(0, anchor.start() - _LONGEST_UNIVERSITY), anchor.start()):
                named = self._of_university.match(text, start)
                if named and named.end() > anchor.start():
                    yield Identity(named.start(), named.end(), HOSPITAL)
                    break
        for form, kind in ((self._hospital, HOSPITAL), (self._organization, EMPLOYER)):
            last = told = 0
            for match in form.finditer(text):
                if kind == EMPLOYER and match.start() == told > 0:  # 中铁十二局|集团
                    yield Identity(match.start(), match.end(), kind)
                    last = told = match.end()
                    continue
                start = self.start_of(text, match.start(), max(last, match.start() - _LONGEST))
                core = text[start : match.start()]
                if kind == HOSPITAL:
                    generic = bool(_GENERIC_HOSPITAL.fullmatch(core)) and not _SPECIFIC.match(core)
                else:
                    generic = len(core) < 2 or bool(_GENERIC_ORG.fullmatch(core))
                last = match.end()
                if core and not generic:
                    yield Identity(start, without_note(text, start, match.end()), kind)
                    told = match.end()

    def start_of(self, text: str, end: int, floor: int) -> int:
        """Return where the name of an institution or a place begins that ends at a place."""
        run = _RUN.search(text[floor:end])
        start = floor + run.start() if run else end
        name = text[start:end]
        kept = [m.span() for m in self._kept.finditer(name)]
        cut = 0
        for match in self._cut.finditer(name):
            if not any(a < match.end() and match.start() < b for a, b in kept):
                cut = match.end()
        opened = name.rfind("(")
        if opened > name.rfind(")"):
            cut = max(cut, opened + 1)
        if ")" in name[cut:] and "(" not in name[cut:]:
            cut = name.rindex(")") + 1
        if code := _CODE_BEFORE.match(name[cut:]):
            cut += code.end()
        digits = re.match(r"(?:\d+[年月日号]?)+(?![医团师])", name[cut:])
        return start + cut + (digits.end() if digits else 0)


def without_note(text: str, start: int, end: int) -> int:
    """Return where a value ends without a note in brackets that tells no place: (公章)."""
    note = _NOTE.search(text, start, end)
    return note.start() if note and note.start() > start else end


_NOTE = re.compile(
    r"\s?[(][^()\d]{0,4}(?:章|[甲乙]方|退休|盖|离职|有人|下岗|内退|停薪|见附|同上|略)[^()]{0,6}[)]?$"
)
_OF_UNIVERSITY = (
    r"(?:CITY|[重浙郑蚌川哈南昆苏安青新西河温赣徐皖吉山中武广贵遵兰宁内延锦天北首津上福厦桂湘华陕滇甘"
    r"冀晋辽黑豫鄂粤琼沪渝济绍潍滨泰汕东海承石长大佳牡成泸滁])"
    r"(?:(?:[HAN]?(?:医科?大|中医药?大|医专|交大|大|医|中医|北医?|方医?|华)(?:学)?)"
    r"(?:附属?[一二三四五六]?院|第?[一二三四五六]附属?院|附[一二三四五六](?!院))"
    r"|(?:[HAN]?(?:医科?大|交大|大|医))第?[一二三四五六]院"
    r"|(?:附[一二三四五六]|[一二三四五六]附|附)院)"
    r"(?:[东西南北新老]院区?|[HAN]{2}院区)?(?![长内外区子士里级])"
    r"|(?:CITY|山大|川大|中南大?|华科大?|交大|复旦|浙大|武大|中大|南大)(?:附属)?"
    r"(?:同济|协和|华西|湘雅|瑞金|仁济|齐鲁|西京|唐都|宣武|天坛|安贞|阜外|盛京|邵逸夫"
    r"|马偕|长庚|荣总|慈济|国泰|亚东|奇美|秀传)(?:医院)?(?![路街道区县])"
)
"""Short names of universities' hospitals: 重医附一院, 浙大二院, 山大齐鲁, 武汉同济."""
_UNIVERSITY_TAIL = re.compile(
    "附[院属一二三四五六]|[一二三四五六](?:附|院)|同济|协和|华西|湘雅|瑞金|仁济|齐鲁|西京|唐都|宣武|天坛|安贞"
    "|阜外|盛京|邵逸夫|马偕|长庚|荣总|慈济|国泰|亚东|奇美|秀传"
)
"""Where such a name may end; the few places are looked at closely."""
_LONGEST_UNIVERSITY = 8
_NO_WORKPLACE = (
    r"[HAN]*(?:外地|当地|本地|家里?|工地|厂里|单位|附近|田里?|地里|这里|那里|此处|外面|国外|海外|城里|农村|乡下"
    r"|家中|期间|情况下|床边|科室|病房|门口|路上|楼上|楼下|早上|晚上|夜间|白天|野外|山上|高处|室内|室外|平时|左右"
    r"|各地|外省|沿海|南方|北方|镇上|县城|村里|市里|街上|矿上|厂|公司|学校|医院|煤矿|饭店|超市)"
    r"|[HAN]*(?:我院|我科|患者|住院|治疗|手术|诊断)[HAN]*"
)
"""What work is done at without a name: 在外地务工."""
_WORKS = compiled(
    r"在(?P<at>(?:(?![在于曾时后前日月年])[HAN]){3,14}?)(?:务工|上班|做事|打工|开车|做工|任职|就职|供职|当保安"
    r"|当司机|干了(?=[\d一二三四五六七八九十几])|工作(?=[\d一二三四五六七八九十]{1,3}年|至|到))"
    r"|(?:任职[於于]?|受雇[於于]|供职[於于]?|就职[於于]?|受聘[於于])[ :]{0,2}(?![於于期时后前以情])"
    r"(?P<hired>[HAN]{3,16})(?=[,。;、\n( ]|$)"
    r"|(?:[,。;\s]系|^系|[原曾现](?:系|为|是)|退休前[系为是在])(?P<staff>[HAN]{4,18}?)"
    r"(?:退休)?(?:保安|职工|员工|工人|司机|教师|会计|工程师|业务员|技术员|厨师|保洁员?|干部|店员|科员|电工|焊工|销售员?)"
    r"(?=[,。;、\n]|$)"
    r"|(?<![HAN])(?P<brand>[HAN]{2,4}(?:石化|电器|重工|玻璃|速运|建工|实业|电子|科技|地产|物业|证券|家纺|制衣|服饰|汽车|钢铁"
    r"|化工|制药|药业|纺织|建材|机电|通信|矿业|水泥|路桥|置业|商贸|传媒))"
    r"(?=下岗|退休|上班|工作|打工|务工|员工|职工|工人|任职|保安|司机)"
    r"|\b(?:worker|employee|staff|driver|clerk|employed|works|worked|working)[ ](?:of|at|by|for)[ ]"
    r"(?P<latin>[HAN]{2,12}|[A-Z][A-Za-z&]{2,14}(?:[ ][A-Z][A-Za-z&]{1,14}){1,4})"
)
_SIGN = r"[)）】\]\"']?\s{0,4}[:|=_>][\s:\"']{0,6}"
_VALUE = re.compile(
    rf"(?P<value>[{HAN}A-Za-z][^,。;；\n\t|\"'<:]{{1,40}}?)(?=[,。;；\n\t|\"'<]"
    rf"|$|  |\s[{HAN}A-Za-z]{{2,8}}[ ]?:"
    r"|\s?(?:联系|电\s*话|手机|邮编|职业|民族|婚姻|关系|住院号|身份证|性别|年龄|籍贯|住址))"
)
_NO_VALUE = re.compile(
    r"同上|不详|本地|无|未[知填提]|退休|农民|务农|个体|自由职业"
    r"|患者|待业|离退休|m?mol|mg|g/|ml|/|参考|结果|HU"
)
_CODE_BEFORE = re.compile(r"(?:[A-Z]{1,3}片)?[A-Z]{0,4}\d{5,}(?=[^\d])")
"""The number of a scan before a hospital's name."""
_RUN = compiled(r"[HANA-Za-z0-9()·“”]*$")
