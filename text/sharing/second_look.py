"""A second look at a record without identities: places that a person should read, and why."""

from __future__ import annotations

import re
from functools import lru_cache

from text.components.deidentify.finder import Finder
from text.components.deidentify.identity import AGE, CONTACT, DATE, NAME, NUMBER, PHONE, Identity
from text.components.deidentify.learned.candidates import Judge, judge_of
from text.components.deidentify.lexicon import spaced
from text.components.deidentify.replace import Replaced
from text.components.deidentify.stand_ins import plain
from text.components.deidentify.written import written

AGAIN = "what was replaced elsewhere stands here again"
LIKE_ONE = "looks like an identity"
MAYBE = "may be a name"
UNCHANGED = "what stands here is what stood here"
_LOOSE = r"\d[\d\- ]{6,}\d|\S@\S|(?<=[\u4e00-\u9fff])[省市县](?=[\u4e00-\u9fff]{1,6}[区县镇乡村路])"
_SPOKEN = r"[零〇一二三四五六七八九幺两]{7,}(?![年月日十百千万])"
_BEFORE_SEX = re.compile(
    r"(?:^|(?<=[\n\t ,，;；|｜]))(?P<name>[\u4e00-\u9fff·]{2,6})"
    r"(?=[\s,，;；|｜/]{1,3}[男女](?![\u4e00-\u9fff]))"
)
_LEAST_ODDS, _WORD = -1.0, 2.3
"""Of the network's log odds from which on a piece is told of; how much less it is a word's."""
_WHO = ("姓名", "签名", "签字", "联系人", "监护人", "代理人")


def leftovers(before: str, replaced: Replaced, finder: Finder) -> list[tuple[Identity, str]]:
    """Return where identities may be left in a record, and why each place is named.

    Looked for is what stood in the place of a stand-in and stands elsewhere still, what the rules
    find in the new text, and with looser patterns what resembles a number, an address or a field.
    """
    text = replaced.text
    found: list[tuple[Identity, str]] = []
    taken = bytearray(len(text) + 1)  # 1 where a stand-in, or a place that was found, is

    def is_new(start: int, end: int) -> bool:
        return taken.find(1, start, end) < 0

    def take(one: Identity, why: str) -> None:
        taken[one.start : one.end] = b"\1" * (one.end - one.start)
        found.append((one, why))

    bare = _bare(text)
    sought = set[tuple[str, str]]()
    for one in replaced.identities:
        taken[one.start : one.end] = b"\1" * (one.end - one.start)
    for was, now in zip(replaced.origin, replaced.identities, strict=True):
        words = before[was.start : was.end].strip()
        if was.kind in (DATE, AGE):
            continue
        if plain(words) == plain(text[now.start : now.end]):
            found.append((now, UNCHANGED))
        if len(words) < (2 if was.kind == NAME else 4) or (words, was.kind) in sought:
            continue
        sought.add((words, was.kind))
        if _bare(words) not in bare:
            continue  # what no pattern would find; of a roster's thousand names nearly all
        for match in _as_written(words, was.kind).finditer(text):
            if is_new(*match.span()):
                take(was._replace(start=match.start(), end=match.end()), AGAIN)
    for one in finder.find(text):
        if is_new(one.start, one.end) and text[one.start : one.end] != "[" + one.kind + "]":
            take(one, LIKE_ONE)
    for match in _loose(finder).finditer(text):
        start, end = match.span()
        if is_new(start, end + 1):
            take(Identity(start, end, "NUMBER" if match[0][0].isdigit() else "OTHER"), LIKE_ONE)
    for start, end in _maybe_names(text, finder):
        if is_new(start, end):
            take(Identity(start, end, NAME), MAYBE)
    return sorted(found)


def _maybe_names(text: str, finder: Finder) -> list[tuple[int, int]]:
    """Return pieces that the network takes for names though the rules do not, the likeliest first.

    On 102 notes of another writer (39 letters of names in 21 places were left) it names some place
    in each, and of the letters left a third.
    """
    lexicon = finder.lexicon
    view = written(text, lexicon.table)
    found = []
    for odds, start, end in _judge(finder)(view.text):
        if end - start > 1:
            is_word = view.text[start:end] in lexicon.names.words
            found.append((odds - _WORD * (end - start - 1) * is_word, view.original(start, end)))
    likely = [place for score, place in sorted(found, reverse=True) if score > _LEAST_ODDS]
    # 阿侯伍呷 男 49岁: a head of one line, and one of a row.
    return likely + [match.span("name") for match in _BEFORE_SEX.finditer(text)]


@lru_cache(maxsize=4)
def _judge(finder: Finder) -> Judge:
    return judge_of(finder.lexicon, finder.network)


def _bare(text: str) -> str:
    """Return a text without what may part the characters of an identity (`_as_written`)."""
    return re.sub(r"[\s\-()·]", "", text).lower()


def _as_written(words: str, kind: str) -> re.Pattern[str]:
    """Return the pattern of an identity, with or without what may part its characters."""
    if kind in (NUMBER, PHONE, CONTACT):
        characters = [c for c in words if not c.isspace() and c not in "-()"]
        return re.compile(r"[\s\-()]{0,3}".join(map(re.escape, characters)), re.IGNORECASE)
    if kind == NAME and not words.isascii():
        return re.compile(r"[\s·]{0,2}".join(map(re.escape, words.split())))
    return re.compile(re.escape(words))


@lru_cache(maxsize=4)
def _loose(finder: Finder) -> re.Pattern[str]:
    """Return the pattern of what may be left: long numbers, addresses, filled-in fields."""
    heads, columns = finder.lists["heads"], finder.lists["columns"]
    words = [
        *(word for word in heads["name"] if word.endswith(_WHO)),
        *(word for word in heads["phone"] + heads["address"] if not word.isascii()),
        *(word for word in columns["number"] if not word.isascii()),
    ]
    fields = rf"(?:{spaced(words)})[ ]?[:：][ ]?(?=[^\s\[，,。])"
    return re.compile(f"{_LOOSE}|{_SPOKEN}|{fields}")
