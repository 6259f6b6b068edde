"""Tables that were pasted into a record as text: rows of cells between tabs or bars."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BAR = re.compile(r"[|｜│┃]")
_TAB = re.compile(r"\t")
_REFERENCE_HEADING = re.compile(
    r"\s*(?:生物)?(?:参考|參考|正常)(?:值|范围|範圍|区间|區間)?(?:[(（].*)?\s*"
)
_RANGE = r"\d{1,4}(?:\.\d{1,3})?\s?(?:[-~～—–]{1,2}|至)\s?\d{1,4}(?:\.\d{1,3})?"
_REFERENCE = re.compile(rf"\s*[(（\[]?{_RANGE}(?:\s?/\s?{_RANGE})?[^\d\s，。；]{{0,8}}[)）\]]?\s*")
"""A cell that is a range and nothing else; behind a result it is what is normal."""
_RESULT = re.compile(r"[^\d:：]{0,16}\d")
_TIME = re.compile(r"\d\s?(?:[:：]\s?\d|[时点日月年号天])|\d{4}[-./]\d|\d[-/]\d{1,2}\s")
_NAME = re.compile(r"\s*[^\d\s<>≤≥＜＞↑↓+\-－＋]")
"""How a cell begins that says what was measured, maybe with the result in it."""
_BEHIND_RESULT = re.compile(
    r"\s*(?:[↑↓HLhl*+\-]{0,2}|[^\d/\u4e00-\u9fff]{0,8}/[^\d]{1,10}|[×xX*]?\s?10[\^＾*]?\d{1,2}\s?/\s?\w{1,3}"
    r"|mm\s?Hg|kPa|次/分|毫米汞柱|秒|s|sec|%|‰|℃|mm|cm|ml|g|mg|fl|pg|I?U|ratio|比值)\s*"
)
"""A unit or a sign between a result and what is normal."""
_ANSWER = re.compile(
    r"\s*(?:无|無|否|有|是|未见|阴性|陰性|阳性|陽性|[(（]?[-+－＋][)）]?|不详|不詳)\s*"
)
_DIGIT = re.compile(r"\d")
_LEFT_OUT = "\x00"  # the normal form leaves it out


def with_tables_read(text: str) -> str:
    r"""Return a text as long as it is, whose rows of cells read as sentences do.

    Ranges of what is normal are left out: they are nobody's values. A cell that only says yes or no
    belongs to the cell before it, as behind a colon, and ends what is said. Bars become spaces.

    Examples
    --------
    >>> with_tables_read("高血压\t无\t糖尿病\t有")
    '高血压：无；糖尿病：有'
    >>> with_tables_read("血压\t180/100\t90-140/60-90").replace(chr(0), "")
    '血压\t180/100\t'
    """
    if "\t" not in text and not _BAR.search(text):
        return text
    lines: list[str] = []
    references: set[int] = set()  # numbers of the columns with what is normal
    for line in text.split("\n"):
        separators = _separators(line)
        if not separators:
            references = set()
            lines.append(line)
            continue
        cells = list(_cells(line, separators))
        headings = {i for i, cell in enumerate(cells) if _REFERENCE_HEADING.fullmatch(cell)}
        if headings:
            references = headings
            cells_read = cells
        else:
            cells_read = [
                _LEFT_OUT * len(cell)
                if _DIGIT.search(cell) and (i in references or _is_reference(cells, i))
                else cell
                for i, cell in enumerate(cells)
            ]
        lines.append(_joined(line, separators, cells_read))
    return "\n".join(lines)


def _separators(line: str) -> list[int]:
    """Return where the cells of a row are parted; nowhere in a line that is none."""
    bars = [match.start() for match in _BAR.finditer(line)]
    if len(bars) > 1:
        return bars
    return [match.start() for match in _TAB.finditer(line)]


def _cells(line: str, separators: list[int]) -> Iterator[str]:
    for start, end in zip([-1, *separators], [*separators, len(line)], strict=True):
        yield line[start + 1 : end]


def _is_reference(cells: list[str], number: int) -> bool:
    """Whether a cell is a range behind a result that has its name, perhaps its unit between them.

    Right behind a name, a time or a number without a name, a range was measured itself.
    """
    if number < 1 or not _REFERENCE.fullmatch(cells[number]):
        return False
    result = number - 2 if _BEHIND_RESULT.fullmatch(cells[number - 1]) else number - 1
    if result < 0 or not _RESULT.match(cells[result]) or _TIME.search(cells[result]):
        return False
    named = cells[result] if _NAME.match(cells[result]) else cells[result - 1] if result else ""
    return _NAME.match(named) is not None and not _TIME.search(named)


def _joined(line: str, separators: list[int], cells: list[str]) -> str:
    answers = [bool(_ANSWER.fullmatch(cell)) and number > 0 for number, cell in enumerate(cells)]
    pieces = [cells[0]]
    for number, place in enumerate(separators, start=1):
        if answers[number] and cells[number - 1].strip():
            sign = "："
        elif answers[number - 1]:
            sign = "；"
        else:
            sign = " " if _BAR.match(line, place) else line[place]
        pieces += [sign, cells[number]]
    return "".join(pieces)
