"""The power of the limbs, graded 0 to 5 (MRC)."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

# `spacy package --code` imports each file by its path, outside any package.
__package__ = __package__ or "text"

from .chinese_numbers import grade

if TYPE_CHECKING:
    from text.reading import Finding, Reading

_G = r"[0-5ⅠⅡⅢⅣⅤ零一二三四五]|iii|ii|iv|i|v"
_POWER_TOKEN = re.compile(
    r"(?P<normal>肌力(?:(?:[、及和,]|以及)?肌张力)?:?(?:均|皆|大致|基本|检查)?正常)"
    rf"|(?P<bare>肌力:?(?:约|均|为|均为|达)?(?P<b>[ⅠⅡⅢⅣⅤ]|[0-5](?![\d.]))(?P<bs>[+\-])?(?:/5)?(?=[,。;\n]|$))"
    r"|(?P<power>肌力)"
    rf"|(?P<grade>(?<![\d.a-z/])(?P<g>{_G})(?P<s>[+\-])?(?:[~\-至到、](?P<g2>{_G})(?P<s2>[+\-])?)?(?:(?:/5)?级|/5(?!\d))(?P<s3>[+\-](?!\d))?)"
    r"|(?P<limb>上[、及]?下肢|上肢[、及和]下肢|上肢|下肢|肢体|肢)"
    r"|(?P<side>左|右|双|两侧|四(?=肢))"
    r"|(?P<rest>(?:其余|余)(?=[^,。;\n]{0,4}(?:肢|肌力)))"
    r"|(?P<part>近端|远端)"
    r"|(?P<palsy>偏瘫)"
    r"|(?P<each>分别)"
    r"|(?P<off>肌张力|反射|征|感觉|心功能|高血压|浮肿|水肿|压疮|血压)"
)
_TOLD = re.compile(r"肌力|偏瘫")
_LIMBS = {"上肢": ["arm"], "下肢": ["leg"], "肢体": ["limbs"], "肢": ["limbs"]}


def find(record: Reading) -> Iterator[Finding]:
    """Find limb_power (MRC) of each limb or side."""
    done = 0
    for match in _TOLD.finditer(record.text):
        if match.start() >= done:
            start = max(done, record.cues.sentence_start(match.start(), 24))
            done = yield from _power_region(record, start, match.start())


def _power_region(record: Reading, start: int, position: int) -> Generator[Finding, None, int]:
    """Walk through a sentence that tells of power; return where it ends."""
    stop = re.compile(r"[。\n;]").search(record.text, position, position + 200)
    end = stop.start() if stop else min(len(record.text), position + 200)
    side: str | None = None
    limbs: list[str] = []
    begin: int | None = None
    active = palsy = rest = False
    limb_end = shared = -1
    told: set[tuple[str, str]] = set()
    for token in _POWER_TOKEN.finditer(record.text, start, end):
        if token["off"]:
            active, begin, limbs = False, None, []
        elif token["side"]:
            begin, side, limbs = token.start(), record.side_named(token["side"][0]), []
            rest = False
        elif token["rest"]:
            begin, side, limbs, rest = token.start(), None, [], True
        elif token["palsy"]:
            palsy = True
        elif token["part"]:
            begin = token.start() if begin is None else begin
        elif token["limb"]:
            both = "上" in token[0] and "下" in token[0]
            # 上肢及下肢, and 肢体肌力上肢: the narrower one counts.
            limbs = ["arm", "leg"] if both else _LIMBS[token[0]]
            begin = token.start() if begin is None else begin
            shared, limb_end = -1, token.end()
        elif token["each"]:
            shared = 0
        elif token["power"]:
            active = True
            begin = token.start() if begin is None else begin
        elif token["grade"] and (
            begin is None or not (active or (palsy and limb_end == token.start()))
        ):
            continue  # 高血压3级; but 右侧偏瘫，上肢0级 is of power
        else:
            active = active or not token["grade"]
            begin = token.start() if begin is None else begin
            split = token["grade"] and token["g2"] and shared == 0 and "、" in token[0]
            for written, sign, limb in _grades(token, limbs, shared, bool(split)):
                value = 5.0 if token["normal"] else written
                if value is None:
                    continue
                certainty = record.certainty(begin, token.end(), 0)
                if certainty in ("negated", "uncertain"):
                    certainty = "affirmed"
                for of_side, of_limb in _others(told) if rest else [(side, limb)]:
                    if of_side is None:
                        continue
                    told |= _each(of_side, of_limb)
                    yield record.finding(
                        "limb_power", begin, token.end(), value, "MRC", certainty, of_side,
                        limb=of_limb, modifier=sign,
                    )  # fmt: skip
            if shared >= 0:
                shared += 1
                begin = token.end() if shared < len(limbs) else None
            else:
                begin = None
    return end


def _each(side: str, limb: str) -> set[tuple[str, str]]:
    sides = ("left", "right") if side == "both" else (side,)
    limbs = ("arm", "leg") if limb == "limbs" else (limb,)
    return {(each, part) for each in sides for part in limbs}


def _others(told: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the sides and limbs that 余肢体 is, after what the sentence told; none if nothing."""
    others = []
    for side in ("left", "right") if told else ():
        limbs = [limb for limb in ("arm", "leg") if (side, limb) not in told]
        if limbs:
            others.append((side, "limbs" if len(limbs) == 2 else limbs[0]))
    return others


def _grades(
    token: re.Match[str], limbs: list[str], shared: int, split: bool
) -> Iterator[tuple[float | None, str | None, str]]:
    limb = limbs[0] if len(limbs) == 1 else "limbs"
    if token["normal"]:
        yield 5.0, None, limb
    elif token["bare"]:
        yield _float(token["b"]), token["bs"], limb
    elif split:
        yield _float(token["g"]), token["s"], limbs[0] if limbs else limb
        yield _float(token["g2"]), token["s2"], limbs[-1] if limbs else limb
    else:
        if shared >= 0 and shared < len(limbs):
            limb = limbs[shared]
        first = _float(token["g"])
        if first is not None and token["g2"]:
            second = _float(token["g2"])
            first = first if second is None else (first + second) / 2
        yield first, token["s"] or token["s3"], limb


def _float(written: str) -> float | None:
    value = grade(written)
    return None if value is None else float(value)
