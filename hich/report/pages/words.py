"""Words in one language: strings looked up, messages and values written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any

from cohort.base.html.plot import MINUS
from cohort.facts.limits import LARGE_IN_CEREBELLUM_ML, LARGE_ML, LARGE_SHIFT_MM
from hich.report.messages import CheckSentence, Message
from hich.report.model.comparison import Value
from hich.report.strings import STRINGS, Language, Text
from hich.report.strings.said import in_chinese, kinds, problem_in_chinese


@dataclass(frozen=True)
class Words:
    """The words of a language.

    Examples
    --------
    >>> words = Words("en")
    >>> words("key.slice", 3, 24), words.value(Value(4.26, "mm", "left"))
    ('Slice 3 of 24', '4.3 mm, toward the left')
    >>> Words("zh").say(Message("side.other", {"ct": "left", "record": "right"}))
    'CT：左；病历：右。'
    """

    lang: Language

    def __call__(self, key: str, *values: Any) -> str:
        """Return the string `key`, with `values` in its places.

        Raises
        ------
        KeyError
            If there is no such string.
        """
        text = self.of(STRINGS[key])
        return text.format(*values) if values else text

    def of(self, text: Text) -> str:
        """Return a text in this language."""
        return text.zh if self.lang == "zh" else text.en

    def term(self, word: str | None, kind: str = "term") -> str:
        """Return a word of a closed vocabulary; one that is unknown as it is."""
        if word is None:
            return self("value.none")
        return self(f"{kind}.{word}") if f"{kind}.{word}" in STRINGS else word

    def value(self, value: Value | None) -> str:
        """Return a value of a comparison."""
        if value is None:
            return self("value.none")
        if value.number is None:
            return self.term(value.term)
        number = self.amount(value.number, value.unit, _limit_near(value))
        if value.sign:
            number = f"{value.sign} {number}"
        if value.term is None:
            return number
        key = "value.toward" if value.term in ("left", "right") else "value.of"
        return self(key, number, self.term(value.term))

    def amount(
        self, number: float | None, unit: str | None = None, beside: float | None = None
    ) -> str:
        """Return how much of something there is, as `number` does: what is small is not nothing."""
        if number is not None and unit in ("ml", "mm") and 0 < number < 0.05:
            return self(f"value.{unit}", "<0.1")
        return self.number(number, unit, beside)

    def number(
        self, number: float | None, unit: str | None = None, beside: float | None = None
    ) -> str:
        """Return a number in a unit (`value.…` of the strings), or a count; a dash for None.

        Beside a limit that it would be rounded to it has one more digit.
        """
        if number is None:
            return self("value.none")
        if unit in ("years", "points", "hours"):
            return self(f"value.{unit}", f"{round(number, 1):g}")
        if unit is None:
            whole = float(number).is_integer()
            return (f"{number:.0f}" if whole else f"{number:g}").replace("-", MINUS)
        digits = 0 if unit == "percent" else 1
        if beside is not None and number != beside:
            digits += round(number, digits) == round(beside, digits)
        rounded = round(number, digits) + 0.0  # -0.0 becomes 0.0
        return self(f"value.{unit}", f"{rounded:.{digits}f}".replace("-", MINUS))

    def say(self, message: Message) -> str:
        """Return a message as a sentence."""
        return _Parameters(self).vformat(self(message.key), (), message.values)

    def checked(self, said: CheckSentence) -> str:
        """Return what a check said: in another language what its kind says, and more if known."""
        if self.lang == "en":
            return said.what
        kind, detail = kinds().get(said.kind), in_chinese(said.what)
        if kind is None:
            return self("problem.note") if detail is None else f"{detail}。"
        # The detail stands before the kind's full stop.
        return kind if detail is None else f"{kind.removesuffix('。')}（{detail}）。"

    def problem(self, problem: str) -> str:
        """Return what kept a file from being read, which names the file."""
        if self.lang == "en":
            return problem
        file, detail = problem_in_chinese(problem)
        said = self("problem.other") if detail is None else f"{detail}。"
        return said if file is None else f"{file}：{said}"

    def side_letters(self, are_sure: bool) -> tuple[str, str, str]:
        """Return what stands right and left of a scan's pictures, and a sentence of it."""
        ends = "" if are_sure else "?"
        said = self("viewer.sides" if are_sure else "viewer.sides_unsure")
        return self("viewer.right") + ends, self("viewer.left") + ends, said

    def joined(self, words: Sequence[str]) -> str:
        """Return words as a list."""
        return self("value.join").join(words)

    def all(self, kind: str, names: Sequence[str]) -> list[str]:
        """Return the strings `<kind>.<name>`."""
        return [self(f"{kind}.{name}") for name in names]

    def parameter(self, kind: str, value: Any) -> str:
        """Return a value of a message, written as its `hich.report.messages.Kind` says."""
        if kind in ("ml", "mm", "percent", "hours"):
            return self.number(value, kind)
        if kind == "count":
            return self.number(value)
        if kind == "term":
            return self.term(value)
        if kind == "aspects":
            return self.joined([self(f"aspect.{name}").lower() for name in value])
        if kind == "attributes":
            return self.joined(self.all("attribute", value))
        if kind == "mls":
            return " + ".join(self.number(part, "ml") for part in value)
        if kind == "said":
            return self.checked(CheckSentence(*value))
        if kind == "problem":
            return self.problem(value)
        if kind == "training":
            return self.term(value, "trained_on")
        if kind == "values":
            return self("value.or").join(map(self.value, value))
        return str(value)


def _limit_near(value: Value) -> float | None:
    """Return a limit that surgeons use and a value would be rounded to, if there is one."""
    limits = {"ml": (LARGE_ML, LARGE_IN_CEREBELLUM_ML), "mm": (LARGE_SHIFT_MM,)}
    near = limits.get(value.unit or "", ())
    return next((limit for limit in near if round(value.number or 0.0, 1) == limit), None)


class _Parameters(Formatter):
    """Writes the values of a message into its places."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return a value, written as its place says."""
        return self._words.parameter(format_spec, value)
