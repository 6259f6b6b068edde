"""Notes with what is whose name, hospital or number: layouts and clauses, filled and spoilt."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any

from .people import Name, People

_FOLDER = Path(__file__).parent
_SLOT = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_PEOPLE = "NFGKOBDECMRSZY"
_PLAIN = "ZY"
"""Those of the people that are never called by a word."""
_KIN = "父母妻夫子女弟妹姐兄哥嫂叔姑舅姨侄孙婿媳"
_TITLES_AND_ROLES = 1.8
NOTHING, FIRST, INSIDE, OTHER = range(4)
"""What a character is: of no name, a name's first, another one of it, of another identity."""
_PLAIN_NOTES = (
    "{X}。{X}，{w}，{X}",
    "{w}{w}{w}，{w}",
    "{X} {w} {X}\n{w}：{X}",
    "{w}{w}",
    "{X}，{X}，{X}。{X}",
    "{X}、{X}、{X}",
    "{X}。{X}：{X}，{X}",
    "{X}{X}，{X}",
    "{X}，{X}{X}，{X}。{X}",
    "{w}，{w}\n{w} {w} {w}",
)


class NoteWriter:
    """Writes notes.

    Parameters
    ----------
    lists
        What `lists.json` holds.
    people
        Draws people and places.
    table
        Of characters that are written otherwise (`text.components.deidentify.written`).
    """

    def __init__(self, lists: dict[str, Any], people: People, table: dict[int, int]) -> None:
        self._people, self._table = people, table
        layouts = (_FOLDER / "layouts.txt").read_text(encoding="utf-8")
        parts = layouts.split("\n%% ")[1:]
        self._layouts = [part.split("\n", 1)[1].strip("\n") for part in parts]
        self._wording = json.loads((_FOLDER / "wording.json").read_text(encoding="utf-8"))
        self._lefts = [
            word
            for weight, words in lists["left"].items()
            if float(weight) >= _TITLES_AND_ROLES
            for word in words
        ]
        self._rights = [word for words in lists["right"].values() for word in words]
        self._titles, self._kin = list(lists["titles"]), list(lists["kin"])
        self._heads = list(lists["heads"]["name"])
        roles = self._lefts + self._wording["roles_before"]
        self._alike = [(set(words), list(words)) for words in (roles, self._titles, self._kin)]
        known = {word for words, _ in self._alike for word in words if len(word) > 1}
        self._role = re.compile("|".join(sorted(map(re.escape, known), key=len, reverse=True)))

    def note(self, random: Random) -> tuple[str, list[int]]:
        """Return a note in the form that is searched, and what each of its characters is."""
        kind = random.random()
        if kind < 0.46:
            body = self._with_other_roles(random, random.choice(self._layouts))
        elif kind < 0.8:
            body = self._of_clauses(random)
        else:
            body = random.choice(_PLAIN_NOTES)
        text, marks = _Filled(self._people, random).fill(body)
        text = text.translate(self._table)
        if random.random() < 0.25 and len(text) > 60:  # a piece of it
            start = random.randint(0, len(text) // 2)
            end = random.randint(start + 30, len(text))
            text, marks = text[start:end], marks[start:end]
        if random.random() < 0.08:
            text, marks = _broken(text, marks, random.randint(16, 40))
        if random.random() < 0.2:  # as OCR misreads
            text = "".join(
                random.choice(self._people.characters)
                if "\u4e00" <= character <= "\u9fff" and random.random() < 0.02
                else character
                for character in text
            )
        return text, marks

    def _with_other_roles(self, random: Random, body: str) -> str:
        share = random.choice((0.0, 0.3, 0.6))

        def other(match: re.Match[str]) -> str:
            if random.random() > share:
                return match[0]
            alike = next(words for known, words in self._alike if match[0] in known)
            return random.choice(alike)

        pieces = re.split(r"(\{[^{}]*\})", body)
        return "".join(p if p.startswith("{") else self._role.sub(other, p) for p in pieces)

    def _of_clauses(self, random: Random) -> str:
        """Return clauses of a name with what may stand before and after it."""
        after = self._wording["verbs_after"]
        drawn = {
            "v": self._people.short_words,
            "k1": _KIN,
            "left": self._lefts,
            "head": self._heads,
            "kin": self._kin,
            "nl": self._wording["roles_before"],
            "vl": self._wording["verbs_before"],
            "title": self._titles,
            "title0": self._titles,
        }
        found = []
        for _ in range(random.randint(3, 9)):
            if random.random() < 0.33:
                found.append("{X}")
                continue
            clause = random.choice(self._wording["before"]) + random.choice(self._wording["after"])
            who = random.sample(_PEOPLE[: -len(_PLAIN)], 4)
            instead = dict(zip("NOKC", who, strict=True))

            def put(match: re.Match[str], instead: dict[str, str] = instead) -> str:
                slot = match[1]
                if slot in drawn:
                    return random.choice(drawn[slot])
                if slot == "vr":
                    return random.choice(after if random.random() < 0.85 else self._rights)
                if slot == "med":
                    return "{X}"
                return "{" + instead.get(slot[0], slot[0]) + slot[1:] + "}"

            found.append(re.sub(r"\{(\w+)\}", put, clause))
        return random.choice(("。", "，", "\n", "\n", "；", " ", "", "。\n")).join(found)


def _broken(text: str, marks: list[int], width: int) -> tuple[str, list[int]]:
    """Break lines anywhere; a name goes on beyond the break."""
    pieces: list[str] = []
    kept: list[int] = []
    for at, (character, mark) in enumerate(zip(text, marks, strict=True)):
        if at and at % width == 0:
            pieces.append("\n")
            kept.append(mark if mark == INSIDE or mark == OTHER == marks[at - 1] else NOTHING)
        pieces.append(character)
        kept.append(mark)
    return "".join(pieces), kept


class _Filled:
    """A layout's people, and what else it may ask for."""

    def __init__(self, people: People, random: Random) -> None:
        self._people, self._random = people, random
        self._names = {
            who: people.plain_name(random) if who in _PLAIN else people.name(random)
            for who in _PEOPLE
        }
        self._year, self._form = random.randint(2008, 2026), random.randrange(8)
        self._minority: dict[str, str] = {}

    def fill(self, body: str) -> tuple[str, list[int]]:
        """Return the text, and what each of its characters is."""
        pieces: list[str] = []
        marks: list[int] = []
        last = 0
        for match in _SLOT.finditer(body):
            kept = body[last : match.start()]
            mark, value = (NOTHING, match[0][0]) if match[1] is None else self._value(match[1])
            pieces += [kept, value]
            marks += [NOTHING] * len(kept) + [mark] * len(value)
            if mark == FIRST:
                marks[len(marks) - len(value) + 1 :] = [INSIDE] * (len(value) - 1)
            last = match.end()
        return "".join([*pieces, body[last:]]), marks + [NOTHING] * (len(body) - last)

    def _value(self, slot: str) -> tuple[int, str]:
        random, people = self._random, self._people
        if "|" in slot:
            return NOTHING, random.choice(slot.split("|"))
        if slot[0] in self._names:
            return FIRST, self._called(self._names[slot[0]], slot[1:])
        if slot in ("U", "u"):
            name = self._minority.setdefault(slot, people.minority_name(random))
            return FIRST, name
        if slot in "AVHW":
            draw = {
                "A": people.address,
                "V": people.village,
                "H": people.hospital,
                "W": people.employer,
            }
            return OTHER, draw[slot](random)
        if slot in ("d", "dm", "d8", "I", "Q", "J", "p", "P", "L", "m"):
            return OTHER, self._number(slot)
        if slot == "X":
            sign = random.choice("，。，； 、")
            count = random.choice((1, 1, 2, 3))
            return NOTHING, sign.join(random.choice(people.phrases) for _ in range(count))
        if slot == "w":
            kind = random.random()
            of = people.name_words if kind < 0.45 else people.words
            return NOTHING, random.choice(of if kind < 0.8 else people.phrases)
        plain = {
            "T": f"{random.randint(0, 23):02d}:{random.randint(0, 59):02d}",
            "y": str(random.randint(35, 88)),
            "s": random.choice("男女"),
            "b": str(random.randint(1, 48)),
            "n": str(random.randint(5, 90)),
            "k": random.choice(_KIN),
        }
        return NOTHING, plain[slot]

    def _called(self, name: Name, how: str) -> str:
        if how == "1":
            return name.surname
        if how == "2" and len(name.given) > 1:
            return name.given
        if how == "_":
            return self._random.choice((name.whole[0] + " " + name.whole[1:], " ".join(name.whole)))
        return name.whole

    def _number(self, slot: str) -> str:
        random, year = self._random, self._year

        def digits(count: int) -> str:
            return "".join(random.choice("0123456789") for _ in range(count))

        month, day = random.randint(1, 12), random.randint(1, 28)
        if slot in ("d", "dm"):
            forms = (
                f"{month}月{day}日",
                f"{month}月{day}号",
                f"{year}年{month}月{day}日",
                f"{year}-{month:02d}-{day:02d}",
                f"{year}.{month}.{day}",
                f"{year}/{month:02d}/{day:02d}",
                f"{year % 100:02d}.{month:02d}.{day:02d}",
                f"{year}年{month:02d}月{day:02d}日",
            )
            return forms[self._form if slot == "d" else random.randrange(2)]
        born = random.randint(1930, 1980)
        phone = (random.choice(("13", "15", "17", "18", "19")) + digits(1), digits(4), digits(4))
        return {
            "d8": f"{year}{month:02d}{day:02d}",
            "I": random.choice(("ZY", "", "", "B", "00", "MR")) + digits(random.randint(6, 10)),
            "Q": digits(random.randint(6, 8)),
            "J": f"{random.randint(11, 65)}{digits(4)}{born}{month:02d}{day:02d}{digits(4)}",
            "p": random.choice("京湘鄂豫川粤") + random.choice("ABCDE") + "A" + digits(4),
            "P": random.choice(("", "", "-", " ")).join(phone),
            "L": f"0{random.randint(311, 998)}-{random.randint(2, 8)}{digits(6)}",
            "m": f"wx_{digits(5)}",
        }[slot]
