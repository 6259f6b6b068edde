"""The wording of generated records: what each ``<name>`` may be written as, data and no logic.

The marks are those of `cohort.synthetic.record_grammar`, the labels those of
`cohort.synthetic.record`. ``<bleed>`` is the side of the bleed, ``<across>`` the other one,
``<weak>`` and ``<strong>`` the sides of the weak and of the sound limbs: 左 or 右.
"""

from __future__ import annotations

from cohort.synthetic.phrases.clear import CLEAR
from cohort.synthetic.phrases.complaints import COMPLAINTS
from cohort.synthetic.phrases.conclusions import CONCLUSIONS
from cohort.synthetic.phrases.course import COURSE
from cohort.synthetic.phrases.examination import EXAMINATION
from cohort.synthetic.phrases.imaging import IMAGING
from cohort.synthetic.phrases.nerves import NERVES
from cohort.synthetic.phrases.past import PAST

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
