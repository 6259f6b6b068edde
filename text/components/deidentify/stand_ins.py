"""What stands in for an identity: something of the same kind, the same each time for one patient.

All is drawn from HMAC-SHA256 of a secret key over the patient and what is replaced (RFC 2104), so
nothing has to be kept to find the same stand-in again, and without the key nothing leads back.
Numbers keep their shape; where a real one could be hit, as of identity cards and phones, they begin
as no real one does. One of fewer than 12 characters gets further digits, so that two of a million
hardly ever become one (`text.sharing.alike` looks whether they did). No stand-in is what it stands
for: of one that would be, another is drawn.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from .identity import ADDRESS, CONTACT, EMPLOYER, HOSPITAL, NAME, NUMBER, PHONE

_SPOKEN = "零一二三四五六七八九"
_DIGIT_OF = str.maketrans("零〇○一幺二两三四五六七八九", "00011223456789")
_LATIN_SURNAMES = "Chen Yang Zhao Zhou Sun Guo Luo Liang Song Tang Han Deng Cao Peng"
_LATIN = (
    "Siyuan Jiayan Wenbo Yutong Ruotong Shuyao Jingxing Yunshu Xiaotang Zekai Junxi Yichen Muyang "
    "Haoxuan Mingzhe Jingshu Xinghe Jincheng Qingyang Yifan Kexin Chengze"
)
_PLATES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
"""What a vehicle's plate begins with: the province."""
_AS_READ = "OolIBSZ"
"""What OCR reads for a digit of a phone."""
_TRIES = 40
_DRAWN = 12
"""Digits and letters that are drawn at least for a number: by chance, two of 100,000 are one in a
run of 200 (100,000² / 2 / 10¹²)."""
_FEWEST_HELD = 5
"""Characters of a number from which on no stand-in may hold it; a short one stands within many."""
_MASKED = re.compile(r"[*×]|[xX]{3}")
_CARD = re.compile(r"\d{14}|\d{17}")
"""All of an identity card's number but its last character."""


class PatientKey:
    """What is drawn for one patient.

    Parameters
    ----------
    secret
        Of the key file.
    patient
        Who it is, in words that are the same wherever the patient comes again.
    days
        How many days the patient's dates are shifted, here as in scans.
    """

    def __init__(self, secret: bytes, patient: Sequence[str], days: int) -> None:
        self._secret = hmac.new(secret, "\x1f".join(patient).encode(), hashlib.sha256).digest()
        self.days = days

    def again(self, time: int) -> PatientKey:
        """Return what else is drawn, where the first would be what it stands for."""
        return PatientKey(self._secret, ("again", str(time)), self.days) if time else self

    def number(self, *words: str) -> int:
        """Return a number that looks random, the same for the same words."""
        message = "\x1f".join(words).encode()
        return int.from_bytes(hmac.new(self._secret, message, hashlib.sha256).digest(), "big")

    def choice(self, of: Sequence[str], *words: str, but: str = "") -> str:
        """Return one of several, the same for the same words, and never what it stands in for."""
        at = self.number(*words) % len(of)
        return of[at] if of[at] != but else of[(at + 1) % len(of)]


class StandIns:
    """Stand-ins of one patient's record.

    Within it no two people, hospitals or addresses get the same one: of two that would, the one
    that comes later gets another. In other records of the patient it may be the first.

    Parameters
    ----------
    key
        The patient's.
    lists
        `stand_ins` of the lists.
    surname_length
        Returns how long the surname is that a name begins with; 0 if none.
    """

    def __init__(
        self, key: PatientKey, lists: dict[str, Any], surname_length: Callable[[str], int]
    ) -> None:
        self._keys = [key]
        self._lists, self._surname_length = lists, surname_length
        self._given: dict[tuple[str, str], str] = {}
        self._surnames: dict[str, str] = {}

    def of(self, kind: str, written: str) -> str:
        """Return what stands in for an identity that is neither a date nor an age.

        It never is what it stands for, nor holds it, but for a number of a few digits; where
        nothing else can be drawn, as of a number of which no digit is left, it is a label such as
        `[NUMBER]`.
        """
        origin = plain(written)
        whole = kind == NUMBER and len(origin) < _FEWEST_HELD
        other = ""
        for time in range(_TRIES):
            if time == len(self._keys):
                self._keys.append(self._keys[0].again(time))
            found = self._drawn(self._keys[time], kind, written)
            is_other = plain(found) != origin if whole else origin not in plain(found)
            if is_other and self._given.setdefault((kind, plain(found)), origin) == origin:
                return found
            other = other or (found if plain(found) != origin else "")
        return other or f"[{kind}]"

    def _drawn(self, key: PatientKey, kind: str, written: str) -> str:
        bare = "".join(written.split())
        if kind == NAME:
            return self._name(key, bare)
        if kind in (ADDRESS, HOSPITAL, EMPLOYER):
            return self._place(key, kind, bare)
        if kind == CONTACT:
            return _contact(key, written)
        return _number(key, written, phone=kind == PHONE)

    def _name(self, key: PatientKey, bare: str) -> str:
        if bare.isascii():
            surname = key.choice(_LATIN_SURNAMES.split(), NAME, "surname", bare)
            return f"{surname} {key.choice(_LATIN.split(), NAME, bare)}"
        if "·" in bare or len(bare) > 4:
            bare = bare.replace("·", "")
            return "".join(
                [
                    key.choice(self._lists["given"], NAME, bare, "first"),
                    "·",
                    key.choice(self._lists["given"], NAME, bare, "last"),
                ]
            )
        length = self._surname_length(bare) or 1
        surname, given = bare[:length], bare[length:]
        found = self._surname(surname)
        if not given:
            return found
        if not re.fullmatch(r"[^\W\d_A-Za-z某×○〇]+", given):
            return found + given  # 某某, **
        if len(given) == 1:
            ones = self._lists["given_one"]
            return found + key.choice(ones, NAME, "given", given, but=given)
        return found + self._two(key, given)

    def _surname(self, surname: str) -> str:
        """Return what stands for a surname, whoever in the record has it."""
        if surname not in self._surnames:
            taken = set(self._surnames.values())
            free = [one for one in self._lists["surnames"] if one not in taken]
            first = self._keys[0].choice(
                self._lists["surnames"], NAME, "surname", surname, but=surname
            )
            if first in taken and set(free) - {surname}:
                first = self._keys[0].choice(free, NAME, "surname", surname, but=surname)
            self._surnames[surname] = first
        return self._surnames[surname]

    def _two(self, key: PatientKey, given: str) -> str:
        """Return a given name of two characters: the first of one, the second of another."""
        names: list[str] = self._lists["given"]
        drawn = key.number(NAME, "given", given)
        for at in range(drawn, drawn + len(names)):
            first, last = divmod(at % len(names) ** 2, len(names))
            found = names[first][0] + names[last][-1]
            if found != given and found[0] != found[1]:
                break
        return found

    def _place(self, key: PatientKey, kind: str, bare: str) -> str:
        cities = [city for city in self._lists["cities"] if city not in bare]
        city = key.choice(cities or self._lists["cities"], kind, "city", bare[:2])
        if kind == ADDRESS:
            if len(bare) < 5:
                return f"{city}市"
            road = key.choice(self._lists["roads"], kind, bare)
            return f"{city}市{road}{1 + key.number(kind, bare, 'house') % 199}号"
        if kind == HOSPITAL:
            return f"{city}市{key.choice(self._lists['hospitals'], kind, bare)}"
        return f"{city}市{key.choice(self._lists['employers'], kind, bare)}"


def plain(written: str) -> str:
    """Return a text in the form by which two of them are the same.

    Width, case, and spaces and hyphens between characters tell nothing.

    Examples
    --------
    >>> plain("Chen Si-Yuan"), plain("１３８ 0000")
    ('chensiyuan', '1380000')
    """
    found = unicodedata.normalize("NFKC", written).casefold()
    return re.sub(r"[\s\-_()·.]", "", found)


def _contact(key: PatientKey, written: str) -> str:
    drawn = key.number(CONTACT, written)
    name = f"user{drawn % 10**_DRAWN:0{_DRAWN}d}"
    if "@" in written:
        return f"{name}@example.org"
    if "/" in written or written.startswith("www."):
        return f"https://example.org/{name}"
    # 192.0.2 is of no network (RFC 5737).
    return f"192.0.2.{1 + drawn % 254}" if written.count(".") == 3 else name


def _number(key: PatientKey, written: str, phone: bool) -> str:
    """Return a number of the same shape: each digit, spoken ones, too, and letter is drawn.

    One that is too short to be told from others gets further digits behind its last one; a plate,
    and a number some of whose digits are masked, do not. Of one that holds words (张三-01) nothing
    stays: it is `P` and digits.
    """
    bare = re.sub(r"[\s\-()+]", "", written)
    drawn = key.number("number", bare.translate(_DIGIT_OF))
    zero = next((c for c in written if c in "零〇○"), "零")
    is_card = _CARD.fullmatch(bare[:-1]) is not None and bare[-1:] in "0123456789Xx"
    is_plate = re.match(rf"[{_PLATES}][A-Z]", written) is not None
    is_masked = _MASKED.search(written) is not None
    if not (phone or is_plate) and any(_is_word(c) for c in written):
        return f"P{drawn % 10**_DRAWN:0{_DRAWN}d}"
    words = {at for word in re.finditer(r"[a-z]{2,}", written) for at in range(*word.span())}
    pieces = []
    last = number = 0  # behind the last that was drawn, and how many were
    for at, character in enumerate(written):
        if character.isdecimal() or (phone and character in _AS_READ and at not in words):
            # What begins with another digit than 0 does so still: a sheet's number stays one.
            least = int(not number and character != "0")
            drawn, digit = divmod(drawn, 10 - least)
            pieces.append(str(digit + least))
        elif ord(character) in _DIGIT_OF:
            drawn, digit = divmod(drawn, 10)
            pieces.append(_SPOKEN[digit] if digit else zero)
        elif is_card or (is_masked and character in "xX") or phone:
            pieces.append(character)
            continue
        elif character.isascii() and character.isalpha():
            drawn, letter = divmod(drawn, 26)
            pieces.append(chr(letter + (65 if character.isupper() else 97)))
        elif at == 0 and is_plate:
            drawn, place = divmod(drawn, len(_PLATES))
            pieces.append(_PLATES[place])
        else:
            pieces.append(character)
            continue
        last, number = len(pieces), number + 1
    if number and not (phone or is_plate or is_masked):
        spoken = ord(written[last - 1]) in _DIGIT_OF
        for _ in range(number, _DRAWN):
            drawn, digit = divmod(drawn, 10)
            shown = _SPOKEN[digit] if spoken and digit else zero if spoken else str(digit)
            pieces.insert(last, shown)
    found = "".join(pieces)
    if phone and re.match(r"1\d", bare):  # 10… is no mobile phone's
        found = re.sub(r"\d\d|\d", lambda m: "10" if len(m[0]) == 2 else m[0], found, count=1)
    elif phone and bare[:1] in ("幺", "一"):
        found = bare[0] + zero + found[2:]
    elif is_card:
        found = re.sub(r"\d\d", "99", found, count=1)  # no province has this number
    return found


def _is_word(character: str) -> bool:
    """Return whether a character of a number is neither a digit nor a Latin letter nor a sign."""
    return character.isalpha() and not character.isascii() and ord(character) not in _DIGIT_OF
