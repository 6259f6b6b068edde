"""What a model has learnt, and what it has not: only that is predicted and scored.

A network has a channel for each structure, and says something of each, whatever it was shown. A
structure is learnt if it was annotated, and not empty, in a case of the training; or in one of the
model that the training started from. The metadata of a model keep the counts::

    "learnt": {"hematoma": {"annotated": 96, "shown": 84, "kept": false},
               "midline": {"annotated": 0, "shown": 0, "kept": false}, …}

with the number of training cases where it was annotated, and where there was some of it; and
whether it is known from the model that the training started from (`kept`). Of a structure that not
every scan shows, to find nothing reads as "there is none". So it also has to be found in
validation; else `withheld` says why the model is not believed about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from cohort.facts.doubts import NAMES
from cohort.facts.structures import BY_ID, STRUCTURE_IDS
from imaging.model.channels import FIRST_VERSION

NOT_LEARNT = "not learnt"
"""Kind of the reason why nothing can be told of what a model has not learnt."""
LEAST_DICE = 0.1
"""Mean Dice in validation below which a model has not learnt a structure; our choice. A model that
marks the right place at all comes to more."""
UNSTATED = (
    "the model does not say which structures it has learnt, as models saved by earlier versions "
    "don't: all are reported, learnt or not."
)
UNSTATED_START = (
    "the model was fine-tuned from one that does not say which structures it has learnt; it is "
    "taken to have known those that the fine-tuning did not show."
)


@dataclass(frozen=True)
class Lesson:
    """What a training had to learn a structure from.

    Attributes
    ----------
    annotated
        Training cases in which the structure was annotated.
    shown
        Those of them that have some of it.
    kept
        Whether the model that the training started from knew it.
    withheld
        Why the model isn't believed about it though it was shown some, as the rest of a sentence;
        empty where it is.
    """

    annotated: int
    shown: int
    kept: bool = False
    withheld: str = ""

    @property
    def is_learnt(self) -> bool:
        """Whether the model knows the structure."""
        return not self.withheld and (self.shown > 0 or self.kept)

    @property
    def why_not(self) -> str:
        """Why the model doesn't know the structure, as the rest of a sentence."""
        if self.withheld:
            return self.withheld
        if self.annotated:
            return f"empty in all {self.annotated} training cases in which it is annotated"
        return "annotated in no training case"


Lessons = Mapping[str, Lesson]
"""Structure id to what there was to learn it from."""


def lessons(entries: Sequence[Mapping[str, Any]], known: Iterable[str] = ()) -> dict[str, Lesson]:
    """Return what a training has to learn from.

    Parameters
    ----------
    entries
        The training slices of a datalist (`imaging.scans.datalist.read_datalist`).
    known
        Structures that the model knows from which the training starts.
    """
    before = set(known)
    return {
        name: Lesson(
            len({entry["case"] for entry in entries if name in entry["structures"]}),
            len({entry["case"] for entry in entries if name in entry["present"]}),
            name in before,
        )
        for name in STRUCTURE_IDS
    }


def borne_out(
    found: Lessons, dice: Mapping[str, float | None], cases: Mapping[str, int] | None = None
) -> dict[str, Lesson]:
    """Return lessons, those withheld that a validation does not bear out.

    Only of structures that not every scan shows (`Structure.is_expected`): that one of the others
    was not found is noted with each scan.

    Parameters
    ----------
    found
        What the training has to learn from.
    dice
        Structure id to its mean Dice in validation; None or lacking where no case has any, and
        none was marked.
    cases
        Structure id to the number of validation cases that have it: of what none has the Dice
        says nothing, being 0 where anything was marked. None where that is not known.

    Examples
    --------
    >>> borne_out({"edema": Lesson(3, 2)}, {"edema": 0.04})["edema"].why_not
    'validation does not bear it out (Dice 0.04)'
    >>> borne_out({"edema": Lesson(3, 2)}, {"edema": 0.4})["edema"].is_learnt
    True
    """
    return {
        name: replace(
            lesson, withheld=_doubt(lesson, dice.get(name) if (cases or {}).get(name, 1) else None)
        )
        if lesson.is_learnt and not BY_ID[name].is_expected
        else lesson
        for name, lesson in found.items()
    }


def _doubt(lesson: Lesson, dice: float | None) -> str:
    if dice is not None:
        return "" if dice >= LEAST_DICE else f"validation does not bear it out (Dice {dice:.2f})"
    return "" if lesson.kept else "no validation case has any, so nobody knows whether it finds it"


def as_json(found: Lessons) -> dict[str, dict[str, Any]]:
    """Return lessons as they stand in a model's metadata."""
    return {
        name: {key: value for key, value in asdict(lesson).items() if value != ""}
        for name, lesson in found.items()
    }


def read_lessons(metadata: Mapping[str, Any]) -> dict[str, Lesson] | None:
    """Return the lessons of a model's metadata; None if they don't state them.

    Raises
    ------
    ValueError
        If they stand there, but not as they should.
    """
    stated = metadata.get("learnt")
    if stated is None:
        return None
    try:
        found = {
            name: Lesson(
                int(lesson["annotated"]),
                int(lesson["shown"]),
                bool(lesson["kept"]),
                str(lesson.get("withheld", "")),
            )
            for name, lesson in stated.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ValueError("'learnt' does not hold what each structure was learnt from") from None
    return {name: found.get(name, Lesson(0, 0)) for name in STRUCTURE_IDS}


def known_to(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the structures that a model knows: all, if its metadata don't say."""
    found, has = read_lessons(metadata), structures_of(metadata)
    return tuple(n for n in STRUCTURE_IDS if n in has and (found is None or found[n].is_learnt))


def structures_of(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the structures that a model has channels for, in their order."""
    stated = metadata.get("structures")
    return tuple(map(str, stated)) if isinstance(stated, list) else FIRST_VERSION


def not_learnt(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return the structures that a model doesn't know, each with the reason.

    Examples
    --------
    >>> found = {"hematoma": Lesson(3, 2), "midline": Lesson(3, 0)}
    >>> not_learnt({"learnt": as_json(found)})["midline"]
    'the model has not learnt it: empty in all 3 training cases in which it is annotated.'
    """
    found, has = read_lessons(metadata) or {}, structures_of(metadata)
    unlearnt = {
        name: f"the model has not learnt it: {lesson.why_not}."
        for name, lesson in found.items()
        if not lesson.is_learnt
    }
    lacking = {
        name: "the model has not learnt it: it has no channel for it."
        for name in STRUCTURE_IDS
        if name not in has
    }
    return {**unlearnt, **lacking}


def doubt_of(metadata: Mapping[str, Any]) -> str | None:
    """Return what should be known about a model whose metadata leave open what it has learnt."""
    if metadata.get("learnt") is None:
        return UNSTATED
    origin = (metadata.get("training") or {}).get("initialised_from") or {}
    return None if origin.get("learnt_stated", True) else UNSTATED_START


def seen_scans(metadata: Mapping[str, Any]) -> frozenset[str]:
    """Return the digests of the scans that a model, or one before it, was trained or validated on.

    Empty for models that don't say.
    """
    training = metadata.get("training") or {}
    origin = training.get("initialised_from") or {}
    return frozenset(map(str, [*(training.get("scans") or ()), *(origin.get("scans") or ())]))


def untold_notes(untold: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return notes on the structures, or doubts, that cannot be told: kind and sentence of each."""
    return [
        (name, f"{NAMES.get(name, name)} cannot be told: {why}") for name, why in untold.items()
    ]
