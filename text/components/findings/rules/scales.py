"""Scales of stroke and of its outcome: NIHSS, modified Rankin scale, Glasgow outcome scale."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..chinese_numbers import between, grade, number, whole
from ..context.changes import WHEN
from ..context.supposed import is_supposed
from ..context.timing import measured_certainty, moment, time_of
from ..lexicon import within_word

if TYPE_CHECKING:
    from ..reading import Finding, Reading

LIMITS = {"nihss": (0, 42), "mrs": (0, 6), "gos": (1, 5)}
"""Least and most points of a scale."""

_N = (
    r"(?:\d{1,2}|[ⅠⅡⅢⅣⅤⅰⅱⅲⅳⅴ]|(?:iv|v|i{1,3})(?=[级分,。;\n )]|$)"
    r"|[零一二三四五六七八九]?十?[零一二三四五六七八九十])"
)
_END = r"(?:/42)?(?! ?[\d.+a-z/%]|个| ?(?:小时|h|天|日|次|周|月|岁|年|项|ml|mm))"
_MOMENT = (
    r"(?:入院|来院|出院|术前|术后(?:第?\d{1,2}[天日d])?|发病前|病前|目前|现|急诊|入科|随访|治疗[前后])"
    r"(?:时|为|评)?"
)
_NAMED = (
    r"(?:\([a-z]{3,5}\)|\(分\)| ?scores?|\((?:[发起患]?病前|入院时?|出院时?|术[前后])\)|评分|评定|"
    r"量表|得分|分值|总分|分级|评估|评价|分数|评|计分|预[计期测])*"
    # 较前下降4分，为8分: the difference is no score
    r"(?:[,(]?较[^,。;\n\d]{0,8}(?:上升|下降|升高|降低|增加|减少|提高|改善|好转)了?"
    r"(?:\d{1,2}分)?(?:,?(?:目前|现|今日)|,?[为至到]|,)|(?!,?较))"
)
_IS = r"(?:结果|[:为约是=计共,]){0,3} ?"
_SCORE = re.compile(
    rf"{_NAMED}(?:{_IS}{_MOMENT})?{_IS}\(?(?P<n>{_N})(?:分?[~\-至](?P<n2>\d{{1,2}}))? ?(?"
    rf"P<unit>[分级])?{_END}"
)
_ARROW = re.compile(rf" ?(?:→|->) ?{WHEN}(?P<n>{_N})[分级]?{_END}")
_CHANGED = re.compile(
    rf"{_NAMED}{_IS}[由从](?:{_MOMENT})?的?(?P<n>{_N})分?"
    rf"(?:[降升增减上下改进变加恢好][^\d,。;\n]{{0,6}}?)(?:{_MOMENT})?的?(?P<m>{_N})[分级]?{_END}"
)
_NEXT = re.compile(
    rf"[,、;/]?(?P<at>{_MOMENT}){_NAMED}{_IS}(?P<n>{_N})(?:[分级]|(?=[,。;、\n)]|$)){_END}"
)
_SUM = re.compile(
    r"[^。;\n]{4,160}?(?:共计?|总分|合计|总计|总共|=)[:为]?(?P<n>\d{1,2})分?(?![\d.])"
)
_DEFINED = re.compile(
    r"(?:[分级)]?)(?:者|为(?:预后|良好|不良|轻|中|重)|表示|即|的?(?:患者|病人)|以上|以下|以内)"
)
_EXPECTED = re.compile(r"预计|预期|预测|预估|有望|争取|希望|目标")


def find(record: Reading) -> Iterator[Finding]:
    """Find nihss (0 to 42), mrs (0 to 6) and gos (1 to 5), points.

    `at` is the moment that a score is of; one of before the illness, and one that has changed
    since, is historical; one that is hoped for, planned. Bounds (≥ 10分) and definitions are none.
    """
    text, done = record.text, 0
    for match in record.lexicon.pattern["scales"].finditer(text):
        name = record.lexicon.value["scales"][match[0]]
        start, end = match.span()
        if start < done or name not in LIMITS or within_word(text, start, end):
            continue
        if record.of_others(start, end) or is_supposed(
            record, text[record.clause(start)[0] : start]
        ):
            continue
        for finding, last in _scores(record, name, start, end):
            done = last
            yield finding


def _scores(record: Reading, name: str, start: int, end: int) -> Iterator[tuple[Finding, int]]:
    """Yield the scores of a scale named at text[start:end], and where they end."""
    text = record.text
    changed = _CHANGED.match(text, end)
    if changed:
        for group, earlier in (("n", True), ("m", False)):
            place = changed.start(group)
            said = moment(record, place, since=0 if earlier else changed.end("n"))
            finding = _score(
                record, name, start, changed.end(group), changed[group], None, said, earlier
            )
            if finding:
                yield finding, changed.end()
        return
    score = _SCORE.match(text, end)
    if score:
        if _DEFINED.match(text, score.end()) and (score["n2"] or "者" in text[score.end() :][:2]):
            return
        finding = _score(
            record, name, start, score.end(), score["n"], score["n2"],
            moment(record, score.start("n"), score.end()),
        )  # fmt: skip
        if finding is None:
            return
        arrow, last = _ARROW.match(text, score.end()), score.end()
        if arrow:
            finding.update(certainty="historical", time="before")
        yield finding, last
        while arrow:  # 15→8→6
            last = arrow.end()
            then = _ARROW.match(text, last)
            later = _score(
                record,
                name,
                start,
                last,
                arrow["n"],
                None,
                moment(record, arrow.start("n"), since=arrow.start()) or moment(record, start),
                bool(then),
            )
            if later:
                yield later, last
            arrow = then
        while following := _NEXT.match(text, last):
            last = following.end()
            place = following.end("at")
            finding = _score(
                record, name, following.start("at"), last, following["n"], None,
                moment(record, place),
            )  # fmt: skip
            if finding:
                yield finding, last
        return
    total = _SUM.match(text, end)
    if total and name == "nihss" and not record.lexicon.pattern["scales"].search(total[0]):
        finding = _score(record, name, start, total.end(), total["n"], None, moment(record, start))
        if finding:
            yield finding, total.end()


def _score(
    record: Reading,
    name: str,
    start: int,
    end: int,
    written: str,
    to: str | None,
    at: str | None,
    earlier: bool = False,
) -> Finding | None:
    """Return a score; None where a scale has none of that many points."""
    points = number(written)
    if points is None and (graded := grade(written)) is not None:
        points = float(graded)
    if points is None:
        return None
    value, ends = between(points, to)
    least, most = LIMITS[name]
    if ends == [least, most]:
        return None  # mRS（0-6分） says how far the scale goes
    if not least <= points <= most or (ends and not least <= ends[1] <= most):
        return None
    if name == "nihss" and at == "before_onset":
        at = None  # 病前mRS 0分，NIHSS 14分: nobody is scored before the illness
    certainty = "historical" if earlier else measured_certainty(record, start, end, at)
    time = None
    if _EXPECTED.search(record.text, record.clause(start)[0], end):
        certainty, time = "uncertain", "planned"
    return record.finding(
        name, start, end, whole(value), "points", certainty,
        time=time or time_of(certainty), at=at, range=ends,
    )  # fmt: skip
