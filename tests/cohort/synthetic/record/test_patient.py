"""How ill the patient is suits the bleed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cohort.synthetic.record.patient import EYE_VERBAL_MOTOR, examine
from tests.cohort.synthetic.record.conftest import BASAL


def test_coma_scores_add_up():
    assert all(sum(parts) == score for score, parts in EYE_VERBAL_MOTOR.items())


def test_larger_bleeds_mean_lower_scores_and_less_power():
    def mean(volume: float, value: str) -> float:
        story = replace(BASAL, volume_ml=volume)
        rngs = map(np.random.default_rng, range(30))
        return float(np.mean([getattr(examine(story, rng), value) for rng in rngs]))

    assert mean(4, "gcs") > mean(25, "gcs") > mean(55, "gcs")
    assert mean(4, "power_arm") > mean(20, "power_arm") > mean(50, "power_arm")
