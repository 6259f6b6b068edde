"""Names in Latin letters: pinyin, and what stands after Dr or under a heading."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..identity import NAME, Identity
from ..lexicon import NameParts, compiled

_WORD = r"[A-Z][a-z]+(?:[-'][A-Za-z]?[a-z]+)?"
_HEADED = re.compile(
    rf"[A-Z]{{2,12}}(?: [A-Z]{{2,12}})?[ ,]{{1,2}}{_WORD}(?: {_WORD})?"
    rf"|{_WORD}(?:[ \^,]{{1,2}}{_WORD}|[ .]{{1,2}}[A-Z]\.?){{1,3}}"
    rf"|[A-Z]{{2,12}}(?:[ \^,=]{{1,2}}[A-Z]{{1,12}}){{1,3}}"
)
_TITLED = re.compile(
    r"\b(?:Drs?|Prof|Mrs?|Ms|Miss|Nurse|Professor|Son|Wife|Husband"
    r"|Daughter|Father|Mother|Brother|Sister|Pt|Patient|Attending|Resident|Registrar"
    r"|Intern|by)\b\.?[ ]{1,2}"
    r"(?!(?:Drs?|Prof|Mrs?|Ms|Miss)\b)"
    rf"(?P<name>[A-Z]{{2,8}}(?: [A-Z]{{2,8}})?(?: {_WORD}){{1,2}}"
    r"|[A-Z]{2,8} [A-Z]{2,14}(?=[ ]?[;,.(\n])"
    rf"|{_WORD}(?:[ ,]{{1,2}}{_WORD}){{0,2}}(?:[ ][A-Z]\.[A-Z]\."
    rf"|[ ][A-Z]\.)?|[A-Z]\.[ ]?{_WORD})"
)
_NOT = re.compile(r"(?:The|Left|Right|No|CT|MR|In|On|At|With|From|ICU|For|To)\b")
_ACCENTED = re.compile(
    r"(?<![A-Za-z])(?=[A-Za-zĐ \n]{0,24}[\u00c0-\u024f\u1e00-\u1eff])"
    r"[A-Z\u00c0-\u024f\u1e00-\u1eff][a-z\u00c0-\u024f\u1e00-\u1eff]+"
    r"(?:[ ]\n?[A-Z\u00c0-\u024f\u1e00-\u1eff][a-z\u00c0-\u024f\u1e00-\u1eff]+){1,3}"
)
"""Names with letters that neither English nor pinyin without tones has: Nguyễn Văn Hùng."""
_WITH_CHINESE = compiled(
    r"(?<![A-Za-z])(?!(?:Patient|Pt|Drs?|Mrs?|Ms|Prof|Nurse)\b)"
    r"(?P<name>[A-Z][A-Za-z]+(?:[ ][A-Z][A-Za-z]+){1,3})[ ]?"
    r"\((?P<chinese>[HAN]{2,5})\)"
)
"""A name that is written in both: TAM Wing Yan (谭咏欣)."""
_NO_NAMES = (
    "Coma|Scale|Score|Index|Test|Sign|Hand|Foot|Arm|Leg|Side|Lung|Eye|Grade|Scan|Head|Brain|Mental"
    "|Hess|Syndrome|Disease"
)
_AMONG_CHINESE = re.compile(
    rf"(?<=[\u4e00-\u9fff])[ \n]?(?P<name>{_WORD}(?: [A-Z]\.)?"
    rf"(?: (?!(?:{_NO_NAMES})\b){_WORD}){{1,2}})"
    r"(?=[ \n]?[\u4e00-\u9fff,;。(])(?!\s?(?:评分|量表|分级|分期|征|试验|指数|综合征|病|法|氏))"
)
"""Such as stand in a Chinese sentence, and name no scale."""
_ABBREVIATIONS = (
    r"(?:VAS|NRS|GCS|NIHSS|CT|CTA|MR|MRI|DSA|ICU|ICH|IVH|SAH|EVD|ICP|CPP|BP|HR|RR|SBP|DBP|MAP|TCD|EEG|ECG|GOS|MRS"
    r"|WBC|HB|PLT|CRP|PCT|INR|APTT|LDL|HDL|DM|HTN|CHF|COPD|AF|CAD|DVT|PE|PPX|OP|POD|HD|MO|NP|RN|PT|OT|ST)(?![A-Za-z])"
)
_SOUTHERN = (
    "Chan|Wong|Lee|Cheung|Lau|Leung|Lam|Ng|Ho|Tsang|Chow|Yeung|Tang|Kwok|Cheng|Lo|Yip|Mak|Choi|Fung|Tse|Poon|Hui|Siu"
    "|Kwan|Lui|Chiu|Chung|Tam|Yuen|Lai|Law|Hung|Wu|Pang|Mok|Kwong|Fong|Tong|Luk|Shum|Sze|Tsui|Yau|Yu|Yung|Chu"
    "|Chui|Kong|Pun|Shek|Shiu|Suen|Szeto|Ting|Tung|Wan|Chuang|Hsu|Huang|Lin|Tsai|Hsieh|Liao|Yeh|Tseng|Kuo"
    "|Hsiao|Chiang|Chien|Tan|Lim|Goh|Teo|Koh|Ong|Chua|Chong|Foo|Loh|Toh|Sim|Seah|Quek|Heng|Yeo|Soh"
)
"""Surnames as Hong Kong, Taiwan and Singapore write them."""
_SYLLABLE = (
    "(?:[A-Z][a-z]?(?:ai|au|ei|eu|iu|oi|ou|ui|uk|ak|ik|ok|ek|at|it|ut|ap|ip|op|ing|ang|ong|eung|ung|ung|uen|een|ee|oo"
    "|an|en|in|on|un|am|im|um|aw|ah|wa|wai|wan|wok|wong|hing|hung|hui|hin|heung|sz|sze|sun|suk|suen|sing|shing|shan"
    "|a|e|i|o|u)h?|Tsz|Ng|Sze|Chi|Shuk|Cheuk|Cheung|Chun|Ching|Chung|Kwok|Kwong|Kwai|Keung|Kit|Lok|Wah|Yuet|Yuk|Yee"
    "|Yan|Shun|Shing|Siu|Suet|Sheung|Tsun|Tung|Tak|Ting|Hsin|Hsiu|Chih|Shih|Tzu|Jung|Hsuan|Yuan|Chieh|Ying|Ning|Ping)"
)
_OF_SOUTH = re.compile(
    rf"(?<![A-Za-z.])(?=[A-Z])(?:(?:{_SOUTHERN}|{_SOUTHERN.upper()})[ ,]{{1,2}}{_SYLLABLE}"
    rf"(?:[ -]{_SYLLABLE.replace('[A-Z]', '[A-Za-z]')})?"
    rf"|(?:{_SOUTHERN}) (?!{_ABBREVIATIONS})[A-Z]{{2}}"
    rf"|(?:[A-Z]\.[ -]?){{1,2}}(?:{_SOUTHERN}|{_SOUTHERN.upper()}))(?![A-Za-z])"
)
_ABBREVIATED = re.compile(r"(?<![A-Za-z.])[A-Z]\.[ ]?(?P<name>[A-Z][a-z]{1,6})(?![A-Za-z])")


class LatinNames:
    """Finds names in Latin letters.

    Parameters
    ----------
    parts
        What names are made of.
    """

    def __init__(self, parts: NameParts) -> None:
        self._of = parts
        surname = parts.pinyin
        capitals = surname.upper()
        self._surname = re.compile(rf"(?:{surname})", re.IGNORECASE)
        self._pinyin = re.compile(
            rf"(?<![A-Za-z])(?=[A-Z])(?:(?:{surname}|{capitals})[ \^,]{{1,2}}[A-Z][a-z]{{1,6}}"
            rf"(?:[- ]?[A-Z]?[a-z]{{1,6}})?"
            rf"|(?:{capitals})[ \^,]{{1,2}}(?!{_ABBREVIATIONS}|Dr\b|(?<=FU )|(?<=MO ))"
            rf"[A-Z]{{2,7}}(?:[ -]?[A-Z]{{2,6}})?"
            rf"|(?!(?:Dr|Pt|Prof|Mrs?|Ms|Mdm|Madam|Miss|Wife|Son|Seen|Ref|Left|Right"
            rf"|The|Nurse|In|On|At|By|To"
            r"|Next|First|Last|For|No|With|Day|Plan|Post|Under|After|Case|Chief|Duty|Patient|Attending|Resident)\b)"
            rf"[A-Z][a-z]{{1,6}}(?:-?[a-z]{{1,6}})? "
            rf"(?:{surname}|{capitals})|(?:{surname}) [A-Z]\.[A-Z]\.)(?![A-Za-z])"
        )

    def find(self, text: str) -> Iterator[Identity]:
        """Yield the names in a text in the form to be searched."""
        for match in self._pinyin.finditer(text):
            yield Identity(match.start(), match.end(), NAME)
        for match in _TITLED.finditer(text):
            if not _NOT.match(match["name"]):
                yield Identity(match.start("name"), match.end("name"), NAME)
        for match in _WITH_CHINESE.finditer(text):
            if self._of.surname_of(match["chinese"], rare=True):
                yield Identity(*match.span("name"), NAME)
                yield Identity(*match.span("chinese"), NAME)
        for match in _OF_SOUTH.finditer(text):
            yield Identity(match.start(), match.end(), NAME)
        for match in _ACCENTED.finditer(text):
            yield Identity(match.start(), match.end(), NAME)
        for match in _AMONG_CHINESE.finditer(text):
            yield Identity(*match.span("name"), NAME)
        for match in _ABBREVIATED.finditer(text):
            if self._surname.fullmatch(match["name"]):
                yield Identity(match.start(), match.end(), NAME)

    def at(self, text: str, start: int) -> int | None:
        """Return the end of the name that begins at a place under a heading; None if none does."""
        match = _HEADED.match(text, start)
        return match.end() if match else None
