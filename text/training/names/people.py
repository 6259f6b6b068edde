"""People and places that don't exist, drawn from lists that say what such names are made of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from text.components.deidentify.lexicon import rare_surnames

_FOLDER = Path(__file__).parent
_ROADS = ("路", "街", "大道", "巷", "胡同", "东路", "南街", "弄")
_ESTATES = ("小区", "花园", "家园", "公寓", "苑", "城", "湾", "新村", "大厦", "广场", "家属院")
_VILLAGES = tuple("村村屯庄寨坪沟湾营洼店堡") + ("社区", "新村")
_TOWNS = ("镇", "乡", "街道")
_SMALL = ("镇卫生院", "乡卫生院", "社区卫生服务中心", "村卫生室", "诊所")
_LATIN = ("Nguyen Van", "Maria", "John A.", "LEE Ka", "WONG Siu", "Ivan", "Kim Min")
_LATIN_LAST = ("Hung", "Santos", "Smith", "Man", "Ming", "Petrov", "Jun")


class Name(NamedTuple):
    """A name: all of it, its surname and its given name."""

    whole: str
    surname: str
    given: str


class People:
    """Draws people and places.

    Parameters
    ----------
    lists
        What `lists.json` holds.
    dictionary
        Lines of jieba's dict.txt: a word, its frequency and its tag each.
    """

    def __init__(self, lists: dict[str, Any], dictionary: Iterable[str]) -> None:
        self._surnames, self._rare = list(lists["surnames"]), list(rare_surnames(lists))
        self._compound, self._given = list(lists["compound"]), list(lists["given"])
        self._parts = list(lists["morphemes"])
        self._provinces, self._cities = list(lists["provinces"]), lists["cities"].split()
        wording = json.loads((_FOLDER / "wording.json").read_text(encoding="utf-8"))
        self._syllables: str = wording["syllables"]
        self.phrases = (_FOLDER / "phrases.txt").read_text(encoding="utf-8").split("\n")[:-1]
        self.phrases += " ".join([*lists["terms"], *lists["terms_soft"]]).split()
        self._hospitals: list[str] = wording["hospitals"]
        self._short: list[str] = wording["short_hospitals"]
        self._employers: list[str] = wording["employers"]
        may_begin = {*self._surnames, *self._rare}
        self.characters: list[str] = []
        self.name_words: list[str] = []
        self.words: list[str] = []
        self.short_words: list[str] = []
        self._told_names: list[str] = []
        for line in dictionary:
            word, frequency, tag = line.split()
            count = int(frequency)
            if not all("\u4e00" <= c <= "\u9fff" for c in word):
                continue
            if len(word) == 1 and count > 200:
                self.characters.append(word)
            if tag.startswith("nr") and 2 <= len(word) <= 4:
                if word[0] in may_begin or word[:2] in self._compound:
                    self._told_names.append(word)
            elif not tag.startswith(("ns", "nt", "nr")) and word[0] in may_begin:
                self.name_words += [word] * (count >= {2: 50, 3: 201}.get(len(word), count + 1))
            if 2 <= len(word) <= 4 and count >= 30:
                self.words.append(word)
            often = 300 if len(word) == 2 else 2000
            if tag in ("v", "vn", "d", "p", "n") and len(word) <= 2 and count >= often:
                self.short_words.append(word)
        self._known = {*self.words, *self.name_words}

    def name(self, random: Random) -> Name:
        """Return a name, one in twelve of which is a word."""
        kind = random.random()
        if kind < 0.08:
            word = random.choice(self.name_words)
            return Name(word, word[0], word[1:])
        if kind < 0.19:
            word = random.choice(self._told_names)
            size = 2 if word[:2] in self._compound and len(word) > 2 else 1
            return Name(word, word[:size], word[size:])
        if random.random() < 0.04:
            whole = self.minority_name(random)
            return Name(whole, whole[:1], whole)
        if kind < 0.25:
            surname = random.choice(self._compound)
        elif kind < 0.41:
            surname = random.choice(self._rare)
        elif kind < 0.6:
            surname = random.choice(self._surnames)
        else:
            last = len(self._surnames) - 1
            surname = self._surnames[min(int(random.expovariate(1 / 45)), last)]
        given = self._given_name(random, len(surname) == 1)
        return Name(surname + given, surname, given)

    def plain_name(self, random: Random) -> Name:
        """Return a name of three characters and more that is no word."""
        while True:
            name = self.name(random)
            if name.whole not in self._known and len(name.whole) > 2:
                return name

    def _given_name(self, random: Random, single: bool) -> str:
        def one() -> str:
            return random.choice(self._given if random.random() < 0.9 else self.characters)

        kind = random.random()
        if kind < 0.28:
            return one()
        if kind < 0.93:
            return one() + one()
        if kind < 0.96:
            return one() * 2
        return random.choice(self._surnames) + one() + one() if single else one()

    def minority_name(self, random: Random) -> str:
        """Return a name of parts and syllables, or in Latin letters."""

        def part() -> str:
            if random.random() < 0.55:
                return "".join(random.choice(self._parts) for _ in range(random.randint(1, 2)))
            return "".join(random.choice(self._syllables) for _ in range(random.randint(2, 4)))

        kind = random.random()
        if kind < 0.4:
            return f"{part()}·{part()}"
        if kind < 0.95:
            return part()
        return f"{random.choice(_LATIN)} {random.choice(_LATIN_LAST)}"

    def _place(self, random: Random) -> str:
        return "".join(
            random.choice(self._given if random.random() < 0.5 else self.characters)
            for _ in range(random.choice((1, 2, 2, 2, 3)))
        )

    def _county(self, random: Random) -> str:
        province = city = ""
        if random.random() < 0.35:
            province = random.choice(self._provinces) + random.choice(("省", ""))
        if random.random() < 0.5:
            city = random.choice(self._cities) + random.choice(("市", ""))
        if random.random() < 0.75 or not province + city:
            city += self._place(random) + random.choice("县县区市旗")
        return province + city

    def village(self, random: Random) -> str:
        """Return a village, with or without its county, town and house."""
        found = self._county(random) if random.random() < 0.4 else ""
        if random.random() < 0.6:
            found += self._place(random) + random.choice(_TOWNS)
        found += self._place(random) + random.choice(_VILLAGES)
        if random.random() < 0.4:
            at = random.randint(1, 200)
            found += random.choice((f"{at % 20 + 1}组", f"{at}号", "东头", "村口", "小学旁"))
        return found

    def address(self, random: Random) -> str:
        """Return an address."""
        if random.random() < 0.35:
            return self._county(random) + self.village(random)
        road = self._place(random) + random.choice(_ROADS)
        estate = self._place(random) + random.choice(_ESTATES)
        house, room, door = random.randint(1, 30), random.randint(101, 2800), random.randint(1, 5)
        behind = random.choice(
            (
                f"{house}号",
                f"{house}栋{room}",
                f"{house}号楼{door}单元{room}室",
                f"{house}-{door}-{room}",
                f"{house}幢{room}室",
            )
        )
        county = self._county(random) if random.random() < 0.6 else ""
        return county + random.choice((road, estate, road + estate)) + behind

    def hospital(self, random: Random) -> str:
        """Return a hospital."""
        if random.random() < 0.2:
            return self._place(random) + random.choice(_SMALL)
        if random.random() < 0.15:
            return random.choice(self._short)
        place = self._county(random) if random.random() < 0.8 else self._place(random)
        return place + random.choice(self._hospitals)

    def employer(self, random: Random) -> str:
        """Return an employer."""
        county = self._county(random) if random.random() < 0.4 else ""
        return county + self._place(random) + random.choice(self._employers)
