"""The record of a generated patient: a Chinese admission note with its entities tagged.

The note tells what the CT of the same `Story` shows, in the manner of HICH-IT's ``Example.txt``.
Each character has one BIOES tag. The labels, and the rules an annotator would follow:

=============  =====================================================  ===========================
label          meaning                                                example
=============  =====================================================  ===========================
AGE            age with its unit                                      76岁
SEX            sex                                                    女性
TIME           when the illness began, or how long a stage of it took 入院前4小时, 4+小时
SYMPTOM        a complaint or an abnormal neurological sign           右侧肢体无力, 伸舌偏右
NEGATED        what patient or family deny, with the word of denial   无恶心、呕吐, 否认药物过敏史
VITAL          temperature, pulse, breathing: the value               36.5℃, 每分钟78次
BP             a blood pressure of this illness: the value            179/95mmHg
CONSCIOUSNESS  the level of consciousness                             嗜睡, 神志清楚
GCS            Glasgow coma score: the value, or its parts            14分, E4V4M6
PUPIL          size, shape and reflex of the pupils                   左瞳孔：3mm, 对光反射灵敏
POWER          power of limbs, with the limb                          右上肢肌力：2级
HISTORY        other illness, operation, allergy, habit, with years   高血压病史10年, 最高180/110
TREATMENT      drug or measure, with purpose but no dose or route     硝苯地平控释片, 控制血压
SITE           place of the bleed, with the word for it if it adjoins 左侧基底节区出血
VOLUME         size of the hematoma: volume or diameters              14毫升, 3.2×2.8×3.1cm
MIDLINE        what is said of the midline                            中线结构右移约5mm, 中线居中
VENTRICLE      what is said of the ventricles                         左侧脑室受压, 未破入脑室
=============  =====================================================  ===========================

- An entity never crosses ，；。 or a line break: two clauses are two entities. It neither starts
  nor ends with a space or a punctuation mark, nor starts with 约.
- NEGATED is what people say; what doctor or CT don't find (未引出病理征, 余脑实质未见异常) is no
  entity, except for midline and ventricles, whose absence of change is a finding.
- A relative's illness is none (母亲患高血压病), a denied one is NEGATED (否认高血压家族史).
- Blood outside the brain (蛛网膜下腔出血, 硬膜下血肿) is no SITE; blood in the ventricles
  (破入脑室, 脑室内积血) and their dilation belong to VENTRICLE. Without a hematoma, what CT
  doesn't find (颅内未见出血) is not an entity, and the pressure that brought the patient is HISTORY
  (高血压急症). A second hematoma has a SITE and VOLUME of its own.
- The highest pressure ever belongs to HISTORY; a bare 脑出血 without its place is no SITE; the
  sound side's structures (右侧基底节区未见异常) are no SITE either.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cohort.synthetic.record.decisions import decision_slots, draw_decisions
from cohort.synthetic.record.findings import SHIFT_TOLD, finding_slots
from cohort.synthetic.record.grammar import write
from cohort.synthetic.record.history import history_slots
from cohort.synthetic.record.layout import layout, typing_habit
from cohort.synthetic.record.patient import examine
from cohort.synthetic.record.phrases import PHRASES
from cohort.synthetic.story import Story, ToldShift

LABELS: tuple[str, ...] = (
    "AGE", "SEX", "TIME", "SYMPTOM", "NEGATED", "VITAL", "BP", "CONSCIOUSNESS", "GCS", "PUPIL",
    "POWER", "HISTORY", "TREATMENT", "SITE", "VOLUME", "MIDLINE", "VENTRICLE",
)  # fmt: skip
"""All entity labels, in the order of the table above."""


class WrittenRecord(NamedTuple):
    """A record that was written.

    Attributes
    ----------
    text
        The note, some 350 to 1,000 characters; its sections may stand on lines of their own.
    tags
        One BIOES tag per character of `text`, line breaks (``O``) included.
    told_shift
        What it says of the midline shift.
    """

    text: str
    tags: list[str]
    told_shift: ToldShift


def write_record(story: Story, rng: np.random.Generator) -> WrittenRecord:
    """Write the admission note that tells a story.

    Parameters
    ----------
    story
        What happened to the patient.
    rng
        Chooses what the story leaves open, and the wording.
    """
    (own,) = rng.spawn(1)
    patient = examine(story, rng)
    slots = {**history_slots(story, patient, rng), **finding_slots(story, patient, rng)}
    rules = {**PHRASES, **slots}
    rules |= decision_slots(rules, draw_decisions(story, patient, own))
    thin_space = " " if rng.random() < 0.3 else ""
    text, tags = write(layout(rng, story.age), rules, rng, thin_space)
    told = SHIFT_TOLD[str(slots["midline"])]
    return WrittenRecord(text.translate(typing_habit(rng)), tags, told)
