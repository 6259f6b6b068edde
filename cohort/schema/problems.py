"""What pydantic finds wrong with a value from a file, in sentences for people: all of it at once.

A model says of its fields what they hold; the words for it are made here, the same ones for every
file. Where these would be too general, a field says its own: `Annotated[..., Wanted("must …")]`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import Field, GetCoreSchemaHandler, Strict, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

T = TypeVar("T")
Place = tuple[int | str, ...]
"""Keys and indices that lead to a value, as pydantic has them."""

VERSION = 1
"""Of every file that is written, as `schema_version`. Files of before have none, and are read."""
VERSION_KEY = "schema_version"

_SHOWN = 120
_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "an object",
    "mapping_type": "an object",
    "model_type": "an object",
    "dataclass_type": "an object",
}
"""Pydantic's kind of an error, to what is wanted instead."""
_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")


class Wanted:
    """What a field must be, in words of its own, whatever exactly is wrong with it.

    Parameters
    ----------
    words
        End of a sentence that begins with the field's name, without its full stop.
    shown
        Whether the value that was found is shown.
    """

    def __init__(self, words: str, shown: bool = True) -> None:
        self.words, self.shown = words, shown

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.custom_error_schema(
            handler(source),
            custom_error_type="wanted",
            custom_error_message=self.words,
            custom_error_context={"shown": int(self.shown)},
        )


Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
"""A number that can be reckoned with: `true` is none, and neither is NaN."""
Figure = Annotated[
    Annotated[int, Strict()] | Annotated[float, Strict(), Field(allow_inf_nan=False)],
    Wanted("must be a number"),
]
"""A number that stays a whole one if it is written so."""
Integer = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]


class Names:
    """How the places of a file are called: this way `'cases.p1'`, unless a file knows better."""

    section = "an object"
    """What keys and values are called."""
    shows_values = True
    """Whether what is wrong is shown; a patient's record, say, is not."""

    def owner(self, place: Place) -> str:
        """Return what a sentence on the value there begins with: whose it is."""
        return ""

    def field(self, place: Place) -> str:
        """Return how the value there is called; "" where its owner says enough."""
        return f"'{'.'.join(map(str, place))}'" if place else ""

    def unknown(self, place: Place) -> str:
        """Say that a key isn't known."""
        return f"unknown key {place[-1]!r}."

    def missing(self, place: Place) -> str:
        """Say that a value is missing."""
        return f"{self.field(place)} is missing."


def refuse(*problems: str) -> PydanticCustomError:
    """Return the error that a validator raises which finds several things wrong."""
    return PydanticCustomError("refused", "{said}", {"said": "\n".join(problems)})


def parse(
    kind: type[T],
    value: Any,
    names: Names | None = None,
    context: Mapping[str, Any] | None = None,
) -> tuple[T | None, list[str]]:
    """Make a model of a value from a file.

    Parameters
    ----------
    kind
        The model: a pydantic model or dataclass.
    value
        What `read_json` read.
    names
        How places in the file are called.
    context
        For the model's validators.

    Returns
    -------
    model, problems
        None and what is wrong, or the model and an empty list.
    """
    if problem := _newer(value):
        return None, [problem]
    try:
        model: T = adapter(kind).validate_python(value, context=dict(context or {}))
        return model, []
    except ValidationError as error:
        return None, problems_of(error, names, value)


def in_brackets(problems: Sequence[str], most: int = 4) -> str:
    """Return problems of a file as they stand within a sentence on it.

    Examples
    --------
    >>> in_brackets(["'id' is missing.", "'text' must be text, not 5."])
    "('id' is missing; 'text' must be text, not 5)"
    """
    said = [problem.removesuffix(".") for problem in problems[:most]]
    return f"({'; '.join([*said, *['…'] * (len(problems) > most)])})"


def fits(kind: Any, value: Any) -> bool:
    """Whether a value from a file is what a type says.

    Examples
    --------
    >>> fits(Number, 1), fits(Number, True), fits(Number, float("nan"))
    (True, False, False)
    """
    return not parse(kind, value)[1]


def problems_of(error: ValidationError, names: Names | None = None, value: Any = None) -> list[str]:
    """Return a sentence for each thing that is wrong with `value`."""
    names = names or Names()
    said: list[str] = []
    for one in error.errors(include_url=False):
        one["loc"] = _in_file(one, value)
        said += _said(one, names)
    return list(dict.fromkeys(said))


def _in_file(one: ErrorDetails, value: Any) -> Place:
    """Return where an error is, without what pydantic adds: as which of several kinds it was read.

    Where a single value stands for many, each of which is wrong, that is its place.
    """
    place: list[int | str] = []
    for part in one["loc"]:
        if isinstance(value, Mapping):
            found = part in value
        else:
            found = isinstance(value, list | tuple) and part in range(len(value))
        if found:
            value = value[part]
            place.append(part)
        elif hasattr(value, str(part)) and not isinstance(value, Mapping | list | tuple | str):
            value = getattr(value, str(part))
            place.append(part)
        elif one["type"] == "missing" and part == one["loc"][-1]:
            place.append(part)
    return tuple(place)


def adapter(kind: Any) -> TypeAdapter[Any]:
    """Return what reads a model; made when first needed, for that takes a while."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _newer(value: Any) -> str | None:
    """Say that a file is of a later version of this program than this one, if it is."""
    version = value.get(VERSION_KEY, VERSION) if isinstance(value, Mapping) else VERSION
    if isinstance(version, int) and version <= VERSION:
        return None
    return f"is of {VERSION_KEY} {version!r}, and only {VERSION} is known here; update the program."


def _said(one: ErrorDetails, names: Names) -> list[str]:
    place, kind, context = one["loc"], one["type"], one.get("ctx", {})
    owner = names.owner(place)
    if kind == "refused":
        return [f"{owner}{said}" for said in context["said"].split("\n")]
    if kind in _UNKNOWN:
        return [owner + names.unknown(place)]
    if kind == "missing":
        return [owner + names.missing(place)]
    called = f"{owner}{names.field(place)} " if names.field(place) else owner
    if kind == "wanted":
        return [called + one["msg"] + _but_is(one, names, context["shown"])]
    if kind in ("model_type", "dataclass_type"):
        return [f"{called}must be {names.section}."]
    return [f"{called}must be {_wanted(kind, one)}{_but_is(one, names)}"]


def _wanted(kind: str, one: ErrorDetails) -> str:
    context = one.get("ctx", {})
    if kind == "literal_error":
        return str(context["expected"])
    if kind == "greater_than_equal":
        return f"{context['ge']:g} or more"
    return _WANTED.get(kind) or f"something else ({one['msg']})"


def _but_is(one: ErrorDetails, names: Names, shown: bool = True) -> str:
    if not (shown and names.shows_values):
        return "."
    value = repr(one["input"])
    return f", not {value[:_SHOWN]}{'…' if len(value) > _SHOWN else ''}."
