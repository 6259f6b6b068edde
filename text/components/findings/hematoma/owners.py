"""Whose a size is: of which bleed, at which site, how surely; or of something else."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from ..bounds import UPWARD, BoundedNumber
from ..chinese_numbers import NUMBER
from ..context.supposed import of_an_indication

if TYPE_CHECKING:
    from ..reading import Reading
    from .mention import Mention
    from .sites import NamedSite

_ITS_VOLUME = re.compile(
    r"(?:血肿|出血)(?!腔|壁|清除)[^。;\n量]{0,20}[,(、](?:(?:总?量|体积|大小|容积|现|目前|今)+[为约:]*|约)$"
)
_INTO_VENTRICLES = re.compile(r"破入[^,。;\n]{0,6}脑室(?:系统)?")
_IN_VENTRICLES = re.compile(
    r"(?:其中|部分|少[量许]|\d ?(?:ml|毫升|cc))[^。;\n]{0,30}?"
    r"破入[^,。;\n\d]{0,6}脑室(?:系统)?(?:内|者|的?部分)?的?(?:积血|血液?)?量?(?:大?约|为|[:(])*$"
)
"""Before the blood that went on into the ventricles: 出血量约30ml，其中破入脑室约5ml."""
_VOLUME_OF = re.compile(r"体积|大小|容积|量|总量|估")
_SIDE_OF = re.compile(
    r"(?P<side>左|右)(?:侧|边)?(?:者|的|较[大小多少]|大者|小者|血肿|出血|病灶|灶|体积|大小|"
    r"总?量|约|为|大约|估计|[,:=(])*$"
)
"""The half that a volume is of, of a bleed on both sides: 双侧丘脑出血，左侧约3ml."""
_APART = re.compile(r"[)、]")
"""Where what follows a volume is of something else: （约25ml）、蛛网膜下腔出血."""
EARLIER = re.compile(
    r"(?:[由从]|原(?:有|先|来)?|[较比与对]?(?:前次|上次|前片|旧片|原片|前[次日]?ct)|[较比](?:前|入院时|首次|昨日|术前))"
    r"(?:入院时|当时|的|为|约|量|[(:])*$"
    r"|\((?:入院时?|首次|初次|术前|昨日?|前日)[^()\d]{0,6}$"
    r"|(?:[较比与同]|对比)[^,。;\n()]{0,16}?(?:片|ct|日|时|次|班|检查|结果|入院|来院|术前)[^,。;\n()\d]{0,4}\(?(?:约|为|量|体积)*$"
)
"""Before a volume that was: 血肿量由20ml增至35ml."""
_HEMATOMA = re.compile(
    r"(?<!清除)(?<!抽吸)(?<!吸除)血肿(?!腔|清除|壁|引流|穿刺|抽)"
    r"(?:(?![<>≤≥未不]|[大小]于|最[大小]|超过|超出|超\d)[^,。;\n\d]){0,8}$"
)
"""Before a volume that a hematoma without a place has: 复查血肿22ml."""
_SEEN_NOW = re.compile(r"复查|头颅ct|目前|本次|此次|今[日晨]|入院")
"""Before a volume that a new sentence tells of, after a bleed of the past."""
_LEFT = re.compile(r"残[余留存]")
_NEAR = 150
"""How many characters may stand between a bleed and its volume."""
_OF_A_RULE = re.compile(rf"幕[上下]血?肿?(?:出血)?量?(?:{UPWARD}|[<≤]|小于)?(?:约|等于)?$")
_RULE = re.compile(
    r"(?:(?:指征|指证|适应[证症])(?!明确|存在)|标准|指南|阈值|界值|原则)[^。;\n]{0,26}$"
)
"""Before a volume that is a rule's, and nobody's: 手术指征（幕上30ml）."""
_PATIENTS = re.compile(r"[,;:](?:患者|本例|该例|[该此本]患者|该患|本患)")
"""Where a sentence turns from a rule to the patient: …为手术指征，该患者血肿约22ml."""
_THIS_ONE = re.compile(
    r"(?:血肿|出血)量[^。;\n]{0,40}(?:本例|该例|该患者|目前|现)[^,。;\n\d]{0,6}$"
)
"""Before the patient's volume, after a rule's: 达40ml时会手术，但本例仅14ml."""
_LOST = re.compile(r"(?<![脑余留存])出血(?:量)?[约为:]*,")
"""Blood that is lost in an operation: 术中清除血肿，出血约200ml."""
GREW_FROM = re.compile(rf"血肿(?:(?!清除|抽|引)[^,。;\n\d]){{0,8}}\(约?(?P<a>{NUMBER})(?:→|->)$")
"""Before a volume that was another: 血肿增大（18→41ml）."""


def owner_of(
    record: Reading,
    mentions: list[Mention],
    ends: list[int],
    start: int,
    end: int,
    volume: BoundedNumber | None = None,
) -> tuple[str | None, Mention | None]:
    """Return how certain a size is, None if it is no hematoma's, and whose it is.

    A `volume`, with what bounds it, may be of a hematoma that is named without a place.
    """
    text = record.text
    clause, clause_end = record.clause(start, 30)
    sentence = text[record.cues.sentence_start(start) : start]
    after = _APART.split(text[end : min(clause_end, end + 8)], maxsplit=1)[0]
    context = text[clause:start] + "," + after
    if _IN_VENTRICLES.search(sentence):
        return None, None
    context = _INTO_VENTRICLES.sub("", context)
    if _is_other(record, context) or record.of_others(start, end):
        return None, None
    if record.lexicon.says("supposed", text[clause:start]) or record.conditional(start):
        return None, None  # 若血肿量大于30ml则手术 says how large it isn't
    if _OF_A_RULE.search(text, max(0, start - 12), start):
        return None, None
    if of_an_indication(record, start, end):
        return None, None
    if _RULE.search(_PATIENTS.split(sentence)[-1]):
        return None, None
    labelled = record.entity(start, end) == "VOLUME"
    index = bisect_right(ends, start)
    near = mentions[bisect_left(ends, start - _NEAR) : index]
    placed = any(m.sites and m.start >= clause for m in near)
    if "术" in sentence and _LOST.search(context) and not placed:
        return None, None
    owner = _bleed_before(record, near, start, labelled)
    if owner is None and index < len(mentions):
        owner = _bleed_after(text, mentions[index], end)
    if owner is None and not labelled:
        says = (
            record.lexicon.says("says_volume", context)
            or (volume and _HEMATOMA.search(text, clause, start) is not None)
            or (volume and GREW_FROM.search(text, clause, start) is not None)
            or _goes_on(record, sentence)
        )
        if not says:
            return None, None
    said = volume or BoundedNumber(None, start, end)  # 不超过 is no denial
    certainty = record.certainty(said.start, said.end, 2)
    if certainty == "affirmed" and owner is not None:
        certainty = owner.certainty
        if certainty == "historical" and _LEFT.search(text, clause, start):
            certainty = "affirmed"  # 脑出血术后，残余血肿约8ml
    if certainty == "affirmed" and EARLIER.search(text, max(0, said.start - 24), said.start):
        certainty = "historical"
    return certainty, owner


def place_of(
    record: Reading, owner: Mention | None, start: int
) -> tuple[NamedSite | None, str | None]:
    """Return the site and the side of a volume at `start`: those said last of its bleed."""
    if owner is None:
        return None, None
    after = [s for s in owner.sites if owner.word_end <= s.start < start and not s.joined]
    if after and owner.largest is None:
        return after[-1], after[-1].side
    half = None
    if owner.side in ("both", None) and not owner.largest:
        half = _SIDE_OF.search(record.text, max(owner.word_end, start - 16), start)
    if half:
        side = record.side_named(half["side"])
        return next((s for s in owner.sites if s.side == side), owner.site), side
    return owner.site, owner.side


def _bleed_before(
    record: Reading, mentions: list[Mention], start: int, labelled: bool
) -> Mention | None:
    """Return the last of the bleeds before a volume that it can be said of."""
    text, clause = record.text, record.clause(start, 30)[0]
    owner = next((m for m in reversed(mentions) if m.certainty != "negated"), None)
    if owner is None or not set(text[owner.end : start]) & set("。\n"):
        return owner
    # What a sentence of its own says of the present is not of a bleed of the past.
    there = (m for m in reversed(mentions) if m.certainty not in ("negated", "historical"))
    of_now = _SEEN_NOW.search(text, record.cues.sentence_start(start), start)
    owner = next(there, None if of_now else owner)
    if owner is None:
        return None
    # In a sentence of its own a volume says so: 量约30ml.
    said = record.lexicon.says("says_volume", text[clause:start]) or _VOLUME_OF.match(text, clause)
    return owner if said or labelled else None


def _bleed_after(text: str, mention: Mention, end: int) -> Mention | None:
    """Return the bleed right after a volume, if it is the volume's: 约30ml的左侧丘脑血肿."""
    near = mention.certainty != "negated" and 0 <= mention.end - end <= 40
    return mention if near and not set(text[end : mention.start]) & set("。\n;") else None


def _goes_on(record: Reading, sentence: str) -> bool:
    """Whether a sentence up to a volume told of a bleed: 血肿较前无明显扩大，量约28ml."""
    said = _ITS_VOLUME.search(sentence) or _THIS_ONE.search(sentence)
    if said is None:
        return False
    return not _is_other(record, _INTO_VENTRICLES.sub("", sentence[: said.end()]))


def _is_other(record: Reading, text: str) -> bool:
    """Whether a volume is of a bleed outside of the brain, or of something else: a drug, urine."""
    lexicon = record.lexicon
    return lexicon.says("not_brain", text) or lexicon.says("other_volume", text)
