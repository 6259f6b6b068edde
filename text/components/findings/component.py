"""A pipeline component that reads values out of a record: `doc._.findings`.

Each finding is a dict of plain values, in text order:

=============  ====================================================================================
key            meaning
=============  ====================================================================================
name           one of `NAMES`
value          a number, a word of a closed vocabulary, [systolic, diastolic]; None if only present
unit           years, h, mmHg, mm, mL, MRC, points, 10^9/L, g/L, mmol/L, cigarettes/day, mL/day,
               or None
certainty      affirmed, negated, uncertain, historical; a negated finding has no value, but for a
               treatment, an operation and a growth_sign, where it says which one is denied
side           the patient's left, right, both, or None; a midline shift's is the one it goes to
section        label of the section that the evidence starts in, or None
start, end     the evidence: offsets of characters in the record, end excluded
text           exactly that slice
=============  ====================================================================================

and what belongs to one name only: `parts` (gcs: E, V, M), `limb` (limb_power: arm, leg, limbs) and
`modifier` (+ or - after the grade), `method` (hematoma_volume: stated, ABC/2), `measured_by`
(formula or software, if the record tells; diameters are a formula's) and its `site`, `range` (both
ends, where a range was written and its middle is the value), `bound` (<, ≤, >, ≥, ≈ where the value
is only what the record's number is bounded by, see `bounds`). A hematoma_count without a value is
of several (多发). From nihss on, each finding has a `time` (now, before, planned), see
`timing`, and what its rule says. The files in `rules` say what counts as what.

The words that are looked for stand in `vocabulary.json` and travel in the pipeline's folder, in
`hich_findings/vocabulary.json`. Words in the component's configuration are added to them; those of
a key that stands in both replace them, and an empty list takes the key away.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from .context.changes import CHANGING, COMPARED, things
from .lexicon import Lexicon
from .reading import Finding, Reading
from .rules import (
    airway,
    coma,
    ct_signs,
    hematoma,
    history,
    laboratory,
    mass_effect,
    outer_blood,
    pressure,
    pupils,
    scales,
)
from .rules.patient import habits, onset, who
from .rules.power import limb_power
from .rules.times import ct_time
from .summary import summarize

__all__ = ["NAMES", "FindingsExtractor", "make_findings", "summarize"]

NAMES = (
    *("age", "sex", "onset_to_admission", "chief_symptom"),
    *("blood_pressure", "gcs", "pupil_size", "light_reflex", "limb_power"),
    *("hematoma", "hematoma_volume", "hematoma_site", "hematoma_count"),
    *("intraventricular_extension", "midline_shift", "ventricle_compression"),
    *("hypertension", "anticoagulant", "antiplatelet", "treatment"),
    *("nihss", "mrs", "gos", "onset_to_ct", "operation"),
    *("hydrocephalus", "herniation", "cistern_compression", "fourth_ventricle_compression"),
    *("subarachnoid_blood", "subdural_blood", "edema", "growth_sign"),
    *("hematoma_diameters", "hematoma_slices"),
    *("inr", "platelets", "fibrinogen", "glucose", "smoking", "drinking"),
    *("intubation", "mechanical_ventilation", "sedation"),
)
"""All names of findings."""

RULES = (
    who.find,
    onset.find,
    pressure.find,
    coma.find,
    pupils.find,
    limb_power.find,
    hematoma.find,
    mass_effect.find,
    history.find,
    scales.find,
    laboratory.find,
    habits.find,
    airway.find,
    ct_signs.find,
    outer_blood.find,
    ct_time.find,
)

FINDINGS_KEY = "findings"
"""Key in `doc.spans` of the evidence of findings."""
_FILE = Path(__file__).with_name("vocabulary.json")


class FindingsExtractor:
    """Set `doc._.findings`, and their evidence as `doc.spans["findings"]`, labelled by name.

    It reads the text; the model's entities help where they have the generated cohort's labels
    (`cohort.synthetic.record.compose`): a site or volume without a word for the bleed counts inside
    SITE or VOLUME, what the text says inside NEGATED is negated.

    Parameters
    ----------
    vocabulary
        Words to add to, or to replace, the ones of `vocabulary.json`: group to key to words.
    spans_key
        Key of the sections in `doc.spans`, as `hich_sections` sets them.
    """

    def __init__(self, vocabulary: dict[str, dict[str, list[str]]], spans_key: str) -> None:
        self.vocabulary = vocabulary
        self.spans_key = spans_key
        # A pipeline's wheel has no such file beside this one: `from_disk` brings it.
        self._own = json.loads(_FILE.read_text(encoding="utf-8")) if _FILE.is_file() else {}
        self._base = self._own
        self._compile()

    def __call__(self, doc: Doc) -> Doc:
        """Set `doc._.findings` in text order."""
        record = Reading(doc, self._lexicon, self.spans_key)
        found = [finding for rule in RULES for finding in rule(record)]
        found = [f for f in found if record.is_told(f)]
        for finding in found:
            if finding["name"] in CHANGING and record.was(finding):
                finding["certainty"] = "historical"
        found.sort(key=lambda f: (f["start"], f["end"]))
        found = list(_of_now(record, found))
        changing = [f for f in found if f["name"] in CHANGING]
        later: dict[tuple[Any, ...], Finding] = {}
        for finding in reversed(changing):
            again = [later[thing] for thing in things(finding) if thing in later]
            if again and record.was_on_coming(finding, min(again, key=itemgetter("start"))):
                finding["certainty"] = "historical"
            _set_by_hours(record, finding, again)
            later[finding["name"], finding["side"], finding.get("limb")] = finding
        doc._.findings = found
        evidence = (
            doc.char_span(f["start"], f["end"], label=f["name"], alignment_mode="expand")
            for f in found
        )
        doc.spans[FINDINGS_KEY] = [span for span in evidence if span is not None]
        return doc

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the vocabulary to the folder `path`."""
        Path(path).mkdir(parents=True, exist_ok=True)
        (Path(path) / _FILE.name).write_text(self._to_json(), encoding="utf-8")

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> FindingsExtractor:
        """Read the vocabulary from the folder `path`."""
        return self._from_json((Path(path) / _FILE.name).read_text(encoding="utf-8"))

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return the vocabulary."""
        return self._to_json().encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> FindingsExtractor:
        """Take the vocabulary that `to_bytes` returned."""
        return self._from_json(data.decode())

    def _to_json(self) -> str:
        return json.dumps(self._base, ensure_ascii=False, indent=1)

    def _from_json(self, text: str) -> FindingsExtractor:
        # A group that an older pipeline lacks is this version's.
        self._base = {**self._own, **json.loads(text)}
        self._compile()
        return self

    def _compile(self) -> None:
        groups = {**self._base, **{g: self._base.get(g, {}) for g in self.vocabulary}}
        self._lexicon = Lexicon(
            {group: {**words, **self.vocabulary.get(group, {})} for group, words in groups.items()}
        )


def _of_now(record: Reading, found: list[Finding]) -> Iterator[Finding]:
    """Yield findings; what brackets tell of an earlier time is of the past, or denies nothing."""
    before: dict[str, Finding] = {}
    for finding in found:
        name = finding["name"]
        earlier = record.of_earlier_scan(finding) or (
            name in COMPARED and name in before and record.bracketed(before[name], finding)
        )
        before[name] = finding
        if earlier and finding["certainty"] == "negated":
            continue
        if earlier:
            finding["certainty"] = "historical"
            if finding.get("time") == "now":
                finding["time"] = "before"
        yield finding


def _set_by_hours(record: Reading, finding: Finding, others: list[Finding]) -> None:
    """Set what was measured at an earlier hour than one of `others`, or they, to historical."""
    for other in others:
        if finding["certainty"] == other["certainty"] == "affirmed":
            if record.of_earlier_hour(finding, other):
                finding["certainty"] = "historical"
            elif record.of_earlier_hour(other, finding):
                other["certainty"] = "historical"


def make_findings(
    nlp: Language, name: str, vocabulary: dict[str, dict[str, list[str]]], spans_key: str
) -> FindingsExtractor:
    """Make the component for `nlp.add_pipe("hich_findings")`; see `FindingsExtractor`."""
    return FindingsExtractor(vocabulary, spans_key)


if not Doc.has_extension("findings"):
    Doc.set_extension("findings", default=None)  # where the component did not run

# A pipeline's wheel brings its own copy of this file; see the end of `text/components/sections.py`.
if not Language.has_factory("hich_findings"):
    Language.factory(
        "hich_findings",
        default_config={"vocabulary": {}, "spans_key": "sections"},
        assigns=["doc._.findings", "doc.spans"],
        # Without sections no finding has one, and nothing is of the past for where it stands.
        requires=["doc.spans"],
        func=make_findings,
    )
