"""Numbers as a doctor writes them: rounded, sometimes in Chinese numerals, a volume as its axes.

Each function returns a phrase with the marks of `record_grammar`: alternatives that all say the
same amount.
"""

from __future__ import annotations

import numpy as np

DIGITS = "零一二三四五六七八九"
ROMAN = ("0", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ")


def chinese(number: int) -> str:
    """Write 0..99 in Chinese numerals.

    Examples
    --------
    >>> [chinese(number) for number in (4, 10, 14, 40, 76)]
    ['四', '十', '十四', '四十', '七十六']
    """
    tens, units = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{DIGITS[tens]}十"
    return head + (DIGITS[units] if units or not tens else "")


def duration(hours: float) -> str:
    """Write the time since onset, as roughly as people tell it: within a fifth."""
    if hours < 0.9:
        minutes = max(10, 10 * round(6 * hours))
        return "(半小时|30分钟|半个小时)" if minutes == 30 else f"{minutes}分钟"
    if hours < 6 and abs(hours - round(hours)) > 0.25:
        return f"({int(hours)}.5小时|{int(hours)}个半小时)"
    if hours < 23:
        number = round(hours)
        words = "两" if number == 2 else chinese(number) if number <= 12 else str(number)
        plus = f"|{number}+小时|{number}小时余|{number}余小时" if hours >= number else ""
        return f"({number}小时|{number}小时|{number}个小时|{number}~h|{words}小时{plus})"
    if 27 < hours < 44:
        return f"{round(hours)}小时"
    days = round(hours / 24)
    return f"({days}天|{days}日|{'两' if days == 2 else chinese(days)}天)"


def round_volume(volume_ml: float, rng: np.random.Generator) -> float:
    """Round a hematoma volume as a report would: always within 10 %."""
    choices = [round(volume_ml, 1)]
    if abs(round(volume_ml) - volume_ml) <= 0.07 * volume_ml:
        choices = [*[float(round(volume_ml))] * 4, *choices]
    if volume_ml >= 20 and abs(5 * round(volume_ml / 5) - volume_ml) <= 0.07 * volume_ml:
        choices.append(float(5 * round(volume_ml / 5)))
    return choices[int(rng.integers(len(choices)))]


def volume(rounded_ml: float) -> str:
    """Write a rounded volume with its unit."""
    number = f"{rounded_ml:g}"
    forms = [f"{number}~ml", f"{number}~ml", f"{number}~mL", f"{number}~ML", f"{number}毫升"]
    if rounded_ml == int(rounded_ml) < 100:
        forms.append(f"{chinese(int(rounded_ml))}毫升")
    return f"({'|'.join(forms)})"


def axes(volume_ml: float, rng: np.random.Generator) -> str:
    """Write three diameters in cm with A·B·C / 2 within 10 % of the volume.

    The ABC/2 rule: Kothari et al., Stroke 1996, doi:10.1161/01.STR.27.8.1304.
    """
    mean = (2 * volume_ml) ** (1 / 3)
    a = round(mean * rng.uniform(1.1, 1.35), 1)
    b = round(mean * rng.uniform(0.8, 1.0), 1)
    c = round(2 * volume_ml / (a * b), 1)
    times = ("×", "×", "*", "x")[int(rng.integers(4))]
    if rng.random() < 0.2:
        return f"{10 * a:.0f}{times}{10 * b:.0f}{times}{10 * c:.0f}~mm"
    each = times.join(f"{axis:.1f}cm" for axis in (a, b, c))
    once = times.join(f"{axis:.1f}" for axis in (a, b, c))
    return f"({once}cm|{once}~cm|{each})"


def shift(shift_mm: float, rng: np.random.Generator) -> str:
    """Write a midline shift, to the nearest 0.5 mm or 1 mm."""
    half = round(2 * shift_mm) / 2
    number = half if shift_mm < 6 and rng.random() < 0.3 else round(shift_mm)
    return f"({number:g}mm|{number:g}~mm|{number:g}毫米|{number / 10:g}cm|{number / 10:g}~cm)"


def grade(power: int, sign: str, roman: bool) -> str:
    """Write a muscle power of 0..5; `sign` is "", "+" or "-"."""
    return f"{ROMAN[power] if roman else power}{sign if 2 <= power <= 4 else ''}"
