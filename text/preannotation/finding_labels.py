"""Which label the evidence of a finding gets: a YAML file that a team writes for its own labels.

::

    hematoma_volume: VOLUME          # each finding of that name
    midline_shift: {negated: ~}      # none for what is denied; the rest isn't mapped
    treatment:
      negated: ~                     # a certainty: affirmed, uncertain, historical, negated
      craniotomy: OPERATION          # a value
      other: DRUG                    # all that is left

Under a name a certainty counts before a value, and a value before `other`. `~` says that there
shall be no label. `configs/text/labels.yaml` maps findings to the labels of the generated cohort.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from cohort.base.configs import find_config
from cohort.base.errors import DataError, few, raise_all

if TYPE_CHECKING:
    from spacy.language import Language

CERTAINTIES = ("affirmed", "uncertain", "historical", "negated")
OTHER = "other"
"""Under a finding's name: all that no certainty and no value is written for."""
FINDINGS = "hich_findings"
_NUMBER = "a number"
# The group of `vocabulary.json` whose keys are the values, where it isn't called as the finding.
_GROUPS = {"chief_symptom": "symptoms", "hematoma_site": "sites"}
# Values that rules know without a vocabulary.
_WORDS = {"sex": ("male", "female"), "light_reflex": ("brisk", "sluggish", "absent", "present")}

Key = str | int | float


@dataclass(frozen=True)
class FindingLabels:
    """Labels of findings.

    Attributes
    ----------
    path
        Where it was read.
    choices
        Name of a finding to what is written under it: a certainty, a value or `other`, to the
        label; "" for none.
    """

    path: Path
    choices: Mapping[str, Mapping[Key, str]]

    @property
    def labels(self) -> list[str]:
        """All labels that it gives."""
        return sorted({label for its in self.choices.values() for label in its.values() if label})

    def label_of(self, finding: Mapping[str, Any]) -> str | None:
        """Return the label of a finding; "" if it shall have none, None if it isn't mapped."""
        its = self.choices.get(finding["name"], {})
        value = finding["value"]
        keys: list[Key] = [finding["certainty"]]
        # A blood pressure is two numbers; of a denied treatment only `negated` decides.
        if isinstance(value, str | int | float) and finding["certainty"] != "negated":
            keys.append(value)
        return next((its[key] for key in [*keys, OTHER] if key in its), None)

    def rank_of(self, name: str) -> int:
        """Return at which place a finding stands in the file."""
        return list(self.choices).index(name)


def load_finding_labels(path: Path, nlp: Language) -> FindingLabels:
    """Read labels for the findings of a pipeline.

    Parameters
    ----------
    path
        The file; `configs/text/labels.yaml` is found from everywhere.
    nlp
        The pipeline, with `hich_findings`: the values that it knows are those of its vocabulary.

    Raises
    ------
    DataError
        If it isn't YAML of that form, has a name or a value twice, or one that no finding has, or
        maps nothing.
    """
    # A name alone is the user's file, and never another one that has that name.
    file = find_config(path, "text") if path.parent.name else path
    written = _read(file)
    if not isinstance(written, dict) or not written:
        raise DataError(f"{path}: maps no finding; write lines such as 'hematoma_volume: VOLUME'.")
    known = known_values(nlp)
    problems: list[str] = []
    choices: dict[str, dict[Key, str]] = {}
    for name, its in written.items():
        if name not in known:
            problems.append(f"{path}: {_unknown('finding', name, known)}")
            continue
        under = its if isinstance(its, dict) else {OTHER: its}
        if not under:
            problems.append(f"{path}: {name}: maps nothing; write a label, or ~ for none.")
        problems += [f"{path}: {name}: {said}" for said in _faults(under, known[name])]
        choices[name] = {key: label or "" for key, label in under.items()}
    raise_all(problems)
    found = FindingLabels(path, choices)
    if not found.labels:
        raise DataError(f"{path}: gives no finding a label.")
    return found


def known_values(nlp: Language) -> dict[str, tuple[str, ...]]:
    """Return the name of each finding of a pipeline, and the words that its value may be.

    A number is the word "a number"; a finding that is only there, or is not, has no word.
    """
    from cohort.schema.records.findings import KINDS, Quantity
    from text.components.findings.component import NAMES

    component: Any = nlp.get_pipe(FINDINGS)
    groups: dict[str, dict[str, list[str]]] = json.loads(component.to_bytes())
    for group, words in component.vocabulary.items():
        groups[group] = {**groups.get(group, {}), **words}
    known = {}
    for name in NAMES:
        words = tuple(groups.get(_GROUPS.get(name, name), ()))
        values = tuple(word for word in words if word not in ("", OTHER)) or _WORDS.get(name, ())
        known[name] = (_NUMBER,) if issubclass(KINDS.get(name, object), Quantity) else values
    return known


def _faults(under: Mapping[Any, Any], values: tuple[str, ...]) -> Iterator[str]:
    allowed = (*CERTAINTIES, OTHER, *values)
    for key, label in under.items():
        is_number = isinstance(key, int | float) and not isinstance(key, bool)
        if not (key in allowed if isinstance(key, str) else is_number and _NUMBER in values):
            yield _unknown("value", key, allowed)
        if label is None:
            continue
        if not isinstance(label, str) or not label:
            shown = json.dumps(label, ensure_ascii=False, default=str)[:80]
            yield f"{key}: must be a label or ~ for none, not {shown}; text in quotes if need be."
        elif any(character.isspace() or not character.isprintable() for character in label):
            yield f"{key}: the label {label!r} has white space or signs that tag files can't hold."


def _unknown(what: str, word: object, known: Iterable[str]) -> str:
    names = list(known)
    near = get_close_matches(str(word), names, 1)
    listed = few(names, 60)
    meant = f"; is {near[0]} meant?" if near else "."
    return f"unknown {what} {word!r}{meant} Known: {listed}."


class _Once(yaml.SafeLoader):
    """YAML in which no key stands twice: Python would keep the last without a word."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                line = node.value[number][0].start_mark.line + 1
                raise DataError(f"line {line}: {key!r} stands there twice.")
        return super().construct_mapping(node, deep)


def _read(path: Path) -> Any:
    from cohort.base.textfile import read_text

    try:
        return yaml.load(read_text(path)[0], _Once)
    except DataError as error:
        told = (p if p.startswith(str(path)) else f"{path}, {p}" for p in error.problems)
        raise DataError(*told) from None
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        said = " ".join(str(getattr(error, "problem", None) or error).split())[:200]
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise DataError(f"{path}{where}: is not YAML ({said}).") from None
