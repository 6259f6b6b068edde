"""The text of a spaCy document: put together quickly, and as a reader sees it."""

from __future__ import annotations

import html
import re
from weakref import WeakKeyDictionary

from spacy.tokens import Doc

_texts: WeakKeyDictionary[Doc, str] = WeakKeyDictionary()
"""Texts of documents, for as long as somebody has the document."""


def text_of(doc: Doc) -> str:
    """Return `doc.text`, put together from its words once for the components of a pipeline."""
    text = _texts.get(doc)
    if text is None:
        text = _texts[doc] = _text(doc)
    return text


_MOST_WORDS = 50_000
_words: dict[int, str] = {}
"""Words by their number in spaCy's store, which is the same in every process; of no record."""


def _text(doc: Doc) -> str:
    """Return `doc.text`, several times as quickly: its tokens are not made for it."""
    if len(_words) > _MOST_WORDS:
        _words.clear()
    numbers, spaces = doc.to_array(["ORTH", "SPACY"]).T.tolist()
    try:
        written = list(map(_words.__getitem__, numbers))
    except KeyError:
        for number in numbers:
            if number not in _words:
                _words[number] = doc.vocab.strings[number]
        written = [_words[number] for number in numbers]
    if 1 in spaces:
        written = [
            f"{word} " if space else word for word, space in zip(written, spaces, strict=True)
        ]
    return "".join(written)


_MAY_BE_UNSEEN = re.compile(r"[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff&]")
_UNSEEN = re.compile(
    r"[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
    r"|&(?:amp;){0,2}(?P<entity>#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8}\d{0,2});"
)


def as_seen(text: str) -> tuple[str, list[int]]:
    """Return a text as a reader sees it, and where each of its characters stands.

    Characters without width are left out, entities of HTML are what they stand for. Where there are
    none, the places are left out, too.
    """
    if not (_MAY_BE_UNSEEN.search(text) and _UNSEEN.search(text)):
        return text, []
    pieces: list[str] = []
    at: list[int] = []
    last = 0
    for match in _UNSEEN.finditer(text):
        shown = html.unescape(f"&{match['entity']};") if match["entity"] else ""
        shown = shown.replace("\xa0", " ")
        pieces += [text[last : match.start()], shown]
        at += [*range(last, match.start()), *[match.start()] * len(shown)]
        last = match.end()
    return "".join([*pieces, text[last:]]), [*at, *range(last, len(text) + 1)]
