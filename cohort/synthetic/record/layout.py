"""How a note is laid out: which sections, under which headings, in which order and typography."""

from __future__ import annotations

import numpy as np

HEADINGS: dict[str, tuple[str, ...]] = {
    "chief": ("主诉", "主诉", "主诉", "主  诉", "入院原因"),
    "present": ("现病史", "现病史", "现病史", "病史", "现  病  史"),
    "past": ("既往史", "既往史", "既往病史", "重要既往病史", "既往", "既往情况"),
    "personal": ("个人史",),
    "marital": ("婚育史", "婚姻史"),
    "family": ("家族史", "家族病史"),
    "examination": ("体格检查", "体格检查", "查体", "入院查体", "体检"),
    "ct": ("CT报告", "CT报告", "头颅CT", "辅助检查", "影像学检查", "CT检查"),
    "ecg": ("心电图报告", "心电图", "ECG", "心电图检查"),
    "blood": ("实验室检查", "化验", "检验结果", "化验检查"),
    "diagnosis": ("初步诊断", "入院诊断", "诊断", "目前诊断"),
    "plan": ("诊疗计划", "治疗计划", "处理", "诊治经过", "诊疗经过"),
}
"""Headings by section."""

MARKS: tuple[tuple[str, str], ...] = (
    ("", "："),
    ("", "："),
    ("", "："),
    ("【", "】"),
    ("〔", "〕"),
    ("", ":"),
    ("#、", "："),
    ("#.", "："),
)
"""What stands around a heading; # is the section's number."""

STANDING = frozenset({"examination", "ct", "ecg"})
"""Sections whose heading some writers put on a line of its own."""

GAPS: tuple[str, ...] = ("\n", "\n", "\n", "  ", "", "\n\n", "\n    ")
"""What stands between sections."""


# How input methods write the same marks; each is one character for one.
HALF_WIDTH = str.maketrans("，：；（）", ",:;()")
COLONS = str.maketrans("：", ":")
FULL_WIDTH = str.maketrans("0123456789+-./", "０１２３４５６７８９＋－．／")


def layout(rng: np.random.Generator, age: int) -> str:
    """Lay a note out as one phrase for `record_grammar.write`."""
    sections = _sections(rng, age)
    before, after = MARKS[int(rng.integers(len(MARKS)))]
    gap = GAPS[int(rng.integers(len(GAPS)))]
    below = gap if gap.strip(" ") != gap and rng.random() < 0.3 else ""
    chief = "“<chief>”" if rng.random() < 0.3 else "<chief>"
    because = "<who_because>因“<chief>”(入院|收入我科|急诊入院|住院)。"
    parts = ["<who>。" if "chief" in sections else because]
    for number, name in enumerate(sections, start=1):
        heading = HEADINGS[name][int(rng.integers(len(HEADINGS[name])))]
        text = f"{chief}。" if name == "chief" else f"<{name}_text>。"
        if name == "ct":
            known = heading in ("头颅CT", "CT检查") or (heading == "CT报告" and rng.random() < 0.3)
            text = ("<ct_opener_short>" if known else "<ct_opener>") + text
        mark = before.replace("#", str(number))
        parts.append(f"{mark}{heading}{after}{below if name in STANDING else ''}{text}")
    if "chief" in sections and "#" not in before and rng.random() < 0.3:
        parts[:2] = [f"<who>，{parts[1]}"]
    return gap.join(parts)


def typing_habit(rng: np.random.Generator) -> dict[int, int]:
    """Choose the widths that a hospital's input method gives to punctuation and digits."""
    draw = rng.random()
    if draw < 0.12:
        return HALF_WIDTH
    if draw < 0.3:
        return COLONS
    return FULL_WIDTH if draw < 0.35 else {}


def _sections(rng: np.random.Generator, age: int) -> list[str]:
    """Choose sections and their order; the CT report always follows the examination."""

    def sometimes(chance: float, *names: str) -> list[str]:
        return list(names) if rng.random() < chance else []

    life = [
        *sometimes(0.6, "personal"),
        *sometimes(0.3 if age >= 30 else 0, "marital"),
        *sometimes(0.6, "family"),
    ]
    life = [life[i] for i in rng.permutation(len(life))] if rng.random() < 0.3 else life
    story = ["past", "present", *life] if rng.random() < 0.12 else ["present", "past", *life]
    tests = ["ct", *sometimes(0.4, "ecg"), *sometimes(0.25, "blood")]
    tests = [tests[i] for i in rng.permutation(len(tests))] if rng.random() < 0.3 else tests
    if not life or tests == ["ct"]:  # a short note says more elsewhere
        return [*sometimes(0.8, "chief"), *story, "examination", *tests, "diagnosis", "plan"]
    end = [*sometimes(0.45, "diagnosis"), *sometimes(0.4, "plan")]
    return [*sometimes(0.8, "chief"), *story, "examination", *tests, *end]
