"""What stands in for an identity: something of the same kind, the same each time for one patient.

All is drawn from HMAC-SHA256 of a secret key over the patient and what is replaced (RFC 2104), so
nothing has to be kept to find the same stand-in again, and without the key nothing leads back.
Numbers keep their shape; where a real one could be hit, as of identity cards and phones, they begin
as no real one does.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Any

from .identity import ADDRESS, CONTACT, EMPLOYER, HOSPITAL, NAME, PHONE


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

    def number(self, *words: str) -> int:
        """Return a number that looks random, the same for the same words."""
        message = "\x1f".join(words).encode()
        return int.from_bytes(hmac.new(self._secret, message, hashlib.sha256).digest(), "big")

    def choice(self, of: Sequence[str], *words: str, but: str = "") -> str:
        """Return one of several, the same for the same words, and never what it stands in for."""
        at = self.number(*words) % len(of)
        return of[at] if of[at] != but else of[(at + 1) % len(of)]


class StandIns:
    """Stand-ins of one patient.

    Parameters
    ----------
    key
        The patient's.
    lists
        Surnames, places and so on that stand in (`IdentityLists.stand_ins`).
    surname_length
        Returns how long the surname is that a name begins with.
    """

    def __init__(self, key: PatientKey, lists: dict[str, Any], surname_length: Any) -> None:
        self._key, self._lists, self._surname_length = key, lists, surname_length

    def of(self, kind: str, written: str) -> str:
        """Return what stands in for an identity that is neither a date nor an age."""
        bare = "".join(written.split())
        if kind == NAME:
            return self._name(bare, written)
        if kind in (ADDRESS, HOSPITAL, EMPLOYER):
            return self._place(kind, bare)
        if kind == CONTACT:
            return self._contact(written)
        return self._number(written, phone=kind == PHONE)

    def _name(self, bare: str, written: str) -> str:
        if bare.isascii():
            return "Chen " + self._key.choice(("Siyuan", "Jiayan", "Wenbo", "Yutong"), NAME, bare)
        if "·" in bare or len(bare) > 4:
            bare = bare.replace("·", "")
            return "".join(
                [
                    self._key.choice(self._lists["given"], NAME, bare, "first"),
                    "·",
                    self._key.choice(self._lists["given"], NAME, bare, "last"),
                ]
            )
        length = self._surname_length(bare) or 1
        surname, given = bare[:length], bare[length:]
        found = self._key.choice(self._lists["surnames"], NAME, "surname", surname, but=surname)
        if not given:
            return found
        if not re.fullmatch(r"[^\W\d_A-Za-z某×○〇]+", given):
            return found + given  # 某某, **
        if len(given) == 1:
            ones = self._lists["given_one"]
            return found + self._key.choice(ones, NAME, "given", given, but=given)
        return found + self._key.choice(self._lists["given"], NAME, "given", given, but=given)

    def _place(self, kind: str, bare: str) -> str:
        city = self._key.choice(self._lists["cities"], kind, "city", bare[:2])
        if kind == ADDRESS:
            if len(bare) < 5:
                return f"{city}市"
            road = self._key.choice(self._lists["roads"], kind, bare)
            return f"{city}市{road}{1 + self._key.number(kind, bare, 'house') % 199}号"
        if kind == HOSPITAL:
            return f"{city}市{self._key.choice(self._lists['hospitals'], kind, bare)}"
        return f"{city}市{self._key.choice(self._lists['employers'], kind, bare)}"

    def _contact(self, written: str) -> str:
        name = f"user{self._key.number(CONTACT, written) % 10**6:06d}"
        if "@" in written:
            return f"{name}@example.org"
        if "/" in written or written.startswith("www."):
            return f"https://example.org/{name}"
        return "192.0.2.1" if written.count(".") == 3 else name

    def _number(self, written: str, phone: bool) -> str:
        """Return a number of the same shape, in which each digit and capital is another one."""
        bare = re.sub(r"[\s\-()+]", "", written)
        drawn = self._key.number("number", bare)
        pieces = []
        for character in written:
            if character.isdecimal():
                drawn, digit = divmod(drawn, 10)
                pieces.append(str(digit))
            elif "A" <= character <= "Z" and not phone and len(bare) < 18:
                drawn, letter = divmod(drawn, 26)
                pieces.append(chr(65 + letter))
            else:
                pieces.append(character)
        found = "".join(pieces)
        if phone and re.match(r"1\d", bare):  # 10… is no mobile phone's
            found = re.sub(r"\d\d|\d", lambda m: "10" if len(m[0]) == 2 else m[0], found, count=1)
        elif len(bare) in (15, 18) and re.fullmatch(r"\d{14,17}[\dXx]", bare):
            found = re.sub(r"\d\d", "99", found, count=1)  # no province has this number
        return found if found != written else self._number(written + "0", phone)[: len(written)]
