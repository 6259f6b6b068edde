"""The wording of generated records: what each ``<name>`` may be written as, data and no logic.

The marks are those of `cohort.synthetic.record.grammar`, the labels those of
`cohort.synthetic.record.compose`. ``<bleed>`` is the side of the bleed, ``<across>`` the other one,
``<weak>`` and ``<strong>`` the sides of the weak and of the sound limbs: 左 or 右.
"""

from __future__ import annotations

from cohort.synthetic.record.phrases.clear import CLEAR
from cohort.synthetic.record.phrases.complaints import COMPLAINTS
from cohort.synthetic.record.phrases.conclusions import CONCLUSIONS
from cohort.synthetic.record.phrases.course import COURSE
from cohort.synthetic.record.phrases.examination import EXAMINATION
from cohort.synthetic.record.phrases.imaging import IMAGING
from cohort.synthetic.record.phrases.nerves import NERVES
from cohort.synthetic.record.phrases.past import PAST

PHRASES: dict[str, tuple[str, ...]] = {
    **COMPLAINTS,
    **COURSE,
    **PAST,
    **EXAMINATION,
    **NERVES,
    **IMAGING,
    **CONCLUSIONS,
    **CLEAR,
}
"""All rules, by name."""
