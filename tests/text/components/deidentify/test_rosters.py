"""Lists of many names: all are found, in a time that grows with their number, not its square."""

from __future__ import annotations

import pytest

from text.components.deidentify.finder import Finder
from text.components.deidentify.identity import NAME
from text.components.deidentify.names.shapes import NameShapes

FINDER = Finder()


def roster(number: int) -> str:
    surnames, given = "张李王刘陈杨赵黄周吴徐孙", "伟强敏静丽军磊洋勇艳杰娟涛明超霞平刚桂芳"
    people = (
        surnames[at % 12] + given[at * 7 % 20] + given[(at * 3 + 1) % 20] * bool(at % 3)
        for at in range(number)
    )
    return f"参加人员：{'、'.join(people)}。"


@pytest.mark.parametrize("text", [roster(80), "张伟、" * 80])
def test_all_of_a_list_are_found(text: str) -> None:
    found = [one for one in FINDER.find(text) if one.kind == NAME]
    assert len(found) == 80
    assert all(text[one.end] in "、。" for one in found)


def test_what_is_looked_at_grows_with_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    own, looks = NameShapes.beginning, [0]

    def counted(self: NameShapes, text: str, start: int) -> object:
        looks[0] += 1
        return own(self, text, start)

    monkeypatch.setattr(NameShapes, "beginning", counted)
    seen = []
    for number in (30, 120):
        looks[0] = 0
        FINDER.find(roster(number))
        seen.append(looks[0])
    assert seen[1] < 5 * seen[0]
