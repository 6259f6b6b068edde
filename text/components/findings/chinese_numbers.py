"""Numbers as Chinese records write them: 14, 3.5, 十四, 一百二十, 两, 半, Ⅳ, 30~40."""

from __future__ import annotations

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "俩": 2}
_UNITS = {"十": 10, "百": 100}

NUMBER = (
    r"(?:\d{1,4}(?:\.\d{1,2})?|[零一二两三四五六七八九十百半]{1,7}(?:点[零一二三四五六七八九])?)"
)
"""A number in the normal form. Bounded, so that searching it takes linear time."""

FIRST = r"(?<![\d.零一二两三四五六七八九十百])(?<!\d[ \n])"
"""Where a number can begin: not within another one, even one that OCR has parted (1 4ml)."""

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}
_ROMAN_SIGNS = str.maketrans(
    dict(zip("ⅠⅡⅢⅣⅤⅰⅱⅲⅳⅴ", ("i", "ii", "iii", "iv", "v") * 2, strict=True))
)


def number(written: str) -> float | None:
    """Return the number that is written in digits or Chinese numerals, None if there is none.

    Examples
    --------
    >>> [number(n) for n in ("14", "2.5", "十四", "一百二十", "两", "半", "三点五", "一百零五")]
    [14.0, 2.5, 14.0, 120.0, 2.0, 0.5, 3.5, 105.0]
    >>> [number(n) for n in ("二十", "七十六", "百", "百十十", "三四", "两半")]
    [20.0, 76.0, 100.0, None, None, None]
    >>> [number(n) for n in ("一百二", "二百五", "一百零二", "一百一十二")]  # 一百二 is 一百二十
    [120.0, 250.0, 102.0, 112.0]
    """
    if written[:1].isdigit():
        try:
            return float(written)
        except ValueError:
            return None
    if written == "半":
        return 0.5
    whole, point, tenths = written.partition("点")
    total, unit = 0, 1000
    digit: int | None = None
    zero = False  # whether a zero came before the digit
    for character in whole:
        if character in DIGITS:
            if digit:
                return None
            digit, zero = DIGITS[character], digit == 0
        elif character in _UNITS and _UNITS[character] < unit:
            unit = _UNITS[character]
            total += (digit or 1) * unit
            digit = None
        else:
            return None
    if not whole:
        return None
    ones = (digit or 0) * (10 if unit == 100 and not zero and not point else 1)
    return float(total + ones + (DIGITS[tenths] / 10 if point else 0))


def grade(written: str) -> int | None:
    """Return a grade in digits, Chinese or Roman numerals (mixed ones, too), None if it is none.

    Examples
    --------
    >>> [grade(g) for g in ("4", "Ⅳ", "iv", "四", "Ⅰv", "ⅠⅠ", "vi")]
    [4, 4, 4, 4, 4, 2, None]
    """
    if written.isdecimal():
        return int(written)
    return _ROMAN.get(written.translate(_ROMAN_SIGNS), DIGITS.get(written))


def between(first: float, second: str | None) -> tuple[float, list[float] | None]:
    """Return the value of a number or a range: the mean of its ends, and the ends.

    Examples
    --------
    >>> between(30.0, "40")
    (35.0, [30.0, 40.0])
    >>> between(14.0, None)
    (14.0, None)
    """
    last = number(second) if second else None
    if last is None or last <= first:
        return first, None
    return round((first + last) / 2, 2), [first, last]


def whole(value: float) -> float:
    """Return a number without a fraction as an int: 76 years, not 76.0.

    Examples
    --------
    >>> whole(76.0), whole(6.5)
    (76, 6.5)
    """
    return int(value) if value == int(value) else value
