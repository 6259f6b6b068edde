r"""Case ids that look like several cases of one patient, such as `P0_day0` and `P0_day1`.

An id is taken apart at a separator: what stands before may name a patient, what follows a visit.

- Words and dates say it plainly: `zhang_pre`, `S01_20200101`, `12-术后`, `sub-01_ses-02`.
- Numbers and letters (`001_1`, `p1-a`, `P3_t2`) may as well count patients, as in `case_1` or, of
  the patients of a hospital, `01_17`. They are taken for visits where they begin at the first
  number or letter with none left out, what stands before has a digit (or there are several names),
  and patients are at least as many as visits.

An id that is the beginning of another, `p050` and `p050_2`, makes that other a second visit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORDS = (
    *("pre", "post", "pre-?op", "post-?op", "baseline", "bl", "follow-?up", "fu", "day", "week"),
    *("month", "year", "hour", "visit", "session", "ses", "time", "timepoint", "tp", "admission"),
    *("adm", "discharge", "initial", "first", "second", "third", "repeat", "before", "after"),
    *("术前", "术后", "入院", "出院", "首次", "初次", "初诊", "复诊", "复查", "随访", "治疗前"),
    *("治疗后", "第"),
)
_COUNTED = r"(?:h|d|w|m|y|hours?|days?|weeks?|months?|years?|小时|天|日|周|月|年|次)"
_WORD = re.compile(
    rf"(?:{'|'.join(_WORDS)})(?:[-_ ]?\d{{1,3}})?{_COUNTED}?|\d{{1,3}}{_COUNTED}|第[一二三四五]次"
    r"|(?:ct|scan|exam|study)[-_ ]?\d{1,2}",
    re.IGNORECASE,
)
_YEAR = r"(?:19|20)\d\d"
_MONTH_AND_DAY = r"(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01])"
_DATE = re.compile(rf"{_YEAR}[-_.]?{_MONTH_AND_DAY}(?:[-_.T]?\d{{4,6}})?")
_NUMBER = re.compile(r"([dtvhwsf]?)(\d{1,2})", re.IGNORECASE)
_LETTER = re.compile(r"[a-z]", re.IGNORECASE)
_SEPARATOR = re.compile(r"[-_. ]+")
_JOINED_LETTER = re.compile(r"([a-z]*\d+)([a-h])", re.IGNORECASE)

MOST_VISITS = 5
"""Cases of a patient, at most, where only their numbers or letters tell that they are visits."""

SEVERAL_NAMES = 3
"""Names without a digit, `zhang_1` and `li_1`, before they count as patients, not hospitals."""


def several_of_one(ids: Sequence[str]) -> list[list[str]]:
    """Return the groups of `ids` that look like one patient's.

    Examples
    --------
    >>> several_of_one(["P0_day0", "P0_day1", "P1_day0", "P1_day1", "p9"])
    [['P0_day0', 'P0_day1'], ['P1_day0', 'P1_day1']]
    >>> several_of_one(["case_1", "case_2", "p001", "p002", "hich_0001"])
    []
    """
    tail = _shared_tail(ids)
    bare = {case: case.removesuffix(tail) for case in ids}
    plain: dict[str, list[str]] = {}
    counted: dict[tuple[str, str], dict[str, str]] = {}
    for case, name in bare.items():
        for before, after in _parts(name):
            if _WORD.fullmatch(after) or _DATE.fullmatch(after):
                plain.setdefault(before.casefold(), []).append(case)
                break
            if kind := _kind(after):
                counted.setdefault((before.casefold(), kind), {})[case] = after.casefold()
                break
    found = [group for who, group in plain.items() if _names_one(who, group, plain)]
    found += _visits_by_count(counted)
    return _united(found + _continued(bare), ids)


def _parts(name: str) -> list[tuple[str, str]]:
    """Return what stands before and after each separator, the first ones first."""
    parts = [(name[: gap.start()], name[gap.end() :]) for gap in _SEPARATOR.finditer(name)]
    if joined := _JOINED_LETTER.fullmatch(name):
        parts.append((joined[1], joined[2]))
    return [(before, after) for before, after in parts if before and after]


def _kind(after: str) -> str | None:
    """Return what kind of counting `after` belongs to, if it may count visits."""
    if number := _NUMBER.fullmatch(after):
        return f"number {number[1].casefold()}"
    return "letter" if _LETTER.fullmatch(after) else None


def _names_one(who: str, group: Sequence[str], plain: dict[str, list[str]]) -> bool:
    """Whether words or dates after `who` are a patient's: not those after a hospital's name."""
    if len(group) < 2 or _is_date(who):
        return False
    return any(map(str.isdigit, who)) or len(group) <= MOST_VISITS or len(plain) >= len(group)


def _visits_by_count(counted: dict[tuple[str, str], dict[str, str]]) -> list[list[str]]:
    found: list[list[str]] = []
    for kind in {kind for _, kind in counted}:
        cases_of = {who: cases for (who, k), cases in counted.items() if k == kind}
        several = {who: cases for who, cases in cases_of.items() if len(cases) > 1}
        visits = {visit for cases in several.values() for visit in cases.values()}
        few_visits = len(cases_of) >= len(visits)
        names = sum(not any(map(str.isdigit, who)) for who in several)
        for who, cases in several.items():
            named = any(map(str.isdigit, who)) and not _is_date(who)
            named = named or (names >= SEVERAL_NAMES and not any(map(str.isdigit, who)))
            alone = len(several) == 1 and (kind == "letter" or who.isdigit())
            if (
                named
                and (few_visits or alone)
                and len(cases) <= MOST_VISITS
                and _from_the_first(list(cases.values()))
            ):
                found.append(list(cases))
    return found


def _from_the_first(visits: Sequence[str]) -> bool:
    """Whether these are the first numbers, or letters, with none left out."""
    if _LETTER.fullmatch(visits[0]):
        ranks = sorted(ord(visit) - ord("a") for visit in visits)
        return ranks == list(range(len(ranks)))
    ranks = sorted(int(re.sub(r"\D", "", visit)) for visit in visits)
    return ranks[0] in (0, 1) and ranks == list(range(ranks[0], ranks[0] + len(ranks)))


def _continued(bare: dict[str, str]) -> list[list[str]]:
    """Return each id that has a digit with those that go on after it with a visit."""
    whole = {name.casefold(): case for case, name in bare.items() if re.search(r"\d", name)}
    found: list[list[str]] = []
    for case, name in bare.items():
        for before, after in _parts(name):
            other = whole.get(before.casefold())
            visit = _WORD.fullmatch(after) or _DATE.fullmatch(after) or _kind(after)
            if other and visit and not _is_date(before):
                found.append([other, case])
    return found


def _is_date(text: str) -> bool:
    return bool(_DATE.fullmatch(text) or re.fullmatch(_YEAR, text))


def _shared_tail(ids: Sequence[str]) -> str:
    """Return what all ids end with from a separator on, such as `_ct`, where it has no digit."""
    if len(ids) < 2:
        return ""
    tails = {match[0] for case in ids if (match := re.search(r"[-_. ][^-_. \d]+$", case))}
    tail = next(iter(tails)) if len(tails) == 1 else ""
    return tail if tail and all(case.endswith(tail) for case in ids) else ""


def _united(groups: Sequence[Sequence[str]], ids: Sequence[str]) -> list[list[str]]:
    """Return groups that share an id as one, in the order of `ids`."""
    group_of: dict[str, set[str]] = {}
    for group in groups:
        whole = set(group).union(*(group_of.get(case, set()) for case in group))
        group_of.update(dict.fromkeys(whole, whole))
    order = {case: number for number, case in enumerate(ids)}
    united = {id(group): sorted(group, key=order.__getitem__) for group in group_of.values()}
    return sorted(united.values(), key=lambda group: order[group[0]])
