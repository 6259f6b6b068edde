"""Numbers that are somebody's: of identity papers, records, phones, cards, accounts; and contacts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .identity import CONTACT, NUMBER, PHONE, Identity

_SEP = r"[ \-]?"
_ID_CARD = re.compile(
    rf"(?<![\dA-Za-z])[1-9]\d{{5}}{_SEP}(?:18|19|20)\d\d{_SEP}(?:0[1-9]|1[0-2]){_SEP}?(?:0[1-9]|[12]\d|3[01]){_SEP}\d{{3}}[\dXx](?![\dA-Za-z])"
    r"|(?<!\d)[1-9]\d{5}\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)"
    r"|(?<![\d])[1-9]\d{2,9}[*xX×]{4,14}\d{0,4}[\dXx*]"
)
_HEADS = re.compile(
    r"(?:住\s?院|病\s?案|病\s?历|门\s?诊|急诊|登\s?记|检\s?查|影\s?像|放射|CT|MRI?|DSA|DR|X[线光]|超\s?声|病\s?理|内镜|心电|标\s?本|样本|条\s?码|床|病床|医\s?保|社\s?保|社会保障|就\s?诊|诊疗|健康|银行|报\s?告|申请|流\s?水|收费|发票|处方|医嘱|档\s?案|证\s?件|身\s?份|军官|护\s?照|居住|通行|驾驶|参保|农合|新农合|合作医疗|结算|保险|保单|患者|病人|研究|受试者|随机|入组|试验|工|执业|资格|医师|账|帐|卡|序|编|房|病区床|门牌|邮政|体检|手术|血袋|献血|输血|产品|设备|登录|证|护理|户口簿?|出生证?|学|案|片|图|单|票|证书)"
    r"(?:[证卡单据]?(?:号\s?码?|编\s?号|编\s?码|卡号|证号|代码|ID)|[证卡](?=\s?[:：]))(?:\(ID\))?[)】\]]?\s{0,4}[:#|=为是]?\s{0,8}(?P<value>[A-Za-z0-9*][A-Za-z0-9\-_/* ]{0,3}(?:[A-Za-z0-9*\-_/]{0,24}[A-Za-z0-9*])?)(?:床|号床?)?"
    r"|(?<![A-Za-z])(?:(?:[Pp]atient|PATIENT|[Aa]ccession|[Rr]ecord|[Cc]ase|MRN?|[Ii]npatient|[Vv]isit)?[ _]?(?:ID|No|NO|Number|Num|#)|MRN|Accession|编\s?号|号码|ID号?|UID|UserID|PID|邮\s?编)\.?\s{0,4}[:#|=]\s{0,8}(?P<other>[A-Za-z0-9*][A-Za-z0-9\-_/.*]{1,24})"
)
_BED = re.compile(
    r"(?<![\d.共有×*])(?:\d{1,3}\+?|加\d{1,2}|[A-Z]\d{1,3})\s?(?:号?床)(?![头旁边上下位单垫]|\d)"
)
_CODE = re.compile(
    r"(?<![A-Za-z\d.准字])(?:[A-Z]{1,6}[-_]?(?:\d{2,8}[-_])*\d{5,18}(?:[-_][A-Z\d]{1,8})*|(?!(?:19|20)\d\d-\d\d?-)\d{2,10}(?:[-_]\d{2,10}){2,}|\d{4,10}[A-Z]{1,3}\d{2,8}|\d{6,10}-\d{2,8})(?![A-Za-z\d])"
)
_LONG = re.compile(
    r"(?<![\d.,A-Za-z+/\-])\d{7,22}(?![\d]|\.\d|[ ]?(?:u|U|IU|ml|mL|单位|/|个|copies|万|元|年))"
)
_GROUPED = re.compile(r"(?<![\d.])\d{4}(?: \d{4}){2,4}(?: \d{1,3})?(?!\d)")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][· -]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警](?![A-Za-z0-9])"
)
_MOBILE = re.compile(
    r"(?<![\d.])(?:\(?(?:\+|00)?86\)?[ -]?)?1[3-9]\d(?:[ -]?\d{4}[ -]?\d{4}|[ -]?\d{3}[ -]?\d{5}|[ -]?[*xX×]{4}[ -]?\d{4})(?!\d)"
)
_LANDLINE = re.compile(
    r"(?<![\d.])(?:\(?(?:\+|00)?86\)?[ -]?)?(?:\(0\d{2,3}\)[ ]?|0\d{2,3}[ -]{1,3})[2-9]\d{2,3}[ -]?\d{4}(?:(?:-|转|ext\.?)\s?\d{1,6})?(?!\d)|(?<!\d)0[1-9]\d{1,2}[2-9]\d{6,7}(?!\d)"
    r"|(?<!\d)[48]00[ -]?\d{3}[ -]?\d{4}(?!\d)|(?<!\d)[2-9]\d{3}-\d{4}(?!\d)"
)
_CALL = re.compile(
    r"(?:电\s?话|手\s?机|联\s?系\s?方\s?式|联系号码|传\s?真|座机|固话|热线|[Tt]el|TEL|[Mm]obile|[Pp]hone|PHONE|Fax|FAX|拨打|致电|短号|分机)(?:号\s?码?)?(?:\([^()\d]{0,6}\))?[)】\]]?\s{0,4}[.:|=为是]?\s{0,8}(?P<value>\+?[\d*(][\d\-*() ]{3,22}[\d*])"
)
_MORE_CALL = re.compile(r"\s?[/、,;或]\s?(?P<value>\d[\d\- ]{5,16}\d)")
_MAIL = re.compile(
    r"[A-Za-z0-9._%+\-]{1,64}[ ]?[@][ ]?[A-Za-z0-9\-]{1,40}(?:[ ]?\.[ ]?[A-Za-z0-9\-]{1,20}){1,4}"
)
_URL = re.compile(
    r"(?:https?://|www\.)[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%\-]{3,200}[A-Za-z0-9/]|(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"
)
_CHAT = re.compile(
    r"(?:微\s?信|WeChat|wechat|微博|QQ|qq|抖音|支付宝|淘宝|钉钉|Skype|skype|[Ee]-?mail|E-?MAIL|邮\s?箱|电子邮件|网名|账号|用户名)(?:群)?(?:号码?|账号|ID|地址|名)?\s{0,4}[:|=为是]?\s{0,8}(?P<value>[A-Za-z0-9_][A-Za-z0-9_\-.@]{3,40})"
)
_MEASURE = re.compile(
    r"\s?(?:mm|cm|ml|mL|mg|g|kg|次|分|岁|天|日|年|月|%|℃|U|u|床位|级|度|张|例|人)(?![A-Za-z])"
)


def find_numbers(text: str) -> Iterator[Identity]:
    """Yield numbers and contacts in a text in the form to be searched."""
    for pattern in (_ID_CARD, _PLATE):
        for match in pattern.finditer(text):
            yield Identity(match.start(), match.end(), NUMBER, 2)
    for match in _MAIL.finditer(text):
        yield Identity(match.start(), match.end(), CONTACT, 2)
    for match in _URL.finditer(text):
        yield Identity(match.start(), match.end(), CONTACT, 2)
    for match in _CHAT.finditer(text):
        yield Identity(match.start("value"), match.end("value"), CONTACT, 2)
    for pattern in (_MOBILE, _LANDLINE):
        for match in pattern.finditer(text):
            yield Identity(match.start(), match.end(), PHONE, 2)
    for match in _CALL.finditer(text):
        yield Identity(match.start("value"), match.end("value"), PHONE, 2)
        more = _MORE_CALL.match(text, match.end("value"))
        if more:
            yield Identity(more.start("value"), more.end("value"), PHONE, 2)
    for match in _HEADS.finditer(text):
        group = "value" if match["value"] else "other"
        value = match[group]
        if not any(map(str.isdigit, value)) and "*" not in value:
            continue
        if group == "value" and len(value) < 3 and _MEASURE.match(text, match.end(group)):
            continue
        end = match.end(group)
        yield Identity(match.start(group), end, NUMBER, 2)
    for match in _BED.finditer(text):
        yield Identity(match.start(), match.end(), NUMBER)
    for pattern in (_CODE, _LONG, _GROUPED):
        for match in pattern.finditer(text):
            yield Identity(match.start(), match.end(), NUMBER)
