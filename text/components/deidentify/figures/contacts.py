"""Phones, e-mail, chat, the web."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..identity import CONTACT, PHONE, Identity
from ..lexicon import IdentityLists, matches_at, spaced

_D = r"[\dOolIBSZ]"  # what OCR reads for a digit
_COUNTRY = r"(?:\(?(?:\+|00)[ ]?86\)?[ \-]{0,2})?(?:\(0\))?"
_MOBILE = re.compile(
    rf"(?<![\d.]){_COUNTRY}1[3-9]\d(?:[ \-]{{0,3}}\d{{4}}[ \-]{{0,3}}\d{{4}}"
    rf"|[ \-]?\d{{3}}[ \-]?\d{{5}}"
    r"|[ \-]?[*xX×]{4}[ \-]?\d{4}|(?:[ \-]?\d){8})(?!\d)"
    rf"|(?<![\dA-Za-z]){_COUNTRY}1[3-9S]{_D}(?=(?:[ \-]?{_D}){{8}}"
    rf"(?![\dA-Za-z]))(?=[\dOolIBSZ \-]*\d)(?:[ \-]?{_D}){{8}}"
    r"|(?<![\d.])[456789]\d{3}[ \-]\d{4}(?![\d\-.])|(?<![\d.])09\d\d-?\d{3}-?\d{3}"
    r"(?!\d)|(?<![\d.])1\d{6} \d{4}(?!\d)"
)
_LANDLINE = re.compile(
    rf"(?<![\d.A-Za-z]){_COUNTRY}(?:\(0\d{{1,3}}\)[ ]?|[0O]\d{{1,3}}[ \-]{{1,3}})"
    rf"(?=(?:[ \-]?{_D}){{7,8}}(?![\dA-Za-z]))"
    rf"[2-9O]{_D}{{2,3}}(?:[ \-]?{_D}){{4,5}}(?:(?:-|转|ext\.?)\s?\d{{1,6}})?(?!\d)"
    r"|(?<![\dA-Za-z])0[1-9]\d{1,2}[2-9]\d{6,7}(?:转\d{1,6})?(?!\d)"
    r"|(?:(?<=查询:)|(?<=查询: )|(?<=电话:)|(?<=电话: )|(?<=[Tt]el:)|(?<=[Tt]el: )|(?<=[Tt]el ))"
    r"[23]\d{3}[ \-]?\d{4}(?!\d)"  # Hong Kong
    r"|(?<!\d)[48]00[ \-]?\d{3}[ \-]?\d{4}(?!\d)|(?<![\d\-.])[2-9]\d{3}-\d{4}(?![\d\-])"
)
_MORE = re.compile(r"\s?[/、,;或]\s?(?P<value>\d[\d\- ]{5,16}\d)")
_MAIL = re.compile(
    r"[A-Za-z0-9._%+\-]{1,64}[ ]?@[ ]?[A-Za-z0-9\-]{1,40}(?:[ ]?\.[ ]?[A-Za-z0-9\-]{1,20}){1,4}"
)
_URL = re.compile(
    r"(?:https?://|www\.)[A-Za-z0-9._~:/?#\[\]@!$&()*+,;=%\-]{3,200}[A-Za-z0-9/]"
    r"|(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"
)
_CHAT = re.compile(
    r"(?:微\s?信|[Ww]e[Cc]hat|微博|QQ|qq|抖音|支付宝|淘宝|钉钉"
    r"|[Ss]kype|[Ee]-?mail|E-?MAIL|邮\s?箱|电子邮件|网名|账号|用户名"
    r"|公众号)"
    r"(?:群|搜索|搜|加)?(?:同?号码?|账号|ID|地址|名)?[\"']?\s{0,4}[:|=为是(]?\s{0,8}[\"'“]?"
    r"(?!(?:[Ww]e[Cc]hat|QQ|qq|APP|app)\b)(?P<value>[A-Za-z0-9_][A-Za-z0-9_\-.@]{3,40})"
    r"|(?<=加[我他她您])[ :]?(?P<asked>(?=[a-z_]*[A-Za-z_])[A-Za-z0-9_\-]{6,20})(?![A-Za-z0-9_])"
    r"|(?<![A-Za-z0-9_])(?P<own>wx(?:id)?_[A-Za-z0-9_]{4,24})"
    r"|(?:公众号|微信名|网名|昵称)[:是]?\s?[“\"'「](?P<name>[^”\"'」\n]{2,20})(?=[”\"'」])"
)


_EXTENSION = re.compile(
    r"(?:分机|内线|短号|小号|虚拟网)号?[ :]{0,2}(?P<value>\d{3,6})"
    r"(?![\d.]|[ ]?(?:m[lg]|床|月|日|年))"
)
_START = re.compile(r"[(+0-9O](?<![0-9].)")
"""Where a phone may start."""


class ContactFinder:
    """Finds phones and contacts.

    Parameters
    ----------
    lexicon
        The lists.
    """

    def __init__(self, lexicon: IdentityLists) -> None:
        heads = spaced(lexicon.all["heads"]["phone"])
        self._call = re.compile(
            rf"(?:{heads})(?:\([^()\d]{{0,6}}\))?[)】\]\"']?\s{{0,4}}[.:|=为是]?\s{{0,8}}[\"']?"
            rf"(?P<value>[+＋]?[\d*(][\dOolIBSZ\-*() ]{{3,22}}[\dOolIBSZ*](?:转\d{{1,6}})?)"
            r"|(?P<tel>(?<=tel:)[\d(+][\d() +\-]{6,18}\d)"
        )

    def find(self, text: str) -> Iterator[Identity]:
        """Yield phones and contacts in a text in the form to be searched."""
        for pattern, sign in ((_MAIL, "@"), (_URL, ".")):
            if sign in text:
                for match in pattern.finditer(text):
                    yield Identity(match.start(), match.end(), CONTACT, 2)
        starts = [start.start() for start in _START.finditer(text)]
        for pattern in (_MOBILE, _LANDLINE):
            for match in matches_at(pattern, text, starts):
                yield Identity(match.start(), match.end(), PHONE, 2)
        for match in _CHAT.finditer(text):
            yield Identity(*match.span(match.lastgroup or 0), CONTACT, 2)
        for match in _EXTENSION.finditer(text):
            yield Identity(*match.span("value"), PHONE, 2)
        for match in self._call.finditer(text):
            group = "value" if match["value"] else "tel"
            if sum(map(str.isdigit, match[group])) < 4:
                continue
            yield Identity(*match.span(group), PHONE, 2)
            more = _MORE.match(text, match.end(group))
            if more:
                yield Identity(*more.span("value"), PHONE, 2)
