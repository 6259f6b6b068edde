"""Names of people: under headings, before titles, after relatives, in lists and tables.

What is a name is told by what stands around it; of names whose context is weak, surname and given
name must look like ones. A name that was found once is looked for everywhere in its record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .identity import NAME, Identity
from .lexicon import HAN, IdentityLists, compiled

_VERBS = "因诉系男女于在今现突之的与及和是已来由被经自代陪送入查签示会行术拟嘱称述电住等主同看去把从对曾无有近约未并收转出要可告指向为年到说请(（"
_NEVER_LAST = frozenset(
    "后前日时因诉系男女于在今突的与及是被经陪送入查签嘱述看把从住约未收到说请拟称并"
)
_TITLE = (
    "(?:副?主任(?:医师|医生|护师|技师|药师|委员)?|主治(?:医师|医生)?|住院(?:总)?(?:医师|医生)|规培(?:医师|医生)|实习(?:医师|医生)"
    "|进修(?:医师|医生)|值班(?:医师|医生)|经治(?:医师|医生)|上级(?:医师|医生)|(?:主管)?[护技药]师|麻醉(?:医师|医生|师)|医师|医生|大夫|副?教授|护士长?|副?院长"
    "|[科处]长|博士|硕士|老师|先生|女士|小姐|太太|同志|阿姨|叔叔|大爷|大妈|奶奶|爷爷|师傅|警官|律师|经理|书记|主席|校长)"
)
_KIN = (
    "(?:儿子|女儿|长子|次子|三子|幼子|养子|继子|独子|长女|次女|三女|幼女|养女|之[子女妻夫父母兄弟姐妹]|丈夫|妻子|老伴|配偶|爱人|前[夫妻]"
    "|父亲|母亲|爸爸|妈妈|岳[父母]|公公|婆婆|[哥弟]{1,2}|兄长?|[姐妹]{1,2}|[大二三]?[姐弟哥妹]|姐姐|妹妹|弟弟|哥哥|儿媳妇?|女婿|媳妇|[侄孙]子|孙女|[外]?甥女?|外孙女?|侄[儿女]|姑[妈父姑]?|姨[妈夫]?|舅[舅妈父]?|叔叔?|伯[父伯母]?|婶婶?|表[哥弟姐妹]|堂[哥弟姐妹]|祖[父母]|爷爷|奶奶|外[公婆]|孩子|男友|女友|未婚[夫妻]"
    "|家属|亲属|家人|亲友|朋友|邻居|同事|工友|同学|老乡|室友|房东|雇主|老板|单位领导|领导|护工|保姆|护理员|陪护(?:人员)?|监护人|联系人|委托人|代理人|受托人|目击者|路人|警察|民警|司机)"
)
_PERSON = "(?:患者|病人|患儿|产妇|孕妇|伤者|死者|逝者|受检者|受试者|老人|被鉴定人|就诊人|申请人|投保人|参保人)"
_FIELDS = (
    "性\\s*别|年\\s*龄|民\\s*族|职\\s*业|婚|出生|籍贯|住址|地址|住院|病案|病历|科室|科别|病区|床|入院|出院|病史|供史|工作|单位|联系|电话|手机|身份|国籍|门诊|登记|编号|就诊|关系|与患者|与病人"
    "|日期|时间|签|主治|经治|住院|记录|审核|报告|检查|年|科|ID|Sex|Age|sex|age|家庭|邮编|送检|申请|诊断|临床|费别|医保|病房|民|影像|检验|标本|文化|户口|现住"
)
_HEADS = re.compile(
    "(?:"
    rf"(?:{_PERSON}|{_KIN}|医师|医生)?姓\s{{0,4}}名(?:及关系)?|曾用名|(?<![\u4e00-\u9fff])名\s?字"
    r"|(?:第[一二]|紧急)?联系人(?:姓名)?|(?:病史)?(?:陈述|提供|叙述|供述|供史)[者人](?:姓名)?|供史人|代[诉述][者人]|[被受]?委托人|受托人|监护人|法定代理人"
    r"|[\u4e00-\u9fff]{0,6}(?:医师|医生|大夫|护士长?|教授|主任|技师|药师|术\s?者|主刀|[一二三第]助手?|助\s?手|麻醉[师者]?|器械|巡回|[检查验记录报告审核复书写作采集]{2}[者人员]"
    r"|签\s?[名字章]|申请人|送检人|采[集样]者|会诊者|责任人|登记人|经手人|录入|记录|审核|报告|书写|主持人|参加人员?|参加者|值班|交班|接班|主讲人|报告人|讨论人员)(?:/护士|/技师)?(?:签\s?[名字]|姓名|签章)?"
    rf"|{_PERSON}|{_KIN}(?:签名|签字|姓名)?"
    r"|(?:Patient(?:'s)?\s?)?Name|NAME|PatientName|patient|Patient|Pt|Dr|Physician|Doctor|Reported by|Signed by|Contact"
    r")[)）】\]]?(?:\((?:签名|签字|签章|患者|家属|盖章)\))?\s{0,4}(?P<colon>[:|=_]|(?<=名)[ \t])[\s_|:]{0,8}"
)
_NO_NAME = re.compile(
    f"本人|{_PERSON}|{_KIN}|家[属人]|其[他余]|父母|不详|未[知详填提]|无(?:名氏)?|同上|可靠|详见|见|待|请|拒绝|上级|值班|神志|一般情况|身份|签|年|日|是$|{_FIELDS}"
)
_DOTTED = compiled(r"[HAN]{1,10}(?:\s?·\s?[HAN]{1,10}){1,4}")
_MASKED = compiled(
    r"(?:[HAN]{1,2})(?:某{1,3}|[*×xX○〇]{1,3}(?![a-zA-Z]))[HAN]?(?=[^HAN]|$)|[HAN][*×○〇]+[HAN]?"
)
_LATIN = re.compile(
    r"[A-Z][a-z]*(?:'[a-z]+)?(?:[ \^,]{1,2}[A-Z][a-z]*(?:-?[A-Za-z][a-z]*)?){1,3}|[A-Z]{2,10}(?:[ \^,]{1,2}[A-Z]{1,10}){1,3}"
)
_SPACED = compiled(r"[HAN](?: {1,4}[HAN]){1,2}(?= *(?:[^HAN ]|$)|  )")
_APART = compiled(r"(?P<surname>[HAN]{1,2}) {1,3}(?P<given>[HAN]{1,2})(?= |[^HAN :]|$)")
_BEFORE_TITLE = re.compile(
    "(?:申请|报告|审核|检查|记录|上级|值班|当班|夜班|白班|管床|主管|经管|经治|接诊|首诊|门诊|急诊|病房|查房|本|我|科|全科|家庭|社区|私人|主刀|手术|麻醉|带教|责任|康复|影像|放射|超声|检验|护理|药房|规培|实习|进修"
    "|专科|会诊|院方|对方|双方|多方|级|初级|副|正|名|位|各|该|其|乡村|赤脚|村|男|女|外|内|骨|儿|眼|主治|住院|高年资|多名|两名|医|管理|临床|专家|患方|总|辖区|学科|科室|组|床)$"
)
_LEFT = re.compile(
    "(?:^|[^HAN]|科|请|经|由|及|和|与|随|示|在|遵|告|知|系|院|部|区|组|后|邀|师|生|任|日|今|是|给|找|向|被|让|护|长|员|属|者|人|叫|为|名|姓|的|同|子|女|儿|夫|妻|父|母|兄|弟|姐|妹|伴|偶|友|陪|:|我|你|他|她|称|月|年|号|于|等|但|而|经过|长期|刻|即|按|据|从|对|术|签|字|名|床)$".replace(
        "HAN", HAN
    )
)
_STRONG = re.compile(
    rf"$|[^{HAN}]|{_FIELDS}|{_TITLE}|查房|会诊|主刀|代[诉述]|自[诉述]|陪[同护伴]|签[字名]|突[发然]|入院|就诊|来[我院]|主因|[{_VERBS}]"
)
_MAN = re.compile(
    r"[\s,、/|(;:。]{0,6}(?:性别)?[:\s]{0,3}(?<![HAN])?[男女](?:性|孩)?(?![HAN]{0,1}(?:子|儿|婿|友|厕|科))(?=[\s,，、/|);:。]|\d|[一二三四五六七八九十]|性|汉|已|未|患|$|因|系|，)".replace(
        "HAN", HAN
    )
)
_SEX = re.compile(
    r"(?P<gap>[\s,、/|(;:]{0,6})(?:性别[:\s]{0,3})?(?P<sex>[男女](?:性|孩)?)(?P<age>[\s,、/|;:()]{0,5}(?:年龄[:\s]*)?(?:\d{1,3}|[一二三四五六七八九十]{1,4})(?=\s?(?:周?岁|[个]?月|天|[Yy]|[\s,|)/]|$)))?"
)
_AGED = re.compile(r"[\s,、/|(;:]{0,4}\d{1,3}\s?周?岁")
_AFTER = re.compile(
    r"[,\s]{0,2}(?:住院号|病案号|病历号|门诊号|身份证)|代[诉述]|签[字名署]|陪[同护伴]|查房|会诊|主刀|到场|在场|送[来至入医]|护送|电话|手机|联系电话|身份证|[\s,]{0,2}(?:手机|电话|Tel|身份证)|\s?1[3-9]\d{9}"
    rf"|\s?\((?:其|患者|病人|与患者|系患者)?(?:之)?(?:{_KIN}|{_TITLE}|[子女妻夫父母兄弟姐妹]|男|女|电话|手机|身份证|\d{{11}}|关系|签名|签字|患者|病人|住院号|本人|[^()]{{0,8}}(?:科|医院))"
)
_KIN_NAME = re.compile(
    rf"(?:{_KIN}|(?:其|患者|病人)(?:之)?[子女妻夫父母兄弟姐妹])(?P<gap>\s?[(,:「\"“]?\s?|叫|名叫)(?=[{HAN}])"
)
_PERSON_NAME = re.compile(rf"{_PERSON}(?P<gap>\s?[(,:、\"“]?\s?|叫|名叫|为)(?=[{HAN}])")
_CALLED = re.compile(rf"(?:名叫|名为|我叫|本人叫|姓名为|姓名是|本人|受害人|报案人)\s?(?=[{HAN}])")
_MENTION = compiled(
    r"(?<![HAN])(?:[HAN])某{1,2}(?![HAN]{0,1}(?:种|些|个|日|医院|市|县))|[HAN](?:某某|[*]{1,2}(?![*\d])|××|XX|xx|○○)(?=[^HAN]|主任|医|教授|护|男|女|因)"
)
_CELL = re.compile(r"(?:(?<=[\t|\n])|(?<=  )|^)[ ]?(?P<cell>[^\t|\n]{2,14}?)[ ]?(?=[\t|\n]|  |$)")
_SIGNED = re.compile(
    rf"(?:(?<=\n)|(?<=[。;\s/]))(?P<names>[{HAN}]{{2,4}}(?:\s?[/、]\s?[{HAN}]{{2,4}}){{0,3}})[ ]*(?=\n|$|\d{{4}}[-年./])"
)
_AGES = frozenset(("男", "女", "中年", "老年", "青年", "少年", "成年", "高龄", "幼年"))
_WORDS = frozenset("于由从在经向应和与时常曾")
"""Surnames that are far more often a word of the sentence."""
_FIRM = re.compile("名|[Nn]ame|NAME|医师|医生|[者师手]|签")
_TITLED = re.compile(_TITLE)
_LAST = compiled(r"\n[ ]*(?P<name>[HAN]{2,4}|[HAN]{1,8}(?:·[HAN]{1,8})+)\s*$")
_LISTED = re.compile(
    rf"\s?(?:{_TITLE})?\s?[/、,;+和及与]\s?(?=[{HAN}])|\s?{_TITLE}[ /、,]{{1,2}}(?=[{HAN}])| {{1,3}}(?=[{HAN}])"
)
_GIVEN_AT_LEAST = 1


class NameFinder:
    """Finds names.

    Parameters
    ----------
    lexicon
        The lists.
    """

    def __init__(self, lexicon: IdentityLists) -> None:
        self.of = lexicon.names
        self._pinyin = re.compile(
            rf"(?<![A-Za-z])(?:(?:{self.of.pinyin})[ \^,]{{1,2}}[A-Z][a-z]{{1,5}}(?:[- ]?[A-Za-z][a-z]{{1,5}})?"
            rf"|(?:{self.of.pinyin.upper()})[ \^,]{{1,2}}[A-Z]{{2,7}}(?:[ -]?[A-Z]{{2,6}})?|[A-Z][a-z]{{1,5}}(?:-?[a-z]{{1,5}})? (?:{self.of.pinyin}))(?![A-Za-z])"
        )

    def find(self, text: str) -> Iterator[Identity]:
        """Yield the names in a text in the form to be searched."""
        for rule in (self._headed, self._titled, self._told, self._alone):
            yield from (one for one in rule(text) if text[one.start : one.end] not in _AGES)

    def _headed(self, text: str) -> Iterator[Identity]:
        for head in _HEADS.finditer(text):
            start = head.end()
            if head["colon"] == "|" and "\n" in text[start - 1 : start]:
                continue
            firm = _FIRM.search(head[0]) is not None
            for number in range(12):
                end = self.name_at(text, start, headed=number == 0, firm=firm)
                if end is None:
                    break
                yield Identity(start, end, NAME, 2)
                more = _LISTED.match(text, end)
                if more is None:
                    break
                start = more.end()

    def name_at(
        self, text: str, start: int, headed: bool = False, firm: bool = False
    ) -> int | None:
        """Return the end of the name that begins at a place; None if none does.

        `headed`: a heading says that it is a name; else it must look like one. `firm`: it says
        so even where no surname is known.
        """
        for form in (_DOTTED, _MASKED, _SPACED if headed else _MASKED):
            match = form.match(text, start)
            if match and not (form is not _DOTTED and _NO_NAME.match(match[0].replace(" ", ""))):
                if form is not _DOTTED and not self.of.surname_of(match[0], rare=headed):
                    continue
                return match.end()
        if headed and (match := _APART.match(text, start)):
            first, last = match["surname"], match["given"]
            if self.of.surname_of(first, rare=True) == len(first) and not _NO_NAME.match(last):
                return match.end()
        if headed and (match := _LATIN.match(text, start)):
            return match.end()
        piece = text[start : start + 14]
        if _NO_NAME.match(piece) and not (headed and self._is_sure(piece)):
            return None
        length = self.of.surname_of(piece, rare=headed)
        ends = []
        for given in (2, 1) if length else ():
            end = start + length + given
            name = text[start:end]
            if len(name) < length + given or not all(c in _HAN for c in name[length:]):
                continue
            strong = _STRONG.match(text, end) is not None
            alike = self._alike(name, length)
            ends.append((end, strong, alike))
            if strong and name[-1] not in _NEVER_LAST and (headed or alike):
                return end
        if not headed:
            return None
        for end, _, alike in ends:
            if alike and text[end - 1] not in _NEVER_LAST:
                return end
        if ends and text[ends[-1][0] - 1] not in _NEVER_LAST:
            return ends[-1][0]
        if not firm:
            return None
        # Under a heading, a name whose beginning is not known as a surname: of a minority, say.
        match = _UNKNOWN.match(text, start)
        return match.end() if match and (match.end() - start) < 9 else None

    def _alike(self, name: str, length: int) -> bool:
        """Return whether what follows a surname looks like a given name; of a word, all of it."""
        which = all if name[0] in _WORDS else any
        return which(c in self.of.given for c in name[length:])

    def _is_sure(self, piece: str) -> bool:
        match = re.match(rf"[{HAN}]{{2,4}}(?![{HAN}])", piece)
        return bool(
            match
            and self.of.surname_of(piece)
            and all(c in self.of.given for c in match[0][1:])
            and match[0] not in ("无", "同上")
            and not re.fullmatch(f"{_PERSON}|{_KIN}|本人|家属|不详|可靠|未知", match[0])
        )

    def name_before(
        self, text: str, end: int, loose: bool = False, person: bool = False
    ) -> int | None:
        """Return the start of the name that ends at a place; None if none does.

        `loose`: a surname alone will do, as before a title. `person`: what follows tells that it is
        somebody, so that it may be a word as well.
        """
        floor = max(0, end - 24)
        before = text[floor:end]
        dotted = re.search(rf"[{HAN}]{{1,8}}(?:·[{HAN}]{{1,8}}){{1,4}}$", before)
        if dotted:
            start = floor + dotted.start()
            # What stands before the first dot may have swallowed the words before the name.
            head = re.search(
                rf"(?:患者|病人|[{_VERBS}]|姓名|{_KIN}|科|邀)(?=[{HAN}]{{1,6}}·)", dotted[0]
            )
            return start + (head.end() if head else 0)
        best: tuple[float, int] | None = None
        for size in (4, 3, 2, 1):
            start = end - size
            if start < 0:
                continue
            name = text[start:end]
            length = self.of.surname_of(name)
            given = name[length:]
            if not length or len(given) > 2 or (not given and not loose):
                continue
            if not all(c in _HAN or c in "某" for c in given):
                continue
            left = _LEFT.search(text[max(0, start - 2) : start]) is not None
            alike = "某" in given or self._alike(name, length)
            if name in self.of.words and not (
                left and (person or text[start - 1 : start] in ("", "\n", ":", " ", ",", "。"))
            ):
                continue
            if not given:
                if _BEFORE_TITLE.search(text[max(0, end - 4) : end]) or not left:
                    continue
                score = 1.0
            elif left:
                score = 2 + len(given) * 0.5 + 1.5 * alike
            elif alike and len(given) == 2 and loose:
                score = 2.4
            else:
                continue
            if (
                not alike
                and not loose
                and not (person and text[max(0, start - 2) : start] in ("患者", "病人"))
            ):
                continue
            if best is None or score > best[0]:
                best = (score, start)
        return best[1] if best else None

    def _titled(self, text: str) -> Iterator[Identity]:
        for title in _TITLED.finditer(text):
            end = title.start()
            if end and text[end - 1] == " ":
                end -= 1
            if _BEFORE_TITLE.search(text[max(0, end - 4) : end]):
                continue
            start = self.name_before(text, end, loose=True, person=True)
            if start is not None and start < end:
                yield Identity(start, end, NAME)
                yield from self._listed_before(text, start)

    def _listed_before(self, text: str, start: int) -> Iterator[Identity]:
        for _ in range(6):
            if text[start - 1 : start] not in ("、", "/"):
                return
            end = start - 1
            before = self.name_before(text, end)
            if before is None:
                return
            yield Identity(before, end, NAME)
            start = before

    def _told(self, text: str) -> Iterator[Identity]:
        for sex in _SEX.finditer(text):
            if (
                not sex["gap"]
                and not sex["age"]
                and text[sex.end() : sex.end() + 1] not in (",", "", " ", "。")
            ):
                continue
            start = self.name_before(text, sex.start(), person=True)
            if start is not None:
                yield Identity(start, sex.start(), NAME, 2 if sex["age"] else 1)
            elif sex["age"]:
                found = re.search(
                    rf"(?:{_PERSON}[:,]?|(?<!\w)|^)\s{{0,2}}(?P<name>[{HAN}]{{2,4}})$",
                    text[max(0, sex.start() - 12) : sex.start()],
                )
                if (
                    found
                    and self.of.surname_of(found["name"], rare=True)
                    and not _NO_NAME.match(found["name"])
                ):
                    yield Identity(sex.start() - len(found["name"]), sex.start(), NAME)
        for aged in _AGED.finditer(text):
            start = self.name_before(text, aged.start())
            if start is not None:
                yield Identity(start, aged.start(), NAME)
        for after in _AFTER.finditer(text):
            start = self.name_before(text, after.start(), person=True)
            if start is not None:
                yield Identity(start, after.start(), NAME)
        for form in (_KIN_NAME, _PERSON_NAME, _CALLED):
            for before in form.finditer(text):
                end = self.name_at(text, before.end())
                if end is not None and self._is_ended(text, before.end(), end, form is _CALLED):
                    yield Identity(before.end(), end, NAME)
        for match in _MENTION.finditer(text):
            if self.of.surname_of(match[0]):
                yield Identity(match.start(), match.end(), NAME)
        for match in self._pinyin.finditer(text):
            yield Identity(match.start(), match.end(), NAME)

    def _is_ended(self, text: str, start: int, end: int, called: bool) -> bool:
        """Return whether what follows a name in running text fits a person."""
        name = text[start:end]
        if "·" in name or called:
            return True
        if name in self.of.words:
            return re.match(
                "代[诉述]|签[字名]|电话|陪[同护]|送", text[end : end + 2]
            ) is not None or (
                _MAN.match(text, end) is not None
                or text[start - 1] == "("
                and text[end : end + 1] == ")"
            )
        after = text[end : end + 6]
        if re.match(r"[,，\s(、]{0,2}(?:男|女|\d{1,3}岁|电话|手机|1[3-9]\d{9}|联系)", after):
            return True
        if len(name) == 3 or text[start - 1] in '(:“"':
            return True
        return (
            re.match(r"代|因|诉|自|主因|签|陪|系|于\d|送|突发|述|电|,|\)|、|。|;|$|\n", after)
            is not None
        )

    def _alone(self, text: str) -> Iterator[Identity]:
        """Yield names that fill a cell, a column under its heading, or a line that signs."""
        for match in _SIGNED.finditer(text):
            at = match.start("names")
            for name in re.finditer(rf"[{HAN}]{{2,4}}", match["names"]):
                if self.looks_like_one(name[0]):
                    yield Identity(at + name.start(), at + name.end(), NAME)
        last = _LAST.search(text)
        if last and (
            "·" in last["name"]
            or (self.of.surname_of(last["name"]) and not _NO_NAME.match(last["name"]))
        ):
            yield Identity(last.start("name"), last.end("name"), NAME)
        if "|" in text or "\t" in text or "  " in text:
            for cell in _CELL.finditer(text):
                if self.looks_like_one(cell["cell"].strip()):
                    yield Identity(cell.start("cell"), cell.end("cell"), NAME)

    def looks_like_one(self, name: str) -> bool:
        """Return whether a word is a surname with the characters of a given name."""
        if "·" in name:
            return _DOTTED.fullmatch(name) is not None
        length = self.of.surname_of(name)
        return (
            bool(length)
            and 0 < len(name) - length <= 2
            and all(c in self.of.given for c in name[length:])
            and name not in self.of.words
        )


class _Han:
    def __contains__(self, character: object) -> bool:
        return isinstance(character, str) and (
            "\u4e00" <= character <= "\u9fff"
            or "\u3400" <= character <= "\u4dbf"
            or character >= "\U00020000"
        )


_HAN = _Han()
_UNKNOWN = re.compile(
    rf"(?!{_NO_NAME.pattern})[{HAN}]{{2,8}}?(?=[^{HAN}]|$|{_FIELDS}|{_TITLE}|[男女])"
)
