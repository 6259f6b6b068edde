"""Surnames alone as people are called by them: 老王, 小李, 赵哥, 毛姐, 王大爷, Prof. 余."""

from __future__ import annotations

from collections.abc import Iterator

from ..identity import NAME, Identity
from ..lexicon import NameParts, compiled
from .plain import WordsOfText
from .shapes import is_han

_OLD_OR_YOUNG = compiled(r"[老小阿](?P<surname>[HAN])")
_ALSO = frozenset("林何谢宋沈丁任苏钟马金陆江许曾熊周高田汪")
"""Surnames that are words at times, but none of which begins one behind 老 or 小."""
_BODY = frozenset("叶肠脑腿指趾腹便时孩儿板年人化血期围")
_KIN = compiled(
    r"(?P<surname>[HAN])(?:[哥姐婶嫂](?![哥姐夫妹弟子])|叔(?![叔子])|姨(?![妈夫父])|大爷|大妈|大伯|大娘|奶奶|爷爷"
    r"|伯(?![伯父母])|阿姨|老师(?!傅)|师傅|师兄|师姐|师弟|师妹|同学|先生|女士|小姐|姑娘|家(?=老[大二三爷头]|女儿|儿子|媳妇|大哥|大姐|两口|兄弟)|[Dd][Rr](?![A-Za-z])|老板|队长|连长|警官|老太)"
)
_AFTER_LATIN = compiled(
    r"(?<![A-Za-z])(?:Drs?|Prof|Mrs?|Ms|Miss|[Ss]on|[Dd]aughter|[Ww]ife|[Hh]usband|[Ff]ather|[Mm]other"
    r"|[Bb]rother|[Ss]ister|[Nn]ephew|[Nn]iece|[Cc]arer|[Nn]urse|NOK|Pt|pt|[Pp]atient|RN|NP|by|w/)"
    r"[.:]?\s?\(?(?P<name>[HAN]{1,4})(?![HAN])"
)


class CalledNames:
    """Finds such names.

    Parameters
    ----------
    parts
        What names are made of.
    """

    def __init__(self, parts: NameParts) -> None:
        self._of = parts
        self._old = parts.pure | _ALSO
        self._any = (parts.common | parts.pure) - parts.word_surnames

    def find(self, text: str, words: WordsOfText) -> Iterator[Identity]:
        """Yield the names in a text in the form to be searched.

        Parameters
        ----------
        text
            The text.
        words
            Where words stand in it.
        """
        for match in _OLD_OR_YOUNG.finditer(text):
            start, end = match.span()
            if match["surname"] not in self._old or words.inner[end] or words.inner[start]:
                continue
            if not is_han(text[end : end + 1] or " ") or text[end] not in _BODY:
                yield Identity(start, end, NAME)
        for match in _KIN.finditer(text):
            at = match.start()
            if match["surname"] in self._any and not words.inner[at] and text[at - 1 : at] != "老":
                yield Identity(at, at + 1, NAME)
        for match in _AFTER_LATIN.finditer(text):
            name = match["name"]
            size = self._of.surname_of(name, rare=True)
            if size and name not in self._of.right and name not in self._of.kin.split("|"):
                yield Identity(*match.span("name"), NAME)
