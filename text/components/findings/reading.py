"""A record as the rules of findings read it: normal form, sections, entities, certainty."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ..check_boxes import read_boxes
from ..document import text_of
from ..normal_form import NormalForm
from ..tables import with_tables_read
from . import rosters
from .context.changes import in_brackets_of_before, told_again, was
from .context.clocks import hours_told
from .context.earlier_scans import earlier_scans
from .context.scope import Scopes
from .context.supposed import MEASURED, Suppositions

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from .lexicon import Lexicon

Finding = dict[str, Any]

NAMED = frozenset(("treatment", "operation", "growth_sign"))
"""Findings whose value says which of several things it is: a negated one keeps it."""
OTHERS = ("family_history", "marital_history")
"""Sections that tell of other people."""
_OF_PATIENT = re.compile(
    "(?<![床室房名位])(?:患者|病人)|本人|诉|其(?!他|余|中|[父母兄弟姐妹子女妻夫叔伯舅姑姨祖外])|否认|代述|送|陪|要求|"
    "拒绝|同意|放弃|签字|[本我]床|[本该]例|[本该此]患"
)
"""After a relative: it is the one who tells, brings or decides, not the one who is ill."""
_LONGEST = 8
"""How many characters a word for a relative has at most."""
_OF_FAMILY = re.compile(r"(?:[、及和与等]?[^,。;\n:、]{1,6}){0,3}?家族(?!史?:)")
_THIS_CASE = re.compile(r"患者|病人|本例|该例|该患|本患")
"""What a differential diagnosis says of the patient, and not of another illness."""
_CLAUSE_END = re.compile(r"[,。;\n!?]")
_SIDE_BEFORE = re.compile(r"(左右两|左|右|双|两)(?:侧侧|侧|边|半)?(?:大脑半球|大脑|半球)?$")
_SIDE_BEHIND = re.compile(r" ?[(\[](?P<side>左|右|双|两)侧?[)\],、]")
_SIDE = {"左": "left", "右": "right", "双": "both", "两": "both", "左右两": "both", "四": "both"}


_GOES_ON = re.compile(
    r"[ \t]?\r?\n[ \t]?(?:\.\d|\d{1,3}(?:\.\d{1,2})? ?"
    r"(?P<unit>岁|周岁|歲|分(?!钟|鐘)|级|級|[×xX*]|ml|mL|ML|毫升|mm|cm|mmol|g/))"
)
"""What goes on with a number on the next line: 年龄:6, and then 2岁."""
_UNITS = {
    **dict.fromkeys(("gcs", "nihss", "mrs", "gos"), ("分",)),
    **dict.fromkeys(("midline_shift", "pupil_size"), ("mm", "cm")),
    **{"age": ("岁", "周岁", "歲"), "platelets": ("×", "x", "X", "*"), "limb_power": ("级", "級")},
    **{"hematoma_volume": ("ml", "mL", "ML", "毫升"), "glucose": ("mmol",), "fibrinogen": ("g/",)},
}
"""Findings to units that only the rest of their own number can have."""


class Reading:
    """One record.

    Parameters
    ----------
    doc
        With its sections in `doc.spans`, if the pipeline finds them, and its entities.
    lexicon
        The vocabulary.
    spans_key
        Key of the sections in `doc.spans`.

    Attributes
    ----------
    text
        The record in its normal form; positions that rules name are positions in it.
    """

    def __init__(self, doc: Doc, lexicon: Lexicon, spans_key: str) -> None:
        self.lexicon = lexicon
        self.written = text_of(doc)
        written = with_tables_read(read_boxes(self.written))
        self._form = NormalForm(lexicon.line_breaks.mended(written), lexicon.table)
        self._earlier_cells: list[tuple[int, int]] = []
        if rosters.may_stand_in(self._form.text):
            bars = lexicon.table.of(self.written.replace("\t", "|"))
            self._earlier_cells = rosters.put_into(self._form, bars)
        lexicon.other_words.put_into(self._form)
        self.text = self._form.text
        sections = list(doc.spans.get(spans_key, ()))
        self._section_starts = [span.start_char for span in sections]
        self._section_labels = [span.label_ for span in sections]
        self._spans = [
            (self._form.normal(span.start_char), self._form.normal(span.end_char))
            for span in sections
        ]
        self.cues = lexicon.cues.read(self.text, [start for start, _ in self._spans])
        self._entities = [(e.start_char, e.end_char, e.label_) for e in doc.ents]
        self._entity_starts = [start for start, _, _ in self._entities]

    @cached_property
    def _clause_ends(self) -> list[int]:
        return [match.start() for match in _CLAUSE_END.finditer(self.text)]

    @cached_property
    def suppositions(self) -> Suppositions:
        """What the record supposes or wants."""
        return Suppositions(self)

    @cached_property
    def _relatives(self) -> list[int]:
        """Where relatives are named."""
        return [m.start() for m in self.lexicon.pattern["relatives"].finditer(self.text)]

    @cached_property
    def _scopes(self) -> Scopes:
        return Scopes(self.text)

    @cached_property
    def _earlier_scans(self) -> list[tuple[int, int]]:
        return list(earlier_scans(self.text))

    @cached_property
    def _hours(self) -> list[tuple[int, int, int, int]]:
        return list(hours_told(self.text))

    def _names_relative(self, start: int, end: int) -> bool:
        """Whether a relative may be named in text[start:end]."""
        index = bisect_left(self._relatives, start - _LONGEST)
        return index < len(self._relatives) and self._relatives[index] < end

    def spans(self, label: str) -> list[tuple[int, int]]:
        """Return where the sections with that label start and end."""
        return [
            span
            for span, found in zip(self._spans, self._section_labels, strict=True)
            if found == label
        ]

    def section(self, position: int) -> str | None:
        """Return the label of the section that `position` stands in, None without sections."""
        index = bisect_right(self._section_starts, self._form.original(position)) - 1
        return self._section_labels[index] if index >= 0 else None

    def entity(self, start: int, end: int) -> str | None:
        """Return the label of the model's entity that text[start:end] overlaps, or None."""
        first = self._form.original(start)
        index = bisect_right(self._entity_starts, self._form.original(end - 1)) - 1
        if index >= 0 and self._entities[index][1] > first:
            return self._entities[index][2]
        return None

    def certainty(self, start: int, end: int, reach_after: int | None = None) -> str:
        """Return how certain text[start:end] is: by cues, the model's entities, the section.

        The model's label NEGATED counts where the entity starts with a word of negation.
        """
        more = {} if reach_after is None else {"reach_after": reach_after}
        certainty = self.cues.certainty(start, end, **more)
        if certainty == "affirmed" and self._negated_entity(start):
            return "negated"
        if certainty == "affirmed" and self.section(start) == "past_history":
            said = self.text[self.cues.sentence_start(start) : start]
            return "affirmed" if self.cues.now(said) else "historical"
        if certainty == "affirmed" and self.section(start) == "differential_diagnosis":
            said = self.text[self.cues.sentence_start(start) : start]
            return "affirmed" if _THIS_CASE.search(said) else "uncertain"
        return certainty

    def _negated_entity(self, start: int) -> bool:
        at = self._form.original(start)
        index = bisect_right(self._entity_starts, at) - 1
        if index < 0 or self._entities[index][2] != "NEGATED" or self._entities[index][1] <= at:
            return False
        return self.written[self._entities[index][0]] in "无否未不没"

    def of_others(self, start: int, end: int) -> bool:
        """Whether text[start:end] is said of a relative: 父亲患高血压, 高血压家族史."""
        if self.section(start) in OTHERS:
            return True
        first = self.cues.sentence_start(start)
        if not self._names_relative(first, start):
            return "家族" in self.text[end : end + 16] and bool(_OF_FAMILY.match(self.text, end))
        before = self.text[first:start]
        relatives = [
            match
            for match in self.lexicon.pattern["relatives"].finditer(before)
            if not before.endswith(("被", "由"), 0, match.start())
        ]
        if relatives and not _OF_PATIENT.search(before, relatives[-1].end()):
            return True
        return "家族" in self.text[end : end + 16] and bool(_OF_FAMILY.match(self.text, end))

    def place(self, finding: Finding) -> tuple[int, int]:
        """Return where the evidence of a finding stands in the normal form."""
        return self._form.normal(finding["start"]), self._form.normal(finding["end"])

    def is_told(self, finding: Finding) -> bool:
        """Whether a finding is told of the patient; see `scope` and `supposed` for what is not."""
        name = finding["name"]
        if self.broken_off(finding):
            return False
        if name in MEASURED and self.suppositions.imagined(name, *self.place(finding)):
            return False
        return not (self._scopes.of(name) and self._scopes.take(name, *self.place(finding)))

    def conditional(self, position: int) -> bool:
        """Whether what stands at `position` is said under a condition; see `supposed`."""
        return self.suppositions.conditional(position)

    def broken_off(self, finding: Finding) -> bool:
        """Whether the number of a finding goes on, for all one can tell, on the next line."""
        if not finding["text"][-1:].isdigit():
            return False
        after = _GOES_ON.match(self.written, finding["end"])
        return after is not None and after["unit"] in (None, *_UNITS.get(finding["name"], ()))

    def was(self, finding: Finding) -> bool:
        """Whether an affirmed finding is told as what it was before it changed; see `was`."""
        if finding["certainty"] != "affirmed":
            return False
        if any(first <= finding["start"] < last for first, last in self._earlier_cells):
            return True
        return was(self.text, *self.place(finding))

    def of_earlier_scan(self, finding: Finding) -> bool:
        """Whether brackets tell a finding of an earlier scan; see `earlier_scans`."""
        start, end = self.place(finding) if self._earlier_scans else (0, 0)
        return any(first <= start and end <= last for first, last in self._earlier_scans)

    def bracketed(self, before: Finding, finding: Finding) -> bool:
        """Whether brackets tell of an earlier time than the finding before: 灵敏（入院时迟钝）."""
        end, since = self._form.normal(finding["end"]), self._form.normal(before["end"])
        return 0 <= end - since < 40 and in_brackets_of_before(self.text, end)

    def of_earlier_hour(self, finding: Finding, later: Finding) -> bool:
        """Whether clocks tell a finding of an earlier time than the other; see `clocks`."""
        if not self._hours:
            return False
        (line, order), (same, then) = (self._hour_of(self.place(f)[0]) for f in (finding, later))
        return line == same >= 0 and order < then

    def _hour_of(self, position: int) -> tuple[int, int]:
        """Return the line, and the place in its order, of the hour that heads `position`."""
        index = bisect_right(self._hours, position, key=itemgetter(0)) - 1
        if index < 0 or self._hours[index][1] <= position:
            return -1, 0
        return self._hours[index][2:]

    def was_on_coming(self, finding: Finding, later: Finding) -> bool:
        """Whether a finding is of the coming, and a later one tells it of now; see `told_again`."""
        if finding["certainty"] != "affirmed" or later["certainty"] != "affirmed":
            return False
        ends = [self._form.normal(f[key]) for f in (finding, later) for key in ("start", "end")]
        return told_again(self.text, (ends[0], ends[1]), (ends[2], ends[3]))

    def clause(self, position: int, reach: int = 40) -> tuple[int, int]:
        """Return where the clause of `position` starts and ends, at most `reach` away."""
        ends = self._clause_ends
        index = bisect_left(ends, position)
        start = max(0, position - reach, ends[index - 1] + 1 if index else 0)
        end = min(len(self.text), position + reach)
        return start, min(end, ends[index]) if index < len(ends) else end

    def side_before(self, start: int) -> tuple[str | None, int]:
        """Return the side that is named right before `start`, and where it is named."""
        match = _SIDE_BEFORE.search(self.text[max(0, start - 8) : start])
        if match is None:
            return None, start
        return _SIDE[match[1]], max(0, start - 8) + match.start()

    def side_behind(self, end: int) -> tuple[str | None, int] | None:
        """Return the side that brackets name behind `end`, and where it ends: 血肿（右）."""
        match = _SIDE_BEHIND.match(self.text, end)
        return (_SIDE[match["side"]], match.end("side")) if match else None

    @staticmethod
    def side_named(word: str | None) -> str | None:
        """Return the side that 左, 右, 双, 两 or 四 (as in 四肢) names."""
        return _SIDE.get(word or "")

    def finding(
        self,
        name: str,
        start: int,
        end: int,
        value: Any = None,
        unit: str | None = None,
        certainty: str = "affirmed",
        side: str | None = None,
        **more: Any,
    ) -> Finding:
        """Return a finding whose evidence is text[start:end].

        A negated one has no value, unless its value is what is denied; see `NAMED`.
        """
        first, last = self._form.original(start), self._form.original_end(end)
        if certainty == "negated":
            value = value if name in NAMED else None
            more = {key: None if key != "limb" else kept for key, kept in more.items()}
        return {
            "name": name,
            "value": value,
            "unit": unit if value is not None else None,
            "certainty": certainty,
            "side": side,
            "section": self.section(start),
            "start": first,
            "end": last,
            "text": self.written[first:last],
            **more,
        }
