"""Sections of a configuration: settings that a model describes, read with all that is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, TypeVar

from pydantic import Field, Strict

from cohort.base.errors import raise_all
from cohort.schema.problems import Names, Number, Place, Wanted, parse

T = TypeVar("T")

FromZero = Annotated[int, Strict(), Field(ge=0), Wanted("must be a whole number from 0 on")]
FromOne = Annotated[int, Strict(), Field(ge=1), Wanted("must be a whole number from 1 on")]
Share = Annotated[Number, Field(ge=0, le=1), Wanted("must be a share between 0 and 1")]
Switch = Annotated[bool, Strict(), Wanted("must be true or false")]


class OfSection(Names):
    """How the values of a section are called."""

    def __init__(self, name: str, kind: Any) -> None:
        self._begin = f"section '{name}': "
        self._known = [one.name for one in fields(kind)]

    def owner(self, place: Place) -> str:
        """Return which section it is."""
        return self._begin

    def field(self, place: Place) -> str:
        """Return the key, and what in it."""
        return f"'{place[0]}'" + (f" of {place[1]}" if len(place) > 1 else "")

    def unknown(self, place: Place) -> str:
        """Say what may have been meant."""
        near = difflib.get_close_matches(str(place[0]), self._known, n=1, cutoff=0.0)
        return f"{place[0]!r} is unknown; did you mean {near[0]!r}?"


def read_section(kind: type[T], name: str, section: Any, names: Names | None = None) -> T:
    """Read the section of that name.

    Raises
    ------
    DataError
        Listing all that is wrong with it.
    """
    if not isinstance(section, Mapping):
        raise_all([f"section '{name}' must hold keys and values."])
    settings, problems = parse(kind, section, names or OfSection(name, kind))
    raise_all(problems)
    assert settings is not None
    return settings
