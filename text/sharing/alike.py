"""Stand-ins of numbers that are one for two, or somebody's own: found, so that no two are one."""

from __future__ import annotations

from text.components.deidentify.identity import CONTACT, NUMBER, PHONE
from text.components.deidentify.replace import Replaced
from text.components.deidentify.stand_ins import plain

TWICE = "the stand-in of another {kind} is the same"
OWN = "the stand-in is another's own {kind}"
_KINDS = (NUMBER, PHONE, CONTACT)


class Alike:
    """What stands in for the numbers of a run.

    Stand-ins are drawn anew from the key each time, and so are the same in every run; that two are
    one is hardly to be expected of a record's number, but of one of tens of thousands of phones.
    """

    def __init__(self) -> None:
        self._own: dict[str, str] = {}
        self._drawn: dict[str, tuple[str, str]] = {}
        self._twice: dict[str, str] = {}

    def add(self, name: str, before: str, replaced: Replaced) -> None:
        """Take what stands in for the numbers of a piece of a record.

        Parameters
        ----------
        name
            Of the record or the cell; no identity.
        before
            The piece.
        replaced
            The same without identities.
        """
        for was, now in zip(replaced.origin, replaced.identities, strict=True):
            shown = replaced.text[now.start : now.end]
            if was.kind not in _KINDS or shown == f"[{was.kind}]":
                continue
            own, drawn = plain(before[was.start : was.end]), plain(shown)
            self._own.setdefault(own, was.kind)
            first, _ = self._drawn.setdefault(drawn, (own, name))
            if first != own:
                self._twice[name] = TWICE.format(kind=was.kind)

    def places(self) -> dict[str, str]:
        """Return the places at which a number can be taken for another, with the reason."""
        found = dict(self._twice)
        for drawn in self._drawn.keys() & self._own.keys():
            found.setdefault(self._drawn[drawn][1], OWN.format(kind=self._own[drawn]))
        return dict(sorted(found.items()))
